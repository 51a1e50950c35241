"""Authorization servers that nobody of this project wrote, on loopback."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2

from processes import free_port, running

NODE = Path(__file__).parent / "node"


@dataclass(frozen=True)
class AuthorizationServer:
    """A running authorization server with one client, `svc`."""

    issuer: str

    def token(self, *, scope: str = "read write", resource: str = "https://api.example.test") -> str:
        """A fresh access token from the client credentials grant (RFC 6749, section 4.4)."""
        response = httpx2.post(
            f"{self.issuer}/token",
            data={"grant_type": "client_credentials", "scope": scope, "resource": resource},
            auth=("svc", "svc-secret"),
            trust_env=False,
        )
        response.raise_for_status()
        return str(response.json()["access_token"])

    def rotate(self, *, drop: bool = False) -> None:
        """New keys sign from now on; with `drop` the old ones are forgotten."""
        httpx2.get(f"{self.issuer}/__rotate", params={"drop": "1"} if drop else {}, trust_env=False).raise_for_status()


def oidc_provider_is_installed() -> bool:
    """Whether `make setup` found npm and installed it."""
    return bool(shutil.which("node")) and (NODE / "node_modules" / "oidc-provider").exists()


@contextmanager
def running_oidc_provider(docs_redirect_uri: str = "") -> Iterator[AuthorizationServer]:
    """A certified `oidc-provider`, until the block ends; with a login page for the public client `docs` of this redirect URI."""
    issuer = f"http://127.0.0.1:{(port := free_port())}"
    command = ["node", "authorization-server.mjs"]
    env = {"PORT": str(port), "DOCS_REDIRECT_URI": docs_redirect_uri}
    with running(command, ready=f"{issuer}/jwks", env=env, cwd=NODE):
        yield AuthorizationServer(issuer)
