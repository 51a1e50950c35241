"""The start page, for people: claims in a form, and out of it a token to copy, decoded, with the lines that use it.

Programs that ask for `/` get JSON as before.
"""

import base64
import json
import shlex
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Scope

from ..bodies import parse_form
from ..dotenv import dotenv
from ..errors import RequestError
from ..forge import Forge
from ..issuers import Here
from ..token_request import TokenRequest
from .claims_form import TypedClaims
from .pages import page
from .personas import Persona

LIFETIMES: Final = {"60": "one minute", "3600": "one hour", "28800": "eight hours", "-60": "none: it has expired"}
_TIMES: Final = ("iat", "nbf", "exp")


def wants_html(scope: Scope) -> bool:
    """Whether a browser asks, rather than a program."""
    return scope["type"] == "http" and "text/html" in Headers(scope=scope).get("accept", "")


class StartPage:
    """The start page of one forge."""

    def __init__(self, forge: Forge, personas: Sequence[Persona]) -> None:
        self._forge = forge
        self._personas = {persona.subject: persona for persona in personas}

    async def respond(self, request: Request) -> Response:
        """The page. The form is in the URL, so that a set of claims can be kept as a bookmark; the token never is."""
        try:
            response = self._page(self._forge.here(request), parse_form(request.scope["query_string"]))
        except RequestError as error:
            response = page("refused.html", status=error.status, sentence=str(error))
        response.headers["Vary"] = "Accept"
        return response

    def _page(self, here: Here, form: Mapping[str, str]) -> Response:
        settings = dotenv(here)
        persona = self._personas.get(form.get("as", "alice" if not form else ""))
        typed = TypedClaims.like(persona) if persona is not None else TypedClaims.of(form)
        asked = {
            "aud": form.get("aud", "").strip() or settings["AXIOMS_AUDIENCE"],
            "lifetime": form.get("lifetime", "3600") if form.get("lifetime") in LIFETIMES else "3600",
            "kty": form.get("kty", ""),
            "url": form.get("url", "").strip() or "http://127.0.0.1:8000/protected",
        }
        errors = dict(typed.errors)
        minted = None if errors or not form else self._mint(here, typed, asked)
        return page(
            "start.html",
            status=400 if errors and form else 200,
            issuer=here.iss,
            settings={**settings, "AXIOMS_AUDIENCE": asked["aud"]},
            personas=[*self._personas.values()],
            picked=persona.subject if persona is not None else None,
            typed=typed,
            errors=errors if form else {},
            asked=asked,
            lifetimes=LIFETIMES,
            key_types=list(dict.fromkeys(key.kty for key in here.issuer.keys if key.kty != "oct")),
            minted=minted,
        )

    def _mint(self, here: Here, typed: TypedClaims, asked: Mapping[str, str]) -> dict[str, Any]:
        exp = {} if asked["lifetime"] == "3600" else {"exp": int(self._forge.clock()) + int(asked["lifetime"])}
        given = {"aud": asked["aud"], **exp, **typed.claims()}
        options = {"kty": asked["kty"]} if asked["kty"] else {}
        answer = self._forge.issue(here, TokenRequest(claims=given, kty=asked["kty"] or None, mode="plain"))
        token = str(answer["access_token"])
        header, payload, signature = token.split(".")
        body = json.dumps({"mode": "plain", **options, "body": given})
        claims = json.loads(_decoded(payload))
        return {
            "segments": (header, payload, signature),
            "header": _decoded(header),
            "claims": _decoded(payload),
            "times": [(name, text) for name in _TIMES if (text := _moment(claims.get(name)))],
            "expired": asked["lifetime"].startswith("-"),
            "ask": f"curl -s {here.url}/token -H 'Content-Type: application/json' -d {shlex.quote(body)}",
            "use": f"curl -i {shlex.quote(asked['url'])} -H 'Authorization: Bearer {token}'",
        }


def _decoded(segment: str) -> str:
    """A segment of a token as people read it."""
    content = json.loads(base64.urlsafe_b64decode(segment + "=" * (-len(segment) % 4)))
    return json.dumps(content, indent=2, ensure_ascii=False)


def _moment(seconds: object) -> str:
    """A NumericDate as a moment, or nothing where it is none."""
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        return ""
    try:
        return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    except (ValueError, OverflowError, OSError):
        return ""
