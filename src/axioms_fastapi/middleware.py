"""The token of every request, verified before routing, for code that is no route: logging, rate limits, templates."""

from starlette.types import ASGIApp, Receive, Scope, Send

from .app import Axioms
from .core.claims import Claims
from .core.errors import AuthenticationRequired, InvalidRequest, Refusal


class AccessTokenMiddleware:
    """Pure ASGI middleware that says what a request's access token is, and refuses nothing itself: guards do that.

    It always sets three attributes of `request.state`. `auth_jwt`: the claims; False for a well-formed header whose token
    is refused; else None. `missing_auth_header`: there is no Authorization header, or no other one that holds the token here.
    `invalid_bearer_token`: the header is of another scheme, or malformed, such as nothing after `Bearer`.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Set the three attributes and go on."""
        if scope["type"] in {"http", "websocket"}:
            scope.setdefault("state", {}).update(await self._described(scope))
        await self.app(scope, receive, send)

    async def _described(self, scope: Scope) -> dict[str, Claims | bool | None]:
        axioms = Axioms.of(scope)
        claims: Claims | bool | None = None
        missing = invalid = False
        try:
            claims = (await axioms.authenticate(scope)).claims
        except (AuthenticationRequired, InvalidRequest):
            missing = not any(name == axioms.token_header for name, _ in scope["headers"])
            invalid = not missing
        except Refusal:
            claims = False
        return {"auth_jwt": claims, "missing_auth_header": missing, "invalid_bearer_token": invalid}
