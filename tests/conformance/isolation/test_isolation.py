"""Isolation: applications, requests and callers share nothing, and a guard asks nothing of the request but its header."""

import copy
import json
import pickle
from collections.abc import Callable
from typing import Annotated, Any

import pytest
from fastapi import APIRouter, Body, Depends, FastAPI, WebSocket
from fastapi.testclient import TestClient
from pydantic import BaseModel

import axioms_fastapi
from axioms_fastapi import (
    AccessTokenMiddleware,
    Axioms,
    AxiomsHTTPException,
    Claims,
    Issuer,
    Refusal,
    all_of,
    check_object_ownership,
    current_principal,
    init_axioms,
    optional_auth,
    register_axioms_exception_handler,
    require,
    require_auth,
    require_permissions,
    require_roles,
    require_scopes,
    scopes,
)
from axioms_fastapi.forge import Mint, SigningKey
from conformance.door import Door, ask, bearer

GUARDS: dict[str, Any] = {
    "require_auth": require_auth,
    "with_safe_methods": require_auth.with_safe_methods(["OPTIONS"]),
    "optional_auth": optional_auth,
    "current_principal": current_principal,
    "require_scopes": require_scopes(["admin"]),
    "require_roles": require_roles(["admin"]),
    "require_permissions": require_permissions(["admin"]),
    "require": require(all_of(scopes("admin"), lambda principal: True)),
    "check_object_ownership": check_object_ownership(lambda: {"user": "alice"}),
}


class Item(BaseModel):
    name: str


def api(audience: str, key: SigningKey, url: str = Door.URL) -> FastAPI:
    """An application of its own, with one guarded route."""
    app = FastAPI()
    init_axioms(app, issuers=[Issuer(url, audience, keys={"keys": [key.public_jwk()]})])
    register_axioms_exception_handler(app)

    @app.get("/")
    async def root(payload: Annotated[Claims, Depends(require_auth)]) -> str:
        return str(payload.sub)

    return app


@pytest.mark.conformance("A53")
@pytest.mark.parametrize("name", GUARDS)
def test_no_parameter_of_its_own(door: Door, name: str) -> None:
    """A guard adds no parameter and no body to a route, and leaves the route's single body what it is."""

    @door.app.post("/items", dependencies=[Depends(GUARDS[name])])
    async def create(item: Item) -> str:
        return item.name

    operation = door.app.openapi()["paths"]["/items"]["post"]
    assert "parameters" not in operation
    schema = operation["requestBody"]["content"]["application/json"]["schema"]
    assert schema == {"$ref": "#/components/schemas/Item"}


@pytest.mark.conformance("A53", "A54")
@pytest.mark.parametrize("name", [name for name in GUARDS if name != "optional_auth"])
@pytest.mark.parametrize(
    ("query", "content_type", "body"),
    [
        (b"safe_methods=GET&safe_methods=POST", b"", b""),
        (b"options=GET&options=%7B%7D&kwargs=x&args=x", b"", b""),
        (b"config=x&policy=&names=&security_scopes=&scopes=", b"", b""),
        (b"connection=x&claims=x&found=x&payload=x", b"", b""),
        (b"", b"application/json", b'["GET"]'),
        (b"", b"application/json", b'["POST"]'),
        (b"", b"application/json", b'{"safe_methods": ["POST"]}'),
        (b"", b"application/json", b'{"options": {"safe_methods": ["POST"]}, "policy": null}'),
        (b"", b"application/x-www-form-urlencoded", b"safe_methods=POST"),
        (
            b"",
            b"multipart/form-data; boundary=x",
            b'--x\r\nContent-Disposition: form-data; name="safe_methods"\r\n\r\nPOST\r\n--x--',
        ),
    ],
    ids=str,
)
def test_nothing_in_a_request_sets_an_option(
    door: Door, name: str, query: bytes, content_type: bytes, body: bytes
) -> None:
    """Nothing in the query or the body switches a guard off, whatever parameter it would like to be."""

    @door.app.post("/items", dependencies=[Depends(GUARDS[name])])
    async def create(payload: Annotated[Any, Body()] = None) -> None:
        door.ran.append("in")

    headers = [(b"content-type", content_type)] if content_type else []
    door.refuses(headers, status=401, error=None, path="/items", method="POST", query=query, body=body)


