"""Who is trusted: everything that is trusted together sits in one value, and keys belong to an issuer."""

import asyncio
import logging
import re
import time
import traceback
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final

from .claims import ClaimRules
from .errors import InvalidToken, ProviderUnavailable, Reason
from .jose import Header
from .jwk import Algorithms, VerificationKey
from .keys import KeySource
from .principal import ClaimMapping
from .recent import Recent

logger = logging.getLogger("axioms_fastapi")

# How long an answer of a resolver is kept, in seconds: a tenant that is taken away loses its trust after at most so long,
# or after the longer time while the resolver fails and nobody can say.
_TENANT_KEPT: Final = 300.0
_TENANT_KEPT_IN_AN_OUTAGE: Final = 3600.0
_STRANGER_KEPT: Final = 30.0
_FAILURE_KEPT: Final = 5.0
# A resolver that hangs must not collect tasks without end: anybody can invent issuers.
_LONGEST_ANSWER: Final = 5.0
_MOST_ASKED_AT_ONCE: Final = 100
# What a resolver is ever asked for: no longer, and no text that a URL parser or a database would stumble over.
_PLAIN_URL: Final = re.compile(r"https?://[A-Za-z0-9._~:/?#!$&'()*+,;=%-]{1,490}")


@dataclass(frozen=True, slots=True)
class TrustedIssuer:
    """An authorization server that is trusted: its exact `iss`, its keys, and what its access tokens must say.

    `described_by` is whatever it was made from: a tenant whose description has not changed keeps its keys. `key_issuers` are
    what a key may name as its own issuer, where it names one; empty where what keys name says nothing.
    """

    url: str
    algorithms: Algorithms
    keys: KeySource
    rules: ClaimRules
    mapping: ClaimMapping
    jwks_url: str | None = None
    described_by: object = None
    key_issuers: frozenset[str] = frozenset()

    def check_header(self, header: Header) -> None:
        """The token's header asks for nothing that this issuer may not have. Raises InvalidToken."""
        if header.algorithm not in self.algorithms.allowed:
            raise InvalidToken(Reason.ALGORITHM, detail="not in AXIOMS_ALGORITHMS")
        # Never fetched; a token that points to other keys than the configured ones is refused all the same.
        if header.jku is not None and header.jku != self.jwks_url:
            raise InvalidToken(Reason.KEY_REFERENCE, detail="the header's jku is not AXIOMS_JWKS_URL")

    def suited(self, keys: Sequence[VerificationKey]) -> Sequence[VerificationKey]:
        """Those of the keys that sign this issuer's tokens: a key set may serve several, and a key may say whose it is.

        Raises InvalidToken where there is none.
        """
        if not self.key_issuers:
            return keys
        suited = [key for key in keys if key.issuer is None or key.issuer in self.key_issuers]
        if not suited:
            raise InvalidToken(Reason.UNKNOWN_KEY, detail="the key of this kid names another issuer than the token's")
        return suited


# Gives the trusted issuer of that exact URL, or None for a stranger: for tenants that are no constants of the code. The second
# argument is what it gave last time for that URL, if that is still remembered.
Resolver = Callable[[str, TrustedIssuer | None], Awaitable[TrustedIssuer | None]]


