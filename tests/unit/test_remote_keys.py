"""The life of a fetched key set to the second: with documents and a clock that a test holds."""

import asyncio
import logging
import math
from dataclasses import FrozenInstanceError
from typing import Any

import pytest

from axioms_fastapi.core.errors import InvalidToken, ProviderUnavailable, Reason
from axioms_fastapi.core.fetch import Document, FetchFailed
from axioms_fastapi.core.jwk import Algorithms
from axioms_fastapi.core.keys import KeyStatus
from axioms_fastapi.core.remote_keys import KeyTimes, RemoteKeys
from axioms_fastapi.core.signatures import SUPPORTED_ALGORITHMS
from axioms_fastapi.forge import SigningKey
from clocks import LaterLoop

pytestmark = pytest.mark.anyio

URL = "https://auth.test/keys"
K1, K2 = (SigningKey.generate("ES256", kid=kid) for kid in ("k1", "k2"))


class Server:
    """A key server, the way to it, and a clock: in the place of the network."""

    def __init__(self, *keys: SigningKey, **times: float) -> None:
        self.now = 1000.0
        self.url = URL
        self.keys: tuple[SigningKey, ...] = keys
        self.error: Exception | None = None
        self.unchanged = False
        self.etag: str | None = None
        self.max_age: float | None = None
        self.asked: list[tuple[str, str | None]] = []
        self.forgotten = 0
        self.hangs: asyncio.Event | None = None
        algorithms = Algorithms(SUPPORTED_ALGORITHMS)
        self.source = RemoteKeys("the issuer", self, self, algorithms, KeyTimes(**times), monotonic=lambda: self.now)  # type: ignore[arg-type]

    async def locate(self, fetcher: Any) -> str:
        assert fetcher is self
        return self.url

    def forget(self) -> None:
        self.forgotten += 1

    async def fetch(self, url: str, *, etag: str | None = None) -> Document:
        self.asked.append((url, etag))
        if self.hangs is not None:
            await self.hangs.wait()
        if self.error is not None:
            raise self.error
        content = None if self.unchanged else {"keys": [key.public_jwk() for key in self.keys]}
        return Document(content, self.etag, self.max_age)

    async def find(self, kid: str | None = "k1", algorithm: str = "ES256") -> tuple[Any, ...]:
        """The kids that were found, or why none was."""
        try:
            return tuple(key.kid for key in await self.source.find(kid, algorithm))
        except InvalidToken as error:
            return error.reason, error.detail
        except ProviderUnavailable as error:
            return error.retry_after, error.detail

    async def landed(self) -> None:
        """What was fetched in the background has been fetched."""
        for _ in range(5):
            await asyncio.sleep(0)


NOT_KNOWN = (Reason.UNKNOWN_KEY, "the issuer has no key of this kid for this algorithm")
NO_KEYS = "no usable keys, and the last fetch failed"
CANNOT_SAY = "this kid is not known, and the key server cannot be asked"


def test_times() -> None:
    """Ten minutes, ten seconds, a day and five seconds, where nothing else is said."""
    times = KeyTimes()
    assert (times.max_age, times.cooldown, times.max_stale, times.timeout) == (600, 10, 86400, 5)
    with pytest.raises(FrozenInstanceError):
        times.max_age = 1  # type: ignore[misc]


async def test_at_hand() -> None:
    """Fresh keys are at hand by kid and algorithm, until they are to be refreshed; before there are any, none is."""
    server = Server(K1, K2)
    assert server.source.at_hand("k1", "ES256") == ()
    await server.find()
    for kid in ("k1", "k2"):
        assert [key.kid for key in server.source.at_hand(kid, "ES256")] == [kid]
    for kid, algorithm in ((None, "ES256"), ("k1", "ES384"), ("k3", "ES256")):
        assert server.source.at_hand(kid, algorithm) == ()
    server.now += 600 * 0.76 - 1
    assert server.source.at_hand("k1", "ES256")
    server.now = server.source._refresh_at - 0.01
    assert server.source.at_hand("k1", "ES256")
    server.now = server.source._refresh_at
    assert server.source.at_hand("k1", "ES256") == ()
    assert len(server.asked) == 1
    assert await server.find() == ("k1",)
    await server.landed()
    assert (len(server.asked), server.source._flights) == (2, {})


