"""GuardMiddleware: one guard before everything that an application has."""

import asyncio
from collections.abc import Callable
from typing import Annotated, Any

import pytest
from fastapi import APIRouter, Depends, FastAPI, Request, WebSocket
from fastapi.middleware.cors import CORSMiddleware
from fastapi.testclient import TestClient
from starlette.applications import Starlette
from starlette.responses import JSONResponse, PlainTextResponse
from starlette.routing import Route
from starlette.staticfiles import StaticFiles
from starlette.types import Message
from starlette.websockets import WebSocketDisconnect

from axioms_fastapi import (
    AxiomsHTTPException,
    ConfigurationError,
    GuardMiddleware,
    Principal,
    current_principal,
    init_axioms,
    require_auth,
    require_roles,
    roles,
    scopes,
)
from axioms_fastapi.forge import Mint

Bearer = Callable[..., dict[str, str]]

GUARDED = [
    "/plain",
    "/included",
    "/starlette",
    "/mounted/inner",
    "/files/a.txt",
    "/docs",
    "/openapi.json",
    "/nowhere",
    "/",
]


@pytest.fixture
def app(app: FastAPI, tmp_path: Any) -> FastAPI:
    """An application with one of everything that a dependency of the whole application would reach, or not."""
    app.add_middleware(GuardMiddleware, policy=scopes("read"), public=["/health"])

    @app.get("/plain")
    async def plain(request: Request) -> str:
        return str(request.state.principal.subject)

    @app.get("/health")
    async def health(request: Request) -> bool:
        return hasattr(request.state, "principal")

    router = APIRouter()
    router.add_api_route("/included", plain)
    app.include_router(router)
    app.router.routes.append(Route("/starlette", lambda request: PlainTextResponse("in")))
    app.mount("/mounted", Starlette(routes=[Route("/inner", lambda request: PlainTextResponse("in"))]))
    (tmp_path / "a.txt").write_text("in")
    app.mount("/files", StaticFiles(directory=tmp_path))

    @app.websocket("/ws")
    async def ws(websocket: WebSocket) -> None:
        await websocket.accept()
        await websocket.send_text(websocket.state.principal.subject)
        await websocket.close()

    return app


@pytest.mark.parametrize("path", GUARDED)
def test_everything_is_behind_it(client: TestClient, bearer: Bearer, issuer: str, path: str) -> None:
    """Without a token, with a bad one or without the scope nobody learns more of a path than that, whatever answers there."""
    missing, bad, lacking = (
        client.get(path, headers=headers)
        for headers in ({}, {"Authorization": "Bearer a.b.c"}, bearer(sub="alice", scope="write"))
    )
    assert (missing.status_code, missing.headers["www-authenticate"]) == (401, f'Bearer realm="{issuer}"')
    assert (bad.status_code, bad.json()["error"]) == (401, "invalid_token")
    assert (lacking.status_code, lacking.json()["error"]) == (403, "insufficient_scope")
    assert 'scope="read"' in lacking.headers["www-authenticate"]
    let_in = client.get(path, headers=bearer(sub="alice", scope="read"))
    assert let_in.status_code == (404 if path in {"/nowhere", "/"} else 200)


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "TRACE", "PROPFIND"])
def test_every_method(client: TestClient, method: str) -> None:
    """No method is exempt."""
    assert client.request(method, "/plain").status_code == 401


def test_the_caller(client: TestClient, bearer: Bearer) -> None:
    """The application finds the caller in request.state."""
    assert client.get("/plain", headers=bearer(sub="alice", scope="read")).json() == "alice"


def test_public(client: TestClient) -> None:
    """Of a public path nothing is asked, and nobody is said to be calling."""
    for headers in ({}, {"Authorization": "Bearer a.b.c"}):
        response = client.get("/health", headers=headers)
        assert (response.status_code, response.json()) == (200, False)


@pytest.mark.parametrize(
    "path",
    [
        "/health/",
        "/healthz",
        "/HEALTH",
        "//health",
        "/health/x",
        "/health%2f",
        "/x/../health/y",
        "/health;x",
        "/plain?/health",
    ],
)
def test_public_is_exact(client: TestClient, path: str) -> None:
    """What only looks like a public path is none."""
    assert client.get(path, follow_redirects=False).status_code == 401


def test_mounted(issuer: str, bearer: Bearer) -> None:
    """Where the application is mounted, its public paths are those within it, and the outer one's are its own."""
    inner, outer = FastAPI(), FastAPI()
    init_axioms(inner, AXIOMS_AUDIENCE="https://api.example.com", AXIOMS_ISS_URL=issuer)
    inner.add_middleware(GuardMiddleware, public=["/health"])
    for app in (inner, outer):
        app.add_api_route("/health", lambda: "healthy")
        app.add_api_route("/plain", lambda: "in")
    outer.mount("/api", inner)
    client = TestClient(outer)
    assert [client.get(path).status_code for path in ("/health", "/plain")] == [200, 200]
    assert [client.get(path).status_code for path in ("/api/health", "/api/plain")] == [200, 401]
    assert client.get("/api/plain", headers=bearer(sub="alice")).json() == "in"


