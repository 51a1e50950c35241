"""The guards as FastAPI uses them: on routes, routers and applications, alone and composed."""

import functools
import inspect
from collections.abc import Callable
from typing import Annotated

import pytest
from fastapi import APIRouter, Body, Depends, FastAPI, Security, WebSocket
from fastapi.testclient import TestClient
from pydantic import BaseModel
from starlette.websockets import WebSocketDisconnect

from axioms_fastapi import (
    Claims,
    ConfigurationError,
    Principal,
    all_of,
    any_of,
    check_object_ownership,
    current_principal,
    none_of,
    optional_auth,
    permissions,
    require,
    require_auth,
    require_permissions,
    require_roles,
    require_scopes,
    roles,
    scopes,
)
from axioms_fastapi.forge import Mint

Bearer = Callable[..., dict[str, str]]


class TestRequireAuth:
    """`payload=Depends(require_auth)`, as the tutorial has it."""

    def test_payload(self, app: FastAPI, client: TestClient, bearer: Bearer, issuer: str) -> None:
        """The handler reads claims as attributes, as items, and as a dict."""

        @app.get("/")
        async def root(payload: Annotated[Claims, Depends(require_auth)]) -> dict[str, object]:
            return {
                "sub": payload.sub,
                "iss": getattr(payload, "iss", None),
                "name": getattr(payload, "name", None),
                "email": payload.get("email"),
                "roles": payload["roles"],
                "all": dict(payload),
            }

        body = client.get("/", headers=bearer(sub="alice", roles=["admin"])).json()
        assert (body["sub"], body["iss"], body["name"], body["email"], body["roles"]) == (
            "alice",
            issuer,
            None,
            None,
            ["admin"],
        )
        assert body["all"]["roles"] == ["admin"]

    def test_claims_are_an_answer(self, app: FastAPI, client: TestClient, mint: Mint) -> None:
        """A handler may return the claims themselves, also with `-> Claims`."""

        @app.get("/")
        async def root(payload: Annotated[Claims, Depends(require_auth)]) -> Claims:
            return payload

        claims = mint.claims({"sub": "alice", "nested": {"list": [1, {"a": None}]}})
        token = mint.mint(claims)
        assert client.get("/", headers={"Authorization": f"Bearer {token}"}).json() == claims

    @pytest.mark.parametrize("where", ["application", "router", "include", "route"])
    def test_everywhere(self, app: FastAPI, client: TestClient, bearer: Bearer, where: str) -> None:
        """A guard protects from wherever FastAPI takes dependencies."""
        guard = [Depends(require_scopes("read"))]
        if where == "application":
            app.router.dependencies.extend(guard)
        router = APIRouter(dependencies=guard if where == "router" else [])

        @router.get("/x", dependencies=guard if where == "route" else [])
        async def root() -> str:
            return "in"

        app.include_router(router, dependencies=guard if where == "include" else [])
        assert client.get("/x").status_code == 401
        assert client.get("/x", headers=bearer()).status_code == 403
        assert client.get("/x", headers=bearer(scope="read")).json() == "in"

    def test_overrides(self, app: FastAPI, client: TestClient) -> None:
        """FastAPI's dependency_overrides replace a guard, as users' tests expect."""

        @app.get("/")
        async def root(payload: Annotated[Claims, Depends(require_auth)]) -> str:
            return str(payload.sub)

        app.dependency_overrides[require_auth] = lambda: Claims({"sub": "test"})
        assert client.get("/").json() == "test"