async def test_status() -> None:
    """What is told of it: nothing yet, then how many and how old, then what failed."""
    server = Server(K1, K2)
    assert server.source.status() == KeyStatus(False, 0, None, 0, 0, 0, 0)
    await server.find()
    server.now += 7
    assert server.source.status() == KeyStatus(True, 2, 7.0, 1, 1, 0, 0)
    server.error, server.now = FetchFailed("x"), server.now + 700
    await server.find()
    assert server.source.status() == KeyStatus(True, 2, 707.0, 1, 2, 1, 1)
    server.now += 10
    await server.find()
    await server.landed()
    assert server.source.status() == KeyStatus(True, 2, 717.0, 1, 3, 2, 2)
    server.error, server.now = None, float(math.ceil(server.source._retry_at))
    await server.find()
    await server.landed()
    server.error, server.now = FetchFailed("x"), server.now + 700
    await server.find()
    assert server.source.status() == KeyStatus(True, 2, 700.0, 2, 5, 3, 1)


async def test_algorithm_that_no_key_has() -> None:
    """A kid that is known for another algorithm is no key, and costs one refetch like any unknown one."""
    server = Server(K1)
    assert await server.find() == ("k1",)
    assert await server.find("k1", "ES384") == NOT_KNOWN
    assert await server.find("k1", "ES384") == NOT_KNOWN
    assert len(server.asked) == 2


@pytest.mark.parametrize(("failures", "waits"), [(1, {1}), (2, {2}), (3, {4}), (4, {4, 5}), (12, {4, 5})])
async def test_backoff(failures: int, waits: set[int]) -> None:
    """After a failure nobody asks for a second, then two, four, and at most five, a little less each time."""
    server = Server(K1)
    server.error = FetchFailed("down")
    for number in range(failures):
        server.now += 10
        retry_after, detail = await server.find()
        assert (len(server.asked), detail) == (number + 1, NO_KEYS)
    assert retry_after in waits
    for _ in range(3):
        assert (await server.find())[1] == NO_KEYS
    assert len(server.asked) == failures
    server.now += retry_after
    server.error = None
    assert await server.find() == ("k1",)
    assert server.source.status().failures_in_a_row == 0


async def test_retry_after_is_rounded_up() -> None:
    """A caller who comes back when it was told finds the backoff over; a second is the least."""
    server = Server()
    server.error = FetchFailed("down")
    for _ in range(4):
        server.now += 10
        await server.find()
    waits = []
    for _ in range(60):
        waits.append((await server.find())[0])
        server.now += 0.1
        if len(server.asked) > 4:
            break
    assert waits[0] in {4, 5}
    assert waits == sorted(waits[:-1], reverse=True) + waits[-1:]
    assert min(waits) == 1
    assert all(isinstance(wait, int) for wait in waits)


async def test_what_failed_is_told(caplog: pytest.LogCaptureFixture) -> None:
    """The log says how many keys of whom were fetched, and what went wrong; the way to the keys is looked for anew then."""
    caplog.set_level(logging.INFO, "axioms_fastapi.keys")
    server = Server(K1, K2)
    await server.find()
    server.error, server.now = FetchFailed("https://auth.test/keys answered 500"), server.now + 601
    await server.find()
    assert caplog.record_tuples == [
        ("axioms_fastapi.keys", logging.INFO, "2 keys of the issuer fetched"),
        (
            "axioms_fastapi.keys",
            logging.WARNING,
            "the keys of the issuer cannot be had: FetchFailed: https://auth.test/keys answered 500",
        ),
    ]
    assert server.forgotten == 1


