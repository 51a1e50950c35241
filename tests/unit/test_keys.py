"""The life of a fetched key set, against a real server whose answers the test decides."""

import asyncio
import json
import os
import ssl
import threading
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from axioms_fastapi.core.discovery import DiscoveredLocation, FixedLocation
from axioms_fastapi.core.errors import InvalidToken, ProviderUnavailable, Reason
from axioms_fastapi.core.fetch import Certificates, Fetcher, FetchFailed
from axioms_fastapi.core.jwk import Algorithms
from axioms_fastapi.core.keys import StaticKeys
from axioms_fastapi.core.remote_keys import KeyTimes, RemoteKeys
from axioms_fastapi.core.signatures import SUPPORTED_ALGORITHMS
from axioms_fastapi.forge import SigningKey
from clocks import Clock
from serving import KeyServer, serving

JWKS = "/.well-known/jwks.json"
DISCOVERY = "/.well-known/openid-configuration"
ALGORITHMS = Algorithms(SUPPORTED_ALGORITHMS)


@pytest.fixture(scope="module")
def key() -> SigningKey:
    return SigningKey.generate("ES256", kid="k1")


@pytest.fixture(scope="module")
def new_key() -> SigningKey:
    return SigningKey.generate("ES256", kid="k2")


@pytest.fixture
def source(key_server: KeyServer, clock: Clock) -> Callable[..., RemoteKeys]:
    def make(jwks_path: str | None = JWKS, issuer: str | None = None, **times: float) -> RemoteKeys:
        issuer = issuer or key_server.url
        lives = KeyTimes(**times)
        location = (
            DiscoveredLocation(issuer, monotonic=clock)
            if jwks_path is None
            else FixedLocation(key_server.url + jwks_path)
        )
        return RemoteKeys(issuer, location, Fetcher(lives.timeout, Certificates()), ALGORITHMS, lives, monotonic=clock)

    return make


def jwks(*keys: SigningKey) -> dict[str, Any]:
    return {"keys": [key.public_jwk() for key in keys]}


async def reason_of(source: RemoteKeys, kid: str | None = "k1") -> Reason | None:
    try:
        found = await source.find(kid, "ES256")
    except (InvalidToken, ProviderUnavailable) as error:
        return error.reason
    assert found
    return None


async def landed(source: RemoteKeys) -> None:
    """Whatever was fetched in the background has been fetched."""
    flight = source._flight()
    if flight is not None:
        await asyncio.wait([flight])