class TestSafeMethods:
    """Methods are exempt by a choice on the server, which no request can make."""

    @pytest.fixture(params=["with_safe_methods", "partial"])
    def guarded(self, request: pytest.FixtureRequest, app: FastAPI) -> FastAPI:
        guard = (
            require_auth.with_safe_methods(["OPTIONS", "GET"])
            if request.param == "with_safe_methods"
            else functools.partial(require_auth, safe_methods=["OPTIONS", "GET"])
        )

        @app.api_route("/x", methods=["GET", "POST", "OPTIONS"])
        async def x(payload: Annotated[Claims, Depends(guard)]) -> dict[str, object]:
            return {"claims": dict(payload)}

        return app

    def test_exempt(self, guarded: FastAPI, client: TestClient, bearer: Bearer) -> None:
        """An exempt method gets empty claims, token or not; every other method is guarded."""
        assert client.get("/x").json() == {"claims": {}}
        assert client.options("/x", headers=bearer()).json() == {"claims": {}}
        assert client.post("/x").status_code == 401
        assert client.post("/x", headers=bearer(sub="alice")).json()["claims"]["sub"] == "alice"

    @pytest.mark.parametrize(
        "request_parts",
        [
            {"params": {"safe_methods": "POST"}},
            {"params": {"options": '{"safe_methods": ["POST"]}'}},
            {"json": ["POST"]},
            {"json": {"safe_methods": ["POST"]}},
            {"data": {"safe_methods": "POST"}},
            {"headers": {"safe-methods": "POST", "X-HTTP-Method-Override": "GET"}},
            {"cookies": {"safe_methods": "POST"}},
        ],
        ids=str,
    )
    def test_a_request_cannot_choose(self, guarded: FastAPI, issuer: str, request_parts: dict[str, object]) -> None:
        """Nothing in a request makes its method exempt."""
        cookies = request_parts.pop("cookies", None)
        with TestClient(guarded, cookies=cookies) as client:  # type: ignore[arg-type]
            assert client.post("/x", **request_parts).status_code == 401  # type: ignore[arg-type]

    def test_denied_all_the_same(self, app: FastAPI, client: TestClient) -> None:
        """A guard that asks for scopes denies an exempt method too."""
        exempt = require_auth.with_safe_methods(["GET"])

        @app.get("/", dependencies=[Depends(exempt), Depends(require_scopes(["read"]))])
        async def root() -> None: ...

        assert client.get("/").status_code == 401

    @pytest.mark.parametrize("wrong", ["GET", None, [""], ["get"], [7], ["GET,POST"]])
    def test_wrong_methods(self, app: FastAPI, wrong: object) -> None:
        """What is no list of methods is refused where it is written."""
        with pytest.raises(ConfigurationError, match="safe_methods"):
            require_auth.with_safe_methods(wrong)  # type: ignore[arg-type]
        with pytest.raises(ConfigurationError, match="safe_methods"):
            app.get("/", dependencies=[Depends(functools.partial(require_auth, safe_methods=wrong))])(lambda: None)

    def test_unknown_option(self, app: FastAPI) -> None:
        """A partial with another option is refused where it is written."""
        with pytest.raises(ConfigurationError, match="no option but safe_methods, and was given optional"):
            app.get("/", dependencies=[Depends(functools.partial(require_auth, optional=True))])(lambda: None)


class TestLists:
    """A list is any-of, chained guards are all-of."""

    @pytest.mark.parametrize(
        ("guards", "claims", "status"),
        [
            ([require_scopes(["a", "b"])], {"scope": "b x"}, 200),
            ([require_scopes(["a", "b"])], {"scope": "x"}, 403),
            ([require_scopes(["a"]), require_scopes(["b"])], {"scope": "a"}, 403),
            ([require_scopes(["a"]), require_scopes(["b"])], {"scope": "b a"}, 200),
            ([require_scopes("ab")], {"scope": "a b"}, 403),
            ([require_scopes(["a"])], {"scp": ["a"]}, 200),
            ([require_scopes(["a"])], {"scope": ["x a"]}, 403),
            ([require_roles(["a", "b"])], {"roles": ["b"]}, 200),
            ([require_roles(["a"])], {"roles": "a"}, 200),
            ([require_roles(["a"])], {"roles": "abc"}, 403),
            ([require_roles(["a"]), require_roles(["b"])], {"roles": ["b"]}, 403),
            ([require_permissions(["p:w"])], {"permissions": ["p:write"]}, 403),
            ([require_permissions(["p:w", "admin"])], {"permissions": ["admin"]}, 200),
            ([require_permissions(["p"]), require_roles(["r"])], {"permissions": ["p"]}, 403),
        ],
    )
    def test_lists(
        self,
        app: FastAPI,
        client: TestClient,
        bearer: Bearer,
        guards: list[object],
        claims: dict[str, object],
        status: int,
    ) -> None:
        """The names in the token decide, whole and exact."""

        @app.get("/", dependencies=[Depends(guard) for guard in guards])  # type: ignore[arg-type]
        async def root() -> None: ...

        assert client.get("/", headers=bearer(**claims)).status_code == status

    def test_guards_give_the_claims(self, app: FastAPI, client: TestClient, bearer: Bearer) -> None:
        """`payload=Depends(require_roles(...))` is the payload."""

        @app.get("/")
        async def root(payload: Annotated[Claims, Depends(require_roles(["admin"]))]) -> str:
            return str(payload.sub)

        assert client.get("/", headers=bearer(sub="alice", roles=["admin"])).json() == "alice"


