"""The pipeline that makes a principal of a token."""

import time
from collections.abc import Callable, Sequence
from typing import Final

from . import jose
from .errors import InvalidToken, Reason
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

    async def verify(self, token: str) -> Principal:
        """The caller that this token proves. Raises InvalidToken or ProviderUnavailable, and nothing else."""
        cache = self._cache
        if cache is None or len(token) > self._max_token_size:
            return (await self._verify(token)).principal
        name = cache.name_of(token)
        known = cache.get(name)
        if known is not None:
            if self._holds(known, self._keys_at_hand(known)) or self._holds(known, await self._keys_of(known)):
                return known.principal
            cache.drop(name)
        verified = await self._verify(token)
        cache.put(name, len(token), verified)
        return verified.principal

    async def _verify(self, token: str) -> VerifiedToken:
        """What is cheap refuses first; up to the line that asks for keys nothing leaves the process."""
        unverified = jose.parse_compact(token, self._max_token_size, self._headers)
        header, unverified_claims = unverified.header, jose.parse_claims(unverified)
        issuer = await self._issuer(unverified_claims.get("iss"))
        issuer.check_header(header)
        key = jose.verify_signature(unverified, await self._keys(issuer, header))
        if unverified.header_segment not in self._headers:
            self._remember_header(unverified)
        claims = issuer.rules.check(header.media_type, unverified_claims, self._clock())
        return VerifiedToken(issuer.mapping.apply(claims), issuer, header, key, *issuer.rules.validity(claims))

    def _holds(self, known: VerifiedToken, keys: Sequence[VerificationKey]) -> bool:
        """Whether a token that was verified before would be accepted again: its key is one of these, and it is in time."""
        return known.key in keys and known.begins <= self._clock() < known.ends

    def _keys_at_hand(self, known: VerifiedToken) -> Sequence[VerificationKey]:
        issuer, header = known.issuer, known.header
        is_trusted = self._issuers.at_hand(issuer.url) is issuer
        return issuer.keys.at_hand(header.kid, header.algorithm) if is_trusted else ()

    async def _keys_of(self, known: VerifiedToken) -> Sequence[VerificationKey]:
        """The same, asking whoever has to be asked. Raises what a verification would."""
        issuer = await self._issuer(known.issuer.url)
        return await self._keys(issuer, known.header) if issuer is known.issuer else ()

    async def _issuer(self, unverified_iss: object) -> TrustedIssuer:
        return self._issuers.at_hand(unverified_iss) or await self._issuers.select(unverified_iss)

    async def _keys(self, issuer: TrustedIssuer, header: Header) -> Sequence[VerificationKey]:
        source = issuer.keys
        keys = source.at_hand(header.kid, header.algorithm) or await source.find(header.kid, header.algorithm)
        suited = issuer.suited(keys)
        if not suited:
            raise InvalidToken(Reason.UNKNOWN_KEY, detail="the key of this kid names another issuer than the token's")
        return suited

    def _remember_header(self, verified: jose.UnverifiedToken) -> None:
        """The header is known from now on: an issuer signs all its tokens under a few. Only what was signed is worth a memory."""
        if len(verified.header_segment) <= _LONGEST_HEADER:
            if len(self._headers) >= _MOST_HEADERS:
                self._headers.clear()
            self._headers[verified.header_segment] = verified.header
