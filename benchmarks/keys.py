"""Prints what keys cost under load: fetches, waiting and memory, against a real key server. Run it with `make bench`.

The counts are held by tests as well; the times and sizes are measured here alone, because machines are noisy.
"""

import asyncio
import threading
import time
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from multiprocessing import Pipe, Process
from multiprocessing.connection import Connection
from typing import Any

import anyio
import httpx2
import uvicorn
from fastapi import Depends, FastAPI
from rich.console import Console
from rich.table import Table
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from axioms_fastapi import Axioms, Issuer, init_axioms, require_auth
from axioms_fastapi.forge import ForgeKeys, Mint, SigningKey
from axioms_fastapi.forge.server import listen

AUDIENCE = "https://api.example.com"


class KeyServer:
    """A key server that counts, and that can be slow or broken."""

    def __init__(self) -> None:
        self.keys: Any = {"keys": []}
        self.fetches = 0
        self.delay = 0.0
        self.broken = False
        self.app = Starlette(routes=[Route("/jwks", self.jwks)])

    async def jwks(self, _: Request) -> Response:
        """The key set, or a failure."""
        self.fetches += 1
        await anyio.sleep(self.delay)
        return Response(status_code=500) if self.broken else JSONResponse(self.keys)


@contextmanager
def serving(app: ASGIApp) -> Iterator[str]:
    """The application answers at this URL until the block ends."""
    listener = listen("127.0.0.1", 0)
    server = uvicorn.Server(uvicorn.Config(app, log_level="critical", timeout_graceful_shutdown=1))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()


def application(server_url: str, **settings: Any) -> FastAPI:
    """An application with a guarded and an open route."""
    app = FastAPI()
    jwks_url = f"{server_url}/jwks"
    init_axioms(
        app, AXIOMS_AUDIENCE=AUDIENCE, AXIOMS_ISS_URL="https://issuer.test", AXIOMS_JWKS_URL=jwks_url, **settings
    )
    app.get("/", dependencies=[Depends(require_auth)])(_nothing)
    app.get("/open")(_nothing)
    return app


async def _nothing() -> None: ...


async def statuses(app: FastAPI, tokens: list[str]) -> list[int]:
    """The statuses of one request for each token, all at once."""
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://api") as client:
        calls = (client.get("/", headers={"Authorization": f"Bearer {token}"}) for token in tokens)
        return [response.status_code for response in await asyncio.gather(*calls)]


async def measure(server: KeyServer, url: str) -> list[tuple[str, str, str]]:
    """One row for each question: what was asked, what is wanted, what was seen."""
    keys = ForgeKeys.generate("RS256")
    server.keys = keys.public_jwks()
    mint = Mint(keys, "https://issuer.test", AUDIENCE)
    rows: list[tuple[str, str, str]] = []

    async def fetches_of(app: FastAPI, tokens: list[str]) -> tuple[int, list[int]]:
        before = server.fetches
        answers = await statuses(app, tokens)
        return server.fetches - before, answers

    app = application(url)
    fetched, answers = await fetches_of(app, [mint.mint()] * 200)
    rows.append(("200 concurrent first requests", "1 fetch", f"{fetched} fetch, {answers.count(200)} x 200"))

    server.broken = True
    cold = application(url)
    fetched, answers = await fetches_of(cold, [mint.mint()] * 100)
    rows.append(
        ("100 requests, key server down, cold", "1 fetch, each 503", f"{fetched} fetch, {answers.count(503)} x 503")
    )
    server.broken = False

    invented = [mint.mint(header={"kid": f"invented-{number}"}) for number in range(1000)]
    start = time.perf_counter()
    fetched, answers = await fetches_of(app, [*invented, mint.mint()])
    seen = f"{fetched} fetch, {answers.count(401)} x 401, the valid token {answers[-1]}, {time.perf_counter() - start:.2f} s"
    rows.append(("1,000 unknown kids at once", "1 fetch, valid tokens unaffected", seen))

    rows.append(await rotation(server, url, keys))
    rows.append(await hanging(server, url, mint.mint()))
    rows.append(await memory(url, keys))
    return rows


