"""`/authorize`: a person picks who to be, and the client gets a code. Needs no JavaScript, and keeps nobody logged in."""

from collections.abc import Mapping, Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from ..bodies import parse_form, read_body
from ..errors import RequestError
from ..forge import Forge
from .authorization_request import AuthorizationError, AuthorizationRequest, UntrustedRequest
from .claims_form import TypedClaims
from .codes import Codes, Grant
from .pages import page
from .personas import Persona


class AuthorizationEndpoint:
    """The authorization endpoint of one forge. What the client asks stays in the URL; the form holds who was picked."""

    def __init__(self, forge: Forge, codes: Codes, personas: Sequence[Persona]) -> None:
        self._forge = forge
        self._codes = codes
        self._personas = {persona.subject: persona for persona in personas}

    async def respond(self, request: Request) -> Response:
        """The login page, and for its form the redirect back to the client."""
        try:
            asked = AuthorizationRequest.parse(parse_form(request.scope["query_string"]))
            form = parse_form(await read_body(request)) if request.method == "POST" else {}
        except (RequestError, UntrustedRequest) as error:
            return page("refused.html", status=400, sentence=str(error))
        try:
            asked.check()
            if form.get("pick") == "nobody":
                raise AuthorizationError("access_denied", "The person at the login page cancelled")
        except AuthorizationError as error:
            return self._back(request, asked, error=error.error, error_description=error.description)
        if not form:
            return self._login_page(asked, TypedClaims())
        return self._picked(request, asked, form)

    def _picked(self, request: Request, asked: AuthorizationRequest, form: Mapping[str, str]) -> Response:
        persona = self._personas.get(form.get("pick", ""))
        if persona is not None:
            scopes = persona.granted(asked.scopes)
            claims = {**persona.claims, **({"scope": " ".join(scopes)} if scopes else {})}
        else:
            typed = TypedClaims.of(form)
            if typed.errors:
                return self._login_page(asked, typed, errors=typed.errors)
            claims = typed.claims()
        grant = Grant(
            self._forge.here(request).iss,
            asked.client_id,
            asked.redirect_uri,
            asked.code_challenge,
            asked.nonce,
            asked.audience,
            int(self._forge.clock()),
            claims,
        )
        return self._back(request, asked, code=self._codes.issue(grant))

    def _login_page(
        self, asked: AuthorizationRequest, typed: TypedClaims, errors: Mapping[str, str] | None = None
    ) -> Response:
        return page(
            "login.html",
            status=400 if errors else 200,
            form_targets=[asked.redirect_origin],
            asked=asked,
            hint=asked.parameters.get("login_hint", ""),
            personas=[*self._personas.values()],
            typed=typed,
            errors=errors or {},
        )

    def _back(self, request: Request, asked: AuthorizationRequest, **members: Any) -> Response:
        location = asked.answer(self._forge.here(request).iss, **members)
        return RedirectResponse(location, 303, {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"})
