"""`POST /token`: JSON asks for any claims, a form for a grant; the answer has the shape of RFC 6749 section 5.1."""

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from .bodies import FORM_TYPE, JSON_TYPE, media_type, parse_form, parse_object, read_body
from .errors import RequestError
from .features import Feature
from .forge import Forge
from .signing import to_json
from .token_request import parse_token_request

PATH = "/token"


def feature(forge: Forge) -> Feature:
    """The token endpoint."""
    return Feature(
        routes=[Route(PATH, TokenEndpoint(forge).respond, methods=["POST"])],
        discovery=lambda here: {
            "token_endpoint": here.url + PATH,
            "token_endpoint_auth_methods_supported": ["none", "client_secret_basic"],
            "response_types_supported": ["token", "id_token", "token id_token", "id_token token"],
            "grant_types_supported": [name for name in forge.grants if name],
        },
    )


class TokenEndpoint:
    """The token endpoint of one forge. The grants of a form are those of `forge.grants`, by name."""

    def __init__(self, forge: Forge) -> None:
        self._forge = forge

    async def respond(self, request: Request) -> Response:
        """Answers one token request; what it cannot do is refused in one sentence."""
        body = await read_body(request)
        kind = media_type(request)
        if kind in {"", JSON_TYPE}:
            query = request.query_params if request.scope["query_string"] else None
            asked = parse_token_request(parse_object(body), query)
            return _answer(self._forge.issue(self._forge.here(request), asked))
        if kind == FORM_TYPE and not body.lstrip().startswith(b"{"):
            return _answer(await self._grant(request, parse_form(body)))
        raise RequestError(f'Send the claims as JSON, with "Content-Type: {JSON_TYPE}", or a grant as a form.')

    async def _grant(self, request: Request, form: Mapping[str, str]) -> Mapping[str, Any]:
        name = form.get("grant_type", "")
        grant = self._forge.grants.get(name)
        if grant is None:
            known = ", ".join(name for name in self._forge.grants if name)
            raise RequestError(f'"grant_type" must be one of {known}.', error="unsupported_grant_type")
        return await grant(request, form, self._forge.here(request))


def _answer(content: Mapping[str, Any]) -> Response:
    return Response(to_json(dict(content)).encode("ascii"), media_type=JSON_TYPE, headers={"Cache-Control": "no-store"})
