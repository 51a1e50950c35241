"""The OpenAPI document: what it says of a route is what the route asks, and the answers that it shows are the real ones."""

import functools
from collections.abc import Callable
from typing import Annotated, Any

import pytest
from fastapi import APIRouter, Depends, FastAPI, Security
from fastapi.openapi.utils import get_openapi
from fastapi.security import APIKeyHeader
from fastapi.testclient import TestClient
from starlette.applications import Starlette

from axioms_fastapi import (
    Claims,
    ConfigurationError,
    Issuer,
    Principal,
    all_of,
    any_of,
    check_object_ownership,
    current_principal,
    init_axioms,
    none_of,
    optional_auth,
    permissions,
    register_axioms_exception_handler,
    require,
    require_auth,
    require_permissions,
    require_roles,
    require_scopes,
    roles,
    scopes,
)
from axioms_fastapi.openapi import describe_guards

Bearer = Callable[..., dict[str, str]]

ISSUER = "https://auth.example.com"
API = "https://api.example.com"
LOGIN = {"AXIOMS_DOCS_CLIENT_ID": "docs"}


def is_staff(principal: Principal) -> bool:
    """Whether the address is one of ours."""
    return str(principal.claims.get("email")).endswith("@example.com")


def load() -> dict[str, str]:
    """An object that belongs to somebody."""
    return {"user": "somebody"}


def document_of(*guards: Any, method: str = "get", **settings: Any) -> dict[str, Any]:
    """The document of an application with one route, `/`, that depends on these guards."""
    app = FastAPI()
    init_axioms(app, AXIOMS_AUDIENCE=API, AXIOMS_ISS_URL=ISSUER, **settings)
    app.add_api_route("/", lambda: None, methods=[method.upper()], dependencies=guards)
    return app.openapi()


def operation_of(*guards: Any, method: str = "get", **settings: Any) -> dict[str, Any]:
    operation = document_of(*guards, method=method, **settings)["paths"]["/"][method]
    assert isinstance(operation, dict)
    return operation


