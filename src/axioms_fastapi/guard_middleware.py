"""One guard before a whole application: before routing, before dependencies, and before what no dependency reaches."""

from collections.abc import Collection
from typing import Any

from starlette.exceptions import HTTPException, WebSocketException
from starlette.middleware.exceptions import ExceptionMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

from .answers import AxiomsHTTPException
from .app import Axioms, answer_refusal
from .core.composition import Predicate, as_policy
from .core.errors import ConfigurationError
from .core.policy import Policy
from .openapi_demands import Demand


class GuardMiddleware:
    """Pure ASGI middleware that lets a request pass only with an access token, and where there is a policy, when that allows.

    `app.add_middleware(GuardMiddleware, policy=scopes("read"), public=["/health"])`. Unlike the dependencies of an application it
    stands before everything: routes of Starlette, mounted applications, static files, `/docs`, and paths that do not exist.
    `public` are exact paths of which nothing is asked. `request.state.principal` is the caller. Guards of single routes are asked
    besides, and verify nothing again.

    A refusal is answered as a guard's is, by the application's own exception handlers. Raises ConfigurationError, when the
    application starts, for what is no policy or no path.
    """

    def __init__(self, app: ASGIApp, policy: Policy | Predicate | None = None, public: Collection[str] = ()) -> None:
        self.app = app
        self._policies = () if policy is None else (as_policy(policy),)
        self._public = _paths(public)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the request pass, or answer it."""
        # Whatever a server may call a request one day is one; only the start and the end of the application are none.
        if scope["type"] != "lifespan" and not (self._public and _path_of(scope) in self._public):
            axioms = Axioms.of(scope)
            principal = axioms.admitted(scope, self._policies)
            if principal is None:
                try:
                    principal = await axioms.admit(scope, self._policies)
                except (HTTPException, WebSocketException) as refusal:
                    await _answer(refusal, scope, receive, send)
                    return
            scope.setdefault("state", {})["principal"] = principal
        await self.app(scope, receive, send)

    @staticmethod
    def __axioms_demand__(policy: Policy | Predicate | None = None, public: Collection[str] = ()) -> Demand:
        """What the OpenAPI document says of every operation behind it."""
        return Demand(None if policy is None else as_policy(policy), public=_paths(public))


def _paths(written: object) -> frozenset[str]:
    # Not what can be read once alone: the OpenAPI document reads it as well.
    if isinstance(written, str) or not isinstance(written, Collection):
        raise ConfigurationError(f"public is {written!r}; write a list of paths, such as ['/health']")
    paths: list[Any] = list(written)
    for path in paths:
        if not isinstance(path, str) or not path.startswith("/") or any(char in path for char in "*{}?#"):
            raise ConfigurationError(
                f"public holds {path!r}; write exact paths, such as '/health': a pattern would open more than it seems to"
            )
    return frozenset(paths)


def _path_of(scope: Scope) -> str:
    """The path that a route of the application is compared with; what it is mounted under does not count."""
    path: str = scope["path"]
    return path.removeprefix(scope.get("root_path", ""))


async def _answer(refusal: Exception, scope: Scope, receive: Receive, send: Send) -> None:
    """The answer that a route would have given: this stands outside of what handles the application's exceptions."""

    async def refuse(scope: Scope, receive: Receive, send: Send) -> None:
        raise refusal

    handlers = scope["app"].exception_handlers
    if HTTPException not in handlers:  # Starlette's own knows no other answers than texts
        handlers = {AxiomsHTTPException: answer_refusal, **handlers}
    await ExceptionMiddleware(refuse, handlers=handlers)(scope, receive, send)
