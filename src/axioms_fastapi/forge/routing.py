"""Several issuers on one server: each request is shown to the same routes, as if its issuer stood at the root."""

from starlette.types import ASGIApp, Receive, Scope, Send

from .forge import ISSUER_IN_SCOPE
from .issuers import IssuerDirectory


class ByIssuer:
    """ASGI middleware that finds the issuer of a request and takes its path off the request's."""

    def __init__(self, app: ASGIApp, issuers: IssuerDirectory) -> None:
        self._app = app
        self._issuers = issuers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handles one ASGI connection; other kinds than HTTP pass unchanged."""
        if scope["type"] == "http":
            root: str = scope.get("root_path", "")
            issuer, rest, tenant = self._issuers.find(scope["path"].removeprefix(root))
            scope = {**scope, "path": root + (rest or "/"), ISSUER_IN_SCOPE: (issuer, root, tenant)}
        await self._app(scope, receive, send)
