"""Prints what each guard adds to a bare FastAPI request.

Every route is called in turn, in process (no sockets, one event loop), with a real RS256 token and keys that are cached
already; the figures are medians of paired differences within one run, because machines are noisy. Run it with `make bench`.
"""

import argparse
import asyncio
import statistics
import time
from collections.abc import Callable, Sequence
from typing import Any

from fastapi import Depends, FastAPI
from rich.console import Console
from rich.table import Table

from axioms_fastapi import (
    Axioms,
    all_of,
    check_object_ownership,
    current_principal,
    init_axioms,
    optional_auth,
    permissions,
    require,
    require_auth,
    require_permissions,
    require_roles,
    require_scopes,
    roles,
    scopes,
)
from axioms_fastapi.forge import ForgeKeys, Mint, create_app
from axioms_fastapi.forge.server import listen

AUDIENCE = "https://api.example.com"
CHAIN = (require_auth, require_scopes(["read"]), require_roles(["editor"]), require_permissions(["write"]))


async def owned() -> dict[str, str]:
    """An object of alice's, loaded without a database."""
    return {"user": "alice"}


GUARDS: dict[str, Sequence[Callable[..., Any]]] = {
    "bare request": (),
    "optional_auth, no token": (optional_auth,),
    "require_auth": (require_auth,),
    "current_principal": (current_principal,),
    "require_scopes": (require_scopes(["read"]),),
    "require(all_of(scopes, roles, permissions))": (
        require(all_of(scopes("read"), roles("editor"), permissions("write"))),
    ),
    "require_auth + scopes + roles + permissions": CHAIN,
    "check_object_ownership": (check_object_ownership(owned),),
}


def application(issuer: str) -> FastAPI:
    """One route for each row."""
    app = FastAPI()
    init_axioms(app, AXIOMS_AUDIENCE=AUDIENCE, AXIOMS_ISS_URL=issuer)
    for number, guards in enumerate(GUARDS.values()):

        async def answer() -> dict[str, str]:
            return {"message": "ok"}

        app.get(f"/{number}", dependencies=[Depends(guard) for guard in guards])(answer)
    return app


async def call(app: FastAPI, path: str, headers: list[tuple[bytes, bytes]]) -> float:
    """The microseconds that one request took."""
    status = 0

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        nonlocal status
        status = message.get("status", status)

    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": "GET",
        "path": path,
        "raw_path": path.encode(),
        "root_path": "",
        "scheme": "http",
        "query_string": b"",
        "headers": headers,
        "server": ("127.0.0.1", 80),
        "client": ("127.0.0.1", 1),
    }
    start = time.perf_counter()
    await app(scope, receive, send)
    taken = (time.perf_counter() - start) * 1e6
    assert status == 200, (path, status)
    return taken


async def verification(app: FastAPI, header: bytes) -> float:
    """The microseconds of a verification alone, without FastAPI."""
    axioms: Axioms = app.state.axioms
    start = time.perf_counter()
    await axioms.authenticate({"headers": [(b"authorization", header)]})
    return (time.perf_counter() - start) * 1e6


async def measure(rounds: int) -> dict[str, list[float]]:
    """All rows, interleaved."""
    import threading

    import uvicorn

    keys = ForgeKeys.generate("RS256")
    listener = listen("127.0.0.1", 0)
    issuer = f"http://127.0.0.1:{listener.getsockname()[1]}"
    server = uvicorn.Server(uvicorn.Config(create_app(keys=keys), log_level="critical"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        app = application(issuer)
        claims = {"sub": "alice", "scope": "read", "roles": ["editor"], "permissions": ["write"]}
        header = f"Bearer {Mint(keys, issuer, AUDIENCE).mint(claims)}".encode()
        samples: dict[str, list[float]] = {name: [] for name in (*GUARDS, "verification alone")}
        for turn in range(rounds + 50):
            for number, name in enumerate(GUARDS):
                sent = [] if "no token" in name or number == 0 else [(b"authorization", header)]
                taken = await call(app, f"/{number}", sent)
                if turn >= 50:  # the first turns fetch keys and warm caches
                    samples[name].append(taken)
            taken = await verification(app, header)
            if turn >= 50:
                samples["verification alone"].append(taken)
        return samples
    finally:
        server.should_exit = True
        thread.join()


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=2000)
    samples = asyncio.run(measure(parser.parse_args().rounds))
    bare = samples["bare request"]
    table = Table(title="What a guard adds to a bare FastAPI request (RS256)")
    for column in ("guard", "request, us", "added, us", "added / bare"):
        table.add_column(column, justify="left" if column == "guard" else "right")
    for name, taken in samples.items():
        if name == "verification alone":
            table.add_row(
                name, f"{statistics.median(taken):.0f}", "", f"{statistics.median(taken) / statistics.median(bare):.2f}"
            )
            continue
        added = statistics.median(with_guard - without for with_guard, without in zip(taken, bare, strict=True))
        table.add_row(name, f"{statistics.median(taken):.0f}", f"{added:.0f}", f"{added / statistics.median(bare):.2f}")
    Console(width=100).print(table)


if __name__ == "__main__":
    main()