class TestRequire:
    """Composed policies, own predicates and the typed principal."""

    def test_principal(self, app: FastAPI, client: TestClient, bearer: Bearer, issuer: str) -> None:
        """The principal holds what the claim mapping found, beside the claims."""

        @app.get("/")
        async def root(
            principal: Annotated[
                Principal, Depends(require(all_of(scopes("read"), any_of(roles("editor"), permissions("edit")))))
            ],
        ) -> dict[str, object]:
            return {
                "subject": principal.subject,
                "issuer": principal.issuer,
                "client_id": principal.client_id,
                "scopes": sorted(principal.scopes),
                "roles": sorted(principal.roles),
                "permissions": sorted(principal.permissions),
                "claims.roles": principal.claims.roles,
            }

        claims = {"sub": "alice", "client_id": "web", "scope": "read write", "roles": ["editor"], "permissions": ["p"]}
        assert client.get("/", headers=bearer(**claims)).json() == {
            "subject": "alice",
            "issuer": issuer,
            "client_id": "web",
            "scopes": ["read", "write"],
            "roles": ["editor"],
            "permissions": ["p"],
            "claims.roles": ["editor"],
        }

    def test_denied_composition(self, app: FastAPI, client: TestClient, bearer: Bearer) -> None:
        """The answer names what is missing, and the challenge every scope that the guard asks for."""
        guard = require(all_of(scopes("read", "admin"), any_of(roles("editor"), permissions("edit")), scopes("write")))

        @app.get("/", dependencies=[Depends(guard)])
        async def root() -> None: ...

        response = client.get("/", headers=bearer(scope="read"))
        assert (response.status_code, response.json()) == (
            403,
            {"error": "insufficient_permission", "error_description": "Access denied: requires one of editor, edit"},
        )
        assert 'scope="read admin write"' in response.headers["WWW-Authenticate"]
        response = client.get("/", headers=bearer(scope="read", roles=["editor"]))
        assert response.json() == {
            "error": "insufficient_scope",
            "error_description": "Insufficient scope: requires write",
        }

    @pytest.mark.parametrize(("subject", "status"), [("alice", 200), ("bob", 403)])
    @pytest.mark.parametrize("kind", ["sync", "async"])
    def test_predicate(
        self, app: FastAPI, client: TestClient, bearer: Bearer, kind: str, subject: str, status: int
    ) -> None:
        """An own predicate, sync or async, says True or False of the principal."""

        def is_alice(principal: Principal) -> bool:
            return principal.subject == "alice"

        async def is_alice_async(principal: Principal) -> bool:
            return is_alice(principal)

        @app.get("/", dependencies=[Depends(require(is_alice if kind == "sync" else is_alice_async))])
        async def root() -> None: ...

        response = client.get("/", headers=bearer(sub=subject))
        assert response.status_code == status
        if status == 403:
            assert response.json() == {"error": "insufficient_permission", "error_description": "Access denied"}

    @pytest.mark.parametrize("answer", [None, 1, "yes", object()])
    def test_predicate_without_a_verdict(
        self, app: FastAPI, client: TestClient, bearer: Bearer, answer: object
    ) -> None:
        """A predicate that returns anything but True or False opens nothing: it is a 500."""

        @app.get("/", dependencies=[Depends(require(lambda principal: answer))])  # type: ignore[arg-type,return-value]
        async def root() -> str:
            return "in"

        response = client.get("/", headers=bearer())
        assert (response.status_code, response.text) == (500, "Internal Server Error")

    def test_none_of(self, app: FastAPI, client: TestClient, bearer: Bearer) -> None:
        """none_of denies who has any of them."""

        @app.get("/", dependencies=[Depends(require(none_of(roles("suspended"), scopes("readonly"))))])
        async def root() -> None: ...

        assert client.get("/", headers=bearer()).status_code == 200
        assert client.get("/", headers=bearer(roles=["suspended"])).status_code == 403
        response = client.get("/", headers=bearer(scope="readonly"))
        assert response.status_code == 403
        assert "scope=" not in response.headers["WWW-Authenticate"]

    @pytest.mark.parametrize(
        "value", [["suspended", 1], ["suspended", None], ["suspended", ""], {"suspended": True}, 7, None]
    )
    def test_none_of_what_cannot_be_read(self, app: FastAPI, client: TestClient, bearer: Bearer, value: object) -> None:
        """A claim of the wrong type is no proof that a name is missing."""
        app.get("/", dependencies=[Depends(require(none_of(roles("suspended"))))])(lambda: "in")
        app.get(
            "/nested", dependencies=[Depends(require(none_of(all_of(roles("suspended"), lambda principal: False))))]
        )(lambda: "in")
        assert client.get("/", headers=bearer(roles=value)).status_code == 403
        assert client.get("/nested", headers=bearer(roles=value)).status_code == 403
        assert client.get("/", headers=bearer(scope=7)).status_code == 200

    def test_principal_as_an_answer(self, app: FastAPI, client: TestClient, bearer: Bearer) -> None:
        """A handler may return the principal, annotated or not."""

        @app.get("/plain")
        async def plain(principal: Annotated[Principal, Depends(current_principal)]):  # type: ignore[no-untyped-def]
            return principal

        @app.get("/typed")
        async def typed(principal: Annotated[Principal, Depends(current_principal)]) -> Principal:
            return principal

        for path in ("/plain", "/typed"):
            body = client.get(path, headers=bearer(sub="alice", roles=["r"], nested={"a": [{"b": 1}]})).json()
            assert (body["subject"], body["roles"], body["claims"]["nested"]) == ("alice", ["r"], {"a": [{"b": 1}]})

    @pytest.mark.parametrize(
        "build",
        [
            lambda: require_scopes([]),
            lambda: require_scopes(()),
            lambda: require_scopes(None),  # type: ignore[arg-type]
            lambda: require_scopes([""]),
            lambda: require_scopes(["read write"]),
            lambda: require_scopes(['a"b']),
            lambda: require_scopes([b"read"]),  # type: ignore[list-item]
            lambda: require_scopes({"read": True}),
            lambda: require_roles([]),
            lambda: require_roles([" "]),
            lambda: require_roles([None]),  # type: ignore[list-item]
            lambda: require_permissions([["nested"]]),  # type: ignore[list-item]
            lambda: require(None),  # type: ignore[arg-type]
            lambda: require("admin"),  # type: ignore[arg-type]
            lambda: any_of(),
            lambda: all_of(),
            lambda: none_of(),
        ],
    )
    def test_wrong_policy(self, build: Callable[[], object]) -> None:
        """A policy that asks for nothing, or for what is no name, is refused where it is written."""
        with pytest.raises(ConfigurationError):
            build()

    def test_names_are_read_once(self, app: FastAPI, client: TestClient, bearer: Bearer) -> None:
        """A generator is consumed once, and a list that changes later changes nothing."""
        names = ["read"]
        guards = [require_scopes(name for name in ("read", "read")), require_scopes(names)]
        names.append("guest")

        @app.get("/", dependencies=[Depends(guard) for guard in guards])
        async def root() -> None: ...

        assert client.get("/", headers=bearer(scope="read")).status_code == 200
        assert client.get("/", headers=bearer(scope="guest")).status_code == 403

    def test_roles_hold_any_text(self, app: FastAPI, client: TestClient, bearer: Bearer) -> None:
        """A role may hold any text; what a header cannot carry is replaced in the header alone."""

        @app.get("/", dependencies=[Depends(require_roles(['rédac"teur\r\n中']))])
        async def root() -> None: ...

        assert client.get("/", headers=bearer(roles=['rédac"teur\r\n中'])).status_code == 200
        response = client.get("/", headers=bearer(roles=["rédac"]))
        assert response.json()["error_description"] == 'Insufficient role: requires rédac"teur\r\n中'
        assert 'error_description="Insufficient role: requires r?dac?teur???"' in response.headers["WWW-Authenticate"]


