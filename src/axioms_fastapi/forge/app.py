"""The forge as an ASGI application: a token endpoint, its key set and its discovery document."""

import time
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from .cors import OpenCORS
from .keys import ForgeKeys
from .login import LoginFeature
from .token_endpoint import TokenEndpoint, oauth_error

TOKEN_PATH = "/token"  # noqa: S105 - a path, no secret
JWKS_PATH = "/.well-known/jwks.json"
DISCOVERY_PATH = "/.well-known/openid-configuration"


def create_app(
    issuer: str | None = None,
    keys: ForgeKeys | None = None,
    *,
    clock: Callable[[], float] = time.time,
) -> Starlette:
    """An issuer of its own, ready to be served or called in process; two of them share nothing.

    `issuer` is the default `iss`, exactly as written; without it a token names the origin that its request was
    sent to. `keys` are generated where none are given. `clock` returns seconds since the epoch.
    """
    documents = _Documents(issuer, keys or ForgeKeys.generate())
    login = documents.login = LoginFeature(documents.keys, documents.issuer_of, origin, clock)
    token = TokenEndpoint(documents.keys, documents.issuer_of, clock, login.grants)
    app = Starlette(
        routes=[
            Route("/", login.start_page(documents.index, TOKEN_PATH)),
            *login.routes,
            Route(TOKEN_PATH, token.respond, methods=["POST"]),
            Route(JWKS_PATH, documents.jwks),
            Route(DISCOVERY_PATH, documents.discovery),
        ],
        middleware=[Middleware(OpenCORS)],
        exception_handlers={HTTPException: _refuse},
    )
    app.router.redirect_slashes = False
    return app


def origin(request: Request) -> str:
    """The URL that the forge was reached at, without a trailing slash; it includes the path of a mount."""
    return f"{request.url.scheme}://{request.url.netloc}{request.scope.get('root_path', '')}".rstrip("/")


class _Documents:
    login: LoginFeature

    def __init__(self, issuer: str | None, keys: ForgeKeys) -> None:
        self.keys = keys
        self._issuer = issuer

    def issuer_of(self, request: Request) -> str:
        return self._issuer or origin(request)

    async def jwks(self, request: Request) -> Response:
        return _document(self.keys.public_jwks(), max_age=1800)

    async def discovery(self, request: Request) -> Response:
        # The endpoints follow the origin, so that they can be reached whatever issuer the tokens name.
        base = origin(request)
        metadata = {
            "issuer": self.issuer_of(request),
            "token_endpoint": base + TOKEN_PATH,
            "jwks_uri": base + JWKS_PATH,
            "response_types_supported": ["code", "token", "id_token", "token id_token", "id_token token"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": self.keys.public_algorithms,
            "grant_types_supported": ["client_credentials", *self.login.grants],
            "scopes_supported": ["openid", "profile", "email", "address", "phone"],
            **self.login.metadata(base),
        }
        return _document(metadata, max_age=3600)

    async def index(self, request: Request) -> Response:
        base = origin(request)
        return JSONResponse(
            {
                "notice": "TEST ISSUER: it signs a token with any claims for whoever asks. Never for production.",
                "issuer": self.issuer_of(request),
                "endpoints": {
                    f"POST {TOKEN_PATH}": "a token with the claims of a JSON object",
                    "GET /authorize": "the login page (authorization code with PKCE)",
                    f"GET {JWKS_PATH}": "the public keys",
                    f"GET {DISCOVERY_PATH}": "the discovery document",
                },
                "example": f"curl -X POST {base}{TOKEN_PATH} -H 'Content-Type: application/json' "
                """-d '{"sub":"user123","scope":"read:data"}'""",
            }
        )


def _document(content: dict[str, Any], *, max_age: int) -> Response:
    return JSONResponse(content, headers={"Cache-Control": f"public, max-age={max_age}"})


async def _refuse(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    if error.status_code != HTTPStatus.METHOD_NOT_ALLOWED:
        return oauth_error(error.status_code, "not_found", "This issuer has no such endpoint; GET / lists them.")
    method = "POST" if request.scope["path"].endswith(TOKEN_PATH) else "GET"
    text = f"Method not allowed. Use {method}."
    return oauth_error(error.status_code, text, f"This endpoint answers {method} requests.", error.headers)
