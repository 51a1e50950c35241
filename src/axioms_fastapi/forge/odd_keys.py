"""Key sets that hold something odd, on demand: what an application must pass over, and what it must not trust."""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from types import MappingProxyType
from typing import Any

from cryptography.hazmat.primitives.asymmetric import rsa
from joserfc.jwk import RSAKey

from .keys import ForgeKeys
from .signing import SigningKey

Jwk = Mapping[str, Any]


@cache
def odd_signing_keys() -> Mapping[str, SigningKey]:
    """Keys that sign tokens which nobody should accept, by key id: too short, symmetric, for another use, published."""
    short = rsa.generate_private_key(65537, 1024)  # noqa: S505 - what verifiers have to refuse
    keys = (
        SigningKey("odd-rsa-1024", "RS256", RSAKey(short, short)),
        SigningKey.generate("HS256", kid="odd-oct"),
        SigningKey.generate("RS256", kid="odd-enc"),
        SigningKey.generate("RS256", kid="odd-private"),
    )
    return MappingProxyType({str(key.kid): key for key in keys})


def _public(kid: str, /, **changes: Any) -> Jwk:
    return {**odd_signing_keys()[kid].public_jwk(), **changes}


def _private(kid: str) -> Jwk:
    return {**odd_signing_keys()[kid].private_key.as_dict(private=True), "kid": kid}


def _without(keys: Sequence[Jwk], name: str) -> list[Jwk]:
    return [{member: value for member, value in key.items() if member != name} for key in keys]


def _more(*jwks: Callable[[], Any]) -> Callable[[Sequence[Jwk]], list[Any]]:
    return lambda keys: [*(jwk() for jwk in jwks), *keys]


def _off_curve() -> Jwk:
    return {"kty": "EC", "crv": "P-256", "x": "A" * 43, "y": "A" * 42 + "E", "kid": "odd-off-curve", "alg": "ES256"}


ODD: Mapping[str, Callable[[Sequence[Jwk]], list[Any]]] = {
    # Keys that stand first in the set, before the issuer's own.
    "enc": _more(lambda: _public("odd-enc", use="enc", alg="RSA-OAEP", key_ops=["wrapKey"])),
    "unknown-kty": _more(lambda: {"kty": "LWE", "kid": "odd-unknown-kty", "alg": "ML-DSA-99", "use": "sig"}),
    "unknown-alg": _more(lambda: _public("odd-enc", kid="odd-unknown-alg", alg="RS1024")),
    "rsa-1024": _more(lambda: _public("odd-rsa-1024")),
    "oct": _more(lambda: {**_private("odd-oct"), "alg": "HS256", "use": "sig"}),
    "private-member": _more(lambda: {**_private("odd-private"), "alg": "RS256", "use": "sig"}),
    "off-curve": _more(_off_curve),
    "no-members": _more(lambda: {"kty": "RSA", "kid": "odd-no-members"}),
    "not-an-object": _more(lambda: "not a key", lambda: None, lambda: 7),
    "exponent-1": _more(lambda: _public("odd-private", kid="odd-exponent-1", e="AQ")),
    "key-ops-sign": _more(lambda: _public("odd-private", kid="odd-key-ops-sign", key_ops=["sign"])),
    "remote-certificate": _more(lambda: _public("odd-private", kid="odd-x5u", x5u="https://attacker.example.com/x")),
    # The issuer's own keys, made odd.
    "alg-less": lambda keys: _without(keys, "alg"),
    "use-less": lambda keys: _without(_without(keys, "use"), "key_ops"),
    "no-kid": lambda keys: _without(keys, "kid"),
    "number-kid": lambda keys: [{**key, "kid": 7} for key in keys],
    "duplicate-kid": lambda keys: [
        *({**_public("odd-private"), "kid": key["kid"]} for key in keys if key.get("kty") == "RSA"),
        *keys,
    ],
    "empty": lambda keys: [],
}
"""What can be odd about a key set, by name."""


class OddKeys:
    """The oddities of one issuer's key set."""

    def __init__(self, names: Sequence[str] = ()) -> None:
        self._names: tuple[str, ...] = ()
        self.set(*names)

    @property
    def names(self) -> tuple[str, ...]:
        """The oddities, in the order in which they are done to the set."""
        return self._names

    def set(self, *names: str) -> None:
        """The key set has these oddities and no others. Raises ValueError for an unknown one."""
        unknown = [name for name in names if name not in ODD]
        if unknown:
            raise ValueError(f"{unknown[0]!r} is no odd key that the forge knows: {', '.join(ODD)}")
        self._names = tuple(dict.fromkeys(names))

    def among(self, keys: ForgeKeys) -> list[Any]:
        """The public keys with the oddities done to them."""
        jwks: list[Any] = keys.public_jwks()["keys"]
        for name in self._names:
            jwks = ODD[name](jwks)
        return jwks


def odd_key_set(names: Sequence[str], keys: ForgeKeys) -> dict[str, Any]:
    """A key set with these oddities. Raises ValueError for an unknown one."""
    return {"keys": OddKeys(names).among(keys)}
