"""The private keys of one forge, and the key set that it publishes."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from .signing import SigningKey


class ForgeKeys:
    """The signing keys of one issuer, in order; the first one signs unless a request asks for another key type."""

    __slots__ = ("_keys",)

    def __init__(self, keys: Iterable[SigningKey]) -> None:
        self._keys = tuple(keys)
        if not self._keys:
            raise ValueError("A forge needs at least one signing key")

    @classmethod
    def generate(cls, *algs: str) -> "ForgeKeys":
        """Fresh keys, one for each algorithm, named `rsa-key-1`, `rsa-key-2`, `ec-key-1` and so on.

        Without arguments: RS256 and ES256. Raises ValueError for an unknown algorithm.
        """
        numbers: Counter[str] = Counter()
        keys: list[SigningKey] = []
        for alg in algs or ("RS256", "ES256"):
            key = SigningKey.generate(alg)
            numbers[key.kty] += 1
            keys.append(SigningKey(f"{key.kty.lower()}-key-{numbers[key.kty]}", key.alg, key.private_key))
        return cls(keys)

    def __iter__(self) -> Iterator[SigningKey]:
        return iter(self._keys)

    def select(self, kty: str | None = None) -> SigningKey:
        """The first key of this key type, or the first of all. Raises LookupError where there is none."""
        for key in self._keys:
            if kty is None or key.kty == kty:
                return key
        raise LookupError(f"this issuer has no key of that kind, only {self.key_types}")

    @property
    def key_types(self) -> str:
        """The key types that `select` accepts, for a sentence."""
        return ", ".join(dict.fromkeys(key.kty for key in self._keys))

    @property
    def public_algorithms(self) -> list[str]:
        """The asymmetric algorithms of the published keys, each once."""
        return list(dict.fromkeys(key.alg for key in self._keys if key.kty != "oct"))

    def sign(self, claims: Mapping[str, Any], *, kty: str | None = None) -> str:
        """A token with exactly these claims and no defaults. Raises LookupError for a key type that is not held."""
        return self.select(kty).sign_claims(claims)

    def public_jwks(self) -> dict[str, Any]:
        """The public keys as a JWK Set (RFC 7517 section 5); HMAC keys are never in it."""
        return {"keys": [key.public_jwk() for key in self._keys if key.kty != "oct"]}
