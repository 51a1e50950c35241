"""RFC 9110, section 9: a method is guarded like any other; no path and no header makes an exception."""

from typing import Annotated

import pytest
from fastapi import Depends, FastAPI
from fastapi.middleware.cors import CORSMiddleware
from fastapi.testclient import TestClient

from axioms_fastapi import Claims, require_auth
from conformance.door import Door, ask, bearer


@pytest.mark.conformance("20", "A54")
@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "TRACE", "PROPFIND", "POST"])
@pytest.mark.parametrize(
    "headers",
    [
        [],
        [(b"x-http-method-override", b"OPTIONS")],
        [(b"x-http-method", b"OPTIONS"), (b"x-method-override", b"GET")],
        [(b"origin", b"https://evil.example.com"), (b"access-control-request-method", b"GET")],
    ],
    ids=["plain", "override", "other overrides", "preflight without CORSMiddleware"],
)
def test_no_method_is_exempt(door: Door, method: str, headers: list[tuple[bytes, bytes]]) -> None:
    """Every method of a guarded route asks for a token, whatever method other headers name."""
    door.refuses(headers, status=401, error=None, method=method)
    assert ask(door.app, [*headers, *bearer(door.token())], method=method).status == 200


@pytest.mark.conformance("20")
def test_preflight(door: Door) -> None:
    """CORSMiddleware answers a preflight before any route, and the request after it is guarded."""
    door.app.add_middleware(CORSMiddleware, allow_origins=["https://app.example.com"], allow_headers=["Authorization"])
    client = TestClient(door.app)
    origin = {"Origin": "https://app.example.com"}
    preflight = client.options(
        "/",
        headers={**origin, "Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": "Authorization"},
    )
    assert preflight.status_code == 200
    assert client.get("/", headers=origin).status_code == 401


@pytest.mark.conformance("A54")
@pytest.mark.parametrize("method", ["get", "Get", "options", "OPTION", "OPTIONS "])
def test_exempt_method_to_the_letter(door: Door, method: str) -> None:
    """An application's exemption is for that very method, as the ASGI scope has it."""

    @door.app.api_route("/exempt", methods=["GET", "OPTIONS"])
    async def exempt(claims: Annotated[Claims, Depends(require_auth.with_safe_methods(["OPTIONS"]))]) -> bool:
        return bool(claims)

    assert ask(door.app, path="/exempt", method="OPTIONS").body == b"false"
    assert ask(door.app, path="/exempt", method=method).status in {401, 405}


@pytest.mark.conformance("A55")
@pytest.mark.parametrize(
    "path",
    [
        "//",
        "/./",
        "/;x",
        "/%2e%2e/",
        "/health/../",
        "/HEALTH/../",
        "/?x",
        "/#",
        "/\\",
        "/..",
        "//evil.example.com/",
        "/\0",
    ],
)
@pytest.mark.parametrize("host", [b"evil.example.com/?x=", b"api.example.com/health?", b"a b", b"[::1", b""])
def test_no_path_and_no_host_opens(door: Door, path: str, host: bytes) -> None:
    """Whatever path and Host header, the guarded route is guarded: decisions never use request.url (CVE-2026-48710)."""
    door.app.add_api_route("/health", lambda: "ok")
    answer = ask(door.app, [(b"host", host)], path=path)
    assert answer.status in {307, 401, 404}
    assert door.ran == []
    door.tally["refused"] += 1


@pytest.mark.conformance("A62")
def test_overrides_belong_to_their_application(door: Door) -> None:
    """dependency_overrides of one application open nothing in another."""
    other = FastAPI()
    other.dependency_overrides[require_auth] = lambda: Claims({"sub": "test"})
    other.mount("/door", door.app)
    answer = ask(other, path="/door/")
    assert (answer.status, door.ran) == (401, [])