class TestOtherGuards:
    """current_principal and optional_auth."""

    def test_current_principal(self, app: FastAPI, client: TestClient, bearer: Bearer) -> None:
        """It requires a token and gives the principal."""

        @app.get("/")
        async def root(principal: Annotated[Principal, Depends(current_principal)]) -> str:
            return principal.subject

        assert client.get("/").status_code == 401
        assert client.get("/", headers=bearer(sub="alice")).json() == "alice"

    def test_optional_auth(self, app: FastAPI, client: TestClient, bearer: Bearer) -> None:
        """No token is None; a bad token is refused all the same."""

        @app.get("/")
        async def root(payload: Annotated[Claims | None, Depends(optional_auth)]) -> str | None:
            return payload and payload.sub

        assert client.get("/").json() is None
        assert client.get("/", headers={"Authorization": "Basic dTpw"}).json() is None
        assert client.get("/", headers=bearer(sub="alice")).json() == "alice"
        assert client.get("/", headers=bearer(exp=1)).status_code == 401
        assert client.get("/", headers={"Authorization": "Bearer"}).status_code == 400


EXPORTED = {
    "require_auth": require_auth,
    "with_safe_methods": require_auth.with_safe_methods(["OPTIONS"]),
    "partial": functools.partial(require_auth, safe_methods=["OPTIONS"]),
    "optional_auth": optional_auth,
    "current_principal": current_principal,
    "require_scopes": require_scopes(["a"]),
    "require_roles": require_roles(["a"]),
    "require_permissions": require_permissions(["a"]),
    "require": require(all_of(scopes("a"), lambda principal: True)),
    "check_object_ownership": check_object_ownership(lambda: None),
}


