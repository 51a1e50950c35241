"""Who is trusted: found by the exact URL, asked for once, kept for as long as was said, and never fetched."""

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable
from dataclasses import FrozenInstanceError, replace
from typing import Any

import pytest

from axioms_fastapi.core.claims import ClaimRules
from axioms_fastapi.core.errors import InvalidToken, ProviderUnavailable, Reason
from axioms_fastapi.core.issuers import Issuers, TrustedIssuer
from axioms_fastapi.core.jose import Header
from axioms_fastapi.core.jwk import Algorithms, KeySet, VerificationKey
from axioms_fastapi.core.keys import StaticKeys
from axioms_fastapi.core.principal import ClaimMapping
from clocks import LaterLoop

pytestmark = pytest.mark.anyio

A, B, TENANT = "https://a.test", "https://b.test/", "https://login.test/acme"


class Keys(StaticKeys):
    """Keys that remember whether they were closed."""

    __slots__ = ("closed",)

    async def close(self) -> None:
        object.__setattr__(self, "closed", True)


def issuer(url: str, **fields: Any) -> TrustedIssuer:
    rules = ClaimRules(issuer=url, audiences=frozenset({"api"}))
    keys = Keys(KeySet.of([]))
    return TrustedIssuer(url, Algorithms(frozenset({"RS256"})), keys, rules, ClaimMapping(), **fields)


class World:
    """A resolver that knows one tenant, what it was asked, and a clock that a test moves."""

    def __init__(self, **options: Any) -> None:
        self.now = 1000.0
        self.asked: list[tuple[str, TrustedIssuer | None]] = []
        self.answer: Callable[[str], TrustedIssuer | Awaitable[TrustedIssuer | None] | None] = lambda url: (
            issuer(url) if url.startswith("https://login.test/") else None
        )
        self.issuers = Issuers([issuer(A), issuer(B)], [self.resolve], monotonic=lambda: self.now, **options)

    async def resolve(self, url: str, known: TrustedIssuer | None) -> TrustedIssuer | None:
        self.asked.append((url, known))
        answer = self.answer(url)
        return await answer if isinstance(answer, Awaitable) else answer

    def fail(self) -> None:
        def failing(url: str) -> None:
            raise RuntimeError(f"no database for {url}")

        self.answer = failing

    def hang(self) -> asyncio.Event:
        released = asyncio.Event()

        async def waiting(url: str) -> TrustedIssuer:
            await released.wait()
            return issuer(url)

        self.answer = waiting
        return released


async def refusal(issuers: Issuers, iss: object) -> tuple[Any, ...]:
    """Why there is no such issuer: the reason and its detail, or the seconds and the detail of an outage."""
    try:
        found = await issuers.select(iss)
    except InvalidToken as error:
        return error.reason, error.detail
    except ProviderUnavailable as error:
        return error.retry_after, error.detail
    return (found.url,)


class TestTrustedIssuer:
    """What an issuer's tokens may ask for."""

    def test_defaults(self) -> None:
        """Nothing is known beside what was said, and what was said cannot be changed."""
        trusted = issuer(A)
        assert (trusted.jwks_url, trusted.described_by, trusted.key_issuers) == (None, None, frozenset())
        with pytest.raises(FrozenInstanceError):
            trusted.url = B  # type: ignore[misc]

    @pytest.mark.parametrize(
        ("header", "jwks_url", "refused"),
        [
            (Header("RS256", None, "", None), None, None),
            (Header("RS256", None, "", "https://a.test/keys"), "https://a.test/keys", None),
            (Header("ES256", None, "", None), None, (Reason.ALGORITHM, "not in AXIOMS_ALGORITHMS")),
            (
                Header("RS256", None, "", "https://evil.test"),
                "https://a.test/keys",
                (Reason.KEY_REFERENCE, "the header's jku is not AXIOMS_JWKS_URL"),
            ),
            (Header("RS256", None, "", ""), None, (Reason.KEY_REFERENCE, "the header's jku is not AXIOMS_JWKS_URL")),
        ],
    )
    def test_header(self, header: Header, jwks_url: str | None, refused: tuple[Reason, str] | None) -> None:
        """An algorithm that is not allowed, and keys of other places, are refused by name."""
        trusted = issuer(A, jwks_url=jwks_url)
        if refused is None:
            trusted.check_header(header)
            return
        with pytest.raises(InvalidToken) as error:
            trusted.check_header(header)
        assert (error.value.reason, error.value.detail) == refused

    def test_suited_keys(self) -> None:
        """Where an issuer's keys may say whose they are, those of others are passed over; elsewhere it says nothing."""
        nobodys, own, other = (
            VerificationKey("k", frozenset(), None, whose)  # type: ignore[arg-type]
            for whose in (None, A, B)
        )
        assert issuer(A).suited([nobodys, own, other]) == [nobodys, own, other]
        shared = issuer(A, key_issuers=frozenset({A}))
        assert shared.suited([nobodys, own, other]) == [nobodys, own]
        with pytest.raises(InvalidToken) as error:
            shared.suited([other])
        assert (error.value.reason, error.value.detail) == (
            Reason.UNKNOWN_KEY,
            "the key of this kid names another issuer than the token's",
        )


