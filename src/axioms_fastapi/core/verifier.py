"""The pipeline that makes a principal of a token."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from . import jose
from .issuers import Issuers, TrustedIssuer
from .jose import Header
from .jwk import VerificationKey
from .principal import LEAVING_OUT, Principal
from .token_cache import TokenCache, VerifiedToken

# How many headers are remembered, and of which length at most.
_MOST_HEADERS: Final = 100
_LONGEST_HEADER: Final = 1000


def _tell_nobody(_: Principal) -> None: ...


@dataclass(slots=True)
class PendingToken:
    """A token that waits for its issuer, or for its keys; parsed already, unless it is `known` from before."""

    text: bytes
    header: Header
    unverified_iss: object
    unverified: jose.UnverifiedToken | None = None
    unverified_claims: dict[str, Any] = field(default_factory=dict)
    known: VerifiedToken | None = None

    def __repr__(self) -> str:
        """Name the header's own words alone."""
        return f"<PendingToken {self.header}>"


class Verifier:
    """Verifies access tokens of the trusted issuers. `clock` gives seconds since 1970, `max_token_size` is in octets.

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

    async def verify(self, token: bytes) -> Principal:
        """The caller that this token proves. Raises InvalidToken or ProviderUnavailable, and nothing else."""
        outcome = self.verify_at_hand(token)
        return await self.finish(outcome) if isinstance(outcome, PendingToken) else outcome

    def verify_at_hand(self, token: bytes) -> Principal | PendingToken:
        """The caller that this token proves, where its issuer and its keys are at hand; else what `finish` takes.

        What is cheap refuses first, and nothing leaves the process. Raises InvalidToken.
        """
        cache = self._cache
        if cache is not None and len(token) <= self._max_token_size:
            known = cache.get(token, self._clock())
            if known is not None:
                trusted = self._issuers.at_hand(known.issuer.url)
                keys = known.issuer.keys.at_hand(known.header.kid, known.header.algorithm)
                if trusted is None or not keys:
                    return PendingToken(token, known.header, known.issuer.url, known=known)
                if trusted is known.issuer and known.key in keys:
                    return known.principal
                cache.drop(token)
        unverified = jose.parse_compact(token, self._max_token_size, self._headers)
        header, unverified_claims = unverified.header, jose.parse_claims(unverified)
        unverified_iss = unverified_claims.get("iss")
        issuer = self._issuers.at_hand(unverified_iss)
        if issuer is not None:
            issuer.check_header(header)
            keys = issuer.keys.at_hand(header.kid, header.algorithm)
            if keys:
                return self._prove(token, unverified, unverified_claims, issuer, keys)
        return PendingToken(token, header, unverified_iss, unverified, unverified_claims)

    async def finish(self, pending: PendingToken) -> Principal:
        """The caller that the token proves, whoever has to be asked. Raises InvalidToken or ProviderUnavailable."""
        header, known = pending.header, pending.known
        issuer = await self._issuers.select(pending.unverified_iss)
        issuer.check_header(header)
        keys = await issuer.keys.find(header.kid, header.algorithm)
        if (
            known is not None
            and known.issuer is issuer
            and known.key in keys
            and known.begins <= self._clock() < known.ends
        ):
            return known.principal
        unverified, unverified_claims = pending.unverified, pending.unverified_claims
        if unverified is None:
            unverified = jose.parse_compact(pending.text, self._max_token_size, self._headers)
            unverified_claims = jose.parse_claims(unverified)
        return self._prove(pending.text, unverified, unverified_claims, issuer, keys)

    def _prove(
        self,
        token: bytes,
        unverified: jose.UnverifiedToken,
        unverified_claims: dict[str, Any],
        issuer: TrustedIssuer,
        keys: Sequence[VerificationKey],
    ) -> Principal:
        """What was unverified is proven: one of these keys has signed it, and the issuer's rules let its claims through."""
        header = unverified.header
        key = jose.verify_signature(unverified, issuer.suited(keys))
        if unverified.header_segment not in self._headers:
            self._remember_header(unverified)
        claims = issuer.rules.check(header.media_type, unverified_claims, self._clock())
        principal = issuer.mapping.apply(claims)
        if not claims.keys().isdisjoint(LEAVING_OUT) and principal.left_out:
            self._on_left_out(principal)
        if self._cache is not None and self._cache.admits(token):
            self._cache.put(token, VerifiedToken(principal, issuer, header, key, *issuer.rules.validity(claims)))
        return principal

    def _remember_header(self, verified: jose.UnverifiedToken) -> None:
        """The header is known from now on: an issuer signs all its tokens under a few. Only what was signed is worth a memory."""
        if len(verified.header_segment) <= _LONGEST_HEADER:
            if len(self._headers) >= _MOST_HEADERS:
                self._headers.clear()
            self._headers[verified.header_segment] = verified.header
