"""The pipeline that makes a principal of a token."""

import time
from collections.abc import Callable

from . import jose
from .issuers import Issuers
from .principal import Principal


class Verifier:
    """Verifies access tokens of the trusted issuers. `clock` gives seconds since 1970, `max_token_size` is in characters."""

    def __init__(self, issuers: Issuers, *, max_token_size: int, clock: Callable[[], float] = time.time) -> None:
        self._issuers = issuers
        self._max_token_size = max_token_size
        self._clock = clock

    async def verify(self, token: str) -> Principal:
        """The caller that this token proves. Raises InvalidToken or ProviderUnavailable, and nothing else.

        What is cheap refuses first; up to the line that asks for keys nothing leaves the process.
        """
        unverified = jose.parse_compact(token, max_size=self._max_token_size)
        unverified_claims = jose.parse_claims(unverified)
        issuer = await self._issuers.select(unverified_claims.get("iss"))
        issuer.check_header(unverified)
        keys = await issuer.find_keys(unverified)
        jose.verify_signature(unverified, keys)
        claims = issuer.rules.check(unverified.typ, unverified_claims, self._clock())
        return issuer.mapping.apply(claims)