class TestCaching:
    def test_fetched_once_and_again_after_max_age(
        self, key_server: KeyServer, source: Any, clock: Clock, key: SigningKey
    ) -> None:
        """A key set is fetched when it is first needed, and again when it is older than max age."""
        key_server.answer(JWKS, jwks(key))
        keys = source()

        async def scenario() -> None:
            assert key_server.count(JWKS) == 0
            for _ in range(3):
                assert await reason_of(keys) is None
            clock.now += 599
            assert await reason_of(keys) is None
            assert key_server.count(JWKS) == 1
            clock.now += 1
            assert await reason_of(keys) is None
            assert key_server.count(JWKS) == 2

        asyncio.run(scenario())

    def test_single_flight(self, key_server: KeyServer, source: Any, key: SigningKey) -> None:
        """Two hundred first requests cost one fetch, and a caller who hangs up does not cancel it for the others."""
        key_server.answer(JWKS, jwks(key), delay=0.2)
        keys = source()

        async def scenario() -> None:
            callers = [asyncio.create_task(reason_of(keys)) for _ in range(200)]
            await asyncio.sleep(0.05)
            callers[0].cancel()
            results = await asyncio.gather(*callers, return_exceptions=True)
            assert isinstance(results[0], asyncio.CancelledError)
            assert results[1:] == [None] * 199
            assert key_server.count(JWKS) == 1

        asyncio.run(scenario())

    @pytest.mark.conformance("A112")
    def test_several_event_loops(self, key_server: KeyServer, source: Any, key: SigningKey) -> None:
        """A source outlives its event loop."""
        key_server.answer(JWKS, jwks(key))
        keys = source(max_age=1.0)
        assert asyncio.run(reason_of(keys)) is None
        keys._now.now += 2
        assert asyncio.run(reason_of(keys)) is None
        assert key_server.count(JWKS) == 2

    @pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
    @pytest.mark.conformance("A112")
    def test_two_loops_at_once(self, key_server: KeyServer, source: Any, key: SigningKey) -> None:
        """Two event loops share a source: each fetches once for all who wait in it, and an unknown kid costs each one fetch."""
        key_server.answer(JWKS, jwks(key), delay=0.2)
        keys = source()

        def loop_of_requests(kid: str) -> None:
            async def scenario() -> list[Reason | None]:
                return await asyncio.gather(*(reason_of(keys, kid) for _ in range(50)))

            answers.append(set(asyncio.run(scenario())))

        for kid in ("k1", "unknown"):
            answers: list[set[Reason | None]] = []
            before = key_server.count(JWKS)
            threads = [threading.Thread(target=loop_of_requests, args=(kid,)) for _ in range(2)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            assert answers == [{None if kid == "k1" else Reason.UNKNOWN_KEY}] * 2
            assert key_server.count(JWKS) - before <= 2
        assert keys._flights == {}

    @pytest.mark.conformance("A112")
    def test_after_fork(self, key_server: KeyServer, source: Any, key: SigningKey) -> None:
        """A source that was used before a fork works in the child: keys are there, and are fetched anew when they are too old."""
        key_server.answer(JWKS, jwks(key))
        keys = source()
        assert asyncio.run(reason_of(keys)) is None
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the test's own server is a thread, which a fork leaves behind
            child = os.fork()
        if child == 0:
            keys._now.now += 601
            fresh = asyncio.run(reason_of(keys)) is None and keys.status().generation == 2
            os._exit(0 if fresh else 1)
        assert os.waitpid(child, 0)[1] == 0
        assert (key_server.count(JWKS), keys.status().generation) == (2, 1)

    def test_static(self, key: SigningKey, tmp_path: Path) -> None:
        """Keys given as a JWK set, a PEM text or a file need no network."""
        pem = key.private_key.as_pem(private=False).decode()
        (tmp_path / "jwks.json").write_text(json.dumps(jwks(key)))
        (tmp_path / "key.pem").write_text(pem)
        for written, kid in (
            (jwks(key), "k1"),
            (json.dumps(jwks(key)), "k1"),
            (tmp_path / "jwks.json", "k1"),
            (pem, None),
            (tmp_path / "key.pem", None),
        ):
            static = StaticKeys.parse(written, ALGORITHMS)
            assert len(asyncio.run(static.find(kid, "ES256"))) == 1
            with pytest.raises(InvalidToken):
                asyncio.run(static.find("k2", "ES256"))
            assert static.status().ready

    @pytest.mark.parametrize(
        "written", ["", "{}", "-----BEGIN X-----", {"keys": [{"kty": "oct", "k": "AAAA"}]}, Path("missing.json")]
    )
    def test_static_refusals(self, key: SigningKey, written: Any) -> None:
        """What holds no public key is refused; so is a private key."""
        with pytest.raises((ValueError, OSError)):
            StaticKeys.parse(written, ALGORITHMS)
        with pytest.raises(ValueError, match="private"):
            StaticKeys.parse(key.private_key.as_pem(private=True).decode(), ALGORITHMS)


def test_certificates() -> None:
    """The system's authorities are loaded once for all who share them, and plain http on loopback needs none."""

    async def contexts() -> tuple[ssl.SSLContext, ...]:
        certificates = Certificates()
        return tuple([await certificates.context_for(url) for url in ("https://a", "https://b", "http://127.0.0.1")])

    first, second, plain = asyncio.run(contexts())
    assert first is second
    assert (first.verify_mode, first.check_hostname) == (ssl.CERT_REQUIRED, True)
    assert plain is not first
    assert plain.cert_store_stats()["x509_ca"] == 0


class TestRefreshing:
    def test_ahead(
        self, key_server: KeyServer, source: Any, clock: Clock, key: SigningKey, new_key: SigningKey
    ) -> None:
        """At 80 % of max age, or a little earlier, a refresh goes on in the background; requests use the old set meanwhile."""
        key_server.answer(JWKS, jwks(key))
        keys = source()

        async def scenario() -> None:
            assert await reason_of(keys) is None
            clock.now += 0.75 * 600
            assert await reason_of(keys) is None
            assert key_server.count(JWKS) == 1
            key_server.answer(JWKS, jwks(new_key), delay=0.2)
            clock.now += 0.05 * 600
            assert await reason_of(keys) is None
            # It is on its way, and nobody has waited for it: the old set has answered.
            assert keys.status().generation == 1
            await landed(keys)
            assert key_server.count(JWKS) == 2
            assert await reason_of(keys, "k2") is None
            assert await reason_of(keys, "k1") is Reason.UNKNOWN_KEY

        asyncio.run(scenario())

    def test_etag(self, key_server: KeyServer, source: Any, clock: Clock, key: SigningKey) -> None:
        """A set that has not changed is asked for by its ETag, and lives on with the same generation."""
        key_server.answer(JWKS, jwks(key), headers={"ETag": '"v1"'})
        keys = source()

        async def scenario() -> None:
            assert await reason_of(keys) is None
            key_server.answer(JWKS, status=304, body=b"", only_if_none_match='"v1"')
            for _ in range(2):
                clock.now += 601
                assert await reason_of(keys) is None
            assert (keys.status().generation, keys.status().fetches, keys.status().age) == (1, 3, 0)

        asyncio.run(scenario())

    def test_etag_of_another_address(self, key_server: KeyServer, source: Any, clock: Clock, key: SigningKey) -> None:
        """A tag belongs to its URL: where the key set has moved, the new place is asked for the whole of it."""
        new = SigningKey.generate("ES256", kid="k2")
        for path, published in (("/old", key), ("/new", new)):
            key_server.answer(path, jwks(published), headers={"ETag": '"1"'}, only_if_none_match=None)
        key_server.answer(DISCOVERY, {"issuer": key_server.url, "jwks_uri": f"{key_server.url}/old"})
        keys = source(None)
        assert asyncio.run(reason_of(keys)) is None
        key_server.answer(DISCOVERY, {"issuer": key_server.url, "jwks_uri": f"{key_server.url}/new"})
        clock.now += 4000
        assert asyncio.run(reason_of(keys, "k2")) is None
        assert asyncio.run(reason_of(keys, "k1")) is Reason.UNKNOWN_KEY
        assert "if-none-match" not in key_server.headers[key_server.requests.index("/new")]

    @pytest.mark.parametrize(
        ("header", "lives"),
        [
            ("max-age=120", 120),
            ("public, max-age=120, must-revalidate", 120),
            ("max-age=5", 60),
            ("no-store", 60),
            ("max-age=86400", 600),
            ("s-maxage=90", 600),
            ("max-age=-1", 600),
            ("max-age=" + "9" * 400, 600),
            ("", 600),
        ],
    )
    def test_cache_control(
        self, key_server: KeyServer, source: Any, clock: Clock, key: SigningKey, header: str, lives: float
    ) -> None:
        """The server's max-age is honoured between a minute and the configured max age."""
        key_server.answer(JWKS, jwks(key), headers={"Cache-Control": header})
        keys = source()

        async def scenario() -> None:
            assert await reason_of(keys) is None
            clock.now += lives * 0.79
            assert await reason_of(keys) is None
            assert key_server.count(JWKS) == 1
            clock.now += lives * 0.21
            assert await reason_of(keys) is None
            assert key_server.count(JWKS) == 2

        asyncio.run(scenario())

    def test_idle_is_no_outage(self, key_server: KeyServer, source: Any, clock: Clock, key: SigningKey) -> None:
        """A source that nobody asked for days is ready: its next request fetches. One whose fetches fail for so long is not."""
        key_server.answer(JWKS, jwks(key))
        keys = source()
        assert not keys.status().ready
        assert asyncio.run(reason_of(keys)) is None
        clock.now += 3 * 24 * 3600
        assert keys.status().ready
        key_server.answer(JWKS, status=500)
        assert asyncio.run(reason_of(keys)) is Reason.KEYS_UNAVAILABLE
        assert not keys.status().ready

    def test_status(self, key_server: KeyServer, source: Any, clock: Clock, key: SigningKey) -> None:
        """The counters of a source, before, with and after a fetch."""
        key_server.answer(JWKS, status=500)
        keys = source()
        assert (keys.status().ready, keys.status().age) == (False, None)

        async def scenario() -> None:
            assert not await keys.prefetch()
            assert (keys.status().ready, keys.status().fetches, keys.status().failures) == (False, 1, 1)
            key_server.answer(JWKS, jwks(key))
            clock.now += 1
            assert await keys.prefetch()
            clock.now += 7
            status = keys.status()
            assert (status.ready, status.keys, status.age, status.generation) == (True, 1, 7, 1)
            assert (status.fetches, status.failures, status.failures_in_a_row) == (2, 1, 0)

        asyncio.run(scenario())


class TestUnknownKid:
    def test_rotation_is_served_at_once(
        self, key_server: KeyServer, source: Any, key: SigningKey, new_key: SigningKey
    ) -> None:
        """The first token of a new key is accepted with one refetch; a removed key stops verifying with it."""
        key_server.answer(JWKS, jwks(key))
        keys = source()

        async def scenario() -> None:
            assert await reason_of(keys) is None
            key_server.answer(JWKS, jwks(new_key))
            assert await reason_of(keys, "k2") is None
            assert key_server.count(JWKS) == 2
            assert await reason_of(keys, "k1") is Reason.UNKNOWN_KEY

        asyncio.run(scenario())

    @pytest.mark.conformance("A101")
    def test_one_refetch_per_cooldown(self, key_server: KeyServer, source: Any, clock: Clock, key: SigningKey) -> None:
        """A thousand invented kids cost one refetch per cooldown together, and valid tokens notice nothing."""
        key_server.answer(JWKS, jwks(key))
        keys = source()

        async def scenario() -> None:
            assert await reason_of(keys) is None
            for number in range(1000):
                assert await reason_of(keys, f"invented-{number}") is Reason.UNKNOWN_KEY
            assert await reason_of(keys) is None
            assert key_server.count(JWKS) == 2
            clock.now += 10
            assert await reason_of(keys, "invented") is Reason.UNKNOWN_KEY
            assert key_server.count(JWKS) == 3

        asyncio.run(scenario())

    @pytest.mark.conformance("A101")
    def test_cooldown_counts_from_the_refetch(
        self, key_server: KeyServer, source: Any, clock: Clock, key: SigningKey
    ) -> None:
        """The cooldown counts from the refetch, whether it succeeds or fails: a failing server is not asked more often."""
        key_server.answer(JWKS, jwks(key))
        keys = source()

        async def scenario() -> None:
            assert await reason_of(keys) is None
            key_server.answer(JWKS, status=500)
            for _ in range(60):
                assert await reason_of(keys, "invented") is Reason.KEYS_UNAVAILABLE
                assert await reason_of(keys) is None
                clock.now += 1
            assert key_server.count(JWKS) == 1 + 6

        asyncio.run(scenario())

    @pytest.mark.conformance("A101", "A102")
    def test_rotation_inside_the_cooldown(
        self, key_server: KeyServer, source: Any, clock: Clock, key: SigningKey, new_key: SigningKey
    ) -> None:
        """A new kid that comes inside somebody else's cooldown is refused at once, and accepted with the first request after."""
        key_server.answer(JWKS, jwks(key))
        keys = source()

        async def scenario() -> None:
            assert await reason_of(keys) is None
            assert await reason_of(keys, "invented") is Reason.UNKNOWN_KEY
            key_server.answer(JWKS, jwks(key, new_key))
            for _ in range(99):
                assert await reason_of(keys, "k2") is Reason.UNKNOWN_KEY
                clock.now += 0.1
            assert key_server.count(JWKS) == 2
            clock.now += 0.2
            assert await reason_of(keys, "k2") is None
            assert key_server.count(JWKS) == 3

        asyncio.run(scenario())

    def test_nobody_queues_inside_the_cooldown(
        self, key_server: KeyServer, source: Any, clock: Clock, key: SigningKey
    ) -> None:
        """Inside the cooldown an unknown kid does not wait for a refresh in the background that hangs."""
        key_server.answer(JWKS, jwks(key))
        keys = source(cooldown=300)

        async def scenario() -> None:
            assert await reason_of(keys) is None
            clock.now += 450
            assert await reason_of(keys, "invented") is Reason.UNKNOWN_KEY
            key_server.answer(JWKS, jwks(key), delay=3.0)
            clock.now += 200
            refresh = keys._take_off()
            assert await reason_of(keys, "invented") is Reason.UNKNOWN_KEY
            assert not refresh.done()
            await keys.close()

        asyncio.run(scenario())

    def test_cold_start_costs_one_fetch(self, key_server: KeyServer, source: Any, key: SigningKey) -> None:
        """An invented kid on a cold start is answered by the fetch that it caused."""
        key_server.answer(JWKS, jwks(key))
        keys = source()

        async def scenario() -> None:
            assert await asyncio.gather(*(reason_of(keys, "invented") for _ in range(20))) == [Reason.UNKNOWN_KEY] * 20
            assert key_server.count(JWKS) == 1

        asyncio.run(scenario())

    def test_concurrent_new_kid(self, key_server: KeyServer, source: Any, key: SigningKey, new_key: SigningKey) -> None:
        """Requests with the new kid that arrive together are all served by one refetch."""
        key_server.answer(JWKS, jwks(key))
        keys = source()

        async def scenario() -> None:
            assert await reason_of(keys) is None
            key_server.answer(JWKS, jwks(key, new_key), delay=0.1)
            assert await asyncio.gather(*(reason_of(keys, "k2") for _ in range(20))) == [None] * 20
            assert key_server.count(JWKS) == 2

        asyncio.run(scenario())

    def test_slow_server(self, key_server: KeyServer, source: Any, key: SigningKey, new_key: SigningKey) -> None:
        """A new key is waited for as long as a fetch may take: nothing but the answer says whether the token is good."""
        key_server.answer(JWKS, jwks(key))
        keys = source()

        async def scenario() -> None:
            assert await reason_of(keys) is None
            key_server.answer(JWKS, jwks(key, new_key), delay=1.3)
            assert await asyncio.gather(*(reason_of(keys, "k2") for _ in range(20))) == [None] * 20

        asyncio.run(scenario())


class TestOutage:
    def test_cold(self, key_server: KeyServer, source: Any, clock: Clock, key: SigningKey) -> None:
        """Without keys every request is a 503, one fetch per backoff is tried, and the first good answer ends it."""
        key_server.answer(JWKS, status=500)
        keys = source()

        async def scenario() -> None:
            assert await asyncio.gather(*(reason_of(keys) for _ in range(100))) == [Reason.KEYS_UNAVAILABLE] * 100
            assert key_server.count(JWKS) == 1
            key_server.answer(JWKS, jwks(key))
            assert await reason_of(keys) is Reason.KEYS_UNAVAILABLE
            clock.now += 1
            assert await reason_of(keys) is None
            assert key_server.count(JWKS) == 2

        asyncio.run(scenario())

    def test_backoff_is_bounded(self, key_server: KeyServer, source: Any, clock: Clock) -> None:
        """However long the outage, the next try comes within five seconds, and Retry-After says when."""
        key_server.answer(JWKS, status=500)
        keys = source()

        async def scenario() -> None:
            for tries, retry_after in enumerate((1, 2, 4, 5, 5, 5), start=1):
                with pytest.raises(ProviderUnavailable) as error:
                    await keys.find("k1", "ES256")
                assert key_server.count(JWKS) == tries
                assert error.value.retry_after == retry_after
                # Just before the backoff ends nothing is tried; jitter may end it a fifth earlier, and never later.
                clock.now += retry_after * 0.75
                with pytest.raises(ProviderUnavailable):
                    await keys.find("k1", "ES256")
                assert key_server.count(JWKS) == tries
                clock.now += retry_after * 0.25

        asyncio.run(scenario())

    @pytest.mark.conformance("A103")
    def test_stale_keys_serve(self, key_server: KeyServer, source: Any, clock: Clock, key: SigningKey) -> None:
        """Known keys serve through an outage up to max stale, then nothing is accepted any more."""
        key_server.answer(JWKS, jwks(key))
        keys = source(max_stale=3600)

        async def scenario() -> None:
            assert await reason_of(keys) is None
            key_server.answer(JWKS, status=503)
            clock.now += 600 + 3599.5
            assert await reason_of(keys) is None
            assert keys.status().ready
            clock.now += 0.5
            assert await reason_of(keys) is Reason.KEYS_UNAVAILABLE
            assert not keys.status().ready
            await landed(keys)

        asyncio.run(scenario())

    def test_known_keys_hardly_wait(self, key_server: KeyServer, source: Any, clock: Clock, key: SigningKey) -> None:
        """A key server that hangs delays whoever finds the set past its age by a second, and after its failure nobody."""
        key_server.answer(JWKS, jwks(key))
        keys = source(timeout=1.6)

        async def scenario() -> None:
            assert await reason_of(keys) is None
            key_server.answer(JWKS, jwks(key), delay=30.0)
            clock.now += 601
            started = time.monotonic()
            assert await asyncio.gather(*(reason_of(keys) for _ in range(20))) == [None] * 20
            assert 0.9 < time.monotonic() - started < 1.5
            await landed(keys)
            for _ in range(3):
                clock.now += 5
                assert await reason_of(keys) is None
                assert keys._flight() is not None
                await keys.close()
            assert keys.status().failures == 1

        asyncio.run(scenario())

    def test_long_outage(self, clock: Clock, key: SigningKey) -> None:
        """However many fetches fail, the backoff stays bounded and known keys serve."""

        class Down(FixedLocation):
            up = True

            async def locate(self, fetcher: Fetcher) -> str:
                raise OSError("no route")

        keys = RemoteKeys(
            "https://i", Down("https://i/keys"), Fetcher(5, Certificates()), ALGORITHMS, KeyTimes(), monotonic=clock
        )

        async def scenario() -> None:
            for _ in range(1200):
                assert await reason_of(keys) is Reason.KEYS_UNAVAILABLE
                clock.now += 5
            assert keys.status().failures == keys.status().fetches == 1200

        asyncio.run(scenario())

    def test_new_kid_during_an_outage(
        self, key_server: KeyServer, source: Any, clock: Clock, key: SigningKey, new_key: SigningKey
    ) -> None:
        """A new kid that nobody can be asked about is a 503, never a 401, and is accepted after the cooldown at the latest."""
        key_server.answer(JWKS, jwks(key))
        keys = source()

        async def scenario() -> None:
            assert await reason_of(keys) is None
            key_server.answer(JWKS, status=500)
            assert await reason_of(keys, "k2") is Reason.KEYS_UNAVAILABLE
            assert await reason_of(keys) is None
            key_server.answer(JWKS, jwks(key, new_key))
            assert await reason_of(keys, "k2") is Reason.KEYS_UNAVAILABLE
            clock.now += 10
            assert await reason_of(keys, "k2") is None

        asyncio.run(scenario())

    @pytest.mark.parametrize(
        "answer",
        [
            {"status": 500},
            {"status": 404},
            {"status": 301, "headers": {"Location": "/elsewhere"}},
            {"body": b"<html>"},
            {"body": b""},
            {"body": b"[]"},
            {"body": b'{"keys":[]}'},
            {"body": b'{"keys":{}}'},
            {"body": b'{"keys":[],"keys":[]}'},
            {"body": b'{"keys":[' + b" " * 600_000 + b"]}"},
            {"body": b"\x1f\x8b", "headers": {"Content-Encoding": "gzip"}},
            {"body": b"{}", "delay": 1.0},
            {"body": b" ", "drip": 0.02},
            {"body": b" " * 100_000, "drip": 0.0001},
            {"body": b"\xef\xbb\xbf{}"},
            {"body": b'{"keys":' + b"[" * 50_000},
        ],
        ids=lambda answer: str(answer)[:60],
    )
    def test_spoilt_answers(
        self, key_server: KeyServer, source: Any, clock: Clock, key: SigningKey, answer: dict[str, Any]
    ) -> None:
        """A failed, slow, empty, oversized or spoilt answer never replaces a good set, and gives none where there was none."""
        key_server.answer("/elsewhere", jwks(key))
        key_server.answer(JWKS, **answer)
        assert asyncio.run(reason_of(source(timeout=0.3))) is Reason.KEYS_UNAVAILABLE
        key_server.answer(JWKS, jwks(key))
        keys = source(timeout=0.3)

        async def scenario() -> None:
            assert await reason_of(keys) is None
            key_server.answer(JWKS, **answer)
            clock.now += 601
            assert await reason_of(keys) is None
            assert keys.status().failures == 1

        asyncio.run(scenario())
        assert key_server.count("/elsewhere") == 0


class TestDiscovery:
    def test_document(self, key_server: KeyServer, source: Any, key: SigningKey) -> None:
        """Without a configured URL the issuer's discovery document names the key set."""
        key_server.answer(DISCOVERY, {"issuer": key_server.url, "jwks_uri": f"{key_server.url}/keys"})
        key_server.answer("/keys", jwks(key))
        assert asyncio.run(reason_of(source(None))) is None
        assert key_server.requests == [DISCOVERY, "/keys"]

    def test_slash(self, key_server: KeyServer, source: Any, key: SigningKey, caplog: pytest.LogCaptureFixture) -> None:
        """An issuer that ends with a slash loses it in URLs and keeps it in the comparison."""
        issuer = f"{key_server.url}/tenant/"
        key_server.answer(f"/tenant{DISCOVERY}", {"issuer": issuer, "jwks_uri": f"{key_server.url}/keys"})
        key_server.answer("/keys", jwks(key))
        assert asyncio.run(reason_of(source(None, issuer))) is None
        assert asyncio.run(reason_of(source(None, issuer.rstrip("/")))) is Reason.KEYS_UNAVAILABLE
        assert "differ by a slash at the end alone" in caplog.text

    def test_404(self, key_server: KeyServer, source: Any, key: SigningKey) -> None:
        """Only where there is no discovery document in any form, the key set is looked for beside it."""
        key_server.answer(JWKS, jwks(key))
        assert asyncio.run(reason_of(source(None))) is None
        assert key_server.requests == [DISCOVERY, "/.well-known/oauth-authorization-server", JWKS]

    @pytest.mark.parametrize(
        "path",
        [
            "/.well-known/oauth-authorization-server/tenant/one",
            "/.well-known/openid-configuration/tenant/one",
            "/tenant/one/.well-known/openid-configuration",
        ],
    )
    def test_forms(self, key_server: KeyServer, source: Any, key: SigningKey, path: str) -> None:
        """The document of an issuer with a path is found in each of the three forms (RFC 8414, sections 3.1 and 5)."""
        issuer = f"{key_server.url}/tenant/one"
        key_server.answer(path, {"issuer": issuer, "jwks_uri": f"{key_server.url}/keys"})
        key_server.answer("/keys", jwks(key))
        assert asyncio.run(reason_of(source(None, issuer))) is None
        assert not [request for request in key_server.requests if "//" in request]

    def test_other_hosts_of_a_preset(self) -> None:
        """A key set on another host is used where a preset lists that host, and only over https."""
        location = DiscoveredLocation("https://accounts.google.com", frozenset({"www.googleapis.com"}))
        for url, trusted in (
            ("https://www.googleapis.com/oauth2/v3/certs", True),
            ("https://accounts.google.com/keys", True),
            ("http://www.googleapis.com/oauth2/v3/certs", False),
            ("https://www.googleapis.com.evil/keys", False),
            ("https://www.googleapis.com@evil/keys", False),
        ):
            if trusted:
                assert location._jwks_uri({"issuer": "https://accounts.google.com", "jwks_uri": url}) == url
            else:
                with pytest.raises(FetchFailed):
                    location._jwks_uri({"issuer": "https://accounts.google.com", "jwks_uri": url})

    def test_plain_http_of_another_host(self) -> None:
        """An issuer on this machine makes no host of a preset reachable by plain http."""
        location = DiscoveredLocation("http://127.0.0.1:1", frozenset({"login.microsoftonline.com"}))
        for url in ("http://login.microsoftonline.com/keys", "http://127.0.0.2/keys"):
            with pytest.raises(FetchFailed):
                location._jwks_uri({"issuer": "http://127.0.0.1:1", "jwks_uri": url})

    def test_headers_stay_with_their_origin(self, key_server: KeyServer, clock: Clock, key: SigningKey) -> None:
        """What is sent to the issuer is not sent to another port that its document points to; a function is asked each time."""
        elsewhere = KeyServer()
        elsewhere.answer("/keys", jwks(key))
        calls: list[int] = []

        def headers() -> dict[str, str]:
            calls.append(1)
            return {"Authorization": f"Bearer s3cret-{len(calls)}"}

        with serving(elsewhere.app) as other:
            key_server.answer(DISCOVERY, {"issuer": key_server.url, "jwks_uri": f"{other}/keys"})
            fetcher = Fetcher(5, Certificates(), headers, headers_for=key_server.url)
            location = DiscoveredLocation(key_server.url, monotonic=clock)
            keys = RemoteKeys("i", location, fetcher, ALGORITHMS, KeyTimes(), monotonic=clock)
            assert asyncio.run(reason_of(keys)) is None
        assert key_server.headers[0]["authorization"] == "Bearer s3cret-1"
        assert "authorization" not in elsewhere.headers[0]

    def test_algorithms_are_not_widened(self, key_server: KeyServer, clock: Clock, key: SigningKey) -> None:
        """What the document says of algorithms changes nothing: a key of an algorithm that is not allowed stays out."""
        document = {"issuer": key_server.url, "jwks_uri": f"{key_server.url}/keys"}
        key_server.answer(DISCOVERY, document | {"id_token_signing_alg_values_supported": ["ES256", "none", "HS256"]})
        key_server.answer("/keys", jwks(key, SigningKey.generate("RS256", kid="rsa")))
        location = DiscoveredLocation(key_server.url)
        keys = RemoteKeys(
            "i", location, Fetcher(5, Certificates()), Algorithms(frozenset({"RS256"})), KeyTimes(), monotonic=clock
        )
        assert asyncio.run(reason_of(keys)) is Reason.UNKNOWN_KEY

    def test_location_is_remembered(self, key_server: KeyServer, source: Any, clock: Clock, key: SigningKey) -> None:
        """The document is asked again after an hour, or when the keys are not where it said."""
        key_server.answer(DISCOVERY, {"issuer": key_server.url, "jwks_uri": f"{key_server.url}/keys"})
        key_server.answer("/keys", jwks(key))
        keys = source(None)

        async def scenario() -> None:
            for _ in range(3):
                assert await reason_of(keys) is None
                clock.now += 601
            assert (key_server.count(DISCOVERY), key_server.count("/keys")) == (1, 3)
            key_server.answer(DISCOVERY, {"issuer": key_server.url, "jwks_uri": f"{key_server.url}/moved"})
            key_server.answer("/keys", status=404)
            key_server.answer("/moved", jwks(key))
            assert await reason_of(keys) is None
            clock.now += 5
            assert await reason_of(keys) is None
            await landed(keys)
            assert (key_server.count("/moved"), keys.status().failures_in_a_row) == (1, 0)

        asyncio.run(scenario())

    @pytest.mark.parametrize(
        "document",
        [
            {"status": 500},
            {"status": 302, "headers": {"Location": DISCOVERY}},
            {"body": b"not json"},
            {"document": {}},
            {"document": {"issuer": "{url}"}},
            {"document": {"issuer": "{url}", "jwks_uri": 7}},
            {"document": {"issuer": "{url}/", "jwks_uri": "{url}/keys"}},
            {"document": {"jwks_uri": "{url}/keys"}},
            {"document": {"issuer": "{url}", "jwks_uri": "https://evil.example/keys"}},
            {"document": {"issuer": "{url}", "jwks_uri": "file:///etc/passwd"}},
            {"document": {"issuer": "{url}", "jwks_uri": "http://169.254.169.254/keys"}},
            {"document": {"issuer": "{url}", "jwks_uri": "http://[::1"}},
            {"document": {"issuer": "{url}", "jwks_uri": "http://user:pw@127.0.0.1/keys"}},
            {"document": {"issuer": "{url}", "jwks_uri": " {url}/keys"}},
            {"document": {"issuer": "{url}", "jwks_uri": "{url}/keys\t"}},
            {"document": {"issuer": "{url}", "jwks_uri": "http://login.microsoftonline.com/keys"}},
        ],
        ids=str,
    )
    def test_refused_documents(
        self, key_server: KeyServer, source: Any, key: SigningKey, document: dict[str, Any]
    ) -> None:
        """A document that fails, speaks for another issuer or points elsewhere is not used, and nothing is tried in its place."""
        if "document" in document:
            document = {
                "document": {
                    name: value.replace("{url}", key_server.url) if isinstance(value, str) else value
                    for name, value in document["document"].items()
                }
            }
        key_server.answer(DISCOVERY, **document)
        key_server.answer(JWKS, jwks(key))
        key_server.answer("/keys", jwks(key))
        assert asyncio.run(reason_of(source(None))) is Reason.KEYS_UNAVAILABLE
        assert key_server.requests == [DISCOVERY]
