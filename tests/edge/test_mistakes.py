"""What people write by mistake never opens a route: it is refused where it is written, in one sentence."""

import functools
from collections.abc import Callable
from typing import Annotated, Any

import pytest
from fastapi import Depends, FastAPI, Security
from fastapi.testclient import TestClient
from pydantic import create_model

from axioms_fastapi import (
    AccessDenied,
    AuthenticationRequired,
    Axioms,
    AxiomsError,
    Claims,
    ConfigurationError,
    Decision,
    InsufficientScope,
    InvalidToken,
    NotOwner,
    Policy,
    Principal,
    all_of,
    any_of,
    check_object_ownership,
    current_principal,
    none_of,
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


class Everybody(Policy):
    """A policy of the application's own."""

    async def decide(self, principal: Principal) -> Decision:
        return Decision(True, self)


class TestMistakes:
    """What people write by mistake never opens a route."""

    @pytest.mark.parametrize(
        "builder",
        [
            require,
            require_scopes,
            require_roles,
            require_permissions,
            check_object_ownership,
            require_auth.with_safe_methods,
        ],
        ids=lambda builder: builder.__name__,
    )
    def test_builder_that_is_not_called(self, app: FastAPI, builder: Callable[..., object]) -> None:
        """`Depends(require_scopes)`, not called, would read the scopes from the request: it is refused where it is written."""
        with pytest.raises(ConfigurationError, match=f"write .*{builder.__name__}"):
            app.get("/", dependencies=[Depends(builder)])(lambda: "in")

    @pytest.mark.parametrize(
        "builder", [scopes, roles, permissions, any_of, all_of, none_of], ids=lambda builder: builder.__name__
    )
    def test_policy_that_is_no_guard(self, app: FastAPI, builder: Callable[..., object]) -> None:
        """A policy builder given as a dependency is refused where it is written."""
        with pytest.raises(ConfigurationError, match=f"write .*{builder.__name__}"):
            app.get("/", dependencies=[Depends(builder)])(lambda: "in")

    @pytest.mark.parametrize(
        "policy",
        [scopes("a"), roles("a"), all_of(scopes("a"), roles("b")), none_of(roles("a")), Everybody()],
        ids=lambda policy: type(policy).__name__,
    )
    def test_policy_in_the_place_of_a_guard(self, app: FastAPI, policy: Any) -> None:
        """So is a policy itself, in a list of dependencies, for a parameter, and called."""

        async def root(caller) -> str:  # type: ignore[no-untyped-def]
            return "in"

        root.__annotations__["caller"] = Annotated[Principal, Depends(policy)]
        words = r"Depends\(require\("
        for declare in (app.get("/", dependencies=[Depends(policy)]), app.get("/")):
            with pytest.raises(ConfigurationError, match=words):
                declare(root)
        with pytest.raises(ConfigurationError, match="a policy is no guard"):
            policy()

    @pytest.mark.parametrize(
        "builder",
        [require, require_scopes, scopes, roles, all_of, check_object_ownership, require_auth.with_safe_methods],
        ids=lambda builder: builder.__name__,
    )
    def test_builder_inside_a_policy(self, builder: Any) -> None:
        """`require(scopes)`, not called, is no predicate either: it is refused where it is written, in any composition."""
        for compose in (require, all_of, any_of, none_of):
            with pytest.raises(ConfigurationError, match=f"write .*{builder.__name__}"):
                compose(builder)

    @pytest.mark.parametrize(
        "kind",
        [AuthenticationRequired, InvalidToken, AccessDenied, InsufficientScope, NotOwner, AxiomsError],
        ids=lambda kind: kind.__name__,
    )
    def test_error_that_is_no_guard(self, app: FastAPI, kind: type) -> None:
        """`Depends(AuthenticationRequired)` reads like a guard, and would only make an exception: it is refused."""
        with pytest.raises(ConfigurationError, match="an error is no guard"):
            app.get("/", dependencies=[Depends(kind)])(lambda: "in")

    def test_axioms_that_is_no_dependency(self, app: FastAPI) -> None:
        """`Annotated[Axioms, Depends()]` would read settings from the body, whom to trust among them: it is refused."""
        with pytest.raises(ConfigurationError, match="Axioms is no dependency"):

            @app.post("/")
            async def root(axioms: Annotated[Axioms, Depends()]) -> None: ...

    def test_guard_in_a_list_without_depends(self, app: FastAPI) -> None:
        """`dependencies=[require_auth]` is refused in a sentence."""
        with pytest.raises(ConfigurationError, match=r"write Depends\(guard\)"):
            app.get("/", dependencies=[require_auth])(lambda: "in")  # type: ignore[list-item]

    @pytest.mark.parametrize(
        "write", [lambda a, b: a and b, lambda a, b: a or b, lambda a, _: not a, lambda a, b: b if a else a]
    )
    def test_python_operators(self, write: Callable[[Policy, Policy], object]) -> None:
        """`scopes("a") and roles("b")` would silently keep one of the two: it is refused where it is written."""
        with pytest.raises(ConfigurationError, match="all_of"):
            write(scopes("a"), roles("b"))

    @pytest.mark.parametrize("allowed", ["no", 1, None, [False]])
    def test_decision_that_is_only_truthy(self, allowed: object) -> None:
        """A policy of the application's own cannot grant by a value that is only truthy, such as a forgotten await."""
        with pytest.raises(ConfigurationError, match="True or False"):
            Decision(allowed, scopes("a"))  # type: ignore[arg-type]

    @pytest.mark.parametrize("compose", [all_of, any_of, none_of])
    @pytest.mark.parametrize(
        "written",
        [require_roles("a"), require_auth, [scopes("a")], lambda: True, lambda a, b: True, Principal, "admin"],
    )
    def test_no_policy_inside_another(self, compose: Callable[..., Policy], written: Any) -> None:
        """A guard, a list, a class or a function of other parameters inside a composition is refused where it is written."""
        with pytest.raises(ConfigurationError, match="is not a policy"):
            compose(scopes("a"), written)

    def test_guards_of_equal_meaning(self) -> None:
        """Guards that require the same names, or exempt the same methods, are one dependency, whatever the order."""
        assert require_scopes(["a", "b"]) == require_scopes("b", "a")
        assert hash(require_roles(["a", "b"])) == hash(require_roles(["b", "a"]))
        assert require_auth.with_safe_methods(["GET", "HEAD"]) == require_auth.with_safe_methods(["HEAD", "GET"])
        assert require_auth != require_auth.with_safe_methods(["GET"])
        assert require_scopes("a") != require_roles("a")
        assert require_scopes("a") != require_scopes("b")

    @pytest.mark.parametrize(
        "guard",
        [
            functools.partial(require_scopes, ["admin"]),
            functools.partial(require_roles, ["admin"]),
            functools.partial(require, scopes("a")),
            functools.partial(check_object_ownership, lambda: {"user": "alice"}),
            functools.partial(require_auth.with_safe_methods, ["GET"]),
            functools.partial(scopes, "a"),
            Claims,
            Principal,
        ],
        ids=str,
    )
    def test_nearly_a_guard(self, app: FastAPI, guard: Callable[..., object]) -> None:
        """A partial of a builder, and the classes of what guards give, are refused where they are written."""
        with pytest.raises(ConfigurationError, match=r"write Depends|call it"):
            app.get("/", dependencies=[Depends(guard)])(lambda: "in")

    @pytest.mark.parametrize(
        "guard",
        [require_auth, require_scopes(["a"]), current_principal, check_object_ownership(lambda: {"user": "alice"})],
        ids=["auth", "scopes", "principal", "ownership"],
    )
    def test_guard_without_depends(self, app: FastAPI, client: TestClient, guard: object) -> None:
        """In an annotation, as a default or in a list, a guard alone is refused: as a default, `?payload=x` would be in."""

        async def annotated(payload) -> str:  # type: ignore[no-untyped-def]
            return "in"

        async def default(payload=guard) -> str:  # type: ignore[no-untyped-def]
            return "in"

        async def body(payload: dict[str, str] = guard) -> str:  # type: ignore[assignment]
            return "in"

        annotated.__annotations__["payload"] = Annotated[dict, guard]
        for route in (annotated, default, body):
            for declare in (app.get("/"), app.post("/"), app.websocket("/")):
                with pytest.raises(ConfigurationError, match=r"write Depends\(guard\)"):
                    declare(route)
        with pytest.raises(ConfigurationError, match=r"write Depends\(guard\)"):
            app.get("/", dependencies=[guard])(lambda: "in")  # type: ignore[list-item]
        with pytest.raises(ConfigurationError, match=r"write Annotated\[..., Depends\(guard\)\]"):
            create_model("Filter", user=Annotated[str, guard])

    @pytest.mark.parametrize("shortcut", [Depends(), Security()])
    @pytest.mark.parametrize("annotation", [Claims, Principal])
    def test_class_shortcut(self, app: FastAPI, annotation: type, shortcut: object) -> None:
        """`Annotated[Claims, Depends()]` would call the class with the body: it is refused where it is written."""

        async def root(payload) -> str:  # type: ignore[no-untyped-def]
            return "in"

        root.__annotations__["payload"] = Annotated[annotation, shortcut]
        with pytest.raises(ConfigurationError, match="write Depends"):
            app.post("/")(root)

    def test_guard_that_is_changed(self) -> None:
        """What a guard asks is what its document says, and cannot be changed afterwards."""
        guard: Any = require(scopes("a"))
        with pytest.raises(AttributeError):
            guard.policy = scopes("b")
        assert guard.policy == scopes("a")

    @pytest.mark.parametrize("way", ["decide", "decide_at_once"])
    def test_policy_that_refuses_by_itself(self, app: FastAPI, client: TestClient, bearer: Bearer, way: str) -> None:
        """A policy of the application's own that raises a refusal is answered with it, whichever way it is asked."""

        def refuse(self: Policy, principal: Principal) -> Decision:
            raise AccessDenied("Not on Sundays")

        async def refuse_later(self: Policy, principal: Principal) -> Decision:
            return refuse(self, principal)

        sundays = type(
            "Sundays", (Policy,), {"decide": refuse_later, **({way: refuse} if way == "decide_at_once" else {})}
        )
        app.get("/", dependencies=[Depends(require(sundays()))])(lambda: "in")
        answer = client.get("/", headers=bearer())
        assert (answer.status_code, answer.json()["error_description"]) == (403, "Not on Sundays")

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
