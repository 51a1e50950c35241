"""The documents of an issuer: its key set and its discovery document, with whatever is made to go wrong with them."""

from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from . import faults
from .attacker import JWKS_PATH as ATTACKER_PATH
from .errors import RequestError
from .features import Feature
from .forge import Forge
from .issuers import DISCOVERY_PATH, JWKS_PATH, Here
from .odd_keys import ODD, odd_key_set
from .strict_json import JsonResponse

CLAIMS = (
    *("sub", "iss", "aud", "exp", "iat", "nbf", "jti", "client_id", "scope", "roles", "groups", "nonce"),
    *("name", "given_name", "family_name", "middle_name", "nickname", "preferred_username", "profile", "picture"),
    *("website", "gender", "birthdate", "zoneinfo", "locale", "updated_at", "address"),
    *("email", "email_verified", "phone_number", "phone_number_verified"),
)


def feature(forge: Forge) -> Feature:
    """Key sets, true, odd and the attacker's, and discovery."""
    documents = _Documents(forge)
    return Feature(
        routes=[
            Route(JWKS_PATH, documents.jwks),
            Route(DISCOVERY_PATH, documents.discovery),
            Route("/odd", documents.odd_names),
            Route("/odd/{names}/jwks.json", documents.odd_jwks),
            Route(ATTACKER_PATH, documents.attacker_jwks),
        ],
        discovery=_metadata,
    )


def _metadata(here: Here) -> dict[str, Any]:
    # The endpoints follow the URL that was asked, so that they can be reached whatever issuer the tokens name.
    return {
        "issuer": here.published_iss,
        "jwks_uri": here.jwks_uri,
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": here.issuer.keys.public_algorithms,
        "scopes_supported": ["openid", "profile", "email", "address", "phone"],
        "claims_supported": list(CLAIMS),
    }


class _Documents:
    def __init__(self, forge: Forge) -> None:
        self._forge = forge

    async def jwks(self, request: Request) -> Response:
        issuer = self._forge.here(request).issuer
        return await issuer.faults.answer(faults.JWKS, request, _document(issuer.published_jwks(), max_age=1800))

    async def discovery(self, request: Request) -> Response:
        here = self._forge.here(request)
        if here.issuer.profile is not None and not here.issuer.profile.has_discovery:
            raise HTTPException(404)
        metadata: dict[str, Any] = {}
        for members in self._forge.discovery:
            _merge(metadata, members(here))
        document = _document(metadata, max_age=3600)
        return await here.issuer.faults.answer(faults.DISCOVERY, request, document)

    async def odd_names(self, request: Request) -> Response:
        return JsonResponse({"odd": list(ODD), "example": self._forge.here(request).url + "/odd/enc,no-kid/jwks.json"})

    async def odd_jwks(self, request: Request) -> Response:
        names = request.path_params["names"].split(",")
        try:
            return _document(odd_key_set(names, self._forge.here(request).issuer.keys), max_age=1800)
        except ValueError as error:
            raise RequestError(f"{error}.", status=404, error="not_found") from None

    async def attacker_jwks(self, request: Request) -> Response:
        return JsonResponse(self._forge.attacker.jwks)


def _merge(metadata: dict[str, Any], members: Any) -> None:
    for name, value in members.items():
        there = metadata.get(name)
        merged = [*there, *(each for each in value if each not in there)] if isinstance(there, list) else value
        metadata[name] = merged


def _document(content: dict[str, Any], *, max_age: int) -> Response:
    return JsonResponse(content, headers={"Cache-Control": f"public, max-age={max_age}"})