@pytest.mark.conformance("A62")
def test_two_applications(foreign_keys: dict[str, SigningKey], trusted_keys: dict[str, SigningKey]) -> None:
    """Two applications in one process keep their own audience and keys, side by side and mounted in either order."""
    keys = {"one": trusted_keys["ec"], "two": foreign_keys["ec"]}
    for outer_name, inner_name in (("one", "two"), ("two", "one")):
        for middleware in (False, True):
            apps = {name: api(f"https://{name}", key) for name, key in keys.items()}
            outer, inner = apps[outer_name], apps[inner_name]
            if middleware:
                outer.add_middleware(AccessTokenMiddleware)
            outer.mount("/inner", inner)
            tokens = {name: Mint([key], Door.URL, f"https://{name}").mint({"sub": name}) for name, key in keys.items()}
            for name, token in tokens.items():
                assert ask(outer, bearer(token)).status == (200 if name == outer_name else 401)
                assert ask(outer, bearer(token), path="/inner/").status == (200 if name == inner_name else 401)
                assert ask(inner, bearer(token)).status == (200 if name == inner_name else 401)


@pytest.mark.conformance("A62", "62")
@pytest.mark.parametrize("where", ["application", "router", "include", "route", "mounted application"])
def test_wherever_it_stands(trusted_keys: dict[str, SigningKey], where: str) -> None:
    """A guard on an application, a router, an inclusion or a route guards it; a mounted one without settings is a 500."""
    app = FastAPI(dependencies=[Depends(require_auth)] if where == "application" else [])
    init_axioms(app, issuers=[Issuer(Door.URL, "api", keys={"keys": [trusted_keys["ec"].public_jwk()]})])
    router = APIRouter(dependencies=[Depends(require_auth)] if where == "router" else [])
    router.add_api_route(
        "/", lambda: "in", dependencies=[Depends(require_auth)] if where in {"route", "mounted application"} else []
    )
    if where == "mounted application":
        inner = FastAPI()
        inner.include_router(router)
        app.mount("/x", inner)
    else:
        app.include_router(router, prefix="/x", dependencies=[Depends(require_auth)] if where == "include" else [])
    client = TestClient(app, raise_server_exceptions=False)
    token = {"Authorization": f"Bearer {Mint([trusted_keys['ec']], Door.URL, 'api').mint()}"}
    if where == "mounted application":
        assert [client.get("/x/").status_code, client.get("/x/", headers=token).status_code] == [500, 500]
    else:
        assert [client.get("/x/").status_code, client.get("/x/", headers=token).status_code] == [401, 200]


@pytest.mark.conformance("A48")
def test_claims_cannot_be_changed(door: Door) -> None:
    """A handler or a dependency that tries to change claims fails, and the next one sees what the token says."""
    seen: list[Any] = []

    def spoil(payload: Annotated[Claims, Depends(require_auth)]) -> None:
        for attempt in (
            lambda: payload.__setitem__("roles", ["admin"]),
            lambda: payload["roles"].append("admin"),
            lambda: payload["nested"]["list"].__iadd__(["admin"]),
            lambda: payload["nested"].update(admin=True),
            lambda: setattr(payload, "sub", "bob"),
            lambda: payload.pop("sub"),
            lambda: payload.clear(),
            lambda: payload.__ior__({"sub": "bob"}),
            lambda: payload["roles"].sort(),
        ):
            with pytest.raises(TypeError):
                attempt()

    @door.app.get("/spoil", dependencies=[Depends(spoil)])
    async def handler(payload: Annotated[Claims, Depends(require_auth)]) -> None:
        seen.append(json.loads(json.dumps(payload)))

    token = door.token({"sub": "alice", "roles": ["b", "a"], "nested": {"list": ["x"]}})
    for _ in range(2):
        assert ask(door.app, bearer(token), path="/spoil").status == 200
    assert [(claims["sub"], claims["roles"], claims["nested"]) for claims in seen] == [
        ("alice", ["b", "a"], {"list": ["x"]})
    ] * 2


