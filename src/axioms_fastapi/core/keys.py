"""Where an issuer's keys come from: given as a value, or fetched, cached and refetched. The only file that opens a socket."""

import asyncio
import logging
import math
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol
from urllib.parse import urlsplit

import httpx2

from .encoding import parse_json_object
from .errors import InvalidToken, ProviderUnavailable, Reason
from .jwk import Algorithms, KeySet, VerificationKey, parse_key_set

logger = logging.getLogger("axioms_fastapi.keys")

_LARGEST_DOCUMENT: Final = 512 * 1024
_FIRST_BACKOFF: Final = 1.0
_LONGEST_BACKOFF: Final = 5.0
_HEADERS: Final = {"Accept": "application/json", "Accept-Encoding": "identity", "User-Agent": "axioms-fastapi"}


class FetchFailed(Exception):
    """A document could not be had or is not usable. `status` is the HTTP status, where there was one."""

    def __init__(self, message: str, *, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status


class KeySource(Protocol):
    """Something that finds the keys which may have signed a token."""

    async def find(self, kid: str | None, algorithm: str) -> tuple[VerificationKey, ...]:
        """At least one key. Raises InvalidToken where the issuer has no such key, ProviderUnavailable where nobody can say."""
        ...


@dataclass(frozen=True, slots=True)
class StaticKeys:
    """Keys that are given as a Python value and never change."""

    key_set: KeySet

    @classmethod
    def from_jwks(cls, jwks: Mapping[str, Any], algorithms: Algorithms) -> "StaticKeys":
        """The keys of a JWK set. Raises ValueError where none of them is usable."""
        return cls(parse_key_set(jwks, algorithms))

    async def find(self, kid: str | None, algorithm: str) -> tuple[VerificationKey, ...]:
        """See KeySource."""
        return _known(self.key_set, kid, algorithm)


@dataclass(frozen=True, slots=True)
class KeyTimes:
    """The life of a fetched key set, in seconds.

    Refetched after `max_age`; after an unknown kid at once, then once per `cooldown`; served through an outage up to
    `max_stale` after the last good fetch. One fetch, discovery included, takes at most `timeout`.
    """

    max_age: float = 600.0
    cooldown: float = 10.0
    max_stale: float = 24 * 3600.0
    timeout: float = 5.0


class RemoteKeys:
    """The key set behind a URL, fetched when it is first needed and cached.

    `jwks_url` where it is known; else the issuer's discovery document names it, and only where there is no such document
    (404) is `<issuer>/.well-known/jwks.json` taken. Requests that need the same fetch wait for one fetch together.
    """

    def __init__(
        self,
        issuer_url: str,
        jwks_url: str | None,
        algorithms: Algorithms,
        times: KeyTimes,
        *,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._issuer_url = issuer_url
        self._jwks_url = jwks_url
        self._algorithms = algorithms
        self._times = times
        self._now = monotonic
        self._key_set: KeySet | None = None
        self._generation = 0
        self._fetched_at = -math.inf
        self._failures = 0
        self._retry_at = -math.inf
        self._unknown_kid_retry_at = -math.inf
        self._flight: asyncio.Task[None] | None = None

    async def find(self, kid: str | None, algorithm: str) -> tuple[VerificationKey, ...]:
        """See KeySource."""
        generation = self._generation
        if self._now() - self._fetched_at >= self._times.max_age:
            await self._fetch_together()
        keys = self._usable_key_set().candidates(kid, algorithm)
        # A set that was fetched for this very request has answered already.
        if not keys and self._generation == generation and self._may_ask_for_unknown_kid():
            await self._fetch_together()
        return keys or _known(self._usable_key_set(), kid, algorithm)

    def _usable_key_set(self) -> KeySet:
        if self._key_set is not None and self._now() - self._fetched_at < self._times.max_age + self._times.max_stale:
            return self._key_set
        wait = max(1, math.ceil(self._retry_at - self._now()))
        raise ProviderUnavailable(retry_after=wait, detail="no usable keys, and the last fetch failed")

    def _may_ask_for_unknown_kid(self) -> bool:
        """One refetch per cooldown for all unknown kids together: anybody can invent kids, and each would cost a fetch.

        The cooldown counts from the last refetch that an unknown kid caused, so that a rotation is served by the first
        request that needs it. Who comes while that refetch is under way waits for it: theirs may be the new key too.
        """
        if self._flight is not None and not self._flight.done():
            return True
        if self._now() < self._unknown_kid_retry_at:
            return False
        self._unknown_kid_retry_at = self._now() + self._times.cooldown
        return True

    async def _fetch_together(self) -> None:
        """One fetch is done, whoever asked for it: it succeeded, it failed, or it may not be tried yet."""
        flight = self._flight
        loop = asyncio.get_running_loop()
        if flight is None or flight.done() or flight.get_loop() is not loop:
            if self._now() < self._retry_at:
                return
            flight = self._flight = loop.create_task(self._fetch_once())
        # Shielded: a client that hangs up must not cancel the fetch that others wait for.
        await asyncio.shield(flight)

    async def _fetch_once(self) -> None:
        try:
            async with asyncio.timeout(self._times.timeout):
                key_set = await self._fetch_key_set()
        except Exception as error:
            # Whatever went wrong is an outage of the key server: a 503 and a backoff, never a 500 for each who waits.
            self._failures += 1
            backoff = min(_LONGEST_BACKOFF, _FIRST_BACKOFF * 2 ** (self._failures - 1))
            self._retry_at = self._now() + backoff * random.uniform(0.8, 1.0)  # noqa: S311 - jitter, not a secret
            logger.warning("the keys of %s cannot be had: %s: %s", self._issuer_url, type(error).__name__, error)
        else:
            self._key_set, self._fetched_at = key_set, self._now()
            self._generation += 1
            self._failures = 0
            logger.info("%d keys of %s fetched", key_set.size, self._issuer_url)

    async def _fetch_key_set(self) -> KeySet:
        # A client per fetch: fetches are rare, and a client that is kept would belong to one event loop.
        # No redirects, proxies, cookies or .netrc: nothing but the configuration decides where keys come from.
        async with httpx2.AsyncClient(
            headers=_HEADERS, timeout=self._times.timeout, follow_redirects=False, trust_env=False
        ) as client:
            url = self._jwks_url or await self._discover_jwks_url(client)
            return parse_key_set(await _fetch_json(client, url), self._algorithms)

    async def _discover_jwks_url(self, client: httpx2.AsyncClient) -> str:
        base = self._issuer_url.rstrip("/")
        try:
            metadata = await _fetch_json(client, f"{base}/.well-known/openid-configuration")
        except FetchFailed as error:
            if error.status == 404:
                return f"{base}/.well-known/jwks.json"
            raise
        # OpenID Connect Discovery, section 4.3: a document that speaks for another issuer is not used.
        if metadata.get("issuer") != self._issuer_url:
            raise FetchFailed("the discovery document names another issuer")
        jwks_url = metadata.get("jwks_uri")
        if not isinstance(jwks_url, str) or not _same_host(jwks_url, self._issuer_url):
            raise FetchFailed("the discovery document has no jwks_uri on the issuer's own host; set AXIOMS_JWKS_URL")
        return jwks_url


def _known(key_set: KeySet, kid: str | None, algorithm: str) -> tuple[VerificationKey, ...]:
    keys = key_set.candidates(kid, algorithm)
    if not keys:
        raise InvalidToken(Reason.UNKNOWN_KEY, detail="the issuer has no key of this kid for this algorithm")
    return keys


async def _fetch_json(client: httpx2.AsyncClient, url: str) -> dict[str, Any]:
    """The JSON object behind a URL, up to a bound in size. Raises FetchFailed or Malformed."""
    async with client.stream("GET", url) as response:
        if response.status_code != 200:
            raise FetchFailed(f"{url} answered {response.status_code}", status=response.status_code)
        if response.headers.get("Content-Encoding", "identity") != "identity":
            raise FetchFailed(
                f"{url} answered in an encoding that was not asked for"
            )  # a compressed answer can be a bomb
        body = bytearray()
        async for chunk in response.aiter_raw():
            body += chunk
            if len(body) > _LARGEST_DOCUMENT:
                raise FetchFailed(f"{url} answered more than {_LARGEST_DOCUMENT // 1024} KB")
    return parse_json_object(bytes(body))


def _same_host(url: str, trusted_url: str) -> bool:
    """Whether a discovered URL stays where the configuration points: same host, and no weaker scheme."""
    found, trusted = urlsplit(url), urlsplit(trusted_url)
    return found.hostname == trusted.hostname and found.scheme in {"https", trusted.scheme}
