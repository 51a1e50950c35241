"""Real access tokens of a certified authorization server, its discovery and its key set."""

import time
from collections.abc import Callable
from typing import Annotated

import pytest
from fastapi import Depends, FastAPI
from fastapi.testclient import TestClient

from axioms_fastapi import (
    Principal,
    current_principal,
    init_axioms,
    register_axioms_exception_handler,
    require_roles,
    require_scopes,
)
from interop_servers import AuthorizationServer

Client = Callable[..., TestClient]


@pytest.fixture
def protected(oidc_provider: AuthorizationServer) -> Client:
    """A client of an application that trusts the server, with an audience of its own and keys found by discovery."""

    def make(audience: str = "https://api.example.test", **settings: object) -> TestClient:
        app = FastAPI()
        init_axioms(app, AXIOMS_AUDIENCE=audience, AXIOMS_ISS_URL=oidc_provider.issuer, **settings)  # type: ignore[arg-type]
        register_axioms_exception_handler(app)

        @app.get("/me")
        async def me(principal: Annotated[Principal, Depends(current_principal)]) -> dict[str, object]:
            return {"sub": principal.subject, "client": principal.client_id, "scopes": sorted(principal.scopes)}

        @app.get("/write", dependencies=[Depends(require_scopes(["write"])), Depends(require_roles(["editor"]))])
        async def write() -> None: ...

        @app.get("/admin", dependencies=[Depends(require_roles(["admin"]))])
        async def admin() -> None: ...

        return TestClient(app)

    return make


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


@pytest.mark.parametrize("name", ["api", "es", "ps", "ed", "eddsa"])
def test_algorithms(oidc_provider: AuthorizationServer, protected: Client, name: str) -> None:
    """Tokens of RS256, ES256, PS256 and Ed25519, also called EdDSA, are accepted, with the strict type of RFC 9068 as well."""
    audience = f"https://{name}.example.test"
    token = oidc_provider.token(resource=audience)
    for settings in ({}, {"AXIOMS_TOKEN_TYPS": "at+jwt", "AXIOMS_REQUIRED_CLAIMS": "sub,client_id,iat,jti"}):
        response = protected(audience, **settings).get("/me", headers=bearer(token))
        assert (response.status_code, response.json()) == (
            200,
            {"sub": "svc", "client": "svc", "scopes": ["read", "write"]},
        )


@pytest.mark.parametrize("name", ["hs", "enc", "opaque"])
def test_legal_tokens_that_are_refused(oidc_provider: AuthorizationServer, protected: Client, name: str) -> None:
    """Symmetric, encrypted and opaque tokens of the trusted issuer are refused: nobody here could verify them."""
    audience = f"https://{name}.example.test"
    response = protected(audience).get("/me", headers=bearer(oidc_provider.token(resource=audience)))
    assert (response.status_code, response.json()["error"]) == (401, "invalid_token")


def test_another_api(oidc_provider: AuthorizationServer, protected: Client) -> None:
    """A token for another API of the same issuer is refused."""
    token = oidc_provider.token(resource="https://es.example.test")
    assert protected().get("/me", headers=bearer(token)).status_code == 401


def test_authorization(oidc_provider: AuthorizationServer, protected: Client) -> None:
    """Its scopes and roles decide."""
    client = protected()
    assert client.get("/write", headers=bearer(oidc_provider.token())).status_code == 200
    assert client.get("/write", headers=bearer(oidc_provider.token(scope="read"))).status_code == 403
    assert client.get("/admin", headers=bearer(oidc_provider.token())).status_code == 403


def test_rotation(oidc_provider: AuthorizationServer, protected: Client) -> None:
    """The first token of a rotated key is accepted at once, and tokens of the old key as long as it is published."""
    client = protected()
    old = oidc_provider.token()
    assert client.get("/me", headers=bearer(old)).status_code == 200
    oidc_provider.rotate()
    assert client.get("/me", headers=bearer(oidc_provider.token())).status_code == 200
    assert client.get("/me", headers=bearer(old)).status_code == 200


def test_rotation_without_overlap(oidc_provider: AuthorizationServer, protected: Client) -> None:
    """Where old keys are dropped at once, the new key's first token ends the old one's tokens, in the same application.

    The next rotation is followed when the cooldown of the first has passed.
    """
    client = protected(AXIOMS_JWKS_COOLDOWN=1)
    tokens = [oidc_provider.token()]
    assert client.get("/me", headers=bearer(tokens[0])).status_code == 200
    for _ in range(2):
        oidc_provider.rotate(drop=True)
        tokens.append(oidc_provider.token())
        statuses = [client.get("/me", headers=bearer(token)).status_code for token in reversed(tokens)]
        assert statuses == [200, *[401] * (len(tokens) - 1)]
        time.sleep(1.1)
    # A dropped key's token asks for the keys once more, and is refused all the same.
    assert [client.get("/me", headers=bearer(token)).status_code for token in tokens] == [401, 401, 200]
