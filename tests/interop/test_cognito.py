"""Real tokens of a Cognito user pool, as moto serves it: no aud, keys that are not where the issuer is, an ID token beside."""

import importlib.util
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import pytest
from fastapi import Depends, FastAPI
from fastapi.testclient import TestClient

from axioms_fastapi import Principal, current_principal, init_axioms, providers, require_roles
from processes import free_port, running

pytestmark = pytest.mark.skipif(
    not (importlib.util.find_spec("moto") and importlib.util.find_spec("boto3")),
    reason="moto and boto3 are not installed: `make setup` installs them",
)


@pytest.fixture(scope="module")
def pool() -> Iterator[dict[str, str]]:
    """A pool with alice of the group admins, her two tokens, and the URL of the keys."""
    port = free_port()
    endpoint = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    with running(command, ready=f"{endpoint}/moto-api/", timeout=60):
        script = Path(__file__).with_name("cognito_pool.py")
        done = subprocess.run([sys.executable, str(script), endpoint], capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr
        pool = json.loads(done.stdout)
        yield pool | {"jwks_url": f"{endpoint}/{pool['pool']}/.well-known/jwks.json"}


def answer(served: dict[str, str], token: str, **changes: Any) -> Any:
    app = FastAPI()
    arguments = {
        "region": "us-east-1",
        "pool": served["pool"],
        "client_id": served["client"],
        "jwks_url": served["jwks_url"],
    }
    init_axioms(app, issuers=[providers.cognito(**arguments | changes)])

    @app.get("/", dependencies=[Depends(require_roles("admins"))])
    async def root(principal: Annotated[Principal, Depends(current_principal)]) -> str:
        return str(principal.client_id)

    return TestClient(app).get("/", headers={"Authorization": f"Bearer {token}"})


def test_access_token(pool: dict[str, str]) -> None:
    """The access token is accepted by its client_id, and its groups are roles."""
    assert answer(pool, pool["access"]).json() == pool["client"]


def test_id_token(pool: dict[str, str]) -> None:
    """The ID token, which the same key signed, is refused."""
    assert answer(pool, pool["id"]).status_code == 401


def test_others(pool: dict[str, str]) -> None:
    """Another client and another pool are refused."""
    assert answer(pool, pool["access"], client_id="other").status_code == 401
    assert answer(pool, pool["access"], pool="us-east-1_other").status_code == 401
