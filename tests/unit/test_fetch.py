"""Documents over real HTTP: what is sent, what is taken, and the bounds."""

import json
import ssl
import zlib
from collections.abc import Iterator
from dataclasses import FrozenInstanceError
from typing import Any

import httpx2
import pytest

from axioms_fastapi.core.encoding import Malformed
from axioms_fastapi.core.fetch import Certificates, Document, Fetcher, FetchFailed, origin, shown
from axioms_fastapi.forge.tls import Authority
from serving import KeyServer, serving

pytestmark = pytest.mark.anyio

OWN = {"host", "connection"}


@pytest.fixture(scope="module")
def server() -> Iterator[KeyServer]:
    server = KeyServer()
    with serving(server.app) as server.url:
        yield server


def fetcher(**options: Any) -> Fetcher:
    return Fetcher(2.0, Certificates(), **options)


async def failure(server: KeyServer, **options: Any) -> str:
    with pytest.raises((FetchFailed, Malformed)) as error:
        await fetcher(**options).fetch(f"{server.url}/d")
    return str(error.value).replace(server.url, "URL")


async def test_what_is_sent(server: KeyServer) -> None:
    """A GET for JSON, uncompressed, by name, and nothing else of this machine."""
    server.answer("/d", {"a": 1})
    await fetcher().fetch(f"{server.url}/d")
    sent = {name: value for name, value in server.headers[-1].items() if name not in OWN}
    assert sent == {"accept": "application/json", "accept-encoding": "identity", "user-agent": "axioms-fastapi"}
    await fetcher().fetch(f"{server.url}/d", etag='"e"')
    assert server.headers[-1]["if-none-match"] == '"e"'


@pytest.mark.parametrize(("place", "is_sent"), [("", True), ("/other", True), (":1", False), ("x", False)])
async def test_own_headers(server: KeyServer, place: str, is_sent: bool) -> None:
    """Configured headers go to the configured origin alone, whatever the path, and are asked for each time."""
    server.answer("/d", {})
    asked: list[int] = []

    def headers() -> dict[str, str]:
        asked.append(1)
        return {"X-Key": f"k{len(asked)}"}

    fetch = fetcher(headers=headers, headers_for=server.url + place).fetch
    for number in (1, 2):
        await fetch(f"{server.url}/d")
        assert server.headers[-1].get("x-key") == (f"k{number}" if is_sent else None)


@pytest.mark.parametrize(
    ("url", "found"),
    [
        ("https://a.test/x?y", ("https", "a.test")),
        ("http://a.test:80/x", ("http", "a.test:80")),
        ("", ("", "")),
    ],
)
def test_origin(url: str, found: tuple[str, str]) -> None:
    """Scheme, host and port say who answers."""
    assert origin(url) == found


def test_shown() -> None:
    """A URL is shown without its query, which may hold a secret."""
    assert [shown(url) for url in ("https://a/b", "https://a/b?", "https://a/b?c=d?e")] == ["https://a/b"] * 3


def test_values_are_frozen() -> None:
    """What was fetched, and how, is changed by nobody."""
    for value, name in ((Document(None, None, None), "content"), (fetcher(), "timeout")):
        with pytest.raises(FrozenInstanceError):
            setattr(value, name, 1)
    assert (fetcher().headers(), fetcher().headers_for, fetcher().proxy) == ({}, "", None)


@pytest.mark.parametrize(
    ("control", "max_age"),
    [
        (None, None),
        ("", None),
        ("max-age=60", 60.0),
        ("public, max-age=60, must-revalidate", 60.0),
        ("public,max-age=60,immutable", 60.0),
        ("PUBLIC, MAX-AGE=60", 60.0),
        ("s-maxage=60", None),
        ("x-max-age=60", None),
        ("max-age=-1", None),
        ("max-age=1.5", None),
        ("max-age=60x", None),
        ("max-age=٦٠", None),
        ("max-age=0", 0.0),
        ("max-age=999999999", 999999999.0),
        ("max-age=9999999999", None),
        ("no-store", 0.0),
        ("No-Store, max-age=60", 0.0),
        ("max-age=60, no-cache", 0.0),
        ("private, no-store", 0.0),
        ("x-no-store", None),
        ("no-storex", None),
    ],
)
async def test_max_age(server: KeyServer, control: str | None, max_age: float | None) -> None:
    """The server's own words on how long its answer is fresh, read strictly (RFC 9111, section 5.2)."""
    headers = {} if control is None else {"Cache-Control": control.encode().decode("latin-1")}
    server.answer("/d", {}, headers=headers)
    assert (await fetcher().fetch(f"{server.url}/d")).max_age == max_age