class TestOpenAPI:
    """The guard of the guards: no exported dependency has a parameter that FastAPI would read from a request."""

    @pytest.mark.parametrize("name", EXPORTED)
    def test_adds_no_parameter(self, name: str) -> None:
        """Each exported dependency on a bare route adds a lock, and neither parameter nor body."""
        app = FastAPI()

        @app.post("/", dependencies=[Depends(EXPORTED[name])])
        async def root() -> None: ...

        operation = app.openapi()["paths"]["/"]["post"]
        assert "parameters" not in operation
        assert "requestBody" not in operation
        assert operation["security"] == [{"AccessToken": []}]
        assert "422" not in operation["responses"]

    @pytest.mark.parametrize("name", EXPORTED)
    def test_leaves_the_body_alone(self, name: str) -> None:
        """A guard beside a single body model does not turn it into an embedded one."""
        app = FastAPI()

        class Article(BaseModel):
            title: str

        @app.post("/")
        async def root(article: Article, guard: Annotated[object, Depends(EXPORTED[name])]) -> None: ...

        schema = app.openapi()["paths"]["/"]["post"]["requestBody"]["content"]["application/json"]["schema"]
        assert schema == {"$ref": "#/components/schemas/Article"}

    def test_every_dependency_is_here(self) -> None:
        """A new exported guard cannot be forgotten: every public name that builds or is one is in this table."""
        import axioms_fastapi

        guards = {
            name
            for name in axioms_fastapi.__all__
            if name.startswith(("require", "check_")) or name in {"optional_auth", "current_principal"}
        }
        assert guards <= EXPORTED.keys()

    @pytest.mark.parametrize("name", EXPORTED)
    def test_no_thread_hop(self, name: str) -> None:
        """Every guard is a coroutine function to FastAPI: a synchronous one would cost a thread."""
        guard = EXPORTED[name]
        called = guard.func if isinstance(guard, functools.partial) else guard
        assert inspect.iscoroutinefunction(called) or inspect.iscoroutinefunction(called.__call__)  # type: ignore[operator]