class TestSecurity:
    """`security` of an operation: one entry of it suffices, and each of its scopes is needed."""

    @pytest.mark.parametrize(
        ("guards", "alternatives"),
        [
            ([require_auth], [[]]),
            ([current_principal], [[]]),
            ([require_scopes("read")], [["read"]]),
            ([require_scopes("read", "admin")], [["read"], ["admin"]]),
            ([require_scopes("a"), require_scopes("b")], [["a", "b"]]),
            ([require_scopes("a", "b"), require_scopes("c")], [["a", "c"], ["b", "c"]]),
            ([require_scopes("a", "b"), require_scopes("b", "c")], [["b"], ["a", "c"]]),
            ([require(all_of(scopes("a"), any_of(scopes("b"), scopes("c"))))], [["a", "b"], ["a", "c"]]),
            ([require(any_of(scopes("a"), roles("r")))], [[]]),
            ([require(none_of(scopes("a")))], [[]]),
            ([require_roles("r"), require_permissions("p")], [[]]),
            ([check_object_ownership(load)], [[]]),
            ([require_scopes([f"a{n}" for n in range(99)]), require_scopes("b")], [["b"]]),
        ],
    )
    def test_scopes(self, guards: list[Any], alternatives: list[list[str]]) -> None:
        """A list of a guard is one of its names, chained guards are all of them, and nothing else needs a scope."""
        found = operation_of(*map(Depends, guards))["security"]
        assert found == [{"AccessToken": names} for names in alternatives]

    def test_security_scopes(self) -> None:
        """FastAPI's own Security(...) asks for every scope that it lists, also through dependencies in between."""

        def user(payload: Annotated[Claims, Security(require_auth, scopes=["inner"])]) -> None: ...

        assert operation_of(Security(user, scopes=["b", "a"]))["security"] == [{"AccessToken": ["b", "a", "inner"]}]

    def test_every_scheme_suffices(self) -> None:
        """A token that was pasted and one that was fetched by logging in are worth the same."""
        found = operation_of(Depends(require_scopes("a", "b")), **LOGIN)["security"]
        assert found == [{"AccessToken": ["a"]}, {"AccessToken": ["b"]}, {"Login": ["a"]}, {"Login": ["b"]}]

    def test_optional(self) -> None:
        """Where no token is needed, an empty entry says so; beside a guard that needs one, there is none."""
        assert operation_of(Depends(optional_auth))["security"] == [{}, {"AccessToken": []}]
        assert operation_of(Depends(optional_auth), Depends(require_auth))["security"] == [{"AccessToken": []}]
        assert operation_of(Security(optional_auth, scopes=["a"]))["security"] == [{"AccessToken": ["a"]}]

    @pytest.mark.parametrize(
        "guard", [require_auth.with_safe_methods(["GET"]), functools.partial(require_auth, safe_methods=["GET"])]
    )
    def test_exempt_methods(self, guard: Any) -> None:
        """An operation of an exempt method is public; scopes close it, and other methods were never open."""
        exempt = operation_of(Depends(guard))
        assert not exempt.keys() & {"security", "description", "x-axioms-requires"}
        assert exempt["responses"].keys() == {"200"}
        assert operation_of(Depends(guard), method="post")["security"] == [{"AccessToken": []}]
        assert operation_of(Security(guard, scopes=["a"]))["security"] == [{"AccessToken": ["a"]}]

    def test_other_schemes(self) -> None:
        """What the application asks for besides is asked for as well: an API key alone opens nothing."""
        key = APIKeyHeader(name="X-Key", scheme_name="Key")
        assert operation_of(Depends(key), Depends(require_auth))["security"] == [{"AccessToken": [], "Key": []}]
        assert operation_of(Depends(key), Depends(optional_auth))["security"] == [
            {"Key": []},
            {"AccessToken": [], "Key": []},
        ]

    def test_public(self) -> None:
        """A public route is as FastAPI documents it, and so is an application without guards."""
        bare = FastAPI()
        bare.add_api_route("/", lambda: None)
        assert document_of() == bare.openapi()


class TestWords:
    """The description of an operation says who may call it."""

    @pytest.mark.parametrize(
        ("guard", "words"),
        [
            (require_auth, "**Requires an access token.**"),
            (optional_auth, "**An access token is optional.** One that is sent must be valid."),
            (require_scopes("read"), "**Requires an access token** with the scope `read`."),
            (require_roles("editor", "admin"), "**Requires an access token** with one of the roles `editor`, `admin`."),
            (require_permissions("a`b"), "**Requires an access token** with the permission `` a`b ``."),
            (
                check_object_ownership(load, "created_by", "email"),
                "**Requires an access token** with ownership of the object: its `created_by` is the caller's `email`.",
            ),
            (require(is_staff), "**Requires an access token** with the application's own rule `is_staff`."),
            (require(lambda principal: True), "**Requires an access token** with a rule of the application's own."),
        ],
    )
    def test_one_demand(self, guard: Any, words: str) -> None:
        """Scopes, roles, permissions, ownership and rules of the application are each one sentence."""
        assert operation_of(Depends(guard))["description"] == words

    def test_composed(self) -> None:
        """A composed policy is a list, with lists in it."""
        policy = all_of(
            scopes("publish"), any_of(roles("editor"), all_of(is_staff, permissions("p"))), none_of(roles("suspended"))
        )
        assert operation_of(Depends(require(policy)), Depends(require_auth))["description"].splitlines() == [
            "**Requires an access token** with all of:",
            "",
            "- the scope `publish`",
            "- at least one of:",
            "  - the role `editor`",
            "  - all of:",
            "    - the application's own rule `is_staff`",
            "    - the permission `p`",
            "- none of:",
            "  - the role `suspended`",
        ]

    def test_own_text_stays(self) -> None:
        """The words stand below what the application wrote."""
        app = FastAPI()
        init_axioms(app, AXIOMS_AUDIENCE=API, AXIOMS_ISS_URL=ISSUER)

        @app.get("/", dependencies=[Depends(require_roles("editor"))])
        async def root() -> None:
            """My text."""

        description = app.openapi()["paths"]["/"]["get"]["description"]
        assert description == "My text.\n\n**Requires an access token** with the role `editor`."

    def test_as_json(self) -> None:
        """Programs read the same from an extension, each demand once."""
        guards = [
            Security(require_scopes("a", "b"), scopes=["s"]),
            Depends(require_roles("r")),
            Depends(require(all_of(roles("r"), none_of(permissions("p"))))),
            Depends(check_object_ownership(load, conceal=True)),
            Depends(require(is_staff)),
        ]
        assert operation_of(*guards)["x-axioms-requires"] == [
            {"scopes": ["s"]},
            {"scopes": ["a", "b"]},
            {"roles": ["r"]},
            {"none_of": [{"permissions": ["p"]}]},
            {"test": "is_staff"},
            {"owner": {"field": "user", "claim": "sub", "conceal": True}},
        ]
        assert operation_of(Depends(require_auth))["x-axioms-requires"] == []


