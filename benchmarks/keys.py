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


def application(server_url: str) -> FastAPI:
    """An application with a guarded and an open route."""
    app = FastAPI()
    init_axioms(
        app, AXIOMS_AUDIENCE=AUDIENCE, AXIOMS_ISS_URL="https://issuer.test", AXIOMS_JWKS_URL=f"{server_url}/jwks"
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

    rotated = ForgeKeys([SigningKey.generate("RS256", kid="rotated")])
    server.keys = {"keys": [*keys.public_jwks()["keys"], *rotated.public_jwks()["keys"]]}
    warm = application(url)
    await statuses(warm, [mint.mint()])
    server.keys = rotated.public_jwks()
    fetched, answers = await fetches_of(warm, [Mint(rotated, "https://issuer.test", AUDIENCE).mint()])
    rows.append(
        ("rotation, first token of the new key", "accepted", f"{answers[0]}, {fetched} fetch (it was there already)")
    )

    server.delay = 2.0
    slow = application(url)
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(slow), base_url="http://api") as client:
        hanging = asyncio.create_task(client.get("/", headers={"Authorization": f"Bearer {mint.mint()}"}))
        await asyncio.sleep(0.1)
        longest = 0.0
        for _ in range(50):
            start = time.perf_counter()
            await client.get("/open")
            longest = max(longest, time.perf_counter() - start)
        await hanging
    server.delay = 0.0
    rows.append(("key server hangs 2 s, an open route", "within 50 ms", f"{longest * 1000:.1f} ms at most, of 50"))
    rows.append(await memory(url, keys))
    return rows


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
