"""Verified tokens, remembered for a while: bounded, by the SHA-256 of their whole text, and never believed by themselves."""

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Final

from .issuers import TrustedIssuer
from .jose import Header
from .jwk import VerificationKey
from .principal import Principal

# A longer token takes more memory, and counts as several: the bound is one of memory.
_CHARACTERS_OF_ONE: Final = 2048


@dataclass(slots=True)
class VerifiedToken:
    """What a verification came to, with all that has to be still so when it is used again.

    It holds from `begins` on, before `ends`: seconds since 1970, leeway included. The rest is the cache's: what the token is
    known by, which is the SHA-256 of all of it, never a part and never its text (CVE-2026-35030), how much room it takes, and
    until when, on the cache's own clock.
    """

    principal: Principal
    issuer: TrustedIssuer
    header: Header
    key: VerificationKey
    begins: float
    ends: float
    name: bytes = field(init=False)
    weight: int = field(init=False)
    forgotten_at: float = field(init=False)


class TokenCache:
    """At most `size` verified tokens, each for `ttl` seconds. Only successes: strangers cannot fill it.

    A token is remembered when it has been verified for the second time: one that comes once, as those of many a machine do, would
    take the place of others for nothing. Entries are as old as their place, so the first is always the one to go.
    """

    __slots__ = ("_entries", "_met", "_met_earlier", "_now", "_room", "_size", "_ttl")

    def __init__(self, size: int, ttl: float, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._size = self._room = size
        self._ttl = ttl
        self._now = monotonic
        # Found by Python's own hash of a token, which takes a fraction of the time of the name that decides. The first entry of a
        # plain dict would be found by going past all that were removed before it.
        self._entries: OrderedDict[int, VerifiedToken] = OrderedDict()
        # The hashes of the tokens that were verified lately: half of `size` at least, all of it at most. Should two share one,
        # the second is remembered at once, and no more comes of it.
        self._met: set[int] = set()
        self._met_earlier: set[int] = set()

    def __len__(self) -> int:
        return len(self._entries)

    def get(self, token: bytes, now: float) -> VerifiedToken | None:
        """What was remembered of that token lately, if it holds at this moment, in seconds since 1970."""
        known = self._entries.get(hash(token))
        if known is None or known.name != sha256(token).digest() or self._now() >= known.forgotten_at:
            return None
        if not known.begins <= now < known.ends:
            self.drop(token)
            return None
        return known

    def admits(self, token: bytes) -> bool:
        """Whether this token, which has just been verified, is worth a memory: it has been here before. From now on it has."""
        met = hash(token)
        has_met = met in self._met or met in self._met_earlier
        self._met.add(met)
        if 2 * len(self._met) >= self._size:
            self._met, self._met_earlier = set(), self._met
        return has_met

    def put(self, token: bytes, verified: VerifiedToken) -> None:
        """The token is remembered from now on; others are forgotten for it."""
        self.drop(token)
        weight = 1 + len(token) // _CHARACTERS_OF_ONE
        if weight > self._size:
            return
        while weight > self._room:
            _, forgotten = self._entries.popitem(last=False)
            self._room += forgotten.weight
        self._room -= weight
        verified.name, verified.weight, verified.forgotten_at = sha256(token).digest(), weight, self._now() + self._ttl
        self._entries[hash(token)] = verified

    def drop(self, token: bytes) -> None:
        """The token is forgotten."""
        forgotten = self._entries.pop(hash(token), None)
        if forgotten is not None:
            self._room += forgotten.weight
