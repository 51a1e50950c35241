"""Whatever is sent is a principal or one of our own errors, and never a principal for what is not lawful: `make fuzz`.

Guided by coverage (atheris), it invents headers of requests and tokens; half of them are signed by the trusted key, so that what
comes after the signature is reached. The oracle is the property tests' own: it shares no line with the library.
"""

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

import atheris

with atheris.instrument_imports(include=["axioms_fastapi.core"]):
    sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
    from axioms_fastapi.core.bearer import bearer_token, challenge
    from axioms_fastapi.core.claims import ClaimRules
    from axioms_fastapi.core.errors import Refusal
    from axioms_fastapi.core.issuers import Issuers, TrustedIssuer
    from axioms_fastapi.core.signatures import SUPPORTED_ALGORITHMS
    from axioms_fastapi.core.jwk import Algorithms, UnsuitableKey, parse_key_set
    from axioms_fastapi.core.keys import StaticKeys
    from axioms_fastapi.core.principal import ClaimMapping
    from axioms_fastapi.core.token_cache import TokenCache
    from axioms_fastapi.core.verifier import Verifier

from axioms_fastapi.forge import Mint, SigningKey
from conformance.oracle import is_lawful

ALGORITHMS = Algorithms(SUPPORTED_ALGORITHMS)
KEY = SigningKey.generate("EdDSA", kid="k")
ISSUER = TrustedIssuer(
    url="https://i",
    algorithms=ALGORITHMS,
    keys=StaticKeys.parse({"keys": [KEY.public_jwk()]}, ALGORITHMS),
    rules=ClaimRules("https://i", frozenset({"api"})),
    mapping=ClaimMapping(),
)
VERIFIER = Verifier(Issuers([ISSUER]), max_token_size=16384, cache=TokenCache(100, 60.0))
MINT = Mint([KEY], "https://i", "api")
LOOP = asyncio.new_event_loop()


NAMES = {
    "header": ["alg", "kid", "typ", "crit", "b64", "jwk", "jku", "x5u", "x5c", "enc", "zip", "cty", "x"],
    "claims": [
        *("iss", "sub", "aud", "exp", "nbf", "iat", "jti", "scope", "scp", "roles", "permissions", "client_id"),
        *("typ", "token_use", "cnf", "at_hash", "events", "_claim_names", "hasgroups", "items", "__class__", "x"),
    ],
}
WORDS = [
    "EdDSA",
    "none",
    "HS256",
    "k",
    "JWT",
    "at+jwt",
    "https://i",
    "https://i/",
    "api",
    "alice",
    "admin",
    "",
    "access",
]


def value(data: atheris.FuzzedDataProvider, depth: int = 0) -> Any:
    """Any JSON value."""
    match data.ConsumeIntInRange(0, 9 if depth < 4 else 6):
        case 0:
            return None
        case 1:
            return data.ConsumeBool()
        case 2:
            return data.ConsumeInt(8)
        case 3:
            return data.ConsumeFloat()
        case 4 | 5:
            return data.PickValueInList(WORDS)
        case 6:
            return data.ConsumeUnicode(12)
        case 7 | 8:
            return [value(data, depth + 1) for _ in range(data.ConsumeIntInRange(0, 3))]
        case _:
            return {data.ConsumeUnicode(6): value(data, depth + 1) for _ in range(data.ConsumeIntInRange(0, 3))}


def text(data: atheris.FuzzedDataProvider, kind: str, good: dict[str, Any]) -> bytes:
    """The JSON of a good header or claim set with some members changed, and perhaps with a few bytes put in."""
    for _ in range(data.ConsumeIntInRange(0, 3)):
        good = {**good, data.PickValueInList(NAMES[kind]): value(data)}
    written = json.dumps(good, ensure_ascii=data.ConsumeBool()).encode("utf-8", "surrogatepass")
    if data.ConsumeIntInRange(0, 3) > 0:
        return written
    place = data.ConsumeIntInRange(0, len(written))
    return written[:place] + data.ConsumeBytes(8) + written[place + data.ConsumeIntInRange(0, 4) :]


def header_value(data: atheris.FuzzedDataProvider) -> bytes:
    """The value of an Authorization header."""
    if data.ConsumeIntInRange(0, 9) == 0:
        return data.ConsumeBytes(512)
    token = KEY.sign_raw(text(data, "header", KEY.header), text(data, "claims", MINT.claims())).encode()
    if data.ConsumeIntInRange(0, 3) == 0:
        place = data.ConsumeIntInRange(0, len(token))
        token = token[:place] + data.ConsumeBytes(3) + token[place + data.ConsumeIntInRange(0, 3) :]
    return b"Bearer " + token


def attempt(raw: bytes) -> None:
    """One request, and one key set; anything but a principal, a refusal or an unsuitable key ends the run."""
    data = atheris.FuzzedDataProvider(raw)
    sent = header_value(data)
    try:
        token = bearer_token([sent])
        principal = LOOP.run_until_complete(VERIFIER.verify(token))
        assert is_lawful(token.decode("ascii"), "EdDSA")
        assert all(isinstance(name, str) for name in principal.scopes | principal.roles | principal.permissions)
        json.dumps(principal.claims)
    except Refusal as refusal:
        answer = challenge(refusal, "https://i")
        assert answer.status in {400, 401}
        assert all(held.isascii() and held.isprintable() and len(held) < 2048 for held in answer.headers.values())
    try:
        jwk = KEY.public_jwk() | {
            data.PickValueInList(["kty", "crv", "x", "n", "e", "alg", "use", "key_ops"]): value(data)
        }
        parse_key_set({"keys": [jwk, value(data)]}, ALGORITHMS)
    except UnsuitableKey:
        pass


if __name__ == "__main__":
    atheris.Setup(sys.argv, attempt)
    atheris.Fuzz()
