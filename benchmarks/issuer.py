"""The authorization server of a run: forges on loopback, one for each algorithm, and tokens that were minted beforehand."""

import json
import multiprocessing
import os
import threading
from collections.abc import Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import uvicorn
from joserfc.jwk import import_key
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Mount, Route

from axioms_fastapi.forge import ForgeKeys, Mint, SigningKey, create_app
from axioms_fastapi.forge.server import listen
from benchmarks.workers.given import Given

AUDIENCE = "https://api.example.com"
CLAIMS = {
    "sub": "alice",
    "scope": "openid read write",
    "roles": ["editor", "reviewer"],
    "permissions": ["read", "write"],
    # What fastapi-azure-auth asks for besides.
    "ver": "2.0",
}


@contextmanager
def issuing(folder: Path, counts: Mapping[str, int]) -> Iterator[Path]:
    """An issuer answers until the block ends; the file says what workers must know, and names files of so many tokens."""
    listener = listen("127.0.0.1", 0)
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    keys = {algorithm: ForgeKeys.generate(algorithm) for algorithm in counts}
    given = Given(
        issuer=f"{url}/RS256",
        audience=AUDIENCE,
        jwks_urls={algorithm: f"{url}/{algorithm}/.well-known/jwks.json" for algorithm in counts},
        openid_config_url=f"{url}/openid-configuration",
        token_files={algorithm: str(folder / f"{algorithm}.tokens") for algorithm in counts},
    )
    write_tokens(given, keys, counts)
    path = folder / "given.json"
    path.write_text(json.dumps(asdict(given)))
    config = uvicorn.Config(key_server(given, keys), log_level="critical", lifespan="off", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        yield path
    finally:
        server.should_exit = True
        thread.join()
        listener.close()


def key_server(given: Given, keys: Mapping[str, ForgeKeys]) -> Starlette:
    """A forge with one key at the path of each algorithm, since some verifiers look through a whole set for each token."""

    async def openid_configuration(request: Request) -> JSONResponse:
        endpoints = {name: f"{given.issuer}/{name}" for name in ("authorization_endpoint", "token_endpoint")}
        return JSONResponse({"issuer": given.issuer, "jwks_uri": given.jwks_url, **endpoints})

    forges = [Mount(f"/{algorithm}", create_app(given.issuer, keys[algorithm])) for algorithm in keys]
    return Starlette(routes=[Route("/openid-configuration", openid_configuration), *forges])


def write_tokens(given: Given, keys: Mapping[str, ForgeKeys], counts: Mapping[str, int]) -> None:
    """The files of tokens are there. A signature takes far longer than its check, so every core signs."""
    cores = os.cpu_count() or 1
    with ProcessPoolExecutor(cores, mp_context=multiprocessing.get_context("spawn")) as pool:
        batches = {
            algorithm: [
                pool.submit(minted, private_jwk(keys[algorithm]), algorithm, given.issuer, count // cores + 2)
                for _ in range(cores)
            ]
            for algorithm, count in counts.items()
        }
        for algorithm, futures in batches.items():
            one, *tokens = [token for future in futures for token in future.result()]
            path = Path(given.token_files[algorithm])
            path.write_text("\n".join(tokens) + "\n")
            path.with_name(path.name + ".one").write_text(one)


def private_jwk(keys: ForgeKeys) -> dict[str, Any]:
    """The key that signs, as it can be handed to another process."""
    key = keys.select()
    return {**key.private_key.as_dict(private=True), "kid": key.kid}


def minted(jwk: dict[str, Any], algorithm: str, issuer: str, count: int) -> list[str]:
    """So many different tokens, alike but for jti and client."""
    mint = Mint([SigningKey(jwk["kid"], algorithm, import_key(jwk))], issuer, AUDIENCE)
    return [mint.mint(CLAIMS) for _ in range(count)]
