"""What the forge was asked: for tests that say how often an application may fetch its keys."""

from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .clock import ForgeClock

LIMIT = 10_000
"""Requests that are remembered; older ones are forgotten first."""
MAX_PATH = 200

CONTROL = "/requests"
"""Where the log itself is read: asking for it is not written in it."""


@dataclass(frozen=True, slots=True)
class LoggedRequest:
    """One request that was answered. Neither query nor body nor header is kept, so no token or claim can be."""

    method: str
    path: str
    status: int
    at: float


class RequestLog:
    """The requests that a forge has answered, oldest first."""

    def __init__(self, limit: int = LIMIT) -> None:
        self._requests: deque[LoggedRequest] = deque(maxlen=limit)

    def __iter__(self) -> Iterator[LoggedRequest]:
        return iter(tuple(self._requests))

    def __len__(self) -> int:
        return len(self._requests)

    def add(self, request: LoggedRequest) -> None:
        """Remember one more."""
        self._requests.append(request)

    def count(self, path: str | None = None, *, method: str | None = None, status: int | None = None) -> int:
        """How many were asked for this path, with this method, with this answer; whatever is None counts all."""
        return sum(
            path in {None, request.path} and method in {None, request.method} and status in {None, request.status}
            for request in self
        )

    def counts(self) -> dict[str, int]:
        """How many of each method and path, such as `GET /.well-known/jwks.json`."""
        return dict(Counter(f"{request.method} {request.path}" for request in self))

    def clear(self) -> None:
        """Forget them all."""
        self._requests.clear()


class RecordRequests:
    """ASGI middleware that writes every answer into a log."""

    def __init__(self, app: ASGIApp, log: RequestLog, clock: ForgeClock) -> None:
        self._app = app
        self._log = log
        self._clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handles one ASGI connection; other kinds than HTTP pass unchanged."""
        path = scope.get("path", "")[:MAX_PATH]
        if scope["type"] != "http" or path.endswith(CONTROL):
            await self._app(scope, receive, send)
            return

        async def send_and_record(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._log.add(LoggedRequest(scope["method"], path, message["status"], self._clock()))
            await send(message)

        await self._app(scope, receive, send_and_record)