@pytest.mark.conformance("A63")
def test_copies_tell_no_more(door: Door) -> None:
    """Claims survive copying and pickling as values of their own, and none of their texts shows a claim's value."""
    claims = Claims({"sub": "s3cret", "roles": ["s3cret"]})
    for twin in (copy.copy(claims), copy.deepcopy(claims), pickle.loads(pickle.dumps(claims))):
        assert twin == claims
        assert "s3cret" not in repr(twin) + str(twin) + f"{twin}"


@pytest.mark.conformance("A63")
@pytest.mark.parametrize("state", [{"auth_jwt": {"sub": "evil"}}, {"axioms": "x"}, {"auth_jwt": True}], ids=str)
def test_state_of_the_request_is_not_believed(door: Door, state: dict[str, Any]) -> None:
    """What somebody put into request.state before is overwritten by the middleware, and never read by a guard."""
    from starlette.types import Receive, Scope, Send

    door.app.add_middleware(AccessTokenMiddleware)

    async def before(scope: Scope, receive: Receive, send: Send) -> None:
        scope["state"] = dict(state)
        await door.app(scope, receive, send)

    assert ask(before).status == 401
    assert door.ran == []


@pytest.mark.conformance("A63")
def test_scope_of_another_application_is_not_believed(door: Door, trusted_keys: dict[str, SigningKey]) -> None:
    """A principal that another Axioms kept in the ASGI scope lets nobody in here: the key is the very Axioms."""
    import asyncio

    other = api("https://other", trusted_keys["ec"], "https://other.example.com")
    axioms = other.state.axioms
    assert isinstance(axioms, Axioms)
    token = Mint([trusted_keys["ec"]], "https://other.example.com", "https://other").mint()
    scope: dict[str, Any] = {"type": "http", "headers": bearer(token)}
    asyncio.run(axioms.authenticate(scope))
    with pytest.raises(axioms_fastapi.InvalidToken):
        asyncio.run(door.axioms.authenticate(scope))


@pytest.mark.conformance("A76", "18")
def test_verified_once_for_a_request(door: Door) -> None:
    """However many guards a route has, a request's token is verified once, and the next request's anew."""
    import asyncio

    scope: dict[str, Any] = {"type": "http", "headers": bearer(door.token())}

    async def ask_twice() -> bool:
        return await door.axioms.authenticate(scope) is await door.axioms.authenticate(scope)

    assert asyncio.run(ask_twice())


@pytest.mark.conformance("A60")
def test_what_a_loader_opened_is_closed(door: Door) -> None:
    """A dependency with `yield` that ran before a refusal is closed, and background work of the handler never starts."""
    steps: list[str] = []

    async def resource() -> Any:
        steps.append("open")
        try:
            yield
        finally:
            steps.append("close")

    door.app.add_api_route(
        "/resource", lambda: steps.append("in"), dependencies=[Depends(resource), Depends(require_roles("admin"))]
    )
    door.refuses(bearer(door.token()), status=403, error="insufficient_scope", path="/resource")
    assert steps == ["open", "close"]


@pytest.mark.conformance("A59")
@pytest.mark.parametrize("announced", [True, False])
@pytest.mark.parametrize(
    ("token", "status"), [(None, 401), ("bad", 401), ("good", 403)], ids=["no token", "bad token", "no scope"]
)
@pytest.mark.parametrize("registered", [True, False])
def test_websocket(
    make_door: Callable[..., Door], announced: bool, token: str | None, status: int, registered: bool
) -> None:
    """A WebSocket is refused before it is accepted: by the HTTP answer where the server can carry it, else by close code 1008."""
    import asyncio

    door = make_door()
    if not registered:
        for kind in (AxiomsHTTPException, Refusal):
            del door.app.exception_handlers[kind]

    @door.app.websocket("/ws")
    async def ws(websocket: WebSocket, payload: Annotated[Claims, Depends(require_scopes("admin"))]) -> None:
        door.ran.append("in")
        await websocket.accept()

    sent: list[Any] = []
    good = door.token()
    scope = {
        "type": "websocket",
        "path": "/ws",
        "query_string": b"access_token=" + door.token({"scope": "admin"}).encode(),
        "headers": bearer({"good": good}.get(token, token)) if token else [],
        "extensions": {"websocket.http.response": {}} if announced else {},
    }

    async def receive() -> Any:
        return {"type": "websocket.connect"}

    async def send(message: Any) -> None:
        sent.append(message)

    asyncio.run(_run(door.app, scope, receive, send))
    assert door.ran == []
    if announced:
        start, body = sent
        assert (start["type"], start["status"]) == ("websocket.http.response.start", status)
        assert any(name == b"www-authenticate" for name, _ in start["headers"])
        assert b"error" in body["body"]
    else:
        assert [(message["type"], message["code"]) for message in sent] == [("websocket.close", 1008)]
    door.tally["refused"] += 1


