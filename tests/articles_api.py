"""The example application as the tests run it: a process that speaks HTTP."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2

ARTICLES = Path(__file__).parents[1] / "examples" / "articles"


@dataclass(frozen=True)
class Api:
    """The running example application and the forge that it trusts."""

    url: str
    forge: str
    client: httpx2.Client

    def token(self, **claims: Any) -> str:
        """A fresh token, asked for over HTTP."""
        response = self.client.post(f"{self.forge}/token", json={"aud": "https://api.example.com", **claims})
        response.raise_for_status()
        return str(response.json()["access_token"])

    def call(self, method: str, path: str, **claims: Any) -> httpx2.Response:
        """A call with a fresh token of these claims; without claims, a call without a token."""
        headers = {"Authorization": f"Bearer {self.token(**claims)}"} if claims else {}
        return self.client.request(method, self.url + path, headers=headers)


def uvicorn(*arguments: str) -> Callable[[int], list[str]]:
    """The tutorial's command, on a free port."""
    return lambda port: [
        sys.executable,
        "-m",
        "uvicorn",
        "main:app",
        "--host",
        "127.0.0.1",
        "--port",
        str(port),
        *arguments,
    ]
