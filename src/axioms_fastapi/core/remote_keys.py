"""The life of a fetched key set: cached, refreshed ahead, refetched for a new kid, served through an outage."""

import asyncio
import logging
import math
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from .discovery import Location
from .errors import ProviderUnavailable
from .fetch import Fetcher, shown
from .jwk import Algorithms, KeySet, UnsuitableKey, VerificationKey, parse_key_set
from .keys import KeyStatus, known_keys

logger = logging.getLogger("axioms_fastapi.keys")

_FIRST_BACKOFF: Final = 1.0
_LONGEST_BACKOFF: Final = 5.0
# A server that says max-age=0 must not make every request fetch; the configured max age is the upper clamp.
_SHORTEST_AGE: Final = 60.0
# A little earlier for each: workers that started together should not refresh together.
_REFRESH_AHEAD: Final = (0.76, 0.8)
# How many seconds a request waits for a set that is past its age while an older one is there.
_PATIENCE: Final = 1.0


@dataclass(frozen=True, slots=True)
class KeyTimes:
    """The life of a fetched key set, in seconds.

    Fresh for `max_age`, or for less where the server says so; refetched in the background at 80 % of that. For an unknown
    kid refetched at once, then once per `cooldown`, which counts from that refetch, whether it succeeds or not; served through
    an outage up to `max_stale` after it was fresh. One fetch, discovery included, takes at most `timeout`.
    """

    max_age: float = 600.0
    cooldown: float = 10.0
    max_stale: float = 24 * 3600.0
    timeout: float = 5.0


