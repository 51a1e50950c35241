"""Tenants that the configuration does not name: what a resolver is asked, how often, and what happens when it fails."""

import asyncio
import logging
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest

from axioms_fastapi import InvalidToken, Issuer, ProviderUnavailable, Reason, Refusal
from axioms_fastapi.core.issuers import Issuers, TrustedIssuer
from axioms_fastapi.core.remote_keys import KeyTimes
from axioms_fastapi.forge import SigningKey
from axioms_fastapi.trust import KeyFetching, resolver_of

JWKS = {"keys": [SigningKey.generate("ES256", kid="k").public_jwk()]}
FETCHING = KeyFetching(KeyTimes())
NOT_ASKED = (
    "",
    "https://",
    "https://[",
    "https://[::1",
    "https://a.test/\0",
    "https://a.test/\n",
    "https://a.test/ x",
    "https://user:pw@a.test",
    "https://a.test\\@evil.test",
    'https://a.test/"',
    "https://ａ.test",
    "https://a.test/é",
    "ftp://a.test",
    "a.test",
    "urn:a",
    "https://a.test/" + "x" * 500,
)


class Resolving:
    """Issuers with one resolver of the test's own, and a clock that the test moves."""

    def __init__(self, ask: Callable[[str], Any], bound: int = 1000) -> None:
        self.now = 0.0
        self.asked: list[str] = []

        def asked(url: str) -> Any:
            self.asked.append(url)
            return ask(url)

        self.issuers = Issuers([], [resolver_of(asked, FETCHING)], bound=bound, monotonic=lambda: self.now)

    def select(self, url: str) -> TrustedIssuer | Refusal:
        try:
            return asyncio.run(self.issuers.select(url))
        except Refusal as refusal:
            return refusal


def issuer(url: str) -> Issuer:
    return Issuer(url, "api", keys=JWKS)


@pytest.mark.conformance("56", "A107")
@pytest.mark.parametrize("url", NOT_ASKED, ids=repr)
def test_what_is_never_asked(url: str) -> None:
    """A text that is no plain URL is nobody's issuer: no resolver has to be ready for it."""
    resolving = Resolving(lambda url: issuer(url))
    refusal = resolving.select(url)
    assert isinstance(refusal, InvalidToken)
    assert refusal.reason is Reason.ISSUER
    assert resolving.asked == []


@pytest.mark.parametrize("sync", [True, False])
def test_sync_and_async(sync: bool) -> None:
    """A resolver may be a plain function or an async one."""

    async def find(url: str) -> Issuer | None:
        return issuer(url) if "known" in url else None

    resolving = Resolving((lambda url: issuer(url) if "known" in url else None) if sync else find)
    assert isinstance(resolving.select("https://known.test"), TrustedIssuer)
    assert isinstance(resolving.select("https://stranger.test"), InvalidToken)


@pytest.mark.conformance("56", "64")
@pytest.mark.parametrize(
    "ask",
    [
        lambda url: {}[url],
        lambda url: urlsplit(url.replace("https://", "https://[")).port,
        lambda url: Issuer(url.replace("https", "s3cret"), "api"),
        lambda url: (_ for _ in ()).throw(RuntimeError(f"no such tenant: {url}")),
        lambda url: "https://s3cret.test",
    ],
)
def test_failure_tells_no_more(ask: Callable[[str], Any], caplog: pytest.LogCaptureFixture) -> None:
    """A resolver that fails is a 503; the log has the kind of error and its place, and no word of the token."""
    resolving = Resolving(ask)
    with caplog.at_level(logging.DEBUG):
        assert isinstance(resolving.select("https://s3cret.test/tenant"), ProviderUnavailable)
    assert "the issuer resolver failed" in caplog.text
    assert "s3cret" not in caplog.text
    assert "Traceback" not in caplog.text


def test_failure_is_remembered() -> None:
    """A failure is remembered for 5 seconds for that issuer: a hundred requests ask the application once."""

    def ask(url: str) -> Issuer:
        if resolving.now < 5:
            raise OSError("the database is down")
        return issuer(url)

    resolving = Resolving(ask)
    for _ in range(100):
        refusal = resolving.select("https://a.test")
        assert isinstance(refusal, ProviderUnavailable)
        assert refusal.retry_after == 5
    assert resolving.asked == ["https://a.test"]
    resolving.now = 5.0
    assert isinstance(resolving.select("https://a.test"), TrustedIssuer)


def test_known_tenant_in_an_outage() -> None:
    """A tenant that was known is served while the resolver fails, for an hour; one that was taken away is not."""
    is_down = False
    known = {"https://a.test", "https://b.test"}

    def ask(url: str) -> Issuer | None:
        if is_down:
            raise OSError("the database is down")
        return issuer(url) if url in known else None

    resolving = Resolving(ask)
    first = resolving.select("https://a.test")
    assert isinstance(first, TrustedIssuer)
    known.remove("https://b.test")
    assert isinstance(resolving.select("https://b.test"), InvalidToken)
    is_down, resolving.now = True, 400.0
    assert resolving.select("https://a.test") is first
    assert isinstance(resolving.select("https://b.test"), ProviderUnavailable)
    resolving.now = 3599.0
    assert resolving.select("https://a.test") is first
    resolving.now = 3605.0
    assert isinstance(resolving.select("https://a.test"), ProviderUnavailable)


def test_many_at_once() -> None:
    """At most a hundred issuers are asked for at once; a hanging resolver collects no tasks without end, and a stop ends them."""
    asked = 0

    async def ask(url: str) -> Issuer | None:
        nonlocal asked
        asked += 1
        await asyncio.sleep(60)
        return None

    resolving = Resolving(ask)

    async def scenario() -> None:
        waiting = [asyncio.create_task(resolving.issuers.select(f"https://t{number}.test")) for number in range(500)]
        await asyncio.sleep(0.1)
        refused = [task for task in waiting if task.done()]
        assert len(refused) == 400
        assert all(isinstance(task.exception(), ProviderUnavailable) for task in refused)
        await resolving.issuers.close()
        await asyncio.gather(*waiting, return_exceptions=True)
        assert not [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]

    asyncio.run(scenario())
    assert asked == 100