class Issuers:
    """The trusted issuers, found by their exact `iss`: those of the configuration, then those that resolvers know.

    What resolvers answer is kept for a while, strangers more briefly; of each at most `bound`, the least recently used go first.
    `configured` are those of the configuration, with the shared keys of its tenants among them. `templates` are the URLs of
    those that resolvers find by their form, each with its form: for what the log says of an `iss` that is none of them.
    """

    def __init__(
        self,
        issuers: Iterable[TrustedIssuer],
        resolvers: Iterable[Resolver] = (),
        *,
        shared: Iterable[TrustedIssuer] = (),
        templates: Mapping[str, re.Pattern[str]] = MappingProxyType({}),
        bound: int = 1000,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._by_url = {issuer.url: issuer for issuer in issuers}
        self.configured = (*self._by_url.values(), *shared)
        self._resolvers = tuple(resolvers)
        self._templates = templates
        self._tenants: Recent[TrustedIssuer] = Recent(bound, _TENANT_KEPT, monotonic)
        self._strangers: Recent[None] = Recent(bound, _STRANGER_KEPT, monotonic)
        self._failures: Recent[None] = Recent(bound, _FAILURE_KEPT, monotonic)
        self._asking: dict[str, asyncio.Task[TrustedIssuer | None]] = {}

    def __iter__(self) -> Iterator[TrustedIssuer]:
        yield from self.configured
        yield from self._tenants

    async def close(self) -> None:
        """Nothing that this event loop started goes on."""
        loop = asyncio.get_running_loop()
        asking = [task for task in self._asking.values() if task.get_loop() is loop]
        for task in asking:
            task.cancel()
        await asyncio.gather(*asking, *(issuer.keys.close() for issuer in self), return_exceptions=True)

    def at_hand(self, unverified_iss: object) -> TrustedIssuer | None:
        """The issuer of that very URL where it is configured, or was found lately: nobody has to be asked."""
        if type(unverified_iss) is not str:
            return None
        return self._by_url.get(unverified_iss) or self._tenants.fresh(unverified_iss)

    def with_keys(self, keys_of: "Callable[[TrustedIssuer], KeySource]") -> "Issuers":
        """The same issuers and rules with other keys: what a test signs with in the place of what is published."""

        def trusting_other_keys(resolver: Resolver) -> Resolver:
            async def resolve(url: str, known: TrustedIssuer | None) -> TrustedIssuer | None:
                found = await resolver(url, known)
                return None if found is None else replace(found, keys=keys_of(found))

            return resolve

        known, shared = (
            [replace(issuer, keys=keys_of(issuer)) for issuer in issuers]
            for issuers in (self._by_url.values(), self.configured[len(self._by_url) :])
        )
        return Issuers(known, map(trusting_other_keys, self._resolvers), shared=shared, templates=self._templates)

    async def select(self, unverified_iss: object) -> TrustedIssuer:
        """The issuer of that very URL, by code point (RFC 8725, section 3.8). Raises InvalidToken or ProviderUnavailable.

        A URL from a token is looked up, never fetched and never normalised.
        """
        if isinstance(unverified_iss, str):
            issuer = self._by_url.get(unverified_iss)
            if issuer is None and self._resolvers and _PLAIN_URL.fullmatch(unverified_iss):
                issuer = await self._resolve(unverified_iss)
            if issuer is not None:
                return issuer
            if self._differs_by_slash(unverified_iss):
                raise InvalidToken(
                    Reason.ISSUER, detail="iss differs from the configured issuer by a slash at its end alone"
                )
        known = ", ".join([*self._by_url, *self._templates][:3])
        raise InvalidToken(Reason.ISSUER, detail=f"iss is none of the configured issuers{known and f': {known}'}")

    def _differs_by_slash(self, unverified_iss: str) -> bool:
        """Whether an issuer is configured, or has the form of a template, that ends the other way. Asks nobody."""
        bare = unverified_iss.rstrip("/")
        return any(
            url in self._by_url or any(form.fullmatch(url) for form in self._templates.values())
            for url in {bare, f"{bare}/"} - {unverified_iss}
        )

    async def _resolve(self, url: str) -> TrustedIssuer | None:
        if self._strangers.is_fresh(url):
            return None
        tenant = self._tenants.fresh(url)
        if tenant is not None:
            return tenant
        if self._failures.is_fresh(url):
            return self._known_in_an_outage(url)
        asking = self._asking.get(url)
        if asking is None or asking.get_loop() is not asyncio.get_running_loop():
            if len(self._asking) >= _MOST_ASKED_AT_ONCE:
                raise ProviderUnavailable(
                    retry_after=1, detail="the issuer resolver is asked for too many issuers at once"
                )
            asking = self._asking[url] = asyncio.get_running_loop().create_task(self._ask(url))
            asking.add_done_callback(lambda _: self._asking.pop(url, None))
        return await asyncio.shield(asking)

    async def _ask(self, url: str) -> TrustedIssuer | None:
        try:
            async with asyncio.timeout(_LONGEST_ANSWER):
                for resolver in self._resolvers:
                    issuer = await resolver(url, self._tenants.get(url))
                    if issuer is not None and issuer.url == url:
                        self._tenants.put(url, issuer)
                        return issuer
        except Exception as error:
            # A database that is down is nobody's bad token. The message may hold the token's text: the place must do.
            *_, last = traceback.extract_tb(error.__traceback__)
            logger.error(
                "the issuer resolver failed: %s in %s (%s:%s)",
                type(error).__name__,
                last.name,
                last.filename,
                last.lineno,
            )
            self._failures.put(url, None)
            return self._known_in_an_outage(url)
        self._tenants.drop(url)
        self._strangers.put(url, None)
        return None

    def _known_in_an_outage(self, url: str) -> TrustedIssuer:
        """The tenant as it was last known. Raises ProviderUnavailable where that is too long ago, or where it was never known."""
        issuer = self._tenants.get(url) if self._tenants.age(url) < _TENANT_KEPT_IN_AN_OUTAGE else None
        if issuer is None:
            raise ProviderUnavailable(retry_after=int(_FAILURE_KEPT), detail="the issuer resolver failed")
        return issuer