def test_behind_a_proxy_that_strips_a_prefix(issuer: str) -> None:
    """A root path that is not in the path makes no other path public."""
    app = FastAPI()
    init_axioms(app, AXIOMS_AUDIENCE="https://api.example.com", AXIOMS_ISS_URL=issuer)
    app.add_middleware(GuardMiddleware, public=["/health"])
    for path in ("/health", "/v1health", "/plain"):
        app.add_api_route(path, lambda: "in")
    client = TestClient(app, root_path="/v1")
    found = {
        path: client.get(path).status_code for path in ("/health", "/v1/health", "/v1health", "/plain", "/v1/plain")
    }
    assert found == {"/health": 200, "/v1/health": 200, "/v1health": 401, "/plain": 401, "/v1/plain": 401}


def test_websocket(client: TestClient, bearer: Bearer) -> None:
    """A WebSocket is refused before it is accepted, with the HTTP answer where the server can carry one."""
    with client.websocket_connect("/ws", headers=bearer(sub="alice", scope="read")) as socket:
        assert socket.receive_text() == "alice"
    with pytest.raises(WebSocketDisconnect) as refused, client.websocket_connect("/ws"):
        pass
    assert getattr(refused.value, "status_code", None) == 401


def test_websocket_without_the_extension(app: FastAPI) -> None:
    """Where the server carries no HTTP answer, the WebSocket is closed as a violation of policy."""
    sent: list[Message] = []

    async def connect() -> None:
        async def receive() -> Message:
            return {"type": "websocket.connect"}

        async def send(message: Message) -> None:
            sent.append(message)

        await app({"type": "websocket", "path": "/ws", "headers": [], "query_string": b""}, receive, send)

    asyncio.run(connect())
    assert [(message["type"], message.get("code")) for message in sent] == [("websocket.close", 1008)]


def test_another_kind_of_connection(app: FastAPI) -> None:
    """A kind of connection that nobody has heard of is no way in."""

    async def connect() -> None:
        async def nothing(*_: object) -> Message:
            raise AssertionError("nobody asks")

        passed: list[object] = []

        async def behind(scope: object, receive: object, send: object) -> None:
            passed.append(scope)

        guard = GuardMiddleware(behind)
        scope = {"type": "webtransport", "path": "/plain", "headers": [], "app": app}
        with pytest.raises(AxiomsHTTPException):
            await guard(scope, nothing, nothing)
        await guard({"type": "lifespan"}, nothing, nothing)
        assert passed == [{"type": "lifespan"}]

    asyncio.run(connect())


def test_guards_behind_it(app: FastAPI, client: TestClient, bearer: Bearer) -> None:
    """Guards of a route are asked besides, see the very same caller, and add what they require."""

    @app.get("/admin", dependencies=[Depends(require_roles("admin"))])
    async def admin(request: Request, caller: Annotated[Principal, Depends(current_principal)]) -> bool:
        return request.state.principal is caller

    assert client.get("/admin", headers=bearer(scope="read", roles=["admin"])).json() is True
    assert client.get("/admin", headers=bearer(scope="read")).status_code == 403
    assert client.get("/admin", headers=bearer(roles=["admin"])).status_code == 403


def test_answers_as_a_guard_does(issuer: str) -> None:
    """With the application's own handler, or with none, a refusal looks as a guard's on a route does."""

    async def own(request: Request, error: Exception) -> JSONResponse:
        return JSONResponse({"mine": str(type(error).__name__)}, 418)

    for handlers in ({}, {AxiomsHTTPException: own}, {401: own}):
        answers = []
        for is_before in (True, False):
            app = FastAPI(exception_handlers=handlers)
            init_axioms(app, AXIOMS_AUDIENCE="https://api.example.com", AXIOMS_ISS_URL=issuer)
            app.add_api_route("/", lambda: "in", dependencies=[] if is_before else [Depends(require_auth)])
            if is_before:
                app.add_middleware(GuardMiddleware)
            response = TestClient(app).get("/")
            answers.append((response.status_code, response.json(), response.headers.get("www-authenticate")))
        assert answers[0] == answers[1]


