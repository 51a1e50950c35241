"""An API with one fault on each route: everything else is as the library does it, so that nothing but the fault can be found."""

import base64
import hashlib
import hmac
import json
import urllib.request
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import jwt
from fastapi import Depends, FastAPI, HTTPException, Request
from joserfc.jwk import RSAKey

from axioms_fastapi import (
    Claims,
    Issuer,
    Reason,
    Refusal,
    init_axioms,
    register_axioms_exception_handler,
    require_scopes,
)
from axioms_fastapi.forge import ForgeKeys

AUDIENCE = "https://api.example.com"
RIGHT = {"scopes_any": ["read:data"]}

Guard = Callable[..., Awaitable[dict[str, Any]]]


@dataclass(frozen=True)
class Fault:
    """A planted fault: its route, a shot that must find it and what that must say; `all` are all that may find it."""

    path: str
    found_by: str
    words: str
    all: frozenset[str] | None
    is_about_tokens: bool


def unverified(token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Header and claims, as somebody reads them who does not look closely."""
    parts = [json.loads(base64.urlsafe_b64decode(part + "==")) for part in token.split(".")[:2]]
    return parts[0], parts[1]


def token_of(request: Request) -> str:
    return request.headers.get("authorization", "").removeprefix("Bearer ")


class BrokenApi:
    """The application, and the faults that were planted in it."""

    def __init__(self, issuer: str, keys: ForgeKeys) -> None:
        self.app = FastAPI()
        self.keys = keys
        self.axioms = init_axioms(self.app, issuers=[Issuer(issuer, AUDIENCE, keys=keys.public_jwks())])
        register_axioms_exception_handler(self.app)
        self.faults: list[Fault] = []
        self.app.get("/right", dependencies=[Depends(require_scopes("read:data"))], openapi_extra=_documented(RIGHT))(
            ok
        )
        self._plant_leniency()
        self._plant_forgeries()
        self._plant_wrong_answers()
        self._plant_wrong_rights()

    def plant(
        self,
        path: str,
        found_by: str,
        words: str,
        guard: Callable[..., Any] | None,
        *,
        extension: dict[str, Any] | None = None,
        only: set[str] | None = None,
        is_about_tokens: bool = False,
    ) -> None:
        """A route with this guard. `only` are the shots that may find its fault, where no other may."""
        self.faults.append(Fault(path, found_by, words, frozenset(only) if only else None, is_about_tokens))
        dependencies = [] if guard is None else [Depends(guard)]
        self.app.get(path, dependencies=dependencies, openapi_extra=_documented(extension or {}))(ok)

    def admit(self, path: str, found_by: str, guard: Guard, *, only: set[str] | None = None) -> None:
        """A route that lets a bad token in."""
        self.plant(path, found_by, "it was let in", guard, only=only, is_about_tokens=True)

    async def strict(self, request: Request) -> Claims:
        """What the library says: claims, or a Refusal."""
        return (await self.axioms.authenticate(request.scope)).claims

    def lenient(self, *reasons: Reason) -> Guard:
        """A guard that does not mind these reasons."""

        async def guard(request: Request) -> dict[str, Any]:
            try:
                return await self.strict(request)
            except Refusal as refusal:
                if refusal.reason not in reasons:
                    raise
                return unverified(token_of(request))[1]

        return guard

    def believing(self, look: Callable[[str, dict[str, Any]], bool], *reasons: Reason) -> Guard:
        """A guard that lets in what `look` likes of a refused token and its header."""

        async def guard(request: Request) -> dict[str, Any]:
            try:
                return await self.strict(request)
            except Refusal as refusal:
                if reasons and refusal.reason not in reasons:
                    raise
                try:
                    header, claims = unverified(token_of(request))
                    believed = isinstance(header, dict) and look(token_of(request), header)
                except (ValueError, OSError, AttributeError, TypeError, KeyError, RecursionError):
                    believed = False
                if not believed:
                    raise
                return claims

        return guard

    def _plant_leniency(self) -> None:
        expired = {"exp-past", "exp-long-past", "exp-zero"}
        self.admit("/no-exp", "exp-past", self.lenient(Reason.EXPIRED), only=expired)
        early = {"nbf-in-an-hour", "iat-in-an-hour"}
        self.admit("/no-nbf", "nbf-in-an-hour", self.lenient(Reason.NOT_YET_VALID), only=early)
        self.admit("/no-aud", "aud-of-another-api", self.lenient(Reason.AUDIENCE))
        self.admit("/no-iss", "another-issuers-token", self.lenient(Reason.ISSUER))
        self.admit("/id-token", "id-token-with-the-apis-audience", self.lenient(Reason.KIND))
        self.admit("/no-signature", "payload-promoted", self.lenient(Reason.SIGNATURE))
        self.admit("/any-type", "logout-token", self.lenient(Reason.TYPE))
        self.admit("/bound", "bound-to-a-dpop-key", self.lenient(Reason.SENDER_CONSTRAINED))
        self.admit("/crit", "crit-unknown", self.lenient(Reason.CRITICAL_HEADER))

    def _plant_forgeries(self) -> None:
        def alg_none(token: str, header: dict[str, Any]) -> bool:
            return str(header.get("alg")).lower() == "none"

        def confused(token: str, header: dict[str, Any]) -> bool:
            key = next(key for key in self.keys if key.kty == "RSA")
            pem = RSAKey.import_key(key.public_jwk()).as_pem(private=False)
            text, _, signature = token.rpartition(".")
            digest = hmac.digest(pem, text.encode(), hashlib.sha256)
            return header["alg"] == "HS256" and base64.urlsafe_b64encode(digest).decode().rstrip("=") == signature

        def embedded(token: str, header: dict[str, Any]) -> bool:
            return _verifies(token, header["jwk"])

        def fetched(token: str, header: dict[str, Any]) -> bool:
            opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
            if not header["jku"].startswith("http://127.0.0.1"):
                return False
            with opener.open(header["jku"], timeout=1) as response:
                return any(_verifies(token, jwk) for jwk in json.load(response)["keys"])

        self.admit("/alg-none", "alg-none", self.believing(alg_none))
        self.admit("/hs-confusion", "hs256-with-pem", self.believing(confused), only={"hs256-with-pem"})
        self.admit("/jwk", "jwk-of-the-attacker", self.believing(embedded))
        called = "has called a URL of the token"
        self.plant("/jku", "jku-elsewhere", called, self.believing(fetched), is_about_tokens=True)

    def _plant_wrong_answers(self) -> None:
        def answering(
            status: int, challenge: str | None, *, only: type[Refusal] = Refusal, echo: bool = False
        ) -> Guard:
            async def guard(request: Request) -> dict[str, Any]:
                try:
                    return await self.strict(request)
                except Refusal as refusal:
                    if not isinstance(refusal, only):
                        raise
                    headers = {"WWW-Authenticate": challenge} if challenge else {}
                    detail = request.headers.get("authorization") if echo else None
                    raise HTTPException(status, detail, headers) from None

            return guard

        async def anywhere(request: Request) -> None:
            if "access_token" not in request.query_params:
                await self.strict(request)

        async def failing(request: Request) -> None:
            if not isinstance((await self.strict(request)).get("email", ""), str):
                raise RuntimeError

        good = 'Bearer realm="x", error="invalid_token"'
        self.plant("/403-for-401", "no token", "which is 401", answering(403, good))
        self.plant("/no-challenge", "no token", "WWW-Authenticate is missing", answering(401, None))
        self.plant(
            "/error-for-nobody", "no token", "should have no error", answering(401, good), only={"no token", *ELSEWHERE}
        )
        self.plant("/no-error", "exp-past", 'should have error="invalid_token"', answering(401, 'Bearer realm="x"'))
        self.plant(
            "/malformed", "exp-past", "WWW-Authenticate is malformed", answering(401, 'Bearer realm="x" error="y"')
        )
        self.plant("/bare", "no token", "has no parameter", answering(401, "Bearer"))
        self.plant("/other-scheme", "no token", "no challenge of the scheme Bearer", answering(401, 'Basic realm="x"'))
        self.plant("/404-first", "no token", "before anybody asked who the caller is", answering(404, None))
        self.plant("/echo", "exp-past", "repeats a part of the token", answering(401, good, echo=True))
        self.plant("/query", "token in the query", "it was let in", anywhere, only={"token in the query"})
        self.plant("/failing", "odd claims", "must not make a server fail", failing, only={"odd claims"})
        self.plant("/no-guard", "no token", "it was let in", None)

    def _plant_wrong_rights(self) -> None:
        def deciding(allowed: Callable[[Claims], bool], status: int = 403) -> Guard:
            async def guard(request: Request) -> dict[str, Any]:
                claims = await self.strict(request)
                if not allowed(claims):
                    challenge = 'Bearer realm="x", error="insufficient_scope"'
                    raise HTTPException(status, headers={"WWW-Authenticate": challenge})
                return claims

            return guard

        def careful(claims: Claims) -> bool:
            return isinstance(claims.get("scope"), str) and "read:data" in claims["scope"].split(" ")

        def substring(claims: Claims) -> bool:
            return "read:data" in str(claims.get("scope"))

        def substring_of_text(claims: Claims) -> bool:
            return isinstance(claims.get("scope"), str) and "read:data" in claims["scope"]

        def unready(claims: Claims) -> bool:
            return "read:data" in claims.get("scope", "").split(" ")

        def both(claims: Claims) -> bool:
            return {"a", "b"} <= set(str(claims.get("scope")).split(" "))

        def letters(claims: Claims) -> bool:
            return isinstance(claims.get("roles"), str | list) and "admin" in claims["roles"]

        let_in, with_scope = "it was let in", {"extension": {"scopes_any": ["read:data"]}}
        forms = ("JSON in a text", "a comma list", "a text with tabs")
        almost = {"almost scope read:data", *(f"scope read:data as {form}" for form in forms)}
        self.plant("/substring", "almost scope read:data", let_in, deciding(substring), **with_scope)
        self.plant(
            "/text-only", "almost scope read:data", let_in, deciding(substring_of_text), only=almost, **with_scope
        )
        self.plant("/401-for-403", "without scope read:data", "which is 403", deciding(careful, 401), **with_scope)
        self.plant("/no-scope", "without scope read:data", let_in, self.strict_guard, **with_scope)
        failing = "must not make a server fail"
        self.plant("/500-on-odd", "scope read:data as a number", failing, deciding(unready), **with_scope)
        all_of = {"scopes_all": ["a", "b"]}
        self.plant("/any-for-all", "without scope a", let_in, require_scopes("a", "b"), extension=all_of)
        any_of = {"scopes_any": ["a", "b"]}
        self.plant("/all-for-any", "scope a alone", "got 403", deciding(both), extension=any_of)
        roles = {"roles": ["admin"]}
        self.plant("/letters", "role admin as words of a text", let_in, deciding(letters), extension=roles)
        owned = {"ownership": True}
        self.plant("/notes/{note}", "of a stranger", let_in, self.strict_guard, extension=owned, only={"of a stranger"})

    async def strict_guard(self, request: Request) -> dict[str, Any]:
        """Everybody who has a good token is welcome."""
        return await self.strict(request)


ELSEWHERE = ("token in the query", "token in a cookie", "token in another header")


def ok(note: str = "") -> str:
    return "in"


def _documented(extension: dict[str, Any]) -> dict[str, Any]:
    return {"security": [{"token": []}], "x-axioms": extension} if extension else {"security": [{"token": []}]}


def document_of(app: FastAPI) -> dict[str, Any]:
    """The application's OpenAPI document, whose security is what its author believes it to be."""
    document = app.openapi()
    document.setdefault("components", {})["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
    for item in document["paths"].values():
        item["get"]["security"] = [{"token": []}]
    return document


def _verifies(token: str, jwk: dict[str, Any]) -> bool:
    nothing_else = {f"verify_{claim}": False for claim in ("aud", "exp", "nbf", "iat", "iss", "sub", "jti")}
    try:
        jwt.decode(token, jwt.PyJWK(jwk), ["RS256", "ES256", "EdDSA"], nothing_else)
    except jwt.PyJWTError:
        return False
    return True