class TestAnswers:
    """401, 403 and 503 are documented with the very bodies and headers that the application sends."""

    @pytest.mark.parametrize("registered", [True, False])
    @pytest.mark.parametrize(
        ("guard", "claims", "status"),
        [
            (require_auth, None, 401),
            (require_auth, {"exp": 1}, 401),
            (require_auth, {"aud": "another"}, 401),
            (require_scopes("a", "b"), {}, 403),
            (require_roles("r"), {"roles": ["x"]}, 403),
            (require_permissions("p"), {}, 403),
            (require(all_of(scopes("a"), roles("r"))), {"scope": "a"}, 403),
            (require(any_of(scopes("a"), roles("r"))), {}, 403),
            (require(any_of(roles("q"), roles("r"))), {}, 403),
            (require(is_staff), {}, 403),
            (check_object_ownership(load), {"sub": "alice"}, 403),
        ],
    )
    def test_real_answers(
        self, issuer: str, bearer: Bearer, registered: bool, guard: Any, claims: dict[str, Any] | None, status: int
    ) -> None:
        """A refusal that happens is one of the examples, body and challenge, with the exception handler and without."""
        app = FastAPI()
        init_axioms(app, AXIOMS_AUDIENCE=API, AXIOMS_ISS_URL=issuer)
        app.add_api_route("/", lambda: None, dependencies=[Depends(guard)])
        if registered:
            register_axioms_exception_handler(app)
        answer = TestClient(app).get("/", headers=bearer(**claims) if claims is not None else {})
        assert answer.status_code == status
        shown = app.openapi()["paths"]["/"]["get"]["responses"][str(status)]
        bodies = [example["value"] for example in shown["content"]["application/json"]["examples"].values()]
        challenges = [example["value"] for example in shown["headers"]["WWW-Authenticate"]["examples"].values()]
        assert (answer.json(), answer.headers["WWW-Authenticate"]) in list(zip(bodies, challenges, strict=True))

    def test_which_answers(self) -> None:
        """A 403 is shown where something can be denied, a 404 where an object is concealed; keys may be missing anywhere."""
        assert operation_of(Depends(require_auth))["responses"].keys() == {"200", "401", "503"}
        assert operation_of(Depends(require_roles("r")))["responses"].keys() == {"200", "401", "403", "503"}
        owned = Depends(check_object_ownership(load))
        concealed = Depends(check_object_ownership(load, conceal=True))
        assert operation_of(owned)["responses"].keys() == {"200", "401", "403", "503"}
        assert operation_of(concealed)["responses"].keys() == {"200", "401", "404", "503"}
        unavailable = operation_of(owned)["responses"]["503"]
        assert unavailable["headers"].keys() == {"Retry-After"}

    @pytest.mark.parametrize("status", [401, "401", "4XX"])
    def test_written_answers_win(self, status: int | str) -> None:
        """An answer that the application documents itself stays as it is, also one for a range."""
        app = FastAPI()
        init_axioms(app, AXIOMS_AUDIENCE=API, AXIOMS_ISS_URL=ISSUER)
        guard = Depends(require_auth)
        app.add_api_route("/", lambda: None, dependencies=[guard], responses={status: {"description": "Mine"}})
        shown = app.openapi()["paths"]["/"]["get"]["responses"]
        assert shown.keys() == {"200", str(status), "503"}
        assert shown[str(status)] == {"description": "Mine"}

    def test_written_security_wins(self) -> None:
        """`openapi_extra` has the last word."""
        app = FastAPI()
        init_axioms(app, AXIOMS_AUDIENCE=API, AXIOMS_ISS_URL=ISSUER)
        extra = {"security": [{"Mine": []}], "x-mine": 1}
        app.add_api_route("/", lambda: None, dependencies=[Depends(require_auth)], openapi_extra=extra)
        operation = app.openapi()["paths"]["/"]["get"]
        assert (operation["security"], operation["x-mine"]) == ([{"Mine": []}], 1)