def test_any_token(issuer: str, bearer: Bearer) -> None:
    """Without a policy a valid token is enough, on an application of Starlette too."""
    app = Starlette(routes=[Route("/", lambda request: PlainTextResponse(request.state.principal.subject))])
    init_axioms(app, AXIOMS_AUDIENCE="https://api.example.com", AXIOMS_ISS_URL=issuer)
    app.add_middleware(GuardMiddleware)
    client = TestClient(app)
    assert client.get("/").status_code == 401
    assert client.get("/", headers=bearer(sub="alice")).text == "alice"


def test_own_predicate(app: FastAPI, bearer: Bearer) -> None:
    """A function of the application is a policy here as well."""

    async def is_alice(principal: Principal) -> bool:
        return principal.subject == "alice"

    app.add_middleware(GuardMiddleware, policy=is_alice)
    client = TestClient(app)
    assert client.get("/plain", headers=bearer(sub="alice", scope="read")).status_code == 200
    assert client.get("/plain", headers=bearer(sub="bob", scope="read")).status_code == 403


def test_preflights(app: FastAPI) -> None:
    """CORSMiddleware that is added later stands before it: it answers preflights, and refusals can be read by scripts."""
    app.add_middleware(CORSMiddleware, allow_origins=["https://spa.example.com"], allow_headers=["Authorization"])
    client = TestClient(app)
    origin = {"Origin": "https://spa.example.com"}
    asked = {"Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": "Authorization"}
    assert client.options("/plain", headers=origin | asked).status_code == 200
    refused = client.get("/plain", headers=origin)
    assert (refused.status_code, refused.headers["access-control-allow-origin"]) == (401, "https://spa.example.com")


def test_without_axioms() -> None:
    """On an application without init_axioms it lets nobody in."""
    app = FastAPI()
    app.add_middleware(GuardMiddleware, public=["/health"])
    app.add_api_route("/", lambda: "in")
    assert TestClient(app, raise_server_exceptions=False).get("/").status_code == 500


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"policy": "read"}, "str is not a policy"),
        ({"policy": require_auth}, "is not a policy"),
        ({"public": "/health"}, "public is '/health'; write a list of paths, such as ['/health']"),
        ({"public": ["health"]}, "public holds 'health'; write exact paths"),
        ({"public": ["/docs/*"]}, "public holds '/docs/*'; write exact paths"),
        ({"public": ["/users/{id}"]}, "public holds '/users/{id}'; write exact paths"),
        ({"public": [7]}, "public holds 7; write exact paths"),
        ({"public": 7}, "public is 7; write a list of paths"),
        ({"public": iter(["/health"])}, "write a list of paths"),
    ],
    ids=str,
)
def test_mistakes(issuer: str, options: dict[str, Any], sentence: str) -> None:
    """What is no policy and no path stops the start, with what to write."""
    app = FastAPI()
    init_axioms(app, AXIOMS_AUDIENCE="https://api.example.com", AXIOMS_ISS_URL=issuer)
    app.add_middleware(GuardMiddleware, **options)
    with pytest.raises(ConfigurationError) as error, TestClient(app):
        pass
    assert sentence in str(error.value)


def test_in_the_document(app: FastAPI) -> None:
    """The OpenAPI document says of each operation what stands before it; a public path asks nothing."""
    app.add_middleware(GuardMiddleware, roles("staff"), ["/health"])

    @app.get("/admin", dependencies=[Depends(require_roles("admin"))])
    async def admin() -> None: ...

    paths = app.openapi()["paths"]
    required = {path: item["get"].get("x-axioms-requires") for path, item in paths.items()}
    staff_reading: list[dict[str, Any]] = [{"roles": ["staff"]}, {"scopes": ["read"]}]
    assert required == {
        "/plain": staff_reading,
        "/included": staff_reading,
        "/admin": [*staff_reading, {"roles": ["admin"]}],
        "/health": None,
    }
    assert paths["/plain"]["get"]["security"] == [{"AccessToken": ["read"]}]
    assert {"401", "403", "503"} <= paths["/plain"]["get"]["responses"].keys()
    assert "security" not in paths["/health"]["get"]


def test_verifies_once(issuer: str, mint: Mint) -> None:
    """Two of them, one for everybody and one for a part, ask one verification."""
    app = FastAPI()
    init_axioms(app, AXIOMS_AUDIENCE="https://api.example.com", AXIOMS_ISS_URL=issuer, AXIOMS_TOKEN_CACHE_SIZE=0)
    seen: list[Principal] = []

    async def remember(principal: Principal) -> bool:
        seen.append(principal)
        return True

    for _ in range(2):
        app.add_middleware(GuardMiddleware, policy=remember)
    app.add_api_route("/", lambda: "in")
    TestClient(app).get("/", headers={"Authorization": f"Bearer {mint.mint()}"}).raise_for_status()
    assert len(seen) == 2
    assert seen[0] is seen[1]