class RemoteKeys:
    """The key set behind a location, fetched once for all who wait for it. `name` is the issuer's, for the log."""

    def __init__(
        self,
        name: str,
        location: Location,
        fetcher: Fetcher,
        algorithms: Algorithms,
        times: KeyTimes,
        *,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._name = name
        self._location = location
        self._fetcher = fetcher
        self._algorithms = algorithms
        self._times = times
        self._now = monotonic
        self._key_set: KeySet | None = None
        # With its URL: another address may use the same tag for other keys.
        self._etag: tuple[str, str] | None = None
        self._fetched_at = self._refresh_at = self._stale_at = self._dead_at = -math.inf
        self._generation = self._fetches = self._failures = self._failures_in_a_row = 0
        self._retry_at = self._unknown_kid_retry_at = -math.inf
        self._flight_for_unknown_kid: asyncio.Task[None] | None = None
        # One for each event loop: what another loop does, or did before a fork, is nothing to wait for.
        self._flights: dict[asyncio.AbstractEventLoop, asyncio.Task[None]] = {}

    def at_hand(self, kid: str | None, algorithm: str) -> tuple[VerificationKey, ...]:
        """See KeySource."""
        known = self._key_set
        return () if known is None or self._now() >= self._refresh_at else known.candidates(kid, algorithm)

    async def find(self, kid: str | None, algorithm: str) -> tuple[VerificationKey, ...]:
        """See KeySource."""
        fetches = self._fetches
        if self._now() >= self._stale_at and not (self._failures_in_a_row and self._key_set):
            # A set that is there serves, should the server hang: that must not be felt.
            await self._fetch_together(patience=_PATIENCE if self._key_set is not None else None)
        elif self._now() >= self._refresh_at:
            # In the background: who comes now is served by the set that is still fresh, or through an outage by the old one.
            self._take_off()
        keys = self._usable_key_set().candidates(kid, algorithm)
        # A fetch that was made for this very request has answered already.
        if not keys and self._fetches == fetches:
            await self._fetch_for_unknown_kid()
        if not keys and self._failures_in_a_row:
            raise self._unavailable("this kid is not known, and the key server cannot be asked")
        return keys or known_keys(self._usable_key_set(), kid, algorithm)

    async def prefetch(self) -> bool:
        """See KeySource."""
        if self._now() >= self._stale_at:
            await self._fetch_together()
        return self.status().ready

    async def close(self) -> None:
        """See KeySource."""
        flight = self._flight()
        if flight is not None:
            flight.cancel()
            await asyncio.wait([flight])

    def status(self) -> KeyStatus:
        """See KeySource."""
        known = self._key_set
        return KeyStatus(
            # A set that nobody needed for long is only idle: the next request fetches it anew.
            ready=known is not None and (self._now() < self._dead_at or not self._failures_in_a_row),
            keys=known.size if known else 0,
            age=self._now() - self._fetched_at if known else None,
            generation=self._generation,
            fetches=self._fetches,
            failures=self._failures,
            failures_in_a_row=self._failures_in_a_row,
        )

    def _usable_key_set(self) -> KeySet:
        if self._key_set is not None and self._now() < self._dead_at:
            return self._key_set
        raise self._unavailable("no usable keys, and the last fetch failed")

    def _unavailable(self, detail: str) -> ProviderUnavailable:
        wait = self._retry_at - self._now()
        return ProviderUnavailable(retry_after=math.ceil(wait) if wait > 1 else 1, detail=detail)

    async def _fetch_for_unknown_kid(self) -> None:
        """One refetch per cooldown for all unknown kids together: anybody can invent kids, and each would cost a fetch.

        Inside the cooldown nobody waits but for that very refetch: theirs may be the new key too.
        """
        if self._now() >= self._unknown_kid_retry_at:
            flight = self._take_off()
            if flight is None:
                return
            self._unknown_kid_retry_at = self._now() + self._times.cooldown
            self._flight_for_unknown_kid = flight
        elif self._flight() is None or self._flight() is not self._flight_for_unknown_kid:
            return
        await self._fetch_together()

    async def _fetch_together(self, *, patience: float | None = None) -> None:
        """One fetch is done, whoever asked for it: it succeeded, it failed or may not be tried yet. `patience` is in seconds."""
        flight = self._take_off()
        if flight is not None:
            # Waiting for a task cancels nothing: a client that hangs up must not end the fetch that others wait for.
            await asyncio.wait([flight], timeout=patience)

    def _flight(self) -> "asyncio.Task[None] | None":
        """The fetch that is under way in this event loop."""
        flight = self._flights.get(asyncio.get_running_loop())
        return None if flight is None or flight.done() else flight

    def _take_off(self) -> "asyncio.Task[None] | None":
        """The fetch that is under way in this event loop, started if need be; None during a backoff."""
        flight = self._flight()
        if flight is None and self._now() >= self._retry_at:
            loop = asyncio.get_running_loop()
            flight = self._flights[loop] = loop.create_task(self._fetch_once())
            flight.add_done_callback(lambda _: self._flights.pop(loop, None))
        return flight

    async def _fetch_once(self) -> None:
        try:
            async with asyncio.timeout(self._times.timeout):
                url = await self._location.locate(self._fetcher)
                known, etag = self._etag or ("", "")
                document = await self._fetcher.fetch(url, etag=etag if known == url and self._key_set else None)
            if document.content is not None:
                self._take_over(document.content, url)
        except Exception as error:
            # Whatever went wrong is an outage of the key server: a 503 and a backoff, never a 500 for each who waits.
            self._location.forget()
            self._failures += 1
            self._failures_in_a_row += 1
            backoff = min(_LONGEST_BACKOFF, _FIRST_BACKOFF * 2.0 ** min(self._failures_in_a_row - 1, 10))
            self._retry_at = self._now() + backoff * random.uniform(0.8, 1.0)  # noqa: S311 - jitter, not a secret
            logger.warning("the keys of %s cannot be had: %s: %s", self._name, type(error).__name__, error)
        else:
            self._etag = (url, document.etag) if document.etag is not None else None
            self._failures_in_a_row = 0
            self._live_for(self._times.max_age if document.max_age is None else document.max_age)
            logger.info("%d keys of %s fetched", self._key_set.size if self._key_set else 0, self._name)
        finally:
            self._fetches += 1

    def _take_over(self, content: Mapping[str, Any], url: str) -> None:
        try:
            self._key_set = parse_key_set(content, self._algorithms)
        except UnsuitableKey as error:
            raise UnsuitableKey(f"{shown(url)} answered with {error}") from None
        self._generation += 1

    def _live_for(self, max_age: float) -> None:
        age = max(min(_SHORTEST_AGE, self._times.max_age), min(max_age, self._times.max_age))
        self._fetched_at = now = self._now()
        self._refresh_at = now + age * random.uniform(*_REFRESH_AHEAD)  # noqa: S311 - no secret
        self._stale_at = now + age
        self._dead_at = self._stale_at + self._times.max_stale
