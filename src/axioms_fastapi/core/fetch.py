"""Documents from an issuer, within bounds. The only file that opens a socket."""

import asyncio
import re
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

import httpx2

from .encoding import parse_json_object

_LARGEST_DOCUMENT: Final = 512 * 1024
_HEADERS: Final = {"Accept": "application/json", "Accept-Encoding": "identity", "User-Agent": "axioms-fastapi"}
_MAX_AGE: Final = re.compile(r"(?:^|[,\s])max-age=(\d{1,9})(?:[,\s]|$)", re.ASCII | re.IGNORECASE)
_UNCACHED: Final = re.compile(r"(?:^|[,\s])(?:no-store|no-cache)(?:[,\s]|$)", re.ASCII | re.IGNORECASE)


class FetchFailed(Exception):
    """A document could not be had or is not usable. `status` is the HTTP status, where there was one."""

    def __init__(self, message: str, *, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True, slots=True)
class Document:
    """What a URL answered: `content` is None where it has not changed. `max_age` is the server's own, in seconds."""

    content: dict[str, Any] | None
    etag: str | None
    max_age: float | None


class Certificates:
    """The certificate authorities that are trusted: those of `context`, or the system's.

    The system's are loaded when they are first needed, once for all who share this value, and beside the event loop: reading
    them takes tens of milliseconds, in which the application would answer nobody.
    """

    __slots__ = ("_context",)

    def __init__(self, context: ssl.SSLContext | None = None) -> None:
        self._context = context

    async def context_for(self, url: str) -> ssl.SSLContext:
        """What a connection to that URL is verified with; for plain http on loopback, a context that trusts nobody."""
        if url.startswith("http:"):
            return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        if self._context is None:
            self._context = await asyncio.to_thread(httpx2.create_ssl_context, trust_env=False)
        return self._context


@dataclass(frozen=True, slots=True)
class Fetcher:
    """How documents are fetched: trusting these certificates, with `headers` that are for the origin of `headers_for` alone.

    No redirects, cookies, .netrc or proxies of the environment: nothing but the configuration decides where keys come from.
    `timeout` is in seconds, for each step of a fetch; whoever fetches bounds the whole.
    """

    timeout: float
    certificates: Certificates
    headers: Callable[[], Mapping[str, str]] = dict
    headers_for: str = ""
    proxy: str | None = None

    async def fetch(self, url: str, *, etag: str | None = None) -> Document:
        """The JSON object behind the URL, up to 512 KB. Raises FetchFailed or Malformed, or what httpx2 raises."""
        conditional = {"If-None-Match": etag} if etag is not None else {}
        # A discovery document may point to another port or host: what is a secret for one is none of the other's business.
        own = self.headers() if origin(url) == origin(self.headers_for) else {}
        # A client per fetch: fetches are rare, and a client that is kept would belong to one event loop.
        async with (
            httpx2.AsyncClient(
                headers={**_HEADERS, **own, **conditional},
                timeout=self.timeout,
                verify=await self.certificates.context_for(url),
                follow_redirects=False,
                trust_env=False,
                proxy=self.proxy,
            ) as client,
            client.stream("GET", url) as response,
        ):
            known_still = etag is not None and response.status_code == 304
            content = None if known_still else parse_json_object(await _body(response, url))
            control = response.headers.get("Cache-Control", "")
            found = _MAX_AGE.search(control)
            max_age = 0.0 if _UNCACHED.search(control) else float(found[1]) if found else None
            return Document(content, response.headers.get("ETag") or (etag if known_still else None), max_age)


def origin(url: str) -> tuple[str, str]:
    """Scheme, and host with port: whoever answers there."""
    parts = urlsplit(url)
    return parts.scheme, parts.netloc


def shown(url: str) -> str:
    """The URL for a log: a query may hold what lets a function be called."""
    return url.partition("?")[0]


async def _body(response: httpx2.Response, url: str) -> bytes:
    if response.status_code != 200:
        raise FetchFailed(f"{shown(url)} answered {response.status_code}", status=response.status_code)
    if response.headers.get("Content-Encoding", "identity") != "identity":
        # A compressed answer can be a bomb.
        raise FetchFailed(f"{shown(url)} answered in an encoding that was not asked for")
    body = bytearray()
    async for chunk in response.aiter_raw():
        body += chunk
        if len(body) > _LARGEST_DOCUMENT:
            raise FetchFailed(f"{shown(url)} answered more than {_LARGEST_DOCUMENT // 1024} KB")
    return bytes(body)
