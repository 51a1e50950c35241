"""How guards appear in the OpenAPI document: what is needed to call, who may, and how a refusal looks.

All of it happens when the document is generated, from the routes' dependencies; no request knows of it.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.models import HTTPBearer
from fastapi.routing import APIRoute, iter_route_contexts
from starlette.applications import Starlette

from .answers import AxiomsHTTPException
from .openapi_answers import SCHEMA, SCHEMA_NAME, Answers
from .openapi_demands import Requirements, demands_before, requirements_of, scope_alternatives
from .openapi_login import Login
from .openapi_words import in_words

SCHEME_NAME: Final = "AccessToken"
LOGIN_NAME: Final = "Login"

REQUIRES: Final = "x-axioms-requires"
"""The extension of an operation that holds its requirements as JSON, for programs; it also marks what was described already."""

_MOST_OPERATIONS: Final = 3


def bearer_scheme() -> HTTPBearer:
    """The security scheme of a route that wants an access token (OpenAPI, HTTP authentication, RFC 6750)."""
    return HTTPBearer(bearerFormat="JWT", description="An access token of the issuer that this API trusts.")


@dataclass(frozen=True, slots=True)
class Access:
    """What the document of one application says of access beside its routes: the realm, the token's header, the login."""

    realm: str
    token_header: str | None = None
    login: Login | None = None

    def schemes(self, scopes: Mapping[str, str]) -> dict[str, dict[str, Any]]:
        """The security schemes by name, each of which suffices."""
        token: dict[str, Any] = bearer_scheme().model_dump(mode="json", by_alias=True, exclude_none=True)
        if self.token_header is not None:
            token = {"type": "apiKey", "in": "header", "name": self.token_header, "description": token["description"]}
        # Swagger UI puts the cursor into the field for a token: above the login, it does not scroll the login out of sight.
        return {SCHEME_NAME: token, **({LOGIN_NAME: self.login.scheme(scopes)} if self.login is not None else {})}


@dataclass(slots=True)
class _Documented:
    """What an application keeps in its state: how its access is described, and what was its own before."""

    own_openapi: Callable[[], dict[str, Any]]
    own_init_oauth: dict[str, Any] | None
    access: Access


def document_access(app: Starlette, access: Access) -> None:
    """The application's OpenAPI document describes its guards, also those of routes that are added later.

    Swagger UI is told the client of the login; what the application itself told it (`swagger_ui_init_oauth`) comes first.
    A second call replaces the first. An application of Starlette has no such document.
    """
    if not isinstance(app, FastAPI):
        return
    documented: _Documented | None = getattr(app.state, "axioms_documented", None)
    if documented is None:
        documented = _Documented(app.openapi, app.swagger_ui_init_oauth, access)
        app.state.axioms_documented = documented
        generate = documented.own_openapi
        app.openapi = lambda: describe_guards(app, generate())  # type: ignore[method-assign]
    documented.access = access
    told = access.login.init_oauth if access.login is not None else {}
    app.swagger_ui_init_oauth = {**told, **(documented.own_init_oauth or {})} or documented.own_init_oauth
    app.openapi_schema = None  # one that was generated earlier knows nothing of this


def describe_guards(app: FastAPI, document: dict[str, Any]) -> dict[str, Any]:
    """The same document, in which the guards of the application's routes are described.

    For an application that sets an `app.openapi` of its own after `init_axioms`; one that was there before is kept and needs
    no call. Without `init_axioms` nothing is added.
    """
    documented: _Documented | None = getattr(app.state, "axioms_documented", None)
    if documented is None:
        return document
    access = documented.access
    answers = Answers(access.realm, under_detail=AxiomsHTTPException not in app.exception_handlers)
    described: list[tuple[str, Requirements]] = []
    demands = demands_before(app)
    for context in iter_route_contexts(app.routes):
        if not isinstance(context.original_route, APIRoute) or not context.include_in_schema:
            continue
        before = [demand for demand in demands if context.path_format not in demand.public]
        for method in context.methods or ():
            operation = document["paths"].get(context.path_format, {}).get(method.lower())
            if operation is None or REQUIRES in operation:
                continue
            requirements = requirements_of(context.dependant, method, before)
            _describe_security(operation, requirements, access, context.openapi_extra or {})
            if requirements is not None:
                _describe_requirements(operation, requirements, answers)
                described.append((f"{method} {context.path_format}", requirements))
    if described:
        _describe_components(document.setdefault("components", {}), access.schemes(_scopes_of(described)))
    return document


def _describe_security(
    operation: dict[str, Any], requirements: Requirements | None, access: Access, written: Mapping[str, Any]
) -> None:
    """One of these entries suffices, and all of it is needed. What the application wrote itself stays."""
    if "security" in written:
        operation["security"] = list(written["security"])  # FastAPI had added to it
        return
    there = operation.pop("security", [])
    others = [entry for entry in there if SCHEME_NAME not in entry]
    if requirements is not None:
        sets = scope_alternatives(requirements.outlines)
        own = [{name: scopes} for name in access.schemes({}) for scopes in sets]
        # What else the route asks for, such as an API key, is asked for as well: it opens nothing by itself.
        entries = [{**one, **other} for one in own for other in (others or [{}])]
        others = [*(others or [{}]), *entries] if requirements.optional else entries
    if others:
        operation["security"] = others


def _describe_requirements(operation: dict[str, Any], requirements: Requirements, answers: Answers) -> None:
    """Who may call, in words and as JSON, and the answers for whoever may not."""
    outlines = requirements.outlines
    words = in_words(outlines, optional=requirements.optional)
    operation["description"] = "\n\n".join(filter(None, [operation.get("description"), words]))
    operation[REQUIRES] = [dict(outline) for outline in outlines]
    responses = operation.setdefault("responses", {})
    written = {status.upper() for status in responses}
    for status, answer in answers.of(requirements).items():
        if not {status, f"{status[0]}XX"} & written:
            responses[status] = answer


def _describe_components(components: dict[str, Any], schemes: dict[str, dict[str, Any]]) -> None:
    components.setdefault("schemas", {}).setdefault(SCHEMA_NAME, dict(SCHEMA))
    there = components.get("securitySchemes", {})
    components["securitySchemes"] = {**schemes, **{name: there[name] for name in there if name not in schemes}}


def _scopes_of(described: Iterable[tuple[str, Requirements]]) -> dict[str, str]:
    """Each scope that an operation asks for, and the first few operations that do."""
    found: dict[str, list[str]] = {}
    for operation, requirements in described:
        for scope in dict.fromkeys(name for policy in requirements.policies for name in policy.scopes):
            found.setdefault(scope, []).append(operation)
    return {scope: _some(operations) for scope, operations in sorted(found.items())}


def _some(operations: list[str]) -> str:
    more = len(operations) - _MOST_OPERATIONS
    return ", ".join(operations[:_MOST_OPERATIONS]) + (f" and {more} more" if more > 0 else "")
