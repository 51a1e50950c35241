"""Cross-origin access for any page: a browser test may ask the forge for tokens."""

from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEADERS = (
    (b"access-control-allow-origin", b"*"),
    (b"access-control-allow-methods", b"GET, POST, OPTIONS"),
    # Swagger UI sends X-Requested-With when it exchanges a code.
    (b"access-control-allow-headers", b"Content-Type, Authorization, X-Requested-With"),
)


class OpenCORS:
    """Adds the CORS headers to every response and answers every OPTIONS request with 200.

    Starlette's CORSMiddleware answers complete preflights only, and 400 where a header is not on its list.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handles one ASGI connection; other kinds than HTTP pass unchanged."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *HEADERS]
            await send(message)

        answer = Response() if scope["method"] == "OPTIONS" else self._app
        await answer(scope, receive, send_with_headers)