class TestIsolation:
    """Two applications in one process never share trust."""

    @pytest.fixture
    def applications(self, issuer: str) -> tuple[FastAPI, FastAPI]:
        from axioms_fastapi import init_axioms, register_axioms_exception_handler

        first, second = FastAPI(), FastAPI()
        for app, audience in ((first, "https://first"), (second, "https://second")):
            init_axioms(app, AXIOMS_AUDIENCE=audience, AXIOMS_ISS_URL=issuer)
            register_axioms_exception_handler(app)

            @app.get("/x")
            async def x(payload: Annotated[Claims, Depends(require_auth)]) -> str:
                return str(payload.aud)

        return first, second

    def test_side_by_side(self, applications: tuple[FastAPI, FastAPI], bearer: Bearer) -> None:
        """Each accepts its own audience, whichever was initialised last."""
        first, second = (TestClient(app) for app in applications)
        assert first.get("/x", headers=bearer(aud="https://first")).json() == "https://first"
        assert second.get("/x", headers=bearer(aud="https://second")).json() == "https://second"
        assert first.get("/x", headers=bearer(aud="https://second")).status_code == 401
        assert second.get("/x", headers=bearer(aud="https://first")).status_code == 401

    def test_mounted(self, applications: tuple[FastAPI, FastAPI], bearer: Bearer) -> None:
        """A mounted application keeps its own configuration, also where the outer one has verified the request already."""
        from axioms_fastapi import AccessTokenMiddleware

        outer, inner = applications
        outer.add_middleware(AccessTokenMiddleware)
        outer.mount("/inner", inner)
        client = TestClient(outer)
        assert client.get("/inner/x", headers=bearer(aud="https://second")).json() == "https://second"
        assert client.get("/inner/x", headers=bearer(aud="https://first")).status_code == 401
        assert client.get("/x", headers=bearer(aud="https://first")).json() == "https://first"

    def test_mounted_without_axioms(self, app: FastAPI, client: TestClient, bearer: Bearer) -> None:
        """A mounted application without init_axioms is a 500 when it is called, never open."""
        inner = FastAPI(dependencies=[Depends(require_auth)])

        @inner.get("/x")
        async def x() -> str:
            return "in"

        app.mount("/inner", inner)
        for headers in ({}, bearer()):
            response = client.get("/inner/x", headers=headers)
            assert (response.status_code, response.text) == (500, "Internal Server Error")

    def test_second_init(self, app: FastAPI, client: TestClient, bearer: Bearer, issuer: str) -> None:
        """A second init_axioms on an application replaces the first."""
        from axioms_fastapi import init_axioms

        @app.get("/", dependencies=[Depends(require_auth)])
        async def root() -> None: ...

        assert client.get("/", headers=bearer()).status_code == 200
        init_axioms(app, AXIOMS_AUDIENCE="https://new", AXIOMS_ISS_URL=issuer)
        assert client.get("/", headers=bearer()).status_code == 401
        assert client.get("/", headers=bearer(aud="https://new")).status_code == 200


