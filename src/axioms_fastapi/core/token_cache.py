"""Verified tokens, remembered for a while: bounded, by the SHA-256 of their whole text, and never believed by themselves."""

import time
from collections import OrderedDict
from collections.abc import Callable
from hashlib import sha256
from typing import Final, NamedTuple

from .issuers import TrustedIssuer
from .jose import Header
from .jwk import VerificationKey
from .principal import Principal

# A longer token takes more memory, and counts as several: the bound is one of memory.
_CHARACTERS_OF_ONE: Final = 2048


class VerifiedToken(NamedTuple):
    """What a verification came to, with all that has to be still so when it is used again.

    It holds from `begins` on, before `ends`: seconds since 1970, leeway included.
    """

    principal: Principal
    issuer: TrustedIssuer
    header: Header
    key: VerificationKey
    begins: float
    ends: float


class TokenCache:
    """At most `size` verified tokens, each for `ttl` seconds. Only successes: strangers cannot fill it.

    Entries are as old as their place, so the first is always the one to go.
    """

    __slots__ = ("_entries", "_now", "_room", "_ttl")

    def __init__(self, size: int, ttl: float, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._room = size
        self._ttl = ttl
        self._now = monotonic
        # The first of a plain dict is found by going past all that were removed before it.
        self._entries: OrderedDict[bytes, tuple[float, int, VerifiedToken]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._entries)

    @staticmethod
    def name_of(token: str) -> bytes:
        """What a token is remembered by: never a part of it, and never its text (CVE-2026-35030)."""
        return sha256(token.encode("utf-8", "surrogatepass")).digest()

    def get(self, name: bytes) -> VerifiedToken | None:
        """What was remembered lately under that name."""
        entry = self._entries.get(name)
        return None if entry is None or self._now() >= entry[0] else entry[2]

    def put(self, name: bytes, token_length: int, verified: VerifiedToken) -> None:
        """The token is remembered from now on; others are forgotten for it."""
        if name in self._entries:
            self.drop(name)
        weight = 1 + token_length // _CHARACTERS_OF_ONE
        while self._entries and weight > self._room:
            _, (_, freed, _) = self._entries.popitem(last=False)
            self._room += freed
        if weight <= self._room:
            self._room -= weight
            self._entries[name] = (self._now() + self._ttl, weight, verified)

    def drop(self, name: bytes) -> None:
        """The token is forgotten."""
        entry = self._entries.pop(name, None)
        if entry is not None:
            self._room += entry[1]
