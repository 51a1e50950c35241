"""Guards that FastAPI would not ask: an application that declares one does not start, and answers nothing."""

import functools
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Annotated, Any

import pytest
from fastapi import APIRouter, Body, Depends, FastAPI, Header, Query, Request, Security, WebSocket
from fastapi.middleware.cors import CORSMiddleware
from fastapi.testclient import TestClient
from pydantic import BaseModel, Field
from starlette.applications import Starlette
from starlette.routing import Host, Mount, Route
from typing_extensions import TypeAliasType

from axioms_fastapi import (
    Claims,
    ConfigurationError,
    Principal,
    Reason,
    any_of,
    check_object_ownership,
    current_principal,
    init_axioms,
    optional_auth,
    require,
    require_auth,
    require_roles,
    require_scopes,
    roles,
    scopes,
)

CurrentUser = Annotated[dict, Depends(require_auth)]  # type: ignore[type-arg]
Admin = Annotated[Claims, Depends(require_roles("admin"))]
Editor = Annotated[Admin, Depends(require_scopes("posts:write"))]
Caller = Annotated[Principal, Depends(current_principal)]


class Filter(BaseModel):
    """A model with a guard among its fields."""

    limit: int = 10
    user: Any = Depends(require_auth)


class Annotations(BaseModel):
    """Another, beside the type."""

    user: CurrentUser | None = None


class Outer(BaseModel):
    """A model that is guarded further in."""

    filters: list[Filter] = []


class Defaults(BaseModel):
    """A bare builder for a default."""

    user: Any = Field(default=require_scopes)


@dataclass
class Data:
    """A dataclass with a guard among its fields."""

    user: Any = Depends(require_auth)  # noqa: RUF009 - the mistake


class Common:
    """A class without a constructor: what stands in it is no parameter."""

    user: Claims = Depends(require_auth)


def function(annotation: Any, default: Any = None) -> Callable[..., Any]:
    """A route with one parameter."""

    async def route(payload=default) -> str:  # type: ignore[no-untyped-def]
        return "in"

    route.__annotations__["payload"] = annotation
    return route


def protected(app: FastAPI | None = None) -> FastAPI:
    app = app or FastAPI()
    init_axioms(app, AXIOMS_AUDIENCE="api", AXIOMS_ISS_URL="https://auth.example.com")
    return app


def refused(app: Starlette, sentence: str, path: str = "/here/x") -> None:
    """The start is refused, and without a start every request."""
    with pytest.raises(ConfigurationError, match=sentence):
        TestClient(app).__enter__()
    for _ in range(2):
        with pytest.raises(ConfigurationError, match=sentence):
            TestClient(app).get(path)


SHAPES = [
    (CurrentUser | None, None),
    (Admin | None, None),
    (CurrentUser | Admin, None),
    (list[CurrentUser], None),
    (dict[str, Caller], None),
    (TypeAliasType("Maybe", CurrentUser | None), None),
    (Annotated[dict, Depends(require_auth), Body()], ...),
    (Annotated[Request, scopes("admin")], ...),
    (Annotated[dict, require_scopes], ...),
    (Annotated[Request, functools.partial(require_auth, safe_methods=["GET"])], ...),
    (Any, require_scopes),
    (Any, require_auth.with_safe_methods),
    (Any, functools.partial(require_auth, safe_methods=["GET"])),
    (Any, functools.partial(require_scopes, ["a"])),
    (Any, scopes("a")),
    (Any, any_of(scopes("a"), roles("b"))),
    (Any, scopes),
    (Any, CurrentUser),
    (Any, Body(default=Depends(require_auth))),
    (Any, Query(default=Security(require_auth, scopes=["a"]))),
    (Any, Header(default=require_scopes)),
    (Any, [Depends(require_auth)]),
]


@pytest.mark.parametrize(("annotation", "default"), SHAPES, ids=str)
def test_parameter(annotation: Any, default: Any) -> None:
    """A guard, or what builds one, that is no whole annotation and no Depends: whoever sends the parameter would be in."""
    app = protected()
    app.post("/here/{name}")(function(annotation, None if default is ... else default))
    refused(
        app, r"^/here/\{name\}: the parameter payload has a guard where FastAPI asks none.*; write payload: Annotated"
    )


