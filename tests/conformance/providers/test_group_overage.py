"""Groups that a token leaves out for their size: said as such in the log, on every route, and never taken for none."""

import logging
from collections.abc import Callable
from typing import Annotated, Any

import pytest
from fastapi import Depends, FastAPI
from fastapi.testclient import TestClient

from axioms_fastapi import (
    Principal,
    current_principal,
    init_axioms,
    none_of,
    providers,
    require,
    require_auth,
    require_roles,
    roles,
)
from axioms_fastapi.forge import ForgeKeys, Mint

TENANT = "11111111-2222-3333-4444-555555555555"
SENTENCE = "a token leaves claims out for their size (_claim_names or hasgroups)"
ENDPOINT = "https://graph.example/getMemberObjects"
OVERAGE = {"_claim_names": {"groups": "src1"}, "_claim_sources": {"src1": {"endpoint": ENDPOINT}}}
IMPLICIT = {"hasgroups": True}

Call = Callable[..., Any]


@pytest.fixture(scope="module")
def keys() -> ForgeKeys:
    return ForgeKeys.generate("ES256")


@pytest.fixture
def call(keys: ForgeKeys, caplog: pytest.LogCaptureFixture) -> Call:
    """Calls a route of an application that reads roles from groups, unless told otherwise, with a token of these claims."""
    caplog.set_level(logging.INFO, "axioms_fastapi")
    clients: dict[str, TestClient] = {}

    def call(path: str, claims: dict[str, Any], roles_claims: str = "groups") -> Any:
        if roles_claims not in clients:
            issuer = providers.entra(TENANT, "api", keys=keys.public_jwks(), roles_claims=roles_claims)
            clients[roles_claims] = TestClient(application(issuer))
        mint = Mint(keys, f"https://login.microsoftonline.com/{TENANT}/v2.0", "api")
        token = mint.mint({"sub": "s3cret-subject", "azp": "s3cret-client", **claims})
        return clients[roles_claims].get(path, headers={"Authorization": f"Bearer {token}"})

    return call


def application(issuer: Any) -> FastAPI:
    app = FastAPI()
    init_axioms(app, issuers=[issuer])

    @app.get("/me")
    async def me(principal: Annotated[Principal, Depends(current_principal)]) -> list[str]:
        return sorted(principal.roles)

    @app.get("/auth", dependencies=[Depends(require_auth)])
    @app.get("/admin", dependencies=[Depends(require_roles("admin"))])
    @app.get("/unless", dependencies=[Depends(require(none_of(roles("suspended"))))])
    async def nothing() -> None: ...

    return app


def sentences(caplog: pytest.LogCaptureFixture) -> list[tuple[str, str]]:
    """Level and text of what was said of claims that are left out."""
    return [(record.levelname, record.getMessage()) for record in caplog.records if SENTENCE in record.getMessage()]


@pytest.mark.parametrize("claims", [OVERAGE, IMPLICIT], ids=["_claim_names", "hasgroups"])
@pytest.mark.parametrize(("path", "status"), [("/me", 200), ("/auth", 200), ("/admin", 403), ("/unless", 403)])
def test_said_on_every_route(
    call: Call, caplog: pytest.LogCaptureFixture, path: str, status: int, claims: dict[str, Any]
) -> None:
    """The log says it once for each request, as a warning at first, also where the route asks for no role."""
    for level in ("WARNING", "INFO"):
        caplog.clear()
        response = call(path, claims)
        assert response.status_code == status
        [said] = sentences(caplog)
        assert said[0] == level
        assert said[1].endswith("role cannot be read, which grants nothing and is no proof of absence")
    if path == "/me":
        assert response.json() == []


def test_where_nothing_reads_them(call: Call, caplog: pytest.LogCaptureFixture) -> None:
    """Roles that are read from elsewhere are there, and the log says all the same that something is left out."""
    assert call("/me", {**OVERAGE, "roles": ["admin"]}, "roles").json() == ["admin"]
    [(level, text)] = sentences(caplog)
    assert (level, text.endswith("nothing that is read here")) == ("WARNING", True)


def test_no_claim_values(call: Call, caplog: pytest.LogCaptureFixture) -> None:
    """No value of a claim is in the log: not the place to ask, not a name of the token's own, not who it is."""
    call("/me", {**OVERAGE, "_claim_names": {"groups": "src1", "s3cret\nname": "src1"}, "tid": TENANT})
    assert sentences(caplog)
    for value in ("s3cret", ENDPOINT, "graph", "src1"):
        assert value not in caplog.text


@pytest.mark.parametrize(
    "claims",
    [
        {},
        {"groups": ["admin"]},
        {"groups": 7},
        {"_claim_names": {}},
        {"_claim_names": ["groups"]},
        {"_claim_names": None},
    ],
    ids=str,
)
def test_said_of_nothing_else(call: Call, caplog: pytest.LogCaptureFixture, claims: dict[str, Any]) -> None:
    """A token that leaves nothing out, or whose claim is of the wrong type, has no such sentence."""
    assert call("/me", claims).status_code == 200
    assert sentences(caplog) == []


def test_said_of_no_refused_token(call: Call, caplog: pytest.LogCaptureFixture) -> None:
    """What nobody has signed, or what has expired, says nothing."""
    assert call("/me", {**OVERAGE, "exp": 1000}).status_code == 401
    assert sentences(caplog) == []
