"""What must be true of every token that is accepted, judged without a line of the library."""

import base64
import json
import time


def is_lawful(token: str, algorithm: str = "ES256") -> bool:
    """Whether a token of the issuer https://i for the audience api, under the kid k, may be accepted (leeway 30 s)."""
    segments = token.split(".")
    for segment in segments:
        data = base64.urlsafe_b64decode(segment + "=" * (-len(segment) % 4))
        # The token is its own canonical encoding: no second text stands for it.
        if base64.urlsafe_b64encode(data).rstrip(b"=").decode() != segment:
            return False
    header, claims = (json.loads(base64.urlsafe_b64decode(segment + "==")) for segment in segments[:2])
    now = time.time()
    audiences = claims["aud"] if isinstance(claims["aud"], list) else [claims["aud"]]
    return (
        len(segments) == 3
        and (header["alg"], header.get("kid", "k")) == (algorithm, "k")
        and str(header.get("typ", "JWT")).lower().removeprefix("application/") in {"jwt", "at+jwt"}
        and not {"crit", "b64", "jwk", "x5u", "x5c", "enc", "zip"} & header.keys()
        and claims["iss"] == "https://i"
        and "api" in audiences
        and all(isinstance(audience, str) for audience in audiences)
        and isinstance(claims["sub"], str)
        and claims["sub"] != ""
        and claims["exp"] > now - 30
        and all(0 <= claims.get(name, 0) < now + 30 for name in ("nbf", "iat"))
        and not {"at_hash", "c_hash", "s_hash", "events", "cnf"} & claims.keys()
        and str(claims.get("typ")).lower() not in {"id", "refresh", "offline", "logout"}
    )
