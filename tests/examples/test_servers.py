"""The example under the servers of the tutorial, several workers each, on a fresh database that they migrate together."""

import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
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


def test_burst(serve_articles: Any) -> None:
    """A hundred requests at once are answered within seconds: one that waits for the database holds no thread."""
    with serve_articles(uvicorn()) as api, ThreadPoolExecutor(100) as crowd:
        article = api.call("POST", "/articles?title=T&content=C", sub="alice").json()["article"]
        url, headers = f"{api.url}/articles/{article['id']}", {"Authorization": f"Bearer {api.token(sub='alice')}"}
        for method in ("GET", "PATCH"):
            answers = crowd.map(lambda _, method=method: api.client.request(method, url, headers=headers), range(100))
            assert {answer.status_code for answer in answers} == {200}


def test_deleted_meanwhile(serve_articles: Any) -> None:
    """What one request deletes while others change it is a 404 or a 409 to them, never a 500."""
    with serve_articles(uvicorn("--workers", "2")) as api, ThreadPoolExecutor(40) as crowd:
        headers = {"Authorization": f"Bearer {api.token(sub='alice')}"}

        def status(method: str, path: str) -> int:
            return int(api.client.request(method, api.url + path, headers=headers).status_code)

        calls = []
        for _ in range(30):
            path = f"/articles/{api.call('POST', '/articles?title=T&content=C', sub='alice').json()['article']['id']}"
            calls += [("PATCH", f"{path}?title=N"), ("POST", f"{path}/comments?text=x"), ("DELETE", path)]
            calls += [("PATCH", f"{path}?title=M"), ("POST", f"{path}/comments?text=y"), ("DELETE", path)]
        assert set(crowd.map(lambda call: status(*call), calls)) <= {200, 201, 204, 404, 409}


def test_tokens_of_a_certified_server(serve_articles: Any, oidc_provider: Any) -> None:
    """The example trusts an authorization server that nobody of this project wrote, by its settings alone."""
    settings = {"AXIOMS_AUDIENCE": "https://api.example.test", "AXIOMS_JWKS_URL": f"{oidc_provider.issuer}/jwks"}
    with serve_articles(uvicorn(), issuer=oidc_provider.issuer, **settings) as api:

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
