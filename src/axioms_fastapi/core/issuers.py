"""Who is trusted: everything that is trusted together sits in one value, and keys belong to an issuer."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Final

from .claims import ClaimRules
from .errors import InvalidToken, ProviderUnavailable, Reason
from .jose import UnverifiedToken
from .jwk import Algorithms
from .keys import KeySource
from .principal import ClaimMapping
from .recent import Recent

logger = logging.getLogger("axioms_fastapi")

# How long an answer of a resolver is kept, in seconds: a tenant that is taken away loses its trust after at most so long.
_TENANT_KEPT: Final = 300.0
_STRANGER_KEPT: Final = 30.0
# No issuer's URL is longer; what is gets no place in a cache that strangers can write to.
_LONGEST_URL: Final = 500


@dataclass(frozen=True, slots=True)
class TrustedIssuer:
    """An authorization server that is trusted: its exact `iss`, its keys, and what its access tokens must say.

    `described_by` is whatever it was made from: a tenant whose description has not changed keeps its keys.
    """

    url: str
    algorithms: Algorithms
    keys: KeySource
    rules: ClaimRules
    mapping: ClaimMapping
    jwks_url: str | None = None
    described_by: object = None

    def check_header(self, token: UnverifiedToken) -> None:
        """The token's header asks for nothing that this issuer may not have. Raises InvalidToken."""
        if token.algorithm not in self.algorithms.allowed:
            raise InvalidToken(Reason.ALGORITHM, detail="not in AXIOMS_ALGORITHMS")
        # Never fetched; a token that points to other keys than the configured ones is refused all the same.
        if token.jku is not None and token.jku != self.jwks_url:
            raise InvalidToken(Reason.KEY_REFERENCE, detail="the header's jku is not AXIOMS_JWKS_URL")


# Gives the trusted issuer of that exact URL, or None for a stranger: for tenants that are no constants of the code. The second
# argument is what it gave last time for that URL, if that is still remembered.
Resolver = Callable[[str, TrustedIssuer | None], Awaitable[TrustedIssuer | None]]


class Issuers:
    """The trusted issuers, found by their exact `iss`: those of the configuration, then those that resolvers know.

    What resolvers answer is kept for a while, strangers more briefly; of each at most `bound`, the least recently used go first.
    """

    def __init__(
        self,
        issuers: Iterable[TrustedIssuer],
        resolvers: Iterable[Resolver] = (),
        *,
        bound: int = 1000,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._by_url = {issuer.url: issuer for issuer in issuers}
        self._resolvers = tuple(resolvers)
        self._tenants: Recent[TrustedIssuer] = Recent(bound, _TENANT_KEPT, monotonic)
        self._strangers: Recent[None] = Recent(bound, _STRANGER_KEPT, monotonic)
        self._asking: dict[str, asyncio.Task[TrustedIssuer | None]] = {}

    def __iter__(self) -> Iterator[TrustedIssuer]:
        yield from self._by_url.values()
        yield from self._tenants

    def with_keys(self, keys_of: "Callable[[TrustedIssuer], KeySource]") -> "Issuers":
        """The same issuers and rules with other keys: what a test signs with in the place of what is published."""

        def trusting_other_keys(resolver: Resolver) -> Resolver:
            async def resolve(url: str, known: TrustedIssuer | None) -> TrustedIssuer | None:
                found = await resolver(url, known)
                return None if found is None else replace(found, keys=keys_of(found))

            return resolve

        known = [replace(issuer, keys=keys_of(issuer)) for issuer in self._by_url.values()]
        return Issuers(known, map(trusting_other_keys, self._resolvers))

    async def select(self, unverified_iss: object) -> TrustedIssuer:
        """The issuer of that very URL, by code point (RFC 8725, section 3.8). Raises InvalidToken or ProviderUnavailable.

        A URL from a token is looked up, never fetched and never normalised.
        """
        if isinstance(unverified_iss, str):
            issuer = self._by_url.get(unverified_iss)
            if issuer is None and self._resolvers and 0 < len(unverified_iss) <= _LONGEST_URL:
                issuer = await self._resolve(unverified_iss)
            if issuer is not None:
                return issuer
            if any(url.rstrip("/") == unverified_iss.rstrip("/") for url in self._by_url):
                raise InvalidToken(
                    Reason.ISSUER, detail="iss differs from the configured issuer by a slash at its end alone"
                )
        raise InvalidToken(Reason.ISSUER, detail="iss is not a configured issuer")

    async def _resolve(self, url: str) -> TrustedIssuer | None:
        if self._strangers.is_fresh(url):
            return None
        if self._tenants.is_fresh(url):
            return self._tenants.get(url)
        asking = self._asking.get(url)
        if asking is None or asking.get_loop() is not asyncio.get_running_loop():
            asking = self._asking[url] = asyncio.get_running_loop().create_task(self._ask(url))
            asking.add_done_callback(lambda _: self._asking.pop(url, None))
        return await asyncio.shield(asking)

    async def _ask(self, url: str) -> TrustedIssuer | None:
        try:
            for resolver in self._resolvers:
                issuer = await resolver(url, self._tenants.get(url))
                if issuer is not None and issuer.url == url:
                    self._tenants.put(url, issuer)
                    return issuer
        except Exception:
            # A database that is down is nobody's bad token.
            logger.exception("the issuer resolver failed")
            raise ProviderUnavailable(retry_after=1, detail="the issuer resolver failed") from None
        self._tenants.drop(url)
        self._strangers.put(url, None)
        return None
