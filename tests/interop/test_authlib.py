"""Real RFC 9068 access tokens of Authlib's authorization server, found by RFC 8414 metadata."""

import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import httpx2
import pytest
from fastapi import Depends, FastAPI
from fastapi.testclient import TestClient

from axioms_fastapi import Principal, current_principal, init_axioms
from processes import free_port, running

pytestmark = pytest.mark.skipif(
    not (importlib.util.find_spec("authlib") and importlib.util.find_spec("flask")),
    reason="authlib and flask are not installed: `make setup` installs them",
)


@pytest.fixture(scope="module", params=["RS256", "ES256"])
def issuer(request: pytest.FixtureRequest) -> Iterator[str]:
    port = free_port()
    script = Path(__file__).with_name("authlib_server.py")
    command = [sys.executable, str(script), str(port), request.param]
    with running(command, ready=f"http://127.0.0.1:{port}/jwks", env={"AUTHLIB_INSECURE_TRANSPORT": "1"}):
        yield f"http://127.0.0.1:{port}"


def test_tokens(issuer: str) -> None:
    """Its tokens are accepted by the strict profile; a list of audiences, roles and entitlements are read."""
    app = FastAPI()
    init_axioms(
        app,
        AXIOMS_AUDIENCE="https://api.example.test",
        AXIOMS_ISS_URL=issuer,
        AXIOMS_TOKEN_TYPS="at+jwt",
        AXIOMS_REQUIRED_CLAIMS="sub,client_id,iat,jti",
        AXIOMS_PERMISSIONS_CLAIMS="entitlements",
    )

    @app.get("/")
    async def root(principal: Annotated[Principal, Depends(current_principal)]) -> list[list[str]]:
        return [sorted(principal.scopes), sorted(principal.roles), sorted(principal.permissions)]

    data = {"grant_type": "client_credentials", "scope": "read write"}
    response = httpx2.post(f"{issuer}/token", data=data, auth=("svc", "svc-secret"), trust_env=False)
    token = response.raise_for_status().json()["access_token"]
    with TestClient(app) as client:
        assert client.get("/", headers={"Authorization": f"Bearer {token}"}).json() == [
            ["read", "write"],
            ["admin"],
            ["e1"],
        ]
        header, payload, signature = token.split(".")
        assert (
            client.get("/", headers={"Authorization": f"Bearer {header}.{payload[:-2]}xx.{signature}"}).status_code
            == 401
        )
