"""`grant_type=urn:ietf:params:oauth:grant-type:token-exchange` (RFC 8693): the claims of one token in another.

The subject token is decoded and never verified, as in JWTForge: whoever reaches the forge could mint it.
"""

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request

from ..bodies import required
from ..errors import RequestError
from ..features import Feature, Form
from ..forge import Forge
from ..issuers import Here
from ..minting import LIFETIME
from ..options import shown
from ..serialization import decode_object
from ..token_request import TokenRequest

NAME = "urn:ietf:params:oauth:grant-type:token-exchange"
_TYPE = "urn:ietf:params:oauth:token-type:"
TOKEN_TYPES = tuple(_TYPE + kind for kind in ("jwt", "id_token", "access_token"))


def feature(forge: Forge) -> Feature:
    """Token exchange."""

    async def exchange(request: Request, form: Form, here: Here) -> Mapping[str, Any]:
        fields = dict(form)
        token, kind = required(fields, "subject_token"), required(fields, "subject_token_type")
        if kind not in TOKEN_TYPES:
            description = f'"subject_token_type" must be one of {", ".join(TOKEN_TYPES)}, not {shown(kind)}.'
            raise RequestError(description, error="unsupported_token_type")
        issued = forge.issue(here, TokenRequest(claims=_claims(form, token), mode="plain"))
        return {
            "access_token": issued["access_token"],
            "token_type": "Bearer",
            # A constant in JWTForge, whatever `exp` came with the subject token.
            "expires_in": LIFETIME,
            "issued_token_type": form.get("requested_token_type") or TOKEN_TYPES[2],
            "subject_token_type": kind,
        }

    return Feature(grants={NAME: exchange})


def _claims(form: Form, token: str) -> dict[str, Any]:
    parts = token.split(".")
    claims = decode_object(parts[1]) if len(parts) == 3 else None
    if claims is None:
        raise RequestError('"subject_token" must be a compact JWT with a JSON object in it.')
    for name in form.get("remove_claims", "").split(","):
        claims.pop(name.strip(), None)
    for pair in form.get("add_claims", "").split(","):
        name, _, value = pair.partition(":")
        if name.strip() and value.strip():
            claims[name.strip()] = value.strip()
    audience = form.get("audience") or form.get("resource")
    return claims if not audience else {**claims, "aud": audience}
