"""The pipeline that makes a principal of a token."""

import time
from collections.abc import Callable
from typing import Final

from . import jose
from .issuers import Issuers
from .principal import Principal

# How many headers are remembered, and of which length at most.
_MOST_HEADERS: Final = 100
_LONGEST_HEADER: Final = 1000


class Verifier:
    """Verifies access tokens of the trusted issuers. `clock` gives seconds since 1970, `max_token_size` is in characters."""

    def __init__(self, issuers: Issuers, *, max_token_size: int, clock: Callable[[], float] = time.time) -> None:
        self._issuers = issuers
        self._max_token_size = max_token_size
        self._clock = clock
        self._headers: dict[bytes, jose.Header] = {}

    async def verify(self, token: str) -> Principal:
        """The caller that this token proves. Raises InvalidToken or ProviderUnavailable, and nothing else.

        What is cheap refuses first; up to the line that asks for keys nothing leaves the process.
        """
        unverified = jose.parse_compact(token, self._max_token_size, self._headers)
        header, unverified_claims = unverified.header, jose.parse_claims(unverified)
        iss = unverified_claims.get("iss")
        issuer = self._issuers.at_hand(iss) or await self._issuers.select(iss)
        issuer.check_header(header)
        keys = issuer.keys.at_hand(header.kid, header.algorithm) or await issuer.keys.find(header.kid, header.algorithm)
        jose.verify_signature(unverified, keys)
        if unverified.header_segment not in self._headers:
            self._remember(unverified)
        claims = issuer.rules.check(header.media_type, unverified_claims, self._clock())
        return issuer.mapping.apply(claims)

    def _remember(self, verified: jose.UnverifiedToken) -> None:
        """The header is known from now on: an issuer signs all its tokens under a few. Only what was signed is worth a memory."""
        if len(verified.header_segment) <= _LONGEST_HEADER:
            if len(self._headers) >= _MOST_HEADERS:
                self._headers.clear()
            self._headers[verified.header_segment] = verified.header