async def test_what_is_no_key_set(caplog: pytest.LogCaptureFixture) -> None:
    """Of an answer without a usable key the log names the URL: it is another document's, most often."""
    server = Server()
    await server.find()
    assert caplog.messages == [
        f"the keys of the issuer cannot be had: UnsuitableKey: {URL} answered with a JWK set without a usable key"
    ]


async def test_query_is_not_told(caplog: pytest.LogCaptureFixture) -> None:
    """The log names a URL without its query, which may hold what lets a function be called."""
    server = Server()
    server.url = "https://auth.test/keys?code=secret"
    await server.find()
    assert "https://auth.test/keys answered with" in caplog.text
    assert "secret" not in caplog.text


async def test_unknown_kid_in_an_outage() -> None:
    """While the server is down an unknown kid is nobody's fault; a known one serves on."""
    server = Server(K1)
    await server.find()
    server.error = FetchFailed("down")
    assert (await server.find("k2"))[1] == CANNOT_SAY
    assert await server.find("k1") == ("k1",)


@pytest.mark.parametrize("max_stale", [100.0, 86400.0])
async def test_stale(max_stale: float) -> None:
    """Known keys serve through an outage up to the bound, and not a moment longer."""
    server = Server(K1, max_stale=max_stale)
    await server.find()
    server.error = FetchFailed("down")
    server.now += 600
    assert await server.find() == ("k1",)
    server.now += max_stale - 0.5
    assert await server.find() == ("k1",)
    assert server.source.status().ready
    server.now += 0.5
    assert (await server.find())[1] == NO_KEYS
    assert not server.source.status().ready


@pytest.mark.parametrize(
    ("said", "lives"), [(None, 600), (300.0, 300), (6000.0, 600), (0.0, 60), (59.0, 60), (60.0, 60), (61.0, 61)]
)
async def test_max_age(said: float | None, lives: float) -> None:
    """Keys live as long as the server says, between a minute and the configured age."""
    server = Server(K1)
    server.max_age = said
    await server.find()
    assert server.source._stale_at == server.now + lives
    server.now += lives * 0.76 - 0.1
    assert server.source.at_hand("k1", "ES256")
    server.now += lives * 0.04 + 0.2
    assert not server.source.at_hand("k1", "ES256")
    server.now += lives * 0.2 - 0.2
    server.hangs = asyncio.Event()
    assert await server.find() == ("k1",)  # the old ones are not stale yet: nobody waits
    server.hangs.set()
    await server.landed()
    assert len(server.asked) == 2


async def test_configured_age_below_a_minute() -> None:
    """A configured age that is shorter than the least is kept."""
    server = Server(K1, max_age=10.0)
    server.max_age = 0.0
    await server.find()
    server.now += 10
    await server.find()
    assert len(server.asked) == 2


async def test_etag() -> None:
    """The tag is sent to the URL that it came from, while there are keys; what has not changed lives on."""
    server = Server(K1)
    server.etag = '"one"'
    await server.find()
    server.unchanged = True
    server.now += 601
    assert await server.find() == ("k1",)
    server.url = "https://auth.test/moved"
    server.unchanged, server.etag = False, None
    server.now += 601
    await server.find()
    server.now += 601
    await server.find()
    assert server.asked == [(URL, None), (URL, '"one"'), (server.url, None), (server.url, None)]
    assert server.source.status() == KeyStatus(True, 1, 0.0, 3, 4, 0, 0)


