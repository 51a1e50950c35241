"""`grant_type=authorization_code` at the token endpoint: a code and its verifier in, tokens out (RFC 6749, section 4.1.3)."""

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Mapping
from typing import Any, Final

from joserfc.util import urlsafe_b64encode
from starlette.requests import Request

from ..errors import RequestError
from ..forge import Forge
from ..id_token import at_hash
from ..issuers import Here
from ..token_request import TokenRequest
from .codes import Codes, Grant

_VERIFIER: Final = re.compile(r"[A-Za-z0-9._~-]{43,128}")

# Which claims of a person each scope puts into the ID token (OpenID Connect Core 1.0, section 5.4).
_ABOUT: Final = {
    "profile": ("name", "given_name", "family_name", "preferred_username", "locale", "zoneinfo"),
    "email": ("email", "email_verified"),
}


class CodeExchange:
    """The authorization code grant of one forge, for its token endpoint."""

    def __init__(self, forge: Forge, codes: Codes) -> None:
        self._forge = forge
        self._codes = codes

    async def answer(self, request: Request, form: Mapping[str, str], here: Here) -> Mapping[str, Any]:
        """The members of the token response. Raises RequestError, its code that of RFC 6749, section 5.2."""
        grant = self._codes.redeem(_required(form, "code"))
        client_id = form.get("client_id") or _basic_user(request.headers.get("authorization", ""))
        if not client_id:
            raise RequestError('"client_id" is missing.')
        verifier = _required(form, "code_verifier")
        redirect_uri = _required(form, "redirect_uri")
        if grant is None:
            raise _refused("The code is unknown, was used before, or is older than 60 seconds; log in again.")
        if here.iss != grant.iss:
            raise _refused("The code is another issuer's.")
        if client_id != grant.client_id:
            raise _refused("The code was given to another client.")
        if redirect_uri != grant.redirect_uri:
            raise _refused('"redirect_uri" is not the one that the code was sent to.')
        if not _VERIFIER.fullmatch(verifier) or not hmac.compare_digest(_s256(verifier), grant.code_challenge):
            raise _refused('"code_verifier" does not meet the code_challenge (PKCE, S256).')
        return self._tokens(grant, here)

    def _tokens(self, grant: Grant, here: Here) -> dict[str, Any]:
        audience = {"aud": grant.audience} if grant.audience is not None else {}
        claims = {"client_id": grant.client_id, "auth_time": grant.auth_time, **audience, **grant.claims}
        # A provider's own type where the issuer stands in for one; else that of RFC 9068, which no ID token has.
        header = {} if here.issuer.profile is not None else {"typ": "at+jwt"}
        answer = self._forge.issue(here, TokenRequest(claims=claims, header=header, mode="plain"))
        answer["scope"] = " ".join(grant.scopes)
        if "openid" in grant.scopes:
            key = here.issuer.keys.select()
            issued = {"iss": here.iss, "iat": int(self._forge.clock())}
            expiry = {"exp": issued["iat"] + answer["expires_in"]}
            identity = _identity(grant, {**issued, **expiry, **claims}, at_hash(answer["access_token"], key.alg))
            answer["id_token"] = key.sign_claims(identity)
        return answer


def _identity(grant: Grant, claims: Mapping[str, Any], access_token_hash: str) -> dict[str, Any]:
    """The claims of the ID token that comes with an access token of these claims."""
    about = [name for scope in grant.scopes for name in _ABOUT.get(scope, ())]
    return {
        **{name: claims[name] for name in ("iss", "sub", "iat", "exp", *about) if name in claims},
        "aud": grant.client_id,
        "auth_time": grant.auth_time,
        "at_hash": access_token_hash,
        **({"nonce": grant.nonce} if grant.nonce is not None else {}),
    }


def _required(form: Mapping[str, str], name: str) -> str:
    if not form.get(name):
        raise RequestError(f'"{name}" is missing.')
    return form[name]


def _refused(description: str) -> RequestError:
    return RequestError(description, error="invalid_grant")


def _s256(verifier: str) -> str:
    """BASE64URL(SHA256(verifier)) (RFC 7636, section 4.6)."""
    return urlsafe_b64encode(hashlib.sha256(verifier.encode("ascii")).digest()).decode("ascii")


def _basic_user(authorization: str) -> str:
    """The client of HTTP Basic; its password is not looked at, as nobody registers clients here."""
    scheme, _, encoded = authorization.partition(" ")
    if scheme.lower() != "basic":
        return ""
    try:
        return base64.b64decode(encoded, validate=True).decode("utf-8").partition(":")[0]
    except (binascii.Error, UnicodeDecodeError):
        return ""