class TestWhere:
    """Guards are found wherever FastAPI takes dependencies."""

    @pytest.mark.parametrize("where", ["application", "router", "include", "route", "parameter", "nested", "class"])
    def test_everywhere(self, where: str) -> None:
        """On the application, a router, its inclusion, a route, a parameter, and below dependencies of the application."""
        owned = check_object_ownership(load)
        guards = [Depends(require_roles("r")), Depends(owned)]
        app = FastAPI(dependencies=guards if where == "application" else [])
        init_axioms(app, AXIOMS_AUDIENCE=API, AXIOMS_ISS_URL=ISSUER)
        outer = APIRouter()
        router = APIRouter(prefix="/in", dependencies=guards if where == "router" else [])

        def inner(found: Annotated[object, Depends(owned)], role: Annotated[Claims, guards[0]]) -> None: ...

        class Nested:
            def __init__(self, found: Annotated[None, Depends(inner)]) -> None: ...

        async def handler(found: Annotated[None, Depends(inner)]) -> None: ...

        dependencies = {"route": guards, "nested": [Depends(inner)], "class": [Depends(Nested)]}.get(where, [])
        endpoint = handler if where == "parameter" else lambda: None
        router.add_api_route("/{x}", endpoint, dependencies=dependencies)
        outer.include_router(router, prefix="/mid", dependencies=guards if where == "include" else [])
        app.include_router(outer, prefix="/out")
        operation = app.openapi()["paths"]["/out/mid/in/{x}"]["get"]
        assert operation["security"] == [{"AccessToken": []}]
        assert {"roles": ["r"]} in operation["x-axioms-requires"]
        assert {"owner": {"field": "user", "claim": "sub"}} in operation["x-axioms-requires"]
        assert operation["responses"].keys() >= {"401", "403", "503"}

    def test_before_and_after(self) -> None:
        """It does not matter whether routes are added before init_axioms or after it, nor that a document was there."""
        app = FastAPI()
        app.add_api_route("/before", lambda: None, dependencies=[Depends(require_roles("r"))])
        app.openapi()
        init_axioms(app, AXIOMS_AUDIENCE=API, AXIOMS_ISS_URL=ISSUER, **LOGIN)
        assert "x-axioms-requires" in app.openapi()["paths"]["/before"]["get"]
        app.add_api_route("/after", lambda: None, dependencies=[Depends(require_roles("r"))])
        paths = app.openapi()["paths"]
        assert (
            paths["/before"]["get"]["security"]
            == paths["/after"]["get"]["security"]
            == [
                {"AccessToken": []},
                {"Login": []},
            ]
        )

    def test_generated_once(self) -> None:
        """Asked again, the document is the same one: nothing is described twice."""
        app = FastAPI()
        init_axioms(app, AXIOMS_AUDIENCE=API, AXIOMS_ISS_URL=ISSUER)
        init_axioms(app, AXIOMS_AUDIENCE=API, AXIOMS_ISS_URL=ISSUER)
        app.add_api_route("/", lambda: None, dependencies=[Depends(require_roles("r"))])
        first = app.openapi()
        assert app.openapi() is first
        assert first["paths"]["/"]["get"]["description"].count("Requires") == 1

    def test_mounted(self) -> None:
        """A mounted application describes its own guards in its own document, with its own realm and login."""
        app, mounted = FastAPI(), FastAPI()
        for one, issuer in ((app, ISSUER), (mounted, f"{ISSUER}/other")):
            init_axioms(one, AXIOMS_AUDIENCE=API, AXIOMS_ISS_URL=issuer, **LOGIN)
            one.add_api_route("/here", lambda: None, dependencies=[Depends(require_auth)])
        app.mount("/sub", mounted)
        client = TestClient(app)
        for path, issuer in (("/openapi.json", ISSUER), ("/sub/openapi.json", f"{ISSUER}/other")):
            document = client.get(path).json()
            assert document["paths"].keys() == {"/here"}
            login = document["components"]["securitySchemes"]["Login"]
            assert login["openIdConnectUrl"] == f"{issuer}/.well-known/openid-configuration"
            challenges = document["paths"]["/here"]["get"]["responses"]["401"]["headers"]["WWW-Authenticate"]
            assert f'realm="{issuer}"' in str(challenges)

    def test_own_generator(self) -> None:
        """A document of the application's own is described too: one set before by itself, one set later by a call."""

        def generate(app: FastAPI) -> dict[str, Any]:
            return get_openapi(title="Mine", version="1", routes=app.routes)

        earlier, later = FastAPI(), FastAPI()
        earlier.openapi = lambda: generate(earlier)  # type: ignore[method-assign]
        for app in (earlier, later):
            init_axioms(app, AXIOMS_AUDIENCE=API, AXIOMS_ISS_URL=ISSUER)
            app.add_api_route("/", lambda: None, dependencies=[Depends(require_roles("r"))])
        later.openapi = lambda: generate(later)  # type: ignore[method-assign]
        assert later.openapi()["paths"]["/"]["get"]["security"] == [{"AccessToken": []}]
        later.openapi = lambda: describe_guards(later, generate(later))  # type: ignore[method-assign]
        assert earlier.openapi() == later.openapi()
        assert earlier.openapi()["paths"]["/"]["get"]["x-axioms-requires"] == [{"roles": ["r"]}]

    def test_without_init_axioms(self) -> None:
        """An application without init_axioms shows the lock, as its guards let nobody in; one of Starlette has no document."""
        app = FastAPI()
        app.add_api_route("/", lambda: None, dependencies=[Depends(require_roles("r"))])
        assert describe_guards(app, app.openapi())["paths"]["/"]["get"]["security"] == [{"AccessToken": []}]
        init_axioms(Starlette(), AXIOMS_AUDIENCE=API, AXIOMS_ISS_URL=ISSUER)

    def test_hidden(self) -> None:
        """A route that is not in the document stays out of it."""
        app = FastAPI()
        init_axioms(app, AXIOMS_AUDIENCE=API, AXIOMS_ISS_URL=ISSUER)
        app.add_api_route("/", lambda: None, dependencies=[Depends(require_auth)], include_in_schema=False)
        assert app.openapi()["paths"] == {}

    def test_valid(self) -> None:
        """The document is OpenAPI 3.1 in the eyes of a validator that nobody of this project wrote."""
        validator = pytest.importorskip("openapi_spec_validator")
        guards = [
            require_scopes("a", "b"),
            optional_auth,
            check_object_ownership(load, conceal=True),
            require(is_staff),
        ]
        for guard in guards:
            for login in ({}, LOGIN, {**LOGIN, "AXIOMS_PROVIDER": "keycloak"}):
                validator.validate(document_of(Depends(guard), **login))


