"""AccessTokenMiddleware: what `request.state` says of a request's token."""

from collections.abc import Callable
from typing import Annotated

import pytest
from fastapi import Depends, FastAPI, Request, WebSocket
from fastapi.testclient import TestClient

from axioms_fastapi import AccessTokenMiddleware, Claims, init_axioms, require_auth
from axioms_fastapi.forge import ForgeKeys, Mint
from serving import KeyServer

Bearer = Callable[..., dict[str, str]]


@pytest.fixture
def app(app: FastAPI) -> FastAPI:
    app.add_middleware(AccessTokenMiddleware)

    @app.get("/state")
    async def state(request: Request) -> list[object]:
        jwt = request.state.auth_jwt
        return [
            jwt.sub if isinstance(jwt, Claims) else jwt,
            request.state.missing_auth_header,
            request.state.invalid_bearer_token,
        ]

    return app


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (None, [None, True, False]),
        ("Basic dTpw", [None, False, True]),
        ("Bearer", [None, False, True]),
        ("Bearer ", [None, False, True]),
        ("Bearer a b", [None, False, True]),
        ("Bearer a.b.c", [False, False, False]),
        ("Bearer opaque", [False, False, False]),
    ],
)
def test_states(client: TestClient, header: str | None, expected: list[object]) -> None:
    """Each kind of header has its three values, and no request is refused."""
    response = client.get("/state", headers={"Authorization": header} if header is not None else {})
    assert (response.status_code, response.json()) == (200, expected)


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, [None, True, False]),
        ({"X-Token": "a b"}, [None, False, True]),
        ({"Authorization": "x"}, [None, True, False]),
    ],
)
def test_other_header(
    app: FastAPI, client: TestClient, issuer: str, mint: Mint, headers: dict[str, str], expected: list[object]
) -> None:
    """Where the token comes in another header, the three attributes speak of that one."""
    init_axioms(app, AXIOMS_AUDIENCE="https://api.example.com", AXIOMS_ISS_URL=issuer, AXIOMS_TOKEN_HEADER="x-token")
    assert client.get("/state", headers=headers).json() == expected
    assert client.get("/state", headers={"X-Token": mint.mint({"sub": "alice"})}).json() == ["alice", False, False]


def test_good_and_expired(client: TestClient, bearer: Bearer) -> None:
    """A good token gives its claims, an expired one False."""
    assert client.get("/state", headers=bearer(sub="alice")).json() == ["alice", False, False]
    assert client.get("/state", headers=bearer(sub="alice", exp=1)).json() == [False, False, False]


def test_unrouted(client: TestClient, bearer: Bearer) -> None:
    """A path that has no route is a 404 as ever."""
    assert client.get("/nowhere", headers=bearer()).status_code == 404


def test_keys_unavailable(mint: Mint) -> None:
    """A token that cannot be verified now is False, and the request goes on."""
    app = FastAPI()
    init_axioms(app, AXIOMS_AUDIENCE="https://api.example.com", AXIOMS_ISS_URL="http://127.0.0.1:9")
    app.add_middleware(AccessTokenMiddleware)

    @app.get("/")
    async def root(request: Request) -> bool:
        return request.state.auth_jwt is False

    headers = {"Authorization": f"Bearer {mint.mint({'iss': 'http://127.0.0.1:9'})}"}
    assert TestClient(app).get("/", headers=headers).json() is True


def test_websocket(app: FastAPI, client: TestClient, bearer: Bearer) -> None:
    """A WebSocket has the three attributes too."""

    @app.websocket("/ws")
    async def ws(websocket: WebSocket) -> None:
        await websocket.accept()
        await websocket.send_json([websocket.state.auth_jwt.sub, websocket.state.missing_auth_header])
        await websocket.close()

    with client.websocket_connect("/ws", headers=bearer(sub="alice")) as socket:
        assert socket.receive_json() == ["alice", False]


def test_verified_once(key_server: KeyServer) -> None:
    """Middleware and guards share one verification: an unknown kid costs one refetch, not one for each that asks."""
    keys = ForgeKeys.generate("RS256")
    key_server.answer("/.well-known/jwks.json", keys.public_jwks())
    mint = Mint(keys, key_server.url)
    app = FastAPI()
    init_axioms(
        app,
        AXIOMS_AUDIENCE="https://api.example.com",
        AXIOMS_ISS_URL=key_server.url,
        AXIOMS_JWKS_URL=f"{key_server.url}/.well-known/jwks.json",
    )
    app.add_middleware(AccessTokenMiddleware)
    seen: list[int] = []

    @app.get("/")
    async def root(request: Request, payload: Annotated[Claims, Depends(require_auth)]) -> None:
        seen.append(id(payload))
        assert request.state.auth_jwt is payload

    TestClient(app).get("/", headers={"Authorization": f"Bearer {mint.mint()}"}).raise_for_status()
    assert len(seen) == 1


def test_without_axioms() -> None:
    """On an application without init_axioms the middleware is a 500 and nothing runs."""
    app = FastAPI()
    app.add_middleware(AccessTokenMiddleware)

    @app.get("/")
    async def root() -> str:
        return "in"

    assert TestClient(app, raise_server_exceptions=False).get("/").status_code == 500
