"""How an attack behaves: what it refuses to do, what it leaves alone, and what it makes of strange APIs."""

import time
from collections.abc import Callable
from typing import Any

import pytest
from fastapi import Depends, FastAPI, HTTPException, Request, Response

from axioms_fastapi import Claims, Issuer, init_axioms, register_axioms_exception_handler, require, require_auth
from axioms_fastapi.attack import AttackError, Outcome, Report
from axioms_fastapi.forge import ForgeKeys
from axioms_fastapi.forge.hostile import Category
from processes import free_port
from serving import serving

FEW = {"ignore": [category for category in Category if category is not Category.TIME]}


def api(issuer: str, keys: ForgeKeys, audience: str = "https://api.example.com") -> FastAPI:
    app = FastAPI()
    init_axioms(app, issuers=[Issuer(issuer, audience, keys=keys.public_jwks())])
    register_axioms_exception_handler(app)
    app.get("/me", dependencies=[Depends(require_auth)])(lambda: "in")
    return app


@pytest.fixture
def app(issuer: str, forge_keys: ForgeKeys) -> FastAPI:
    return api(issuer, forge_keys)


Attacked = Callable[..., Report]


def found(report: Report, outcome: Outcome = Outcome.FAULT) -> dict[str, str]:
    return {f"{operation.name} {result.name}": result.text for operation, result in report.having(outcome)}


def test_untrusted(attacked: Attacked, issuer: str, forge_keys: ForgeKeys) -> None:
    """Where the API refuses good tokens its refusals prove nothing, and no report says that all held."""
    with serving(api(issuer, forge_keys, audience="another")) as url, pytest.raises(AttackError) as error:
        attacked(url, FEW)
    assert "GET /me refuses a good token (401), so its refusals prove nothing" in str(error.value)
    assert "--audience" in str(error.value)


def test_nothing_there(attacked: Attacked) -> None:
    """Nobody listens: one sentence."""
    document = {"paths": {"/me": {"get": {"x-axioms": {"roles": ["a"]}}}}}
    with pytest.raises(AttackError, match="nobody listens at"):
        attacked(f"http://127.0.0.1:{free_port()}", FEW, document=document)


def test_nothing_to_attack(attacked: Attacked, app: FastAPI) -> None:
    """A document without any demand is no reason to be content."""
    with serving(app) as url:
        with pytest.raises(AttackError, match="there is nothing to attack"):
            attacked(url, document={"paths": {"/me": {"get": {}}}})
        with pytest.raises(AttackError, match="and --write was not given"):
            attacked(url, document={"paths": {"/me": {"post": {"x-axioms": {"roles": ["a"]}}}}})


def test_writes(attacked: Attacked, app: FastAPI) -> None:
    """Methods that write are left alone unless they are allowed."""
    calls: list[str] = []
    app.post("/things", dependencies=[Depends(require_auth)])(lambda: calls.append("made"))
    with serving(app) as url:
        report = attacked(url, FEW)
        assert (calls, list(report.skipped)) == ([], ["POST /things"])
        report = attacked(url, FEW, write=True)
    assert (found(report), len(calls), report.skipped) == ({}, 2, {})


def test_public_list(attacked: Attacked, app: FastAPI) -> None:
    """With a list of public operations, one that is not on it and demands no token is a fault."""
    app.get("/health")(lambda: "ok")
    app.get("/secrets")(lambda: "ok")
    with serving(app) as url:
        assert attacked(url, FEW).is_passed()
        report = attacked(url, {**FEW, "public": ["GET /health"]})
        lost = attacked(url, {**FEW, "public": []}, document={"paths": {"/secrets": {"get": {}}}})
    assert found(report) == {"GET /secrets public": "it demands no token, and is not on the list of public operations"}
    assert found(lost) == found(report)  # also where every operation has lost its guard


def test_skip_and_ignore(attacked: Attacked, app: FastAPI) -> None:
    """An operation can be left alone with a reason, and single shots, or groups of them, can be left out."""
    app.get("/open", openapi_extra={"security": [{"AccessToken": []}]})(lambda: "in")
    with serving(app) as url:
        assert "GET /open no token" in found(attacked(url, FEW))
        report = attacked(url, {**FEW, "operations": {"GET /open": {"skip": "it is being rebuilt"}}})
        assert (found(report), report.skipped) == ({}, {"GET /open": "it is being rebuilt"})
        ignored = [
            *FEW["ignore"],
            "time",
            "no token",
            "token in the query",
            "token in a cookie",
            "token in another header",
        ]
        assert found(attacked(url, {**FEW, "operations": {"GET /open": {"ignore": ignored}}})) == {}


