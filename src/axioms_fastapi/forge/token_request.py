"""What a client asks of `POST /token`: any claims and a few options in one flat JSON object, as JWTForge takes them.

Unlike JWTForge, which reads JSON that does not parse as `{}`, this refuses it in one sentence: a forgotten quote
would otherwise return a good token with the wrong claims.
"""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NoReturn, cast

# Names that choose a feature of JWTForge, and so are never claims. The values here ask for what happens anyway.
HARMLESS_OPTIONS: Mapping[str, tuple[object, ...]] = {
    "mode": ("fake",),
    "format": ("compact",),
    "grant_type": ("client_credentials",),
    "sig": (True,),
    "signature": (True,),
    "header": (),
    "body": (),
    "signatures": (),
    "header_alg": (),
    "header_kid": (),
    "alg": (),
    "version": (),
    "exclude": (),
    "malicious_category": (),
    "grammar_category": (),
    "confusion": (),
    "vulnerability": (),
    "alg_none_variant": (),
}

RESPONSE_TYPES: Mapping[str, frozenset[str]] = {
    "token": frozenset({"token"}),
    "id_token": frozenset({"id_token"}),
    "token id_token": frozenset({"token", "id_token"}),
    "id_token token": frozenset({"token", "id_token"}),
}


class TokenRequestError(Exception):
    """A token request that is refused, in the shape of RFC 6749 section 5.2."""

    def __init__(self, description: str, *, error: str = "invalid_request", status: int = 400) -> None:
        super().__init__(description)
        self.error = error
        self.description = description
        self.status = status


@dataclass(frozen=True, slots=True)
class TokenRequest:
    """The claims to put in the token, the key type that signs it (None: the issuer's first), and what to return."""

    claims: Mapping[str, Any]
    kty: str | None
    response_types: frozenset[str]


def parse_token_request(content_type: str, body: bytes) -> TokenRequest:
    """The request that a body asks for; an empty body asks for the defaults. Raises TokenRequestError."""
    if content_type.partition(";")[0].strip().lower() not in ("", "application/json"):
        raise TokenRequestError('Send the claims as JSON, with "Content-Type: application/json".')
    members = _parse_object(body)
    _check_options(members)
    kty = members.pop("kty", None)
    if kty is not None and not isinstance(kty, str):
        raise TokenRequestError('"kty" must be a string such as "RSA" or "EC".')
    response_type = members.pop("response_type", "token")
    if not isinstance(response_type, str) or response_type not in RESPONSE_TYPES:
        raise TokenRequestError('"response_type" must be "token", "id_token" or "token id_token".')
    claims = {name: value for name, value in members.items() if name not in HARMLESS_OPTIONS}
    for refilled in ("iss", "client_id"):
        # JWTForge's clients send "" for "yours, please"; every other falsy value is a claim like any other.
        if not claims.get(refilled):
            claims.pop(refilled, None)
    return TokenRequest(claims, kty, RESPONSE_TYPES[response_type])


def _parse_object(body: bytes) -> dict[str, Any]:
    if not body.strip():
        return {}
    try:
        members: object = json.loads(body.decode("utf-8"), parse_constant=_refuse_number, parse_float=_parse_finite)
    except (ValueError, RecursionError):
        raise TokenRequestError("The request body is not JSON that this issuer can read.") from None
    if not isinstance(members, dict):
        raise TokenRequestError("The request body must be a JSON object of claims.")
    return cast("dict[str, Any]", members)


def _parse_finite(text: str) -> float:
    # 1e999 is legal JSON, but as a float it is an infinity, which no token could carry.
    number = float(text)
    return number if math.isfinite(number) else _refuse_number(text)


def _refuse_number(text: str) -> NoReturn:
    raise ValueError(f"{text} is not a JSON number")


def _check_options(members: Mapping[str, Any]) -> None:
    for name, harmless in HARMLESS_OPTIONS.items():
        # The type is compared too, since 1 == True.
        if name not in members or any(type(members[name]) is type(v) and members[name] == v for v in harmless):
            continue
        if name == "grant_type":
            description = '"grant_type" supports only "client_credentials".'
            raise TokenRequestError(description, error="unsupported_grant_type")
        only = f" except as {json.dumps(harmless[0])}, which is the default" if harmless else ""
        raise TokenRequestError(f'"{name}" is not supported yet{only}: leave it out; it cannot be a claim either.')