async def test_etag(server: KeyServer) -> None:
    """A document comes with its tag; one that has not changed has no content, and keeps the tag that was known."""
    server.answer("/d", {"a": 1}, headers={"ETag": '"new"'})
    assert await fetcher().fetch(f"{server.url}/d", etag='"old"') == Document({"a": 1}, '"new"', None)
    server.answer("/d", {"a": 1})
    assert await fetcher().fetch(f"{server.url}/d", etag='"old"') == Document({"a": 1}, None, None)
    server.answer("/d", body=b"", status=304)
    assert await fetcher().fetch(f"{server.url}/d", etag='"old"') == Document(None, '"old"', None)
    server.answer("/d", body=b"", status=304, headers={"ETag": '"other"', "Cache-Control": "max-age=7"})
    assert await fetcher().fetch(f"{server.url}/d", etag='"old"') == Document(None, '"other"', 7.0)
    assert await failure(server) == "URL/d answered 304"  # nobody had asked whether it changed


@pytest.mark.parametrize("status", [201, 204, 301, 302, 305, 307, 400, 403, 404, 500, 503])
async def test_status(server: KeyServer, status: int) -> None:
    """Anything but a 200 is a failure that says so; a redirect is not followed."""
    server.answer("/d", {"keys": []}, status=status, headers={"Location": f"{server.url}/elsewhere"})
    before = server.count("/elsewhere")
    with pytest.raises(FetchFailed) as error:
        await fetcher().fetch(f"{server.url}/d", etag='"e"')
    assert (str(error.value), error.value.status) == (f"{server.url}/d answered {status}", status)
    assert server.count("/elsewhere") == before


async def test_compressed(server: KeyServer) -> None:
    """A compressed answer, which was not asked for, is refused unread: it can be a bomb."""
    packed = zlib.compress(b"{}")
    server.answer("/d", body=packed, headers={"Content-Encoding": "deflate"})
    assert await failure(server) == "URL/d answered in an encoding that was not asked for"
    server.answer("/d", body=b"{}", headers={"Content-Encoding": "identity"})
    assert (await fetcher().fetch(f"{server.url}/d")).content == {}


@pytest.mark.parametrize("more", [0, 1])
async def test_largest(server: KeyServer, more: int) -> None:
    """512 KB are read to the last byte, in however many pieces they come; a byte more is refused."""
    head = b'{"a":"'
    body = head + b"x" * (512 * 1024 - len(head) - 2 + more) + b'"}'
    server.answer("/d", body=body)
    if more:
        assert await failure(server) == "URL/d answered more than 512 KB"
    else:
        assert (await fetcher().fetch(f"{server.url}/d")).content == json.loads(body)


async def test_endless(server: KeyServer) -> None:
    """An answer without end ends at the bound."""
    server.answer("/d", body=b" " * 65536, drip=0.0001)
    assert await failure(server) == "URL/d answered more than 512 KB"


@pytest.mark.parametrize("body", [b"", b"[]", b"<html>", b'{"a":1,"a":2}', b"{}{}"])
async def test_no_json(server: KeyServer, body: bytes) -> None:
    """What is no strict JSON object is Malformed."""
    server.answer("/d", body=body)
    with pytest.raises(Malformed):
        await fetcher().fetch(f"{server.url}/d")


async def test_timeout(server: KeyServer) -> None:
    """No step takes longer than was said."""
    server.answer("/d", {}, delay=5.0)
    with pytest.raises(httpx2.TimeoutException):
        await Fetcher(0.2, Certificates()).fetch(f"{server.url}/d")


async def test_proxy(server: KeyServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """The configured proxy is used, and one of the environment never is."""
    server.answer("/d", {"from": "the server"})
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")
    assert (await fetcher().fetch(f"{server.url}/d")).content == {"from": "the server"}
    with pytest.raises(httpx2.ConnectError):
        await fetcher(proxy="http://127.0.0.1:1").fetch(f"{server.url}/d")


async def test_certificate() -> None:
    """Over https the server must prove itself to the authorities that are trusted."""
    authority = Authority.generate()
    server = KeyServer()
    server.answer("/d", {"a": 1})
    with serving(server.app, tls=authority.server_context("127.0.0.1")) as url:
        assert (await Fetcher(2.0, Certificates(authority.client_context())).fetch(f"{url}/d")).content == {"a": 1}
        with pytest.raises(httpx2.ConnectError):
            await Fetcher(2.0, Certificates()).fetch(f"{url}/d")


class TestCertificates:
    """Whose certificates are believed."""

    async def test_system(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
        """The system's are loaded once, when https first needs them, and no file of the environment is believed."""
        empty = tmp_path / "empty.pem"
        empty.write_text("")
        monkeypatch.setenv("SSL_CERT_FILE", str(empty))
        certificates = Certificates()
        context = await certificates.context_for("https://a.test")
        assert context.verify_mode is ssl.CERT_REQUIRED
        assert context.check_hostname
        assert context.cert_store_stats()["x509_ca"] > 10
        assert await certificates.context_for("https://b.test") is context

    async def test_given(self) -> None:
        """A given context is used for https as it is."""
        given = ssl.create_default_context()
        assert await Certificates(given).context_for("https://a.test") is given

    async def test_plain_http(self) -> None:
        """For plain http nothing is loaded, and nobody is trusted."""
        certificates = Certificates()
        context = await certificates.context_for("http://127.0.0.1")
        assert context.cert_store_stats()["x509"] == 0
        assert certificates._context is None