@pytest.mark.parametrize(
    ("annotation", "default"),
    [
        (Claims, None),
        (TypeAliasType("Maybe", Claims | None), None),
        (Claims | None, None),
        (Principal | None, None),
        (list[Claims], None),
        (Any, Claims),
    ],
    ids=str,
)
def test_claims_without_a_guard(annotation: Any, default: Any) -> None:
    """What only a guard gives is no parameter of the request, not even with a default."""
    app = protected()
    app.get("/here/{name}")(function(annotation, default))
    refused(app, r"the parameter payload would be read from the request; write payload: Annotated")


@pytest.mark.parametrize("annotation", [Editor, Annotated[Claims, Depends(require_auth), Depends(require_roles("a"))]])
def test_side_by_side(annotation: Any) -> None:
    """Of several Depends in one annotation the last alone would be asked."""
    app = protected()
    app.get("/here/{name}")(function(annotation))
    refused(app, r"^/here/\{name\}: payload has several Depends side by side")


@pytest.mark.parametrize(
    ("annotation", "field"),
    [
        (Annotated[Filter, Query()], "Filter.user"),
        (Filter, "Filter.user"),
        (list[Filter], "Filter.user"),
        (TypeAliasType("Filters", Filter | None), "Filter.user"),
        (Outer | None, "Filter.user"),
        (Annotated[Defaults, Header()], "Defaults.user"),
        (Annotations, "Annotations.user"),
        (Data, "Data.user"),
    ],
    ids=str,
)
def test_model(annotation: Any, field: str) -> None:
    """A model that is read from the request asks none of the guards among its fields."""
    app = protected()
    app.post("/here/{name}")(function(annotation))
    refused(app, rf"^/here/\{{name\}}: {field} is a guard in a model that is read from the request")


def test_class() -> None:
    """A class without a constructor has no parameters, whatever stands in it; the class of a guard is none."""
    app = protected()
    app.get("/here/{name}", dependencies=[Depends(Common)])(lambda: "in")
    refused(app, r"Common.user is a guard that nobody asks")
    app = protected()
    app.get("/here/{name}", dependencies=[Depends(type(current_principal))])(lambda: "in")
    refused(app, r"CurrentPrincipal is the class of a guard")


@pytest.mark.parametrize("scope", ["admin", ["admin"]])
def test_scope_of_a_depends(scope: Any) -> None:
    """A scope that FastAPI takes for a lifetime is not one of the token."""
    app = protected()
    app.get("/here/{name}", dependencies=[Depends(require_auth, scope=scope)])(lambda: "in")
    refused(app, r"scope=.*admin.* of a Depends .*; write Security\(guard, scopes=\[...\]\)")


def test_annotation_that_cannot_be_found() -> None:
    """An annotation that FastAPI cannot read may be a guard's."""
    app = protected()
    app.get("/here/{name}")(function("Nowhere"))
    refused(app, r"the annotation of payload cannot be found")


@pytest.mark.parametrize("kind", [Starlette, FastAPI, APIRouter])
def test_routes_of_starlette(kind: Any) -> None:
    """A route of Starlette reads no signature, be it on a router that has guards or on an application."""

    async def endpoint(request: Request, user=Depends(require_auth)) -> None: ...  # type: ignore[no-untyped-def]

    app = protected()
    if kind is Starlette:
        app = Starlette(routes=[Route("/here/{name}", endpoint)])  # type: ignore[assignment]
        init_axioms(app, AXIOMS_AUDIENCE="api", AXIOMS_ISS_URL="https://auth.example.com")
    elif kind is FastAPI:
        app.add_route("/here/{name}", endpoint)  # type: ignore[arg-type]
    else:
        router = APIRouter(dependencies=[Depends(require_auth)])
        router.add_route("/here/{name}", endpoint)  # type: ignore[arg-type]
        app.include_router(router)
    refused(app, r"user has a guard, and routes of Starlette ask none; write add_api_route")


