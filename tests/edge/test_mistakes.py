"""What people write by mistake never opens a route: it is refused where it is written, in one sentence."""

from collections.abc import Callable
from typing import Annotated

import pytest
from fastapi import Depends, FastAPI, Security
from fastapi.testclient import TestClient

from axioms_fastapi import (
    Claims,
    ConfigurationError,
    Principal,
    require,
    require_roles,
)
from axioms_fastapi.forge import Mint

Bearer = Callable[..., dict[str, str]]


class TestMistakes:
    """What people write by mistake never opens a route."""

    @pytest.mark.parametrize("shortcut", [Depends(), Security()])
    @pytest.mark.parametrize("annotation", [Claims, Principal])
    def test_class_shortcut(self, app: FastAPI, annotation: type, shortcut: object) -> None:
        """`Annotated[Claims, Depends()]` would call the class with the body: it is refused where it is written."""

        async def root(payload) -> str:  # type: ignore[no-untyped-def]
            return "in"

        root.__annotations__["payload"] = Annotated[annotation, shortcut]
        with pytest.raises(ConfigurationError, match="write Depends"):
            app.post("/")(root)

    def test_policies_that_are_guards(self) -> None:
        """require(...) takes a policy; a guard is refused where it is written."""
        with pytest.raises(ConfigurationError, match="was given a guard"):
            require(require_roles(["admin"]))  # type: ignore[arg-type]

    def test_tests_that_look_alike(self, app: FastAPI, client: TestClient, bearer: Bearer) -> None:
        """Two predicates that say they are equal are both asked."""

        class Alike:
            def __init__(self, answer: bool) -> None:
                self.answer = answer

            def __eq__(self, other: object) -> bool:
                return True

            __hash__ = None  # type: ignore[assignment]

            def __call__(self, principal: Principal) -> bool:
                return self.answer

        app.get("/", dependencies=[Depends(require(Alike(True))), Depends(require(Alike(False)))])(lambda: "in")
        assert client.get("/", headers=bearer()).status_code == 403

    def test_several_names(self, app: FastAPI, client: TestClient, bearer: Bearer) -> None:
        """`require_roles("admin", "editor")` is the list."""
        app.get("/", dependencies=[Depends(require_roles("admin", "editor"))])(lambda: "in")
        assert client.get("/", headers=bearer(roles=["editor"])).status_code == 200
        assert client.get("/", headers=bearer(roles=["viewer"])).status_code == 403

    @pytest.mark.parametrize("annotation", [Claims, Principal], ids=["Claims", "Principal"])
    def test_forgotten_depends(
        self, app: FastAPI, client: TestClient, bearer: Bearer, annotation: type, mint: Mint
    ) -> None:
        """A bare `payload: Claims` or `principal: Principal` is never read from the body."""

        async def root(payload) -> str:  # type: ignore[no-untyped-def]
            return "in"

        root.__annotations__["payload"] = annotation
        try:
            app.post("/")(root)
        except Exception:
            return
        claims = mint.claims({"sub": "admin"})
        principal = {
            "subject": "a",
            "issuer": "i",
            "client_id": None,
            "scopes": [],
            "roles": [],
            "permissions": [],
            "claims": claims,
        }
        for body in (claims, principal, {"payload": claims}, {"payload": principal}):
            assert client.post("/", json=body, headers=bearer()).status_code == 422
