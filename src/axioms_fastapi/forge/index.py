"""`GET /`: what this is, and how to ask it."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from .features import Feature
from .forge import Forge
from .strict_json import JsonResponse


def feature(forge: Forge) -> Feature:
    """The first page, as JSON."""

    async def index(request: Request) -> Response:
        here = forge.here(request)
        return JsonResponse(
            {
                "notice": "TEST ISSUER: it signs a token with any claims for whoever asks. Never for production.",
                "issuer": here.iss,
                "endpoints": {
                    "POST /token": "a token with the claims of a JSON object",
                    "POST /mutation": "variants of a token",
                    "POST /introspect": "whether a token is active",
                    "POST /revoke": "makes a token inactive",
                    "GET /authorize": "the login page (authorization code with PKCE)",
                    "GET /.well-known/jwks.json": "the public keys",
                    "GET /.well-known/openid-configuration": "the discovery document",
                    "GET /openapi.json": "all endpoints, with their parameters",
                },
                "issuers": [issuer.iss(here.server) for issuer in forge.issuers],
                "example": f"curl -X POST {here.url}/token -H 'Content-Type: application/json' "
                """-d '{"sub":"user123","scope":"read:data"}'""",
            },
            headers={"Vary": "Accept"},  # a browser gets the start page
        )

    return Feature(routes=[Route("/", index)])
