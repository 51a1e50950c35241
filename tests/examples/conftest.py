"""The forge and the example application as a person runs them: two processes that speak HTTP."""

import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import httpx2
import pytest

from articles_api import ARTICLES, Api, uvicorn
from processes import free_port, running


@pytest.fixture(scope="session")
def forge_process() -> Iterator[str]:
    """`axioms forge`, as a process."""
    port = free_port()
    command = [str(Path(sys.executable).with_name("axioms")), "forge", "--port", str(port)]
    with running(command, ready=f"http://127.0.0.1:{port}/"):
        yield f"http://127.0.0.1:{port}"


@pytest.fixture(scope="session")
def serve_articles(
    forge_process: str, tmp_path_factory: pytest.TempPathFactory
) -> Callable[..., AbstractContextManager[Api]]:
    """Runs a server command with the example application on a fresh database."""

    @contextmanager
    def serve(command: Callable[[int], list[str]], issuer: str = forge_process, **settings: str) -> Iterator[Api]:
        port = free_port()
        folder = tmp_path_factory.mktemp("articles")
        environment = {
            "AXIOMS_AUDIENCE": "https://api.example.com",
            "AXIOMS_ISS_URL": issuer,
            # Said outright: what is left out would be read from a developer's own .env in the example's folder.
            "AXIOMS_JWKS_URL": f"{issuer}/.well-known/jwks.json",
            "DATABASE_URL": f"sqlite:///{folder / 'articles.db'}",
            **settings,
        }
        url = f"http://127.0.0.1:{port}"
        with (
            running(command(port), ready=f"{url}/health", env=environment, cwd=ARTICLES),
            httpx2.Client(trust_env=False, timeout=10) as client,
        ):
            yield Api(url, issuer, client)

    return serve


@pytest.fixture(scope="session")
def api(serve_articles: Callable[..., AbstractContextManager[Api]]) -> Iterator[Api]:
    """The example under uvicorn, as in development."""
    with serve_articles(uvicorn()) as api:
        yield api