class TestConfigured:
    """Issuers that the configuration knows."""

    def test_at_hand(self) -> None:
        """They are found by the very URL, and by nothing that is no text; a subclass of text is looked up slowly."""
        issuers = World().issuers
        found = issuers.at_hand(A)
        assert found is not None
        assert found.url == A
        for other in (B.rstrip("/"), A + "/", None, 7, [A], {A: 1}, b"https://a.test"):
            assert issuers.at_hand(other) is None

    async def test_select(self) -> None:
        """They are selected without asking anybody, also where the text is of a subclass; what is no text is nobody."""

        class Text(str):
            __slots__ = ()

        world = World()
        assert await refusal(world.issuers, A) == (A,)
        assert await refusal(world.issuers, Text(B)) == (B,)
        sentence = f"iss is none of the configured issuers: {A}, {B}"
        for other in (None, 7, [A], {"iss": A}, True):
            assert await refusal(world.issuers, other) == (Reason.ISSUER, sentence)
        assert world.asked == []

    @pytest.mark.parametrize(
        ("templates", "named"),
        [
            ([], f": {A}, {B}"),
            (["https://login.test/{tenantid}"], f": {A}, {B}, https://login.test/{{tenantid}}"),
            (["https://x.test/{tenantid}", "https://y.test/{tenantid}"], f": {A}, {B}, https://x.test/{{tenantid}}"),
        ],
    )
    async def test_sentence(self, templates: list[str], named: str) -> None:
        """A stranger's refusal names the first three of those that are trusted, for whoever has mistyped one."""
        forms = {template: re.compile("(?!)") for template in templates}
        issuers = Issuers([issuer(A), issuer(B)], templates=forms)
        assert await refusal(issuers, "https://c.test") == (
            Reason.ISSUER,
            f"iss is none of the configured issuers{named}",
        )
        assert await refusal(Issuers([]), A) == (Reason.ISSUER, "iss is none of the configured issuers")

    @pytest.mark.parametrize(
        ("iss", "by_a_slash"),
        [
            (f"{A}/", True),
            (B.rstrip("/"), True),
            (f"{A}//", True),
            ("https://login.test/acme/", True),
            ("https://login.test/acme/x", False),
            (f"{A}X", False),
            ("https://c.test/", False),
        ],
    )
    async def test_slash(self, iss: str, by_a_slash: bool) -> None:
        """An issuer that differs by a slash at its end alone is refused, and the log says so: it is the usual mistake."""
        form = re.compile(r"https://login\.test/([a-z]+)")
        issuers = Issuers([issuer(A), issuer(B)], templates={"https://login.test/{tenantid}": form})
        reason, detail = await refusal(issuers, iss)
        assert reason is Reason.ISSUER
        assert (detail == "iss differs from the configured issuer by a slash at its end alone") == by_a_slash

    def test_all_of_them(self) -> None:
        """Those of the configuration come first, with the shared keys of its templates; then the tenants."""
        shared = issuer("https://login.test/{tenantid}")
        issuers = Issuers([issuer(A), issuer(B)], shared=[shared])
        assert [one.url for one in issuers.configured] == [A, B, shared.url]
        assert [one.url for one in issuers] == [A, B, shared.url]


