"""Real HTTP servers on loopback, in a thread: where keys come from while a test runs."""

import json
import socket
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import anyio
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route
from starlette.types import ASGIApp

from axioms_fastapi.forge.server import listen


@contextmanager
def serving(app: ASGIApp, *, certificate: Path | None = None) -> Iterator[str]:
    """The application answers at this URL until the block ends; over TLS with a PEM file of key and certificate."""
    listener = listen("127.0.0.1", 0)
    # Inherited by every connection: else each answer on a kept one waits 40 ms for a delayed acknowledgement.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    config = uvicorn.Config(
        app,
        log_level="critical",
        lifespan="off",
        timeout_graceful_shutdown=1,
        ssl_certfile=certificate and str(certificate),
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        deadline = time.monotonic() + 10
        while not server.started:
            assert time.monotonic() < deadline, "the server did not start"
            time.sleep(0.005)
        yield f"{'https' if certificate else 'http'}://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()
        listener.close()


@dataclass
class Answer:
    """What a path of a KeyServer answers."""

    body: bytes = b""
    status: int = 200
    delay: float = 0.0
    drip: float = 0.0
    headers: dict[str, str] = field(default_factory=dict)
    only_if_none_match: str | None = None
    needs_header: tuple[str, str] | None = None


class KeyServer:
    """A server whose answers a test sets, path by path, and which counts what it was asked. Unset paths are 404."""

    def __init__(self) -> None:
        self.answers: dict[str, Answer] = {}
        self.requests: list[str] = []
        self.url = ""
        self.app = Starlette(routes=[Route("/{path:path}", self._respond)])

    def answer(self, path: str, document: Any = None, **kwargs: Any) -> None:
        """Set what a path answers: a JSON document, or an Answer's fields."""
        body = kwargs.pop("body", None)
        self.answers[path] = Answer(json.dumps(document).encode() if body is None else body, **kwargs)

    def count(self, path: str) -> int:
        """How often a path was asked for."""
        return self.requests.count(path)

    async def _respond(self, request: Request) -> Response:
        path = request.url.path
        self.requests.append(path)
        answer = self.answers.get(path, Answer(status=404))
        await anyio.sleep(answer.delay)
        assert answer.only_if_none_match in {None, request.headers.get("If-None-Match")}
        if answer.needs_header and request.headers.get(answer.needs_header[0]) != answer.needs_header[1]:
            return Response(status_code=403)
        if answer.drip:
            return StreamingResponse(_dripping(answer), answer.status, headers=answer.headers)
        return Response(answer.body, answer.status, headers=answer.headers)


async def _dripping(answer: Answer) -> AsyncIterator[bytes]:
    """The body without end, a piece at a time."""
    while True:
        yield answer.body
        await anyio.sleep(answer.drip)