class TestSchemes:
    """HTTP bearer always; a login beside it where the application chooses one."""

    def schemes(self, issuer: str = ISSUER, **settings: Any) -> dict[str, Any]:
        app = FastAPI()
        init_axioms(app, AXIOMS_AUDIENCE=API, AXIOMS_ISS_URL=issuer, **settings)
        app.add_api_route("/", lambda: None, dependencies=[Depends(require_scopes("read"))])
        found = app.openapi()["components"]["securitySchemes"]
        assert isinstance(found, dict)
        return found

    def test_bearer(self) -> None:
        """Without a choice a token is pasted."""
        bearer = {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "JWT",
            "description": "An access token of the issuer that this API trusts.",
        }
        assert self.schemes() == {"AccessToken": bearer}
        assert self.schemes(**LOGIN)["AccessToken"] == bearer

    def test_token_header(self) -> None:
        """A token that comes in a header of its own is an API key to OpenAPI."""
        scheme = self.schemes(AXIOMS_TOKEN_HEADER="x-goog-iap-jwt-assertion")["AccessToken"]
        assert (scheme["type"], scheme["in"], scheme["name"]) == ("apiKey", "header", "x-goog-iap-jwt-assertion")

    @pytest.mark.parametrize("slash", ["", "/"])
    def test_discovery(self, slash: str) -> None:
        """With a client alone, the login is found by the issuer's discovery document."""
        login = self.schemes(ISSUER + slash, **LOGIN)["Login"]
        assert "leave client_secret empty" in login.pop("description")
        assert login == {
            "type": "openIdConnect",
            "openIdConnectUrl": f"{ISSUER}/.well-known/openid-configuration",
        }

    def test_written_urls(self) -> None:
        """With URLs it is OAuth 2.0's authorization code, and lists the API's scopes with what they are for."""
        login = self.schemes(AXIOMS_DOCS_AUTHORIZATION_URL=f"{ISSUER}/a", AXIOMS_DOCS_TOKEN_URL=f"{ISSUER}/t")["Login"]
        login.pop("description")
        assert login == {
            "type": "oauth2",
            "flows": {
                "authorizationCode": {
                    "authorizationUrl": f"{ISSUER}/a",
                    "tokenUrl": f"{ISSUER}/t",
                    "scopes": {"read": "GET /"},
                }
            },
        }

    @pytest.mark.parametrize(
        ("provider", "issuer", "login", "token"),
        [
            (
                "auth0",
                "https://acme.auth0.com/",
                "https://acme.auth0.com/authorize",
                "https://acme.auth0.com/oauth/token",
            ),
            (
                "keycloak",
                "https://kc.example.com/realms/acme",
                "https://kc.example.com/realms/acme/protocol/openid-connect/auth",
                "https://kc.example.com/realms/acme/protocol/openid-connect/token",
            ),
            (
                "okta",
                "https://acme.okta.com/oauth2/default",
                "https://acme.okta.com/oauth2/default/v1/authorize",
                "https://acme.okta.com/oauth2/default/v1/token",
            ),
            *(
                (
                    "entra",
                    issuer,
                    "https://login.microsoftonline.com/1111/oauth2/v2.0/authorize",
                    "https://login.microsoftonline.com/1111/oauth2/v2.0/token",
                )
                for issuer in ("https://login.microsoftonline.com/1111/v2.0", "https://sts.windows.net/1111/")
            ),
        ],
    )
    def test_known_providers(self, provider: str, issuer: str, login: str, token: str) -> None:
        """A provider whose endpoints are known needs no URLs; discovery can be chosen all the same."""
        flow = self.schemes(issuer, AXIOMS_PROVIDER=provider, **LOGIN)["Login"]["flows"]["authorizationCode"]
        assert (flow["authorizationUrl"], flow["tokenUrl"]) == (login, token)
        openid = self.schemes(issuer, AXIOMS_PROVIDER=provider, AXIOMS_DOCS_LOGIN="openid")["Login"]
        assert openid["type"] == "openIdConnect"

    def test_none(self) -> None:
        """A login that the surroundings set up is left out again by one word."""
        assert self.schemes(AXIOMS_DOCS_LOGIN="none", **LOGIN).keys() == {"AccessToken"}

    def test_many_operations(self) -> None:
        """A scope of many operations names the first few of them."""
        app = FastAPI()
        urls = {"AXIOMS_DOCS_AUTHORIZATION_URL": f"{ISSUER}/a", "AXIOMS_DOCS_TOKEN_URL": f"{ISSUER}/t"}
        init_axioms(app, AXIOMS_AUDIENCE=API, AXIOMS_ISS_URL=ISSUER, **urls)  # type: ignore[arg-type]
        for number in range(5):
            app.add_api_route(f"/{number}", lambda: None, dependencies=[Depends(require_scopes("read"))])
        flow = app.openapi()["components"]["securitySchemes"]["Login"]["flows"]["authorizationCode"]
        assert flow["scopes"] == {"read": "GET /0, GET /1, GET /2 and 2 more"}


