"""`POST /revoke` (RFC 7009): the token is no longer active, which introspection tells and a signature cannot."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from .bodies import read_form, required
from .clients import client_of
from .features import Feature
from .forge import Forge
from .introspection import signed_claims

PATH = "/revoke"


def feature(forge: Forge) -> Feature:
    """Revocation of opaque tokens and of signed ones."""

    async def revoke(request: Request) -> Response:
        client_of(request, check_password=False)
        token = required(await read_form(request), "token")
        forge.opaque.revoke(token)
        claims = signed_claims(forge.here(request), token)
        if claims is not None:
            forge.revoked.add(token.rpartition(".")[0], claims)
        # Also for a token that is none: the client wanted it to be good for nothing, and it is (section 2.2).
        return Response(headers={"Cache-Control": "no-store"})

    return Feature(
        routes=[Route(PATH, revoke, methods=["POST"])],
        discovery=lambda here: {
            "revocation_endpoint": here.url + PATH,
            "revocation_endpoint_auth_methods_supported": ["client_secret_basic"],
        },
    )
