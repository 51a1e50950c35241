"""The pipeline that makes a principal of a token."""

import time
from collections.abc import Callable, Sequence
from typing import Final

from . import jose
from .issuers import Issuers, TrustedIssuer
from .jose import Header
from .jwk import VerificationKey
from .principal import LEAVING_OUT, Principal
from .token_cache import TokenCache, VerifiedToken

# How many headers are remembered, and of which length at most.
_MOST_HEADERS: Final = 100
_LONGEST_HEADER: Final = 1000

# An issuer, and those of its keys that may have signed a token.
_Found = tuple[TrustedIssuer, Sequence[VerificationKey]]


def _tell_nobody(_: Principal) -> None: ...


class Verifier:
    """Verifies access tokens of the trusted issuers. `clock` gives seconds since 1970, `max_token_size` is in characters.

    With a `cache`, a token that comes again costs no second signature check; everything that can change is checked again.
    `on_left_out` hears of each principal that was verified and whose token leaves claims out.
    """

    def __init__(
        self,
        issuers: Issuers,
        *,
        max_token_size: int,
        clock: Callable[[], float] = time.time,
        cache: TokenCache | None = None,
        on_left_out: Callable[[Principal], None] = _tell_nobody,
    ) -> None:
        self._issuers = issuers
        self._max_token_size = max_token_size
        self._clock = clock
        self._cache = cache
        self._on_left_out = on_left_out
        self._headers: dict[bytes, Header] = {}

    async def verify(self, token: str) -> Principal:
        """The caller that this token proves. Raises InvalidToken or ProviderUnavailable, and nothing else."""
        principal = self.verify_at_hand(token)
        if principal is None:
            principal = self.verify_at_hand(token, await self._find(token))
            assert principal is not None
        return principal

    async def _find(self, token: str) -> _Found:
        """The issuer of a token that is not at hand, or whose keys are not, asking whoever has to be asked."""
        unverified = jose.parse_compact(token, self._max_token_size, self._headers)
        issuer = await self._issuers.select(jose.parse_claims(unverified).get("iss"))
        header = unverified.header
        issuer.check_header(header)
        return issuer, await issuer.keys.find(header.kid, header.algorithm)

    def verify_at_hand(self, token: str, found: _Found | None = None) -> Principal | None:
        """The caller that this token proves, or None where its issuer or its keys must be `found` first. Raises InvalidToken.

        What is cheap refuses first, and nothing leaves the process.
        """
        cache = self._cache
        if cache is not None and len(token) <= self._max_token_size:
            known = cache.get(token)
            if known is not None:
                holds = self._holds(known, found)
                if holds:
                    return known.principal
                if holds is None:
                    return None
                cache.drop(token)
        unverified = jose.parse_compact(token, self._max_token_size, self._headers)
        unverified_claims = jose.parse_claims(unverified)
        header = unverified.header
        issuer = self._issuers.at_hand(unverified_claims.get("iss")) if found is None else found[0]
        if issuer is None:
            return None
        issuer.check_header(header)
        keys = issuer.keys.at_hand(header.kid, header.algorithm) if found is None else found[1]
        if not keys:
            return None
        key = jose.verify_signature(unverified, issuer.suited(keys))
        if unverified.header_segment not in self._headers:
            self._remember_header(unverified)
        claims = issuer.rules.check(header.media_type, unverified_claims, self._clock())
        principal = issuer.mapping.apply(claims)
        if not claims.keys().isdisjoint(LEAVING_OUT) and principal.left_out:
            self._on_left_out(principal)
        if cache is not None and cache.admits(token):
            cache.put(token, VerifiedToken(principal, issuer, header, key, *issuer.rules.validity(claims)))
        return principal

    def _holds(self, known: VerifiedToken, found: _Found | None) -> bool | None:
        """Whether a token that was verified before would be accepted again; None where somebody has to be asked."""
        if not known.begins <= self._clock() < known.ends:
            return False
        issuer, header = known.issuer, known.header
        trusted = self._issuers.at_hand(issuer.url) if found is None else found[0]
        keys = issuer.keys.at_hand(header.kid, header.algorithm) if found is None else found[1]
        if trusted is None or not keys:
            return None
        return trusted is issuer and known.key in keys

    def _remember_header(self, verified: jose.UnverifiedToken) -> None:
        """The header is known from now on: an issuer signs all its tokens under a few. Only what was signed is worth a memory."""
        if len(verified.header_segment) <= _LONGEST_HEADER:
            if len(self._headers) >= _MOST_HEADERS:
                self._headers.clear()
            self._headers[verified.header_segment] = verified.header