class TestSeveralIssuers:
    """With several issuers the login is at the first, unless its URLs are written."""

    def login(self, *issuers: Issuer, **settings: Any) -> dict[str, Any]:
        app = FastAPI()
        init_axioms(app, issuers=issuers, **{**LOGIN, **settings})
        app.add_api_route("/", lambda: None, dependencies=[Depends(require_auth)])
        login = app.openapi()["components"]["securitySchemes"]["Login"]
        assert isinstance(login, dict)
        return login

    def test_first(self) -> None:
        """The first one with a door of its own; a template of tenants has none."""
        template = Issuer("https://auth.example.com/{tenantid}", API, tenants=["acme"])
        one, two = Issuer(f"{ISSUER}/one", API), Issuer(f"{ISSUER}/two", API)
        assert "/one/" in self.login(template, one, two)["openIdConnectUrl"]

    def test_entra(self) -> None:
        """Microsoft's tenants share a door."""
        entra = Issuer("https://login.microsoftonline.com/{tenantid}/v2.0", API, tenants=["1111"])
        flow = self.login(entra)["flows"]["authorizationCode"]
        assert flow["authorizationUrl"] == "https://login.microsoftonline.com/organizations/oauth2/v2.0/authorize"

    def test_nowhere(self) -> None:
        """Where there is no issuer to log in at, the start says so; written URLs are one."""

        async def find(iss: str) -> None: ...

        app = FastAPI()
        with pytest.raises(ConfigurationError, match="no issuer to log in at"):
            init_axioms(app, issuer_resolver=find, AXIOMS_DOCS_CLIENT_ID="docs")
        urls = {"AXIOMS_DOCS_AUTHORIZATION_URL": f"{ISSUER}/a", "AXIOMS_DOCS_TOKEN_URL": f"{ISSUER}/t"}
        init_axioms(app, issuer_resolver=find, **urls)  # type: ignore[arg-type]