class TestResolved:
    """Issuers that a resolver knows."""

    @pytest.mark.parametrize("url", [TENANT, "http://127.0.0.1:8787/x", f"https://login.test/{'a' * 479}"])
    async def test_asked(self, url: str) -> None:
        """A plain URL is asked for, with what was known of it; the answer is given."""
        world = World()
        world.answer = issuer
        assert await refusal(world.issuers, url) == (url,)
        assert world.asked == [(url, None)]

    @pytest.mark.parametrize(
        "url",
        ["", "acme", "ftp://login.test", "https://", "https://login.test/ü", "https://login.test/a b", "https://x\n",
         "https://login.test/\0", f"https://login.test/{'a' * 480}", "HTTPS://login.test"],
    )  # fmt: skip
    async def test_never_asked(self, url: str) -> None:
        """Anything that a database or a URL parser could stumble over is a stranger at once."""
        world = World()
        assert (await refusal(world.issuers, url))[0] is Reason.ISSUER
        assert world.asked == []

    @pytest.mark.parametrize(("url", "kept"), [(TENANT, 300.0), ("https://stranger.test", 30.0)])
    async def test_kept(self, url: str, kept: float) -> None:
        """A tenant is kept for five minutes and a stranger for half a minute, from the answer on."""
        world = World()
        first = await refusal(world.issuers, url)
        world.now += kept - 0.5
        assert await refusal(world.issuers, url) == first
        assert len(world.asked) == 1
        world.now += 0.5
        assert await refusal(world.issuers, url) == first
        assert len(world.asked) == 2
        assert world.asked[1][1] is None or world.asked[1][1].url == url
        assert (world.asked[1][1] is None) == (url != TENANT)

    async def test_at_hand(self) -> None:
        """A tenant is at hand while its answer is kept, and nobody else is: looking asks nobody."""
        world = World()
        assert world.issuers.at_hand(TENANT) is None
        assert world.asked == []
        tenant = await world.issuers.select(TENANT)
        with pytest.raises(InvalidToken):
            await world.issuers.select("https://stranger.test")
        world.asked.clear()
        world.now += 299.5
        assert world.issuers.at_hand(TENANT) is tenant
        for other in (TENANT + "/", "https://stranger.test", None):
            assert world.issuers.at_hand(other) is None
        world.now += 0.5
        assert world.issuers.at_hand(TENANT) is None
        assert world.asked == []

    async def test_taken_away(self) -> None:
        """A tenant that the resolver no longer knows is a stranger, and nobody's keys are kept for it."""
        world = World()
        await world.issuers.select(TENANT)
        world.answer = lambda url: None
        world.now += 300
        assert (await refusal(world.issuers, TENANT))[0] is Reason.ISSUER
        assert [one.url for one in world.issuers] == [A, B]
        world.fail()
        world.now += 30
        assert await refusal(world.issuers, TENANT) == (5, "the issuer resolver failed")

    async def test_answer_for_another_url(self) -> None:
        """An answer counts for the very URL that was asked for; the next resolver is asked then."""
        world = World()
        world.answer = lambda url: issuer("https://login.test/other")
        assert (await refusal(world.issuers, TENANT))[0] is Reason.ISSUER
        second = World()
        both = Issuers([], [world.resolve, second.resolve])
        assert await refusal(both, TENANT) == (TENANT,)

    @pytest.mark.parametrize(("age", "answered"), [(300.0, (TENANT,)), (3599.5, (TENANT,)), (3600.0, None)])
    async def test_outage(self, age: float, answered: tuple[Any, ...] | None) -> None:
        """While the resolver fails a known tenant is trusted for an hour; then nobody can say, and the caller may come again."""
        world = World()
        await world.issuers.select(TENANT)
        world.fail()
        world.now += age
        assert await refusal(world.issuers, TENANT) == (answered or (5, "the issuer resolver failed"))

    async def test_failure_is_kept(self, caplog: pytest.LogCaptureFixture) -> None:
        """After a failure the resolver has five seconds of peace; the log names the error and its place, and no issuer."""
        world = World()
        await world.issuers.select(TENANT)
        world.fail()
        world.now += 300
        for after, times in ((0, 2), (4.5, 2), (0.5, 3)):
            world.now += after
            assert await refusal(world.issuers, TENANT) == (TENANT,)
            assert len(world.asked) == times
        assert caplog.record_tuples[0][:2] == ("axioms_fastapi", logging.ERROR)
        said = r"the issuer resolver failed: RuntimeError in failing \(.*test_issuers\.py:\d+\)"
        assert re.fullmatch(said, caplog.messages[0])

    async def test_failures_do_not_meet(self) -> None:
        """One tenant's failure is no other's."""
        world = World()
        world.fail()
        assert await refusal(world.issuers, TENANT) == (5, "the issuer resolver failed")
        world.answer = issuer
        assert await refusal(world.issuers, f"{TENANT}2") == (f"{TENANT}2",)

    async def test_asked_once_for_all_who_wait(self) -> None:
        """However many wait for a tenant, it is asked for once; another is asked for at the same time; then none is under way."""
        world = World()
        released = world.hang()
        waiting = [asyncio.create_task(world.issuers.select(url)) for url in (TENANT, TENANT, f"{TENANT}2")]
        await asyncio.sleep(0.01)
        assert [url for url, _ in world.asked] == [TENANT, f"{TENANT}2"]
        waiting[0].cancel()  # a client that hangs up takes nobody along
        released.set()
        assert [found.url for found in await asyncio.gather(*waiting[1:])] == [TENANT, f"{TENANT}2"]
        world.now += 300
        await world.issuers.select(TENANT)
        assert len(world.asked) == 3

    async def test_most_at_once(self) -> None:
        """A hundred are asked for at once; whoever comes beyond may come again in a second."""
        world = World()
        released = world.hang()
        waiting = [asyncio.create_task(world.issuers.select(f"{TENANT}{number}")) for number in range(100)]
        await asyncio.sleep(0.01)
        assert await refusal(world.issuers, TENANT) == (
            1,
            "the issuer resolver is asked for too many issuers at once",
        )
        assert len(world.asked) == 100
        released.set()
        await asyncio.gather(*waiting)
        assert await refusal(world.issuers, TENANT) == (TENANT,)

    def test_longest_answer(self) -> None:
        """A resolver has five seconds; one that hangs has failed. Time passes as the loop's own clock says."""

        async def hanging() -> tuple[bool, tuple[Any, ...]]:
            world = World()
            world.hang()
            task = asyncio.create_task(refusal(world.issuers, TENANT))
            await asyncio.sleep(0.01)
            loop.later += 4.9
            await asyncio.sleep(0.01)
            early = task.done()
            loop.later += 0.2
            return early, await asyncio.wait_for(task, 0.5)

        loop = LaterLoop()
        try:
            assert loop.run_until_complete(hanging()) == (False, (5, "the issuer resolver failed"))
        finally:
            loop.close()

    def test_another_loop(self) -> None:
        """What one event loop left under way is nothing that another waits for."""
        world = World()

        async def left() -> None:
            world.hang()
            task = asyncio.create_task(world.issuers.select(TENANT))
            await asyncio.sleep(0.01)
            task.cancel()

        loop = asyncio.new_event_loop()
        loop.run_until_complete(left())
        world.answer = issuer
        assert asyncio.run(refusal(world.issuers, TENANT)) == (TENANT,)
        for task in asyncio.all_tasks(loop):
            task.cancel()
        loop.run_until_complete(asyncio.sleep(0))
        loop.close()


