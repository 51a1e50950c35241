"""`POST /token`: reads a bounded body, mints what it asks for, answers in the shape of RFC 6749 section 5.1."""

import json
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response

from .forms import FormError, is_form, parse_form
from .id_token import id_token_claims
from .keys import ForgeKeys
from .minting import LIFETIME, Mint
from .signing import SigningKey
from .token_request import TokenRequest, TokenRequestError, parse_token_request

Grants = Mapping[str, Callable[[Mapping[str, str], Request], dict[str, Any]]]

MAX_BODY_SIZE = 1024 * 1024
"""Bytes of a token request; more is a 413."""


class TokenEndpoint:
    """The token endpoint of one forge. `issuer` tells the default `iss` of a request, `clock` the seconds.

    `grants` answer form-encoded requests by their `grant_type`.
    """

    def __init__(
        self,
        keys: ForgeKeys,
        issuer: Callable[[Request], str],
        clock: Callable[[], float],
        grants: Grants = MappingProxyType({}),
    ) -> None:
        self._keys = keys
        self._issuer = issuer
        self._clock = clock
        self._grants = grants

    async def respond(self, request: Request) -> Response:
        """Answers one token request; what it cannot do is refused in one sentence."""
        try:
            body = await _read_body(request)
            content = self._granted(body, request) or self._answer(
                parse_token_request(request.headers.get("content-type", ""), body), request
            )
        except TokenRequestError as refusal:
            return oauth_error(refusal.status, refusal.error, refusal.description)
        return Response(content, media_type="application/json", headers={"Cache-Control": "no-store"})

    def _granted(self, body: bytes, request: Request) -> bytes | None:
        """The answer of the grant that a form asks for; None where none of them is asked for."""
        if not is_form(request.headers.get("content-type", "")):
            return None
        try:
            form = parse_form(body)
        except FormError as error:
            raise TokenRequestError(str(error)) from None
        grant = self._grants.get(form.get("grant_type", ""))
        return json.dumps(grant(form, request), separators=(",", ":")).encode("ascii") if grant is not None else None

    def _answer(self, asked: TokenRequest, request: Request) -> bytes:
        try:
            key = self._keys.select(asked.kty)
        except LookupError as error:
            raise TokenRequestError(f'"kty" is not available: {error}.') from None
        # One reading of the clock for all, or `expires_in` could differ from `exp` by a second.
        now = self._clock()
        claims = Mint([key], self._issuer(request), clock=lambda: now).claims(asked.claims)
        try:
            tokens = _sign(key, claims, asked.response_types)
            response = _token_response(key, claims, tokens, int(now))
            return json.dumps(response, separators=(",", ":")).encode("ascii")
        except (ValueError, RecursionError):
            # Python's own limits: nesting, or an integer of thousands of digits.
            raise TokenRequestError("The claims are too deep or too large to be written as JSON.") from None


def _sign(key: SigningKey, claims: Mapping[str, Any], response_types: frozenset[str]) -> dict[str, str]:
    # An ID token asked for alone carries the hash of the access token that would have come with it: without
    # `at_hash` nothing would tell the two kinds apart, as they share `aud` and `typ`.
    access_token = key.sign_claims(claims)
    tokens: dict[str, str] = {}
    if "token" in response_types:
        tokens["access_token"] = access_token
    if "id_token" in response_types:
        tokens["id_token"] = key.sign_claims(id_token_claims(claims, access_token, key.alg))
    return tokens


def _token_response(key: SigningKey, claims: Mapping[str, Any], tokens: dict[str, str], now: int) -> dict[str, Any]:
    exp = claims.get("exp")
    lifetime = int(exp) - now if isinstance(exp, int | float) and not isinstance(exp, bool) else LIFETIME
    scope = claims.get("scope")
    return {
        "token_type": "Bearer",
        "expires_in": lifetime,
        "algorithm": key.alg,
        "key_id": key.kid,
        "format": "compact",
        **tokens,
        **({"scope": scope} if isinstance(scope, str) else {}),
    }


async def _read_body(request: Request) -> bytes:
    body = bytearray()
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > MAX_BODY_SIZE:
                raise TokenRequestError("The request body is larger than 1 MiB.", status=413)
    except ClientDisconnect:
        raise TokenRequestError("The client went away before the body was complete.") from None
    return bytes(body)


def oauth_error(status: int, error: str, description: str, headers: Mapping[str, str] | None = None) -> JSONResponse:
    """An error response in the shape of RFC 6749 section 5.2."""
    content = {"error": error, "error_description": description}
    return JSONResponse(content, status, headers={**(headers or {}), "Cache-Control": "no-store"})