class TestSwaggerUI:
    """What Swagger UI is told of the client."""

    def told(self, app: FastAPI) -> dict[str, Any] | None:
        assert "swagger-ui" in TestClient(app).get("/docs").text
        return app.swagger_ui_init_oauth

    def test_client(self) -> None:
        """The client's id, PKCE, the scopes to tick, and the API that the token is for."""
        app = FastAPI()
        init_axioms(app, AXIOMS_AUDIENCE=API, AXIOMS_ISS_URL=ISSUER, AXIOMS_DOCS_SCOPES="openid,read", **LOGIN)  # type: ignore[arg-type]
        assert self.told(app) == {
            "usePkceWithAuthorizationCodeGrant": True,
            "clientId": "docs",
            "scopes": ["openid", "read"],
            "additionalQueryStringParams": {"audience": API},
        }
        assert '"clientId": "docs"' in TestClient(app).get("/docs").text

    def test_own_options_win(self) -> None:
        """What the application told Swagger UI itself comes first, also after a second init_axioms."""
        app = FastAPI(swagger_ui_init_oauth={"clientId": "mine", "appName": "Mine"})
        for client_id in ("docs", "more"):
            init_axioms(app, AXIOMS_AUDIENCE=API, AXIOMS_ISS_URL=ISSUER, AXIOMS_DOCS_CLIENT_ID=client_id)
        told = self.told(app)
        assert told is not None
        assert (told["clientId"], told["appName"]) == ("mine", "Mine")
        init_axioms(app, AXIOMS_AUDIENCE=API, AXIOMS_ISS_URL=ISSUER)
        assert self.told(app) == {"clientId": "mine", "appName": "Mine"}

    def test_no_login(self) -> None:
        """Without a login nothing is told."""
        app = FastAPI()
        init_axioms(app, AXIOMS_AUDIENCE=API, AXIOMS_ISS_URL=ISSUER)
        assert self.told(app) is None

    @pytest.mark.parametrize(
        ("settings", "sentence"),
        [
            ({"CLIENT_ID": "a b"}, r"AXIOMS_DOCS_CLIENT_ID is 'a b'; write the id of a public client"),
            ({"LOGIN": "implicit"}, r"AXIOMS_DOCS_LOGIN is 'implicit'; write oauth2, openid or none"),
            (
                {"LOGIN": "oauth2"},
                r"AXIOMS_DOCS_LOGIN is 'oauth2', and where to log in is not known; write AXIOMS_DOCS_A",
            ),
            ({"AUTHORIZATION_URL": f"{ISSUER}/a"}, r"AXIOMS_DOCS_TOKEN_URL is not set or empty; write the https URL"),
            ({"TOKEN_URL": f"{ISSUER}/t"}, r"AXIOMS_DOCS_AUTHORIZATION_URL is not set or empty; write the https URL"),
            (
                {"TOKEN_URL": "http://auth.example.com/t"},
                r"AXIOMS_DOCS_TOKEN_URL is 'http://auth\.example\.com/t'; write",
            ),
            ({"TOKEN_URL": "javascript:alert(1)"}, r"AXIOMS_DOCS_TOKEN_URL is 'javascript:alert\(1\)'; write"),
            ({"TOKEN_URL": "https://a:b/"}, r"AXIOMS_DOCS_TOKEN_URL is 'https://a:b/'; write"),
            ({"SCOPES": "openid profile", "CLIENT_ID": "x"}, r"the scope 'openid profile' holds a character"),
            ({"CLIENT": "x"}, r"AXIOMS_DOCS_CLIENT is not a setting; did you mean AXIOMS_DOCS_CLIENT_ID\?"),
        ],
        ids=str,
    )
    def test_wrong_settings(self, settings: dict[str, str], sentence: str) -> None:
        """A wrong setting stops the start with one sentence: what was read, what to write."""
        written = {f"AXIOMS_DOCS_{name}": value for name, value in settings.items()}
        with pytest.raises(ConfigurationError, match=sentence):
            init_axioms(FastAPI(), AXIOMS_AUDIENCE=API, AXIOMS_ISS_URL=ISSUER, **written)  # type: ignore[arg-type]

    def test_environment(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """The settings come from the environment as the others do, beside `issuers` too."""
        monkeypatch.setenv("AXIOMS_DOCS_CLIENT_ID", "docs")
        app = FastAPI()
        init_axioms(app, issuers=[Issuer(ISSUER, API)])
        told = self.told(app)
        assert told is not None
        assert told["clientId"] == "docs"