class TestPlaces:
    """Wherever the route is."""

    SENTENCE = "the parameter payload has a guard where FastAPI asks none"

    def test_dependency(self) -> None:
        """A parameter of what a route depends on."""
        app = protected()
        app.get("/here/{name}", dependencies=[Depends(function(CurrentUser | None))])(lambda: "in")
        refused(app, self.SENTENCE)

    def test_router(self) -> None:
        """A route of a router, and of one in it."""
        inner, outer, app = APIRouter(), APIRouter(), protected()
        inner.get("/here/{name}")(function(CurrentUser | None))
        outer.include_router(inner)
        app.include_router(outer)
        refused(app, self.SENTENCE)

    @pytest.mark.parametrize("is_included", [False, True])
    def test_websocket(self, is_included: bool) -> None:
        """A WebSocket, on the application and on a router."""

        async def socket(websocket: WebSocket, payload: CurrentUser | None = None) -> None: ...

        app = protected()
        if is_included:
            router = APIRouter()
            router.websocket("/here/{name}")(socket)
            app.include_router(router)
        else:
            app.websocket("/here/{name}")(socket)
        refused(app, self.SENTENCE)

    @pytest.mark.parametrize(
        "mount",
        [
            lambda app, inner: app.mount("/inner", inner),
            lambda app, inner: app.mount("/inner", inner.router),
            lambda app, inner: app.mount("/inner", CORSMiddleware(inner)),
            lambda app, inner: app.router.routes.append(Host("x.test", inner)),
            lambda app, inner: app.router.routes.append(Mount("/inner", routes=inner.routes)),
        ],
        ids=["application", "router", "middleware", "host", "routes"],
    )
    def test_mounted(self, mount: Callable[[FastAPI, FastAPI], None]) -> None:
        """What is mounted, whatever is around it, is looked through when the outer application starts."""
        app, inner = protected(), FastAPI()
        inner.get("/here/{name}")(function(CurrentUser | None))
        mount(app, inner)
        refused(app, self.SENTENCE)

    @pytest.mark.parametrize("outer", [FastAPI, Starlette])
    def test_mounted_in_another(self, outer: Callable[[], Starlette]) -> None:
        """An application that is mounted in one without init_axioms has no start, and refuses its first request."""
        app, inner = outer(), protected()
        inner.get("/here/{name}")(function(CurrentUser | None))
        app.mount("/inner", inner)
        with TestClient(app) as client, pytest.raises(ConfigurationError, match=self.SENTENCE):
            client.get("/inner/here/x")

    def test_added_by_the_lifespan(self) -> None:
        """Routes that the application adds while it starts."""

        @asynccontextmanager
        async def lifespan(app: FastAPI) -> AsyncIterator[None]:
            app.get("/here/{name}")(function(CurrentUser | None))
            yield

        refused_app = protected(FastAPI(lifespan=lifespan))
        with pytest.raises(ConfigurationError, match=self.SENTENCE):
            TestClient(refused_app).__enter__()


def test_what_is_meant() -> None:
    """Everything that FastAPI asks starts, and so does what has nothing to do with guards."""
    app = protected(FastAPI(dependencies=[Depends(optional_auth)]))

    class Paged(BaseModel):
        limit: int = 10
        parts: list["Paged"] = []

    class WithParameters:
        def __init__(self, user: CurrentUser, paged: Annotated[Paged, Query()]) -> None:
            self.user = user

    def loaded(name: str) -> dict[str, str]:
        return {"user": name}

    @app.post("/here/{name}", dependencies=[Depends(require_scopes("a")), Security(require_auth, scopes=["b"])])
    async def route(
        user: CurrentUser,
        maybe: Annotated[Claims | None, Depends(optional_auth)],
        caller: Caller,
        own: Annotated[dict[str, str], Depends(check_object_ownership(loaded))],
        common: Annotated[WithParameters, Depends()],
        filters: Annotated[Filter, Depends()],
        paged: Paged,
        request: Request,
        admin: Claims = Depends(require(roles("admin"))),
        exempt: Claims = Depends(functools.partial(require_auth, safe_methods=["OPTIONS"])),
        lifetime: Claims = Depends(require_auth, scope="function", use_cache=False),
        reason: Reason = Reason.SCOPE,
        names: Annotated[list[str] | None, Query()] = None,
    ) -> str:
        return reason

    app.add_route("/plain", lambda request: None)  # type: ignore[arg-type,return-value]
    app.mount("/static", CORSMiddleware(Starlette()))
    with TestClient(app) as client:
        assert client.post("/here/x", json={}).status_code == 401


def test_loader_that_is_a_class() -> None:
    """FastAPI would make an object of it from the request, owner and all."""
    with pytest.raises(ConfigurationError, match="given the class Data; give it the function that loads the object"):
        check_object_ownership(Data)
    for loader in (None, "get_note", {"user": "alice"}):
        with pytest.raises(ConfigurationError, match=r"given a (NoneType|str|dict); give it the function"):
            check_object_ownership(loader)  # type: ignore[call-overload]
