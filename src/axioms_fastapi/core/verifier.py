"""The pipeline that makes a principal of a token."""

import time
from collections.abc import Callable, Sequence
from typing import Any, Final

from . import jose
from .issuers import Issuers, TrustedIssuer
from .jose import Header
from .jwk import VerificationKey
from .principal import Principal
from .token_cache import TokenCache, VerifiedToken

# How many headers are remembered, and of which length at most.
_MOST_HEADERS: Final = 100
_LONGEST_HEADER: Final = 1000


class Verifier:
    """Verifies access tokens of the trusted issuers. `clock` gives seconds since 1970, `max_token_size` is in characters.

    With a `cache`, a token that comes again costs no second signature check; everything that can change is checked again.
    """

    def __init__(
        self,
        issuers: Issuers,
        *,
        max_token_size: int,
        clock: Callable[[], float] = time.time,
        cache: TokenCache | None = None,
    ) -> None:
        self._issuers = issuers
        self._max_token_size = max_token_size
        self._clock = clock
        self._cache = cache
        self._headers: dict[bytes, Header] = {}

    def recall(self, unverified_token: str) -> Principal | None:
        """The caller of a token that was verified lately and is good still, as far as is known without asking anybody."""
        if self._cache is None or len(unverified_token) > self._max_token_size:
            return None
        known = self._cache.get(unverified_token)
        return known.principal if known is not None and self._holds(known) else None

    def verify_at_hand(self, token: str) -> Principal | None:
        """The caller that this token proves, or None where `verify` has to ask for its issuer or its key. Raises InvalidToken."""
        unverified = jose.parse_compact(token, self._max_token_size, self._headers)
        unverified_claims = jose.parse_claims(unverified)
        issuer = self._issuers.at_hand(unverified_claims.get("iss"))
        if issuer is None:
            return None
        header = unverified.header
        issuer.check_header(header)
        keys = issuer.keys.at_hand(header.kid, header.algorithm)
        return self._prove(token, unverified, unverified_claims, issuer, keys) if keys else None

    async def verify(self, token: str) -> Principal:
        """The caller that this token proves. Raises InvalidToken or ProviderUnavailable, and nothing else.

        What is cheap refuses first; up to the lines that ask for issuer and keys nothing leaves the process.
        """
        cache = self._cache
        known = cache.get(token) if cache is not None and len(token) <= self._max_token_size else None
        if cache is not None and known is not None:
            if self._holds(known) or await self._still_holds(known):
                return known.principal
            cache.drop(token)
        unverified = jose.parse_compact(token, self._max_token_size, self._headers)
        header, unverified_claims = unverified.header, jose.parse_claims(unverified)
        unverified_iss = unverified_claims.get("iss")
        issuer = self._issuers.at_hand(unverified_iss) or await self._issuers.select(unverified_iss)
        issuer.check_header(header)
        source = issuer.keys
        keys = source.at_hand(header.kid, header.algorithm) or await source.find(header.kid, header.algorithm)
        return self._prove(token, unverified, unverified_claims, issuer, keys)

    def _prove(
        self,
        token: str,
        unverified: jose.UnverifiedToken,
        unverified_claims: dict[str, Any],
        issuer: TrustedIssuer,
        keys: Sequence[VerificationKey],
    ) -> Principal:
        """What was unverified is proven: one of the keys has signed it, and the issuer's rules let its claims through."""
        header = unverified.header
        key = jose.verify_signature(unverified, issuer.suited(keys))
        if unverified.header_segment not in self._headers:
            self._remember_header(unverified)
        claims = issuer.rules.check(header.media_type, unverified_claims, self._clock())
        principal = issuer.mapping.apply(claims)
        if self._cache is not None and self._cache.admits(token):
            self._cache.put(token, VerifiedToken(principal, issuer, header, key, *issuer.rules.validity(claims)))
        return principal

    def _holds(self, known: VerifiedToken) -> bool:
        """Whether a token that was verified before would be accepted again, as far as is known without asking anybody."""
        issuer, header = known.issuer, known.header
        return (
            known.begins <= self._clock() < known.ends
            and self._issuers.at_hand(issuer.url) is issuer
            and known.key in issuer.keys.at_hand(header.kid, header.algorithm)
        )

    async def _still_holds(self, known: VerifiedToken) -> bool:
        """The same, asking whoever has to be asked. Raises what a verification would."""
        issuer = await self._issuers.select(known.issuer.url)
        if issuer is not known.issuer:
            return False
        keys = await issuer.keys.find(known.header.kid, known.header.algorithm)
        return known.key in keys and known.begins <= self._clock() < known.ends

    def _remember_header(self, verified: jose.UnverifiedToken) -> None:
        """The header is known from now on: an issuer signs all its tokens under a few. Only what was signed is worth a memory."""
        if len(verified.header_segment) <= _LONGEST_HEADER:
            if len(self._headers) >= _MOST_HEADERS:
                self._headers.clear()
            self._headers[verified.header_segment] = verified.header
