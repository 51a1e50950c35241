"""Authorization servers that nobody of this project wrote, started on loopback for the session."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from interop_servers import AuthorizationServer
from processes import free_port, running

NODE = Path(__file__).parents[1] / "node"


@pytest.fixture(scope="session")
def oidc_provider() -> Iterator[AuthorizationServer]:
    """A certified `oidc-provider`."""
    if not shutil.which("node") or not (NODE / "node_modules" / "oidc-provider").exists():
        pytest.skip("oidc-provider is not installed: `make setup` installs it where npm is there")
    issuer = f"http://127.0.0.1:{(port := free_port())}"
    command = ["node", "authorization-server.mjs"]
    with running(command, ready=f"{issuer}/jwks", env={"PORT": str(port)}, cwd=NODE):
        yield AuthorizationServer(issuer)
