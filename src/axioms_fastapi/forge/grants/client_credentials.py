"""`grant_type=client_credentials` (RFC 6749 section 4.4), and a form that names no grant at all."""

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request

from ..clients import client_of
from ..features import Feature, Form
from ..forge import Forge
from ..issuers import Here
from ..token_request import TokenRequest, check_together, parse_query

NAME = "client_credentials"


def feature(forge: Forge) -> Feature:
    """Tokens for a client that authenticates, and for one that asks without a grant, as JWTForge gives them."""

    async def authenticated(request: Request, form: Form, here: Here) -> Mapping[str, Any]:
        client_id = client_of(request, check_password=True)
        return forge.issue(here, _asked(request, form, client_id))

    async def anonymous(request: Request, form: Form, here: Here) -> Mapping[str, Any]:
        return forge.issue(here, _asked(request, form, None))

    return Feature(grants={NAME: authenticated, "": anonymous})


def _asked(request: Request, form: Form, client_id: str | None) -> TokenRequest:
    # RFC 8707's `resource` and Auth0's `audience` name the API; JWTForge reads neither.
    audience = form.get("audience") or form.get("resource")
    claims = {"scope": form.get("scope"), "sub": form.get("sub"), "aud": audience, "client_id": client_id}
    given = {name: value for name, value in claims.items() if value}
    return check_together(TokenRequest(claims=given, **parse_query(request.query_params)))