def test_patience() -> None:
    """Who has old keys waits a second at most for a server that hangs; who has none waits for it as long as a fetch may take."""

    async def done_after(server: Server, *seconds: float) -> list[bool]:
        """Whether somebody who asks now has got an answer after each of these, as the loop's own clock says."""
        waiting, done = asyncio.create_task(server.find()), []
        await server.landed()
        for more in seconds:
            loop.later += more
            await asyncio.sleep(0.001)
            await server.landed()
            done.append(waiting.done())
        server.hangs.set()  # type: ignore[union-attr]
        assert await waiting == ("k1",)
        return done

    async def scenario() -> None:
        server = Server(K1)
        await server.find()
        server.now, server.hangs = server.now + 601, asyncio.Event()
        assert await done_after(server, 0.5, 0.6) == [False, True]
        cold = Server(K1, timeout=60.0)
        cold.hangs = asyncio.Event()
        assert await done_after(cold, 0.5, 0.6, 30.0) == [False, False, False]

    loop = LaterLoop()
    try:
        loop.run_until_complete(scenario())
    finally:
        loop.close()


async def test_end_of_the_backoff() -> None:
    """The very moment at which a caller may come again, the server is asked again."""
    server = Server(K1)
    server.error = FetchFailed("down")
    await server.find()
    server.error, server.now = None, server.source._retry_at
    assert await server.find() == ("k1",)


async def test_prefetch() -> None:
    """What is there and fresh is not fetched again; what is stale is; it says whether keys are there."""
    server = Server(K1)
    assert await server.source.prefetch() is True
    server.now += 599
    assert await server.source.prefetch() is True
    assert len(server.asked) == 1
    server.now += 1
    assert await server.source.prefetch() is True
    assert len(server.asked) == 2
    down = Server()
    down.error = FetchFailed("down")
    assert await down.source.prefetch() is False


async def test_close() -> None:
    """What is under way is ended when closing returns; closing again, or where nothing is, ends nothing."""
    server = Server(K1)
    server.hangs = asyncio.Event()
    waiting = asyncio.create_task(server.find())
    await server.landed()
    flight = server.source._flight()
    assert flight is not None
    await server.source.close()
    assert flight.cancelled()
    assert server.source._flight() is None
    await server.source.close()
    assert (await waiting)[1] == NO_KEYS


async def test_timeout() -> None:
    """A server that hangs has failed when the time of a fetch is over."""
    server = Server(timeout=0.05)
    server.hangs = asyncio.Event()
    assert await asyncio.wait_for(server.find(), 1.5) == (1, NO_KEYS)
    assert server.source.status().failures == 1


async def test_unknown_kids_together() -> None:
    """Who comes with an unknown kid while one is looked for waits for that very fetch, and finds what it brings."""
    server = Server(K1)
    await server.find()
    server.keys, server.hangs = (K1, K2), asyncio.Event()
    waiting = [asyncio.create_task(server.find(kid)) for kid in ("k3", "k2", "k2")]
    await server.landed()
    assert [task.done() for task in waiting] == [False] * 3
    assert await server.find("k1") == ("k1",)
    server.hangs.set()
    assert await asyncio.gather(*waiting) == [NOT_KNOWN, ("k2",), ("k2",)]
    assert len(server.asked) == 2


async def test_unknown_kid_does_not_wait_for_a_refresh() -> None:
    """Inside the cooldown a refresh in the background is nothing that an unknown kid waits for."""
    server = Server(K1, cooldown=10_000.0)
    await server.find()
    assert await server.find("k2") == NOT_KNOWN
    server.now, server.hangs = server.source._refresh_at, asyncio.Event()
    assert await server.find("k1") == ("k1",)
    await server.landed()
    assert len(server.asked) == 3
    assert await asyncio.wait_for(server.find("k2"), 0.5) == NOT_KNOWN
    server.hangs.set()
    await server.landed()


async def test_unknown_kid_cooldown() -> None:
    """An unknown kid refetches at once; inside the cooldown nobody waits, and after it the next one refetches."""
    server = Server(K1)
    await server.find()
    for after, asked in ((0, 2), (9.5, 2), (0.5, 3), (9.5, 3), (0.5, 4)):
        server.now += after
        assert await server.find("k2") == NOT_KNOWN
        assert len(server.asked) == asked
    server.now += 10
    server.keys = (K1, K2)
    assert await server.find("k2") == ("k2",)
