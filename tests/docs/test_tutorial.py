"""The tutorial's snippets that are not the example application: the quick start, the settings of providers, the payload."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from fastapi import Depends, FastAPI
from fastapi.testclient import TestClient

from axioms_fastapi import (
    init_axioms,
    register_axioms_exception_handler,
    require_auth,
    require_permissions,
    require_roles,
    require_scopes,
)
from axioms_fastapi.forge import ForgeKeys, Mint
from serving import KeyServer

Bearer = Callable[..., dict[str, str]]


def test_quick_start(issuer: str, bearer: Bearer) -> None:
    """The five-minute quick start, with the local issuer in JWTForge's place."""
    Path(".env").write_text(f"AXIOMS_AUDIENCE=https://api.example.com\nAXIOMS_ISS_URL={issuer}\n")
    app = FastAPI()

    # Initialize axioms-fastapi
    init_axioms(app, AXIOMS_AUDIENCE=os.getenv("AXIOMS_AUDIENCE"), AXIOMS_ISS_URL=os.getenv("AXIOMS_ISS_URL"))

    # Register error handler
    register_axioms_exception_handler(app)

    # Protected endpoint
    @app.get("/protected")
    async def protected(payload=Depends(require_auth)):
        return {"user_id": payload.sub, "message": "Authenticated!"}

    client = TestClient(app)
    response = client.get("/protected", headers=bearer(iss=issuer, aud="https://api.example.com", sub="user123"))
    assert response.json() == {"user_id": "user123", "message": "Authenticated!"}
    assert client.get("/protected").status_code == 401


def test_step_2(issuer: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The application's own initialisation, keyword by keyword, with those that are not set given as None."""
    monkeypatch.setenv("AXIOMS_ISS_URL", issuer)
    monkeypatch.setenv("AXIOMS_JWKS_URL", f"{issuer}/.well-known/jwks.json")
    app = FastAPI()
    axioms = init_axioms(
        app,
        AXIOMS_AUDIENCE=os.getenv("AXIOMS_AUDIENCE", "https://api.example.com"),
        AXIOMS_ISS_URL=os.getenv("AXIOMS_ISS_URL"),
        AXIOMS_JWKS_URL=os.getenv("AXIOMS_JWKS_URL"),
        AXIOMS_DOMAIN=os.getenv("AXIOMS_DOMAIN"),
    )
    assert (axioms.settings.issuer_url, axioms.settings.audience) == (issuer, ("https://api.example.com",))


def test_environment_lists(issuer: str, monkeypatch: pytest.MonkeyPatch, bearer: Bearer) -> None:
    """The `.env` of the custom claim names: comma lists, namespaced names, the first that is present counts."""
    Path(".env").write_text(
        f"AXIOMS_AUDIENCE=https://api.example.com\nAXIOMS_ISS_URL={issuer}\n"
        "AXIOMS_SCOPE_CLAIMS=scope,scp\n"
        "AXIOMS_ROLES_CLAIMS=roles,cognito:groups,https://example.com/roles\n"
        "AXIOMS_PERMISSIONS_CLAIMS=permissions,https://example.com/permissions\n"
    )
    app = FastAPI()
    init_axioms(app)
    guards = [require_scopes(["user.read"]), require_roles(["admin"]), require_permissions(["read:users"])]
    app.get("/", dependencies=[Depends(guard) for guard in guards])(lambda: "in")
    client = TestClient(app)
    permissions = {"https://example.com/permissions": ["read:users", "write:users"]}
    for roles in (
        {"roles": ["admin"]},
        {"cognito:groups": ["admin", "users"]},
        {"https://example.com/roles": ["admin"]},
    ):
        assert client.get("/", headers=bearer(scp="user.read user.write", **roles, **permissions)).status_code == 200
        assert client.get("/", headers=bearer(scp="user.write", **roles, **permissions)).status_code == 403
    assert client.get("/", headers=bearer(scope="user.read", **permissions)).status_code == 403


PROVIDERS = {
    "cognito": (
        {"AXIOMS_AUDIENCE": "your-cognito-app-client-id", "AXIOMS_ROLES_CLAIMS": ["cognito:groups"]},
        "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_XXXXXXXXX",
        {
            "client_id": "your-cognito-app-client-id",
            "token_use": "access",
            "cognito:groups": ["admin", "users"],
            "scope": "openid email",
        },
        ["aud"],
    ),
    "auth0": (
        {
            "AXIOMS_AUDIENCE": "your-auth0-api-identifier",
            "AXIOMS_ROLES_CLAIMS": ["https://yourapp.com/roles"],
            "AXIOMS_PERMISSIONS_CLAIMS": ["https://yourapp.com/permissions"],
        },
        "https://yourtenant.auth0.com/",
        {"aud": "your-auth0-api-identifier", "https://yourapp.com/roles": ["admin"], "scope": "openid"},
        [],
    ),
    "entra": (
        {"AXIOMS_AUDIENCE": "api://your-app-id", "AXIOMS_SCOPE_CLAIMS": ["scp", "scope"]},
        "https://login.microsoftonline.com/your-tenant-id/v2.0",
        {"aud": "api://your-app-id", "azp": "client", "roles": ["admin", "User"], "scp": "openid user.read"},
        [],
    ),
}


@pytest.mark.parametrize("name", PROVIDERS)
def test_providers(name: str, key_server: KeyServer) -> None:
    """The settings printed for a provider accept its access token and its roles; its keys come from a local server."""
    settings, issuer, claims, omitted = PROVIDERS[name]
    keys = ForgeKeys.generate("RS256")
    key_server.answer("/keys", keys.public_jwks())
    app = FastAPI()
    init_axioms(app, AXIOMS_ISS_URL=issuer, AXIOMS_JWKS_URL=f"{key_server.url}/keys", **settings)  # type: ignore[arg-type]
    guards = [require_roles(["admin"]), require_scopes(["openid"])]
    app.get("/", dependencies=[Depends(guard) for guard in guards])(lambda: "in")
    client = TestClient(app)

    def status(changes: dict[str, object]) -> int:
        token = Mint(keys, issuer).mint(claims | changes, omit=omitted)
        return client.get("/", headers={"Authorization": f"Bearer {token}"}).status_code

    assert status({}) == 200
    assert status({"scope": "", "scp": ""}) == 403
    assert status({"at_hash": "x"}) == 401
    assert status({"token_use": "id"}) == 401
    assert status({"iss": issuer.removesuffix("/") + ("" if issuer.endswith("/") else "/")}) == 401


def test_payload(issuer: str, bearer: Bearer) -> None:
    """Every way of reading the payload that the tutorial shows."""
    app = FastAPI()
    init_axioms(app, AXIOMS_AUDIENCE="https://api.example.com", AXIOMS_ISS_URL=issuer)
    names = ("sub", "email", "name", "scope", "roles", "permissions", "iss", "aud", "exp", "iat")

    @app.get("/")
    async def root(payload=Depends(require_auth)):
        assert [getattr(payload, name) for name in names] == [payload[name] for name in names]
        return {"missing": getattr(payload, "claim_name", None), "roles": getattr(payload, "roles", [])}

    claims = {"sub": "user123", "email": "a@x", "name": "A", "scope": "openid", "roles": ["r"], "permissions": ["p"]}
    assert TestClient(app).get("/", headers=bearer(**claims)).json() == {"missing": None, "roles": ["r"]}
