"""The start page, for people: claims in a form, and out of it a token to copy, decoded, with the lines that use it.

Programs that ask for `/` get JSON as before.
"""

import base64
import json
import shlex
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from ..forms import FormError, parse_form
from ..keys import ForgeKeys
from ..minting import DEFAULT_AUDIENCE, Mint
from .claims_form import TypedClaims
from .pages import page
from .personas import Persona

LIFETIMES: Final = {"60": "one minute", "3600": "one hour", "28800": "eight hours", "-60": "none: it has expired"}
_TIMES: Final = ("iat", "nbf", "exp")


def wants_html(request: Request) -> bool:
    """Whether a browser asks, rather than a program."""
    return "text/html" in request.headers.get("accept", "")


class StartPage:
    """The start page of one forge."""

    def __init__(
        self,
        keys: ForgeKeys,
        issuer: Callable[[Request], str],
        clock: Callable[[], float],
        personas: Sequence[Persona],
    ) -> None:
        self._keys = keys
        self._issuer = issuer
        self._clock = clock
        self._personas = {persona.subject: persona for persona in personas}

    def respond(self, request: Request, token_url: str) -> Response:
        """The page. The form is in the URL, so that a set of claims can be kept as a bookmark; the token never is."""
        try:
            form = parse_form(request.url.query)
        except FormError as error:
            return page("refused.html", status=400, sentence=str(error))
        persona = self._personas.get(form.get("as", "alice" if not form else ""))
        typed = TypedClaims.like(persona) if persona is not None else TypedClaims.of(form)
        asked = {
            "aud": form.get("aud", DEFAULT_AUDIENCE).strip() or DEFAULT_AUDIENCE,
            "lifetime": form.get("lifetime", "3600") if form.get("lifetime") in LIFETIMES else "3600",
            "kty": form.get("kty", ""),
            "url": form.get("url", "").strip() or "http://127.0.0.1:8000/protected",
        }
        errors = dict(typed.errors)
        minted = None if errors or not form else self._mint(request, typed, asked, token_url)
        return page(
            "start.html",
            status=400 if errors and form else 200,
            issuer=self._issuer(request),
            personas=[*self._personas.values()],
            picked=persona.subject if persona is not None else None,
            typed=typed,
            errors=errors if form else {},
            asked=asked,
            lifetimes=LIFETIMES,
            key_types=list(dict.fromkeys(key.kty for key in self._keys if key.kty != "oct")),
            minted=minted,
        )

    def _mint(self, request: Request, typed: TypedClaims, asked: Mapping[str, str], token_url: str) -> dict[str, Any]:
        issuer = self._issuer(request)
        key = next((key for key in self._keys if key.kty == asked["kty"]), self._keys.select())
        now = self._clock()
        exp = {} if asked["lifetime"] == "3600" else {"exp": int(now) + int(asked["lifetime"])}
        given = {"aud": asked["aud"], **exp, **typed.claims()}
        claims = Mint([key], issuer, clock=lambda: now).claims(given)
        token = key.sign_claims(claims)
        header, payload, signature = token.split(".")
        body = json.dumps({**({"kty": key.kty} if asked["kty"] else {}), **given})
        return {
            "segments": (header, payload, signature),
            "header": _decoded(header),
            "claims": _decoded(payload),
            "times": [(name, text) for name in _TIMES if (text := _moment(claims.get(name)))],
            "expired": asked["lifetime"].startswith("-"),
            "ask": f"curl -s {token_url} -H 'Content-Type: application/json' -d {shlex.quote(body)}",
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