class TestClose:
    """The end of an application."""

    async def test_close(self) -> None:
        """Nothing goes on: neither a resolver nor anybody's keys, whatever some of them raise."""
        world = World()
        await world.issuers.select(TENANT)
        broken = issuer("https://login.test/broken")

        class Broken(Keys):
            async def close(self) -> None:
                raise RuntimeError("cannot close")

        world.answer = lambda url: replace(broken, keys=Broken(KeySet.of([])))
        await world.issuers.select(broken.url)
        world.hang()
        waiting = asyncio.create_task(world.issuers.select(f"{TENANT}2"))
        await asyncio.sleep(0.01)
        await world.issuers.close()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        assert [getattr(one.keys, "closed", False) for one in world.issuers] == [True, True, True, False]

    def test_close_in_another_loop(self) -> None:
        """What another event loop has under way is left to it."""
        world = World()

        async def hanging() -> asyncio.Task[TrustedIssuer]:
            world.hang()
            task = asyncio.create_task(world.issuers.select(TENANT))
            await asyncio.sleep(0.01)
            return task

        loop = asyncio.new_event_loop()
        task = loop.run_until_complete(hanging())
        asyncio.run(world.issuers.close())
        loop.run_until_complete(asyncio.sleep(0.01))
        assert not task.done()
        for left in asyncio.all_tasks(loop):
            left.cancel()
        loop.run_until_complete(asyncio.gather(task, return_exceptions=True))
        loop.close()


class TestOtherKeys:
    """The same trust with keys that a test holds."""

    async def test_with_keys(self) -> None:
        """Configured, shared and resolved issuers get the keys of their own URL, once each; all else stays."""
        world = World()
        shared = issuer("https://login.test/{tenantid}")
        form = re.compile(r"https://other\.test/([a-z]+)")
        own = Issuers(
            [issuer(A), issuer(B)], [world.resolve], shared=[shared], templates={"https://other.test/{tenantid}": form}
        )
        made: dict[str, Keys] = {}

        def keys_of(one: TrustedIssuer) -> Keys:
            return made.setdefault(one.url, Keys(KeySet.of([])))

        twin = own.with_keys(keys_of)
        assert [one.url for one in twin.configured] == [A, B, shared.url]
        assert all(one.keys is made[one.url] for one in twin.configured)
        assert all(one.keys is not made[one.url] for one in own.configured)
        found = await twin.select(TENANT)
        assert found.keys is made[TENANT]
        assert found.rules == issuer(TENANT).rules
        assert (await refusal(twin, "https://stranger.test"))[0] is Reason.ISSUER
        assert world.asked == [(TENANT, None), ("https://stranger.test", None)]
        reason, detail = await refusal(twin, "https://other.test/acme/")
        assert (reason, detail) == (Reason.ISSUER, "iss differs from the configured issuer by a slash at its end alone")
