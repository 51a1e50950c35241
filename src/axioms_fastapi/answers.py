"""How a refusal leaves: the HTTP exception that carries its answer, and what a WebSocket gets in its place."""

from fastapi.exceptions import HTTPException
from starlette.exceptions import WebSocketException
from starlette.status import WS_1008_POLICY_VIOLATION
from starlette.types import Scope

from .core.bearer import challenge
from .core.errors import Refusal


class AxiomsHTTPException(HTTPException):
    """A refusal on its way out: status, `WWW-Authenticate` and `{error, error_description}` are right with or without a handler.

    `refusal` is the error behind it.
    """

    def __init__(self, refusal: Refusal, realm: str) -> None:
        answer = challenge(refusal, realm)
        super().__init__(answer.status, detail=dict(answer.body), headers=dict(answer.headers))
        self.refusal = refusal


def denial(scope: Scope, error: HTTPException) -> HTTPException | WebSocketException:
    """The exception that ends this connection: itself, or close code 1008 for a WebSocket whose server carries no HTTP answer.

    Starlette sends an HTTP answer to a WebSocket unasked, which a server without the ASGI extension takes for a protocol error.
    """
    if scope["type"] == "websocket" and "websocket.http.response" not in (scope.get("extensions") or {}):
        return WebSocketException(WS_1008_POLICY_VIOLATION)
    return error
