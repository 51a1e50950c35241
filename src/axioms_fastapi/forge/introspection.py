"""`POST /introspect` (RFC 7662): whether a token is active. Unlike JWTForge's, it believes no token that proves nothing.

A token is active when one of this issuer's keys signed it with the key's own algorithm, which `alg` names; when its
times, where it has them, are numbers that include now; and when nobody has revoked it.
"""

import math
from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from .bodies import read_form, required
from .clients import client_of
from .errors import RequestError
from .features import Feature
from .forge import Forge
from .issuers import Here
from .options import shown
from .serialization import decode_object, decode_segment
from .strict_json import JsonResponse

PATH = "/introspect"


def feature(forge: Forge) -> Feature:
    """Introspection."""

    async def introspect(request: Request) -> Response:
        client_of(request, check_password=False)
        form = await read_form(request)
        token, hint = required(form, "token"), form.get("token_type_hint")
        if hint not in {None, "", "access_token"}:
            description = f'"token_type_hint" supports only "access_token", not {shown(hint)}.'
            raise RequestError(description, error="unsupported_token_type")
        claims = active_claims(forge, forge.here(request), token)
        # The verdict comes last: a claim of that name is only what the token says.
        answer = {"active": False} if claims is None else {**claims, "active": True}
        return JsonResponse(answer, headers={"Cache-Control": "no-store"})

    return Feature(
        routes=[Route(PATH, introspect, methods=["POST"])],
        discovery=lambda here: {
            "introspection_endpoint": here.url + PATH,
            "introspection_endpoint_auth_methods_supported": ["client_secret_basic"],
        },
    )


def active_claims(forge: Forge, here: Here, token: str) -> Mapping[str, Any] | None:
    """The claims of an active token, opaque or signed; None for any other text."""
    claims = forge.opaque.claims(token)
    if claims is None:
        claims = signed_claims(here, token)
        if claims is None or forge.revoked.has(token.rpartition(".")[0], claims):
            return None
    return claims if _is_now(claims, forge.clock()) else None


def signed_claims(here: Here, token: str) -> Mapping[str, Any] | None:
    """The claims of a token that a key of this issuer signed, whatever its times are; None for any other text."""
    if not token.isascii():
        return None
    signing_input, _, signature = token.rpartition(".")
    protected, _, payload = signing_input.partition(".")
    header = decode_object(protected)
    try:
        proof = decode_segment(signature)
    except ValueError:
        return None
    if header is None or not proof:
        return None
    for key in here.issuer.keys:
        # HMAC keys are not published, so a token that one of them signed proves nothing to anybody.
        if key.kty != "oct" and header.get("alg") == key.alg and key.verifies(signing_input, proof):
            return decode_object(payload)
    return None


def _is_now(claims: Mapping[str, Any], now: float) -> bool:
    exp, nbf = claims.get("exp", math.inf), claims.get("nbf", -math.inf)
    return _is_number(exp) and _is_number(nbf) and nbf <= now < exp


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
