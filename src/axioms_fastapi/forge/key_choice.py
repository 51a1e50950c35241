"""Which key signs what a request asks for."""

from .errors import RequestError
from .issuers import Here
from .odd_keys import odd_signing_keys
from .signing import SigningKey
from .token_request import TokenRequest


def chosen_key(here: Here, asked: TokenRequest) -> SigningKey:
    """The key that the request names; else that of its secret, algorithm or key type; else the issuer's first.

    Raises RequestError where the issuer has no such key.
    """
    keys = here.issuer.keys
    try:
        if asked.key is not None:
            return odd_signing_keys().get(asked.key) or keys.named(asked.key)
        if asked.secret is not None:
            secret = asked.secret.encode("utf-8", "surrogatepass")
            return SigningKey.from_secret(secret, asked.algorithm or "HS256", kid="given-secret")
        if asked.algorithm is not None:
            return keys.for_algorithm(asked.algorithm)
        # JWTForge has RSA and EC alone; this third type is there for the asking.
        return keys.for_algorithm("EdDSA") if asked.kty == "OKP" else keys.select(asked.kty)
    except LookupError as error:
        name = "key" if asked.key is not None else "kty"
        raise RequestError(f'"{name}" is not available: {error.args[0]}.') from None
