"""The pages for when something goes wrong, and for those who come from elsewhere: complete, and true."""

import re
import time
from collections.abc import Callable
from typing import Annotated, Any

import pytest
from fastapi import Depends, FastAPI
from fastapi.testclient import TestClient

from axioms_fastapi import Reason, require_auth
from axioms_fastapi.settings import AxiomsKeywords
from docs.following import ROOT, blocks

HELP = (ROOT / "docs" / "troubleshooting.md").read_text()
PYJWT = "from-pyjwt.md"


def test_every_reason_is_explained() -> None:
    """Whatever the log may say as a reason stands on the page."""
    assert {reason for reason in Reason if f"`{reason}`" not in HELP} == set()


@pytest.mark.parametrize("page", ["troubleshooting.md", PYJWT])
def test_settings_exist(page: str) -> None:
    """A setting that a page names is one."""
    named = set(re.findall(r"AXIOMS_[A-Z_]+", (ROOT / "docs" / page).read_text()))
    assert named <= AxiomsKeywords.__annotations__.keys()
    assert len(named) > 4


def test_guard_that_is_called() -> None:
    """A guard that needs no names, called like those that do, fails in the words of the page."""
    guard: Any = require_auth
    with pytest.raises(TypeError) as error:
        Depends(guard())
    assert str(error.value).partition(":")[0] in HELP


@pytest.fixture
def clients(issuer: str) -> dict[str, TestClient]:
    """The same two routes behind the dependencies of each block, which trust an issuer on loopback."""
    clients: dict[str, TestClient] = {}
    for block in blocks(PYJWT):
        program: dict[str, Any] = {}
        exec(compile(block.text.replace("https://auth.example.com", issuer), PYJWT, "exec", dont_inherit=True), program)
        app = program.get("app") or FastAPI()
        current_user, current_admin = program["current_user"], program["current_admin"]

        @app.get("/me")
        async def me(user: Annotated[Any, Depends(current_user)]) -> dict[str, Any]:
            return {"sub": user["sub"]}

        app.get("/admin", dependencies=[Depends(current_admin)])(lambda: None)
        clients[block.mark] = TestClient(app)
    return clients


def test_same_routes(clients: dict[str, TestClient], bearer: Callable[..., dict[str, str]]) -> None:
    """Who was let in before is let in after, and who was refused is refused, by the very same routes."""
    assert clients.keys() == {"before", "after"}
    now = time.time()
    for claims, mine, admins in (
        ({}, 200, 403),
        ({"roles": ["admin"]}, 200, 200),
        ({"roles": ["editor"]}, 200, 403),
        ({"exp": now - 5}, 200, 403),
        ({"exp": now - 60}, 401, 401),
        ({"aud": "https://other.example.com"}, 401, 401),
        ({"iss": "https://other.example.com"}, 401, 401),
    ):
        for client in clients.values():
            headers = bearer(sub="alice", **claims)
            answers = [client.get(path, headers=headers) for path in ("/me", "/admin")]
            assert [answer.status_code for answer in answers] == [mine, admins]
            assert mine != 200 or answers[0].json() == {"sub": "alice"}


def test_what_changes(clients: dict[str, TestClient], bearer: Callable[..., dict[str, str]]) -> None:
    """The answers that the page says are others now: to no token, and to who lacks a right."""
    before, after = clients["before"], clients["after"]
    assert after.get("/me").status_code == 401
    assert after.get("/me").headers["www-authenticate"].startswith("Bearer realm=")
    forbidden = [client.get("/admin", headers=bearer()) for client in (before, after)]
    assert ["www-authenticate" in answer.headers for answer in forbidden] == [False, True]
    assert before.get("/me").status_code in {401, 403}
