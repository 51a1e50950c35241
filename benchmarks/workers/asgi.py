"""An ASGI application called in process: a request without sockets, as a server would hand it over."""

import logging
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from typing import Any

from .timing import Case

Scope = MutableMapping[str, Any]
Application = Callable[[Scope, Callable[[], Awaitable[Any]], Callable[[Any], Awaitable[None]]], Awaitable[None]]

# What a browser's fetch sends beside the token.
_HEADERS = [
    (b"host", b"api.example.com"),
    (b"user-agent", b"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36"),
    (b"accept", b"application/json"),
    (b"accept-encoding", b"gzip, deflate, br"),
    (b"accept-language", b"en"),
]


class Answered:
    """Calls one application, and knows how it answered last."""

    def __init__(self, app: Application) -> None:
        self._app = app
        self.status = 0

    async def __call__(self, scope: Scope) -> None:
        """The application has answered this request."""
        await self._app(scope, self._receive, self._send)

    def check(self) -> None:
        """The last request was let in; a guard that refuses would be quick."""
        if self.status != 200:
            raise SystemExit(f"a request that should be let in was answered with {self.status}")

    async def _receive(self) -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def _send(self, message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]


def request(token: str | None) -> Scope:
    """A GET of the only route there is, with this token."""
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": "GET",
        "path": "/",
        "raw_path": b"/",
        "root_path": "",
        "scheme": "http",
        "query_string": b"",
        "headers": [*_HEADERS, *([] if token is None else [(b"authorization", f"Bearer {token}".encode())])],
        "server": ("127.0.0.1", 80),
        "client": ("127.0.0.1", 1),
    }


def request_case(app: Application, tokens: Iterator[str | None]) -> Case:
    """A request to this application with the next token each time."""
    answered = Answered(app)
    return Case(answered, map(request, tokens), is_async=True, check=answered.check)


async def must_refuse(app: Application, tampered: str) -> None:
    """The application lets neither a tampered token in nor none: what is measured is a guard."""
    logging.getLogger().addHandler(logging.NullHandler())  # guards tell why they refuse, and nobody reads it here
    answered = Answered(app)
    for token in (tampered, None):
        await answered(request(token))
        if answered.status not in {401, 403}:
            raise SystemExit(f"a guard answered {answered.status} to {'no' if token is None else 'a tampered'} token")