async def rotation(server: KeyServer, url: str, keys: ForgeKeys) -> tuple[str, str, str]:
    """How long a new kid waits that comes right after a stranger's, which has begun the cooldown (1 s here)."""
    app = application(url, AXIOMS_JWKS_COOLDOWN=1)
    rotated = ForgeKeys([SigningKey.generate("RS256", kid="rotated")])
    tokens = [Mint(pair, "https://issuer.test", AUDIENCE) for pair in (keys, rotated)]
    assert await statuses(app, [tokens[0].mint()]) == [200]
    await statuses(app, [tokens[0].mint(header={"kid": "invented"})])
    server.keys = rotated.public_jwks()
    before, started, asked = server.fetches, time.perf_counter(), 0
    while await statuses(app, [tokens[1].mint()]) != [200]:
        asked += 1
        await asyncio.sleep(0.01)
    seconds = time.perf_counter() - started
    server.keys = keys.public_jwks()
    seen = f"accepted after {seconds:.2f} s and {asked} refusals, {server.fetches - before} fetch"
    return "rotation inside a stranger's cooldown of 1 s", "with the first request after it", seen


def serve_api(url: str, ready: Connection) -> None:
    """An API in a process of its own, which tells its address."""
    listener = listen("127.0.0.1", 0)
    ready.send(f"http://127.0.0.1:{listener.getsockname()[1]}")
    uvicorn.Server(uvicorn.Config(application(url), log_level="critical", lifespan="off")).run(sockets=[listener])


async def hanging(server: KeyServer, url: str, token: str) -> tuple[str, str, str]:
    """The longest wait for an open route, from before the first fetch until after it: the key server hangs for 2 seconds."""
    ours, theirs = Pipe()
    process = Process(target=serve_api, args=(url, theirs), daemon=True)
    process.start()
    server.delay = 2.0
    async with httpx2.AsyncClient(base_url=ours.recv()) as client:
        await client.get("/open")
        waits: list[float] = []
        guarded: asyncio.Task[Any] | None = None
        end = time.perf_counter() + 2.5
        while time.perf_counter() < end:
            if len(waits) == 20:
                guarded = asyncio.create_task(client.get("/", headers={"Authorization": f"Bearer {token}"}))
            start = time.perf_counter()
            assert (await client.get("/open")).status_code == 200
            waits.append(time.perf_counter() - start)
            await asyncio.sleep(0.005)
        assert guarded is not None
        assert (await guarded).status_code == 200
    process.kill()
    server.delay = 0.0
    seen = f"{max(waits) * 1000:.1f} ms at most, of {len(waits)}; before it hung {max(waits[:20]) * 1000:.1f} ms"
    return "key server hangs 2 s, an open route of another process", "within 50 ms", seen


async def memory(url: str, keys: ForgeKeys) -> tuple[str, str, str]:
    """What a thousand tenants of a resolver weigh, and what two thousand leave behind."""

    async def find(iss: str) -> Issuer:
        return Issuer(iss, AUDIENCE, keys=keys.public_jwks())

    app = FastAPI()
    axioms: Axioms = init_axioms(app, issuer_resolver=find)

    async def visit(numbers: range) -> int:
        for number in numbers:
            issuer = f"https://tenant-{number}.test"
            token = f"Bearer {Mint(keys, issuer, AUDIENCE).mint()}".encode()
            await axioms.authenticate({"headers": [(b"authorization", token)]})
        return tracemalloc.get_traced_memory()[0]

    tracemalloc.start()
    sizes = [tracemalloc.get_traced_memory()[0]] + [await visit(range(n, n + 500)) for n in range(0, 2000, 500)]
    tracemalloc.stop()
    first, second, third, fourth = ((later - earlier) / 500 / 1024 for earlier, later in pairwise(sizes))
    seen = f"{first:.1f}, {second:.1f} KB a tenant; beyond the bound {third:.1f}, {fourth:.1f}"
    return (
        "tenants 1-500, 501-1,000, then 1,000 more",
        "linear, then bounded",
        f"{seen}; {len(axioms.key_status())} kept",
    )


def main() -> None:
    """Measure and print the table."""
    server = KeyServer()
    with serving(server.app) as url:
        rows = asyncio.run(measure(server, url))
    table = Table(title="Keys under load")
    for column in ("case", "wanted", "seen"):
        table.add_column(column)
    for row in rows:
        table.add_row(*row)
    Console(width=150).print(table)


if __name__ == "__main__":
    main()