class TestTransport:
    """A token is taken from the Authorization header, and from nowhere else."""

    def test_elsewhere_is_ignored(self, app: FastAPI, issuer: str, mint: Mint) -> None:
        """A token in the query, the form, a cookie or another header is no token."""

        @app.post("/")
        async def root(
            payload: Annotated[Claims, Depends(require_auth)], body: Annotated[object, Body()] = None
        ) -> None: ...

        token = mint.mint()
        with TestClient(app, cookies={"access_token": token, "Authorization": f"Bearer {token}"}) as client:
            assert client.post("/", params={"access_token": token}).status_code == 401
            assert client.post("/", json={"access_token": token}).status_code == 401
            assert (
                client.post(
                    "/", headers={"X-Access-Token": token, "Proxy-Authorization": f"Bearer {token}"}
                ).status_code
                == 401
            )

    @pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER", "bEaReR", "Bearer "])
    def test_scheme(self, app: FastAPI, client: TestClient, mint: Mint, scheme: str) -> None:
        """The scheme's name is case-insensitive and may be followed by several spaces (RFC 9110, section 11)."""

        @app.get("/", dependencies=[Depends(require_auth)])
        async def root() -> None: ...

        assert client.get("/", headers={"Authorization": f"{scheme} {mint.mint()}"}).status_code == 200

    def test_head_and_options(self, app: FastAPI, client: TestClient) -> None:
        """No method is exempt by itself."""

        @app.api_route(
            "/", methods=["GET", "HEAD", "OPTIONS", "TRACE", "PROPFIND"], dependencies=[Depends(require_auth)]
        )
        async def root() -> None: ...

        for method in ("GET", "HEAD", "OPTIONS", "TRACE", "PROPFIND"):
            assert client.request(method, "/").status_code == 401

    def test_websocket(self, app: FastAPI, client: TestClient, bearer: Bearer) -> None:
        """The same guard protects a WebSocket, which is refused before it is accepted."""

        @app.websocket("/ws")
        async def ws(websocket: WebSocket, payload: Annotated[Claims, Depends(require_auth)]) -> None:
            await websocket.accept()
            await websocket.send_text(payload.sub)
            await websocket.close()

        with client.websocket_connect("/ws", headers=bearer(sub="alice")) as socket:
            assert socket.receive_text() == "alice"
        with pytest.raises(WebSocketDisconnect) as refused, client.websocket_connect("/ws"):
            pass
        assert getattr(refused.value, "status_code", None) == 401

    def test_changed_on_the_way(self, app: FastAPI, bearer: Bearer) -> None:
        """A middleware that takes the header away takes the authentication away, though it was verified before."""
        from starlette.types import Receive, Scope, Send

        from axioms_fastapi import AccessTokenMiddleware

        class Anonymize:
            def __init__(self, app: object) -> None:
                self.app = app

            async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
                scope["headers"] = [
                    (name, value) for name, value in scope.get("headers", []) if name != b"authorization"
                ]
                await self.app(scope, receive, send)  # type: ignore[operator]

        @app.get("/", dependencies=[Depends(require_auth)])
        async def root() -> None: ...

        app.add_middleware(Anonymize)
        app.add_middleware(AccessTokenMiddleware)
        assert TestClient(app).get("/", headers=bearer()).status_code == 401


class TestSecurity:
    """FastAPI's own `Security(guard, scopes=[...])`, which asks for every scope that it lists."""

    @pytest.mark.parametrize("name", [name for name in EXPORTED if name != "require_scopes"])
    def test_scopes_are_required(self, app: FastAPI, client: TestClient, bearer: Bearer, name: str) -> None:
        """No guard ignores the scopes that Security names, an exempt method and an optional token included."""
        guard = (
            check_object_ownership(lambda: {"user": "alice"}) if name == "check_object_ownership" else EXPORTED[name]
        )

        @app.get("/", dependencies=[Security(guard, scopes=["read", "write"])])  # type: ignore[arg-type]
        @app.options("/", dependencies=[Security(guard, scopes=["read", "write"])])  # type: ignore[arg-type]
        async def root() -> None: ...

        claims = {"sub": "alice", "roles": ["a"], "permissions": ["a"]}
        assert client.get("/", headers=bearer(**claims, scope="a read write")).status_code == 200
        refused = client.get("/", headers=bearer(**claims, scope="a write"))
        assert refused.json() == {
            "error": "insufficient_scope",
            "error_description": "Insufficient scope: requires read",
        }
        assert 'scope="read write"' in refused.headers["WWW-Authenticate"]
        assert client.get("/").status_code == client.options("/").status_code == 401
        own = ["a"] if name == "require" else []
        assert app.openapi()["paths"]["/"]["get"]["security"] == [{"AccessToken": ["read", "write", *own]}]

    def test_own_dependency(self, app: FastAPI, client: TestClient, bearer: Bearer) -> None:
        """Scopes reach the guard through a dependency of the application."""

        def current_user(payload: Annotated[Claims, Depends(require_auth)]) -> str:
            return str(payload.sub)

        @app.get("/")
        async def root(user: Annotated[str, Security(current_user, scopes=["items"])]) -> str:
            return user

        assert client.get("/", headers=bearer(sub="alice", scope="items")).json() == "alice"
        assert client.get("/", headers=bearer(sub="alice")).status_code == 403

    def test_impossible_scope(self, app: FastAPI, client: TestClient, bearer: Bearer) -> None:
        """A name that no scope may have opens nothing."""
        app.get("/", dependencies=[Security(require_auth, scopes=["read write"])])(lambda: "in")
        assert client.get("/", headers=bearer(scope="read write")).status_code == 500
