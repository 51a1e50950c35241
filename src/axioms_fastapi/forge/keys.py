"""The private keys of one issuer, their life, and the key set that it publishes."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from .signing import SigningKey

MAX_KEYS = 64
"""Keys that one issuer may hold; each rotation that keeps the old keys adds some."""


class ForgeKeys:
    """The signing keys of one issuer, in order; the first one signs unless a request asks for another."""

    __slots__ = ("_keys", "_numbers")

    def __init__(self, keys: Iterable[SigningKey]) -> None:
        self._keys = tuple(keys)
        self._numbers: Counter[str] = Counter()
        if not self._keys:
            raise ValueError("A forge needs at least one signing key")

    @classmethod
    def generate(cls, *algs: str, first: int = 1) -> "ForgeKeys":
        """Fresh keys, one for each algorithm, named `rsa-key-1`, `rsa-key-2`, `ec-key-1` and so on from the `first` number.

        Without arguments: RS256 and ES256. Raises ValueError for an unknown algorithm.
        """
        alg, *others = algs or ("RS256", "ES256")
        key = SigningKey.generate(alg)
        keys = cls([SigningKey(f"{key.kty.lower()}-key-{first}", key.alg, key.private_key)])
        keys._numbers.update(dict.fromkeys(("rsa", "ec", "okp", "oct"), first - 1))
        for alg in others:
            keys._keys += (keys._fresh(alg),)
        return keys

    def __iter__(self) -> Iterator[SigningKey]:
        return iter(self._keys)

    def select(self, kty: str | None = None) -> SigningKey:
        """The first key of this key type, or the first of all. Raises LookupError where there is none."""
        for key in self._keys:
            if kty is None or key.kty == kty:
                return key
        raise LookupError(f"this issuer has no key of that kind, only {self.key_types}")

    def named(self, kid: str) -> SigningKey:
        """The key with this key id. Raises LookupError where there is none."""
        for key in self._keys:
            if key.kid == kid:
                return key
        raise LookupError(f"this issuer has no key of that name, only {', '.join(str(key.kid) for key in self)}")

    def for_algorithm(self, alg: str) -> SigningKey:
        """The key that signs with this algorithm; it is made, and published from then on, where there was none.

        Raises ValueError for an unknown algorithm.
        """
        for key in self._keys:
            if key.alg == alg:
                return key
        key = self._fresh(alg)
        self._keys += (key,)
        return key

    def rotate(
        self, alg: str | None = None, *, kid: str | None = None, keep_old: bool = True
    ) -> tuple[SigningKey, ...]:
        """New keys sign from now on, one for each algorithm in use, or for this one alone; they are returned.

        The old ones stay in the key set, so that tokens that they signed go on to verify, unless `keep_old` is false.
        `kid` names the new key; it needs `alg`. Raises ValueError for an unknown algorithm, a key id that is taken,
        and when there are too many keys.
        """
        if kid is not None and (alg is None or any(key.kid == kid for key in self)):
            raise ValueError("A key id needs an algorithm, and must not be that of another key")
        algs = [alg] if alg else list(dict.fromkeys(key.alg for key in self))
        if keep_old and len(self._keys) + len(algs) > MAX_KEYS:
            raise ValueError(f"An issuer holds {MAX_KEYS} keys at most: retire some, or rotate without keeping the old")
        fresh = {name: self._fresh(name, kid) for name in algs}
        places = list(dict.fromkeys([*(key.alg for key in self), *algs]))
        # Each new key takes the place of the old one, so that the first algorithm stays the first.
        self._keys = tuple(
            key
            for name in places
            for key in (
                *([fresh[name]] if name in fresh else []),
                *(old for old in self if old.alg == name and (keep_old or name not in fresh)),
            )
        )
        return tuple(fresh.values())

    def retire(self, kid: str) -> SigningKey:
        """The key is gone: it signs no more, and no key set has it. It is returned.

        Raises LookupError where there is none of that name, ValueError where it is the last one.
        """
        key = self.named(kid)
        if len(self._keys) == 1:
            raise ValueError("It is the last key of its issuer: rotate first")
        self._keys = tuple(other for other in self if other is not key)
        return key

    @property
    def key_types(self) -> str:
        """The key types that `select` accepts, for a sentence."""
        return ", ".join(dict.fromkeys(key.kty for key in self))

    @property
    def public_algorithms(self) -> list[str]:
        """The asymmetric algorithms of the published keys, each once."""
        return list(dict.fromkeys(key.alg for key in self if key.kty != "oct"))

    def sign(self, claims: Mapping[str, Any], *, kty: str | None = None) -> str:
        """A token with exactly these claims and no defaults. Raises LookupError for a key type that is not held."""
        return self.select(kty).sign_claims(claims)

    def public_jwks(self) -> dict[str, Any]:
        """The public keys as a JWK Set (RFC 7517 section 5); HMAC keys are never in it."""
        return {"keys": [key.public_jwk() for key in self if key.kty != "oct"]}

    def _fresh(self, alg: str, kid: str | None = None) -> SigningKey:
        key = SigningKey.generate(alg)
        return SigningKey(self._next_name(key.kty.lower()) if kid is None else kid, key.alg, key.private_key)

    def _next_name(self, kind: str) -> str:
        # A number is never used again, not even that of a key that is gone: a verifier may remember it.
        taken = [str(key.kid) for key in self]
        numbers = [int(name.rpartition("-")[2]) for name in taken if _is_numbered(name, kind)]
        self._numbers[kind] = max([self._numbers[kind], *numbers]) + 1
        return f"{kind}-key-{self._numbers[kind]}"


def _is_numbered(name: str, kind: str) -> bool:
    stem, _, number = name.rpartition("-")
    return stem == f"{kind}-key" and number.isdecimal() and len(number) < 10
