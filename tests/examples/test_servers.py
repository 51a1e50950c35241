"""The example under the servers of the tutorial, several workers each, on a fresh database that they migrate together."""

import sys
from collections.abc import Callable
from typing import Any

import pytest

from articles_api import uvicorn


def gunicorn(port: int) -> list[str]:
    command = [sys.executable, "-m", "gunicorn", "main:app", "--workers", "4", "--bind", f"127.0.0.1:{port}"]
    return [*command, "--worker-class", "uvicorn.workers.UvicornWorker"]


@pytest.mark.parametrize("command", [uvicorn("--workers", "4"), gunicorn], ids=["uvicorn --workers 4", "gunicorn"])
def test_four_workers(serve_articles: Any, command: Callable[[int], list[str]]) -> None:
    """Whichever worker answers: real tokens are accepted and refused, and all of them share one database."""
    with serve_articles(command) as api:
        for number in range(1, 13):
            assert api.call("POST", f"/articles?title=T{number}&content=C", sub="alice").status_code == 201
            assert api.call("GET", "/articles", sub="alice").json()["count"] == number
            assert api.call("GET", "/articles").status_code == 401
            assert api.call("GET", "/protected", sub="alice", exp=1).json()["error_description"] == "Token has expired"


def test_tokens_of_a_certified_server(serve_articles: Any, oidc_provider: Any) -> None:
    """The example trusts an authorization server that nobody of this project wrote, by its settings alone."""
    with serve_articles(uvicorn(), issuer=oidc_provider.issuer, AXIOMS_AUDIENCE="https://api.example.test") as api:

        def call(method: str, path: str, token: str) -> Any:
            return api.client.request(method, api.url + path, headers={"Authorization": f"Bearer {token}"})

        reader, publisher = oidc_provider.token(scope="read:data"), oidc_provider.token(scope="articles:publish")
        assert call("GET", "/protected", reader).json()["user_id"] == "svc"
        assert call("GET", "/api/read", reader).status_code == 200
        assert call("GET", "/api/read", publisher).status_code == 403
        article = call("POST", "/articles?title=T&content=C", reader).json()["article"]
        assert article["user"] == "svc"
        refused = call("PATCH", f"/api/articles/{article['id']}/publish", publisher)
        assert refused.json()["error_description"] == "Insufficient permission: requires articles:publish"
        assert call("GET", "/protected", oidc_provider.token(resource="https://es.example.test")).status_code == 401