async def _run(app: Any, *arguments: Any) -> None:
    await app(*arguments)


@pytest.mark.conformance("A59")
@pytest.mark.parametrize("protocol", ["websockets-sansio"])
def test_websocket_on_the_wire(door: Door, protocol: str) -> None:
    """Through a real server: a good token opens the WebSocket, every other one gets the HTTP answer with its challenge."""
    from websockets.exceptions import InvalidStatus
    from websockets.sync.client import connect

    from serving import serving

    @door.app.websocket("/ws")
    async def ws(websocket: WebSocket, payload: Annotated[Claims, Depends(require_auth)]) -> None:
        await websocket.accept()
        await websocket.send_text(payload.sub)

    with serving(door.app) as url:
        address = url.replace("http:", "ws:") + "/ws"
        with connect(address, additional_headers={"Authorization": f"Bearer {door.token({'sub': 'alice'})}"}) as socket:
            assert socket.recv() == "alice"
        for headers in ({}, {"Authorization": "Bearer a.b.c"}, {"Authorization": "Bearer"}):
            with pytest.raises(InvalidStatus) as refused:
                connect(address, additional_headers=headers)
            assert refused.value.response.status_code in {400, 401}
            assert refused.value.response.headers["WWW-Authenticate"].startswith("Bearer realm=")
            door.tally["refused"] += 1


@pytest.mark.conformance("A59")
def test_ownership_of_a_websocket(door: Door) -> None:
    """Ownership guards a WebSocket in the same way, and a server that carries no HTTP answer gets close code 1008."""
    import asyncio

    @door.app.websocket("/ws")
    async def ws(
        websocket: WebSocket, found: Annotated[Any, Depends(check_object_ownership(lambda: {"user": "bob"}))]
    ) -> None:
        door.ran.append("in")

    sent: list[Any] = []
    scope = {"type": "websocket", "path": "/ws", "query_string": b"", "headers": bearer(door.token({"sub": "alice"}))}

    async def receive() -> Any:
        return {"type": "websocket.connect"}

    async def send(message: Any) -> None:
        sent.append(message)

    asyncio.run(_run(door.app, scope, receive, send))
    assert [(message["type"], message["code"]) for message in sent] == [("websocket.close", 1008)]
    assert door.ran == []


@pytest.mark.conformance("A51", "A59")
@pytest.mark.parametrize(
    "value",
    [
        b"Bearer T",
        b"bearer   T",
        b"Bearer\tT",
        b"Bearer T x",
        b"Bearer",
        b"T",
        b"Basic T",
        b"Bearer T,T",
        b" Bearer T ",
    ],
    ids=repr,
)
def test_one_reading_of_a_header(door: Door, value: bytes) -> None:
    """The middleware, a guard and a WebSocket's guard read a header value alike."""
    states: list[Any] = []

    class Look:
        def __init__(self, app: Any) -> None:
            self.app = app

        async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
            states.append(dict(scope["state"]))
            await self.app(scope, receive, send)

    door.app.add_middleware(Look)
    door.app.add_middleware(AccessTokenMiddleware)
    header = [(b"authorization", value.replace(b"T", door.token().encode()))]
    status = ask(door.app, header).status
    assert bool(states[0]["auth_jwt"]) == (status == 200)
    assert states[0]["invalid_bearer_token"] == (status == 400 or (status == 401 and states[0]["auth_jwt"] is None))
    assert states[0]["missing_auth_header"] is False