def test_objects(attacked: Attacked, app: FastAPI) -> None:
    """Objects are made by their owner, one for each call that may change it, and strangers are held against them."""
    notes: dict[int, str] = {}

    @app.post("/notes")
    async def make(title: str, payload: Claims = Depends(require_auth)) -> dict[str, Any]:
        notes[len(notes) + 1] = payload.sub
        return {"note": {"id": len(notes)}}

    @app.delete("/notes/{note_id}")
    async def delete(note_id: int, payload: Claims = Depends(require_auth)) -> None:
        if not notes.get(note_id):
            raise HTTPException(404)
        if notes[note_id] != payload.sub:
            challenge = {"WWW-Authenticate": 'Bearer realm="x", error="insufficient_scope"'}
            raise HTTPException(403, headers=challenge)
        notes[note_id] = ""

    @app.get("/notes/{note_id}")
    async def read(note_id: int, payload: Claims = Depends(require_auth)) -> str:
        return notes[note_id]

    overlay = {
        **FEW,
        "objects": {"note_id": {"create": "POST /notes", "id": "note.id"}},
        "operations": {"DELETE /notes/{note_id}": {"ownership": True}, "GET /notes/{note_id}": {"ownership": True}},
    }
    with serving(app) as url:
        report = attacked(url, overlay, write=True)
        assert found(report) == {"GET /notes/{note_id} of a stranger": "expected 403 or 404, got 200: it was let in"}
        assert found(report, Outcome.UNCLEAR) == {}
        broken = {**overlay, "objects": {"note_id": {"create": "POST /notes", "id": "id"}}}
        with pytest.raises(AttackError, match="the answer of POST /notes has no id at id"):
            attacked(url, broken, write=True)


def test_object_that_cannot_be_made(attacked: Attacked, app: FastAPI) -> None:
    """Where the API makes no object, the sentence says what it answered."""
    app.post("/notes", dependencies=[Depends(require(lambda caller: False))])(lambda: None)
    app.get("/notes/{note_id}", dependencies=[Depends(require_auth)])(lambda note_id: note_id)
    overlay = {**FEW, "objects": {"note_id": {"create": "POST /notes"}}}
    with serving(app) as url, pytest.raises(AttackError, match="POST /notes made no note_id: it answered 403"):
        attacked(url, overlay, write=True)


def test_strange_answers(attacked: Attacked, app: FastAPI) -> None:
    """An API that answers late, breaks off, redirects or sets cookies is judged, and leaves no trace in the next request."""
    seen: list[str] = []

    @app.get("/cookie", openapi_extra={"security": [{"AccessToken": []}]})
    async def cookie(request: Request, response: Response) -> None:
        seen.append(request.headers.get("cookie", ""))
        response.set_cookie("session", "x")

    @app.get("/late", openapi_extra={"security": [{"AccessToken": []}]})
    def late() -> None:
        time.sleep(0.6)

    app.get("/moved", openapi_extra={"security": [{"AccessToken": []}]})(
        lambda: Response(status_code=307, headers={"Location": "/me"})
    )
    only_access = {
        "ignore": [*Category, "claims", "token in a cookie", "token in the query", "token in another header"]
    }
    with serving(app) as url:
        report = attacked(
            url,
            {"operations": {f"GET /{name}": only_access for name in ("cookie", "late", "moved")}, **FEW},
            timeout=0.3,
        )
    faults = found(report)
    assert faults["GET /late no token"] == "no answer within 0.3 seconds"
    assert faults["GET /moved no token"].endswith("got 307: it was answered before anybody asked who the caller is")
    assert set(seen) == {""}


def test_keys_that_come_late(attacked: Attacked, issuer: str, forge_keys: ForgeKeys) -> None:
    """An API that could not have the keys at its start is waited for."""
    app = api(issuer, forge_keys)
    asked = [0]

    @app.middleware("http")
    async def unavailable(request: Request, call_next: Any) -> Any:
        asked[0] += 1
        return Response(status_code=503, headers={"Retry-After": "1"}) if asked[0] < 3 else await call_next(request)

    security = {"b": {"type": "http", "scheme": "bearer"}}
    document = {"components": {"securitySchemes": security}, "paths": {"/me": {"get": {"security": [{"b": []}]}}}}
    with serving(app) as url:
        assert attacked(url, FEW, document=document).is_passed()


def test_progress(attacked: Attacked, app: FastAPI) -> None:
    """Progress ends where it should."""
    told: list[tuple[str, int, int]] = []
    with serving(app) as url:
        report = attacked(url, FEW, progress=lambda *step: told.append(step))
    assert told[0][:2] == ("GET /me", 0)
    assert told[-1] == ("", report.counts.total(), report.counts.total())
