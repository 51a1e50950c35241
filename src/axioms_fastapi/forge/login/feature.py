"""The login as a feature of the forge: what the application that composes it needs of it."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ..keys import ForgeKeys
from .authorize import AuthorizationEndpoint
from .codes import Codes
from .exchange import CodeExchange
from .personas import PERSONAS, Persona
from .start import StartPage, wants_html

AUTHORIZATION_PATH = "/authorize"

Endpoint = Callable[[Request], Awaitable[Response]]


class LoginFeature:
    """The login of one forge. `issuer` and `origin` tell the issuer and the URL of a request, `clock` the seconds."""

    def __init__(
        self,
        keys: ForgeKeys,
        issuer: Callable[[Request], str],
        origin: Callable[[Request], str],
        clock: Callable[[], float],
        personas: Sequence[Persona] = PERSONAS,
    ) -> None:
        codes = Codes(clock)
        self._origin = origin
        self._authorization = AuthorizationEndpoint(issuer, clock, codes, personas)
        self._exchange = CodeExchange(keys, issuer, clock, codes)
        self._start = StartPage(keys, issuer, clock, personas)

    @property
    def routes(self) -> list[Route]:
        """The routes, beside those of the other features."""
        return [Route(AUTHORIZATION_PATH, self._authorization.respond, methods=["GET", "POST"])]

    @property
    def grants(self) -> Mapping[str, Callable[[Mapping[str, str], Request], dict[str, Any]]]:
        """What the token endpoint answers with, by `grant_type`."""
        return {"authorization_code": self._exchange.answer}

    def metadata(self, base: str) -> dict[str, Any]:
        """What the discovery document says besides (OpenID Connect Discovery 1.0, section 3; RFC 8414; RFC 9207)."""
        return {
            "authorization_endpoint": base + AUTHORIZATION_PATH,
            "response_modes_supported": ["query"],
            "code_challenge_methods_supported": ["S256"],
            "authorization_response_iss_parameter_supported": True,
            "prompt_values_supported": ["login", "consent", "select_account"],
        }

    def start_page(self, index: Endpoint, token_path: str) -> Endpoint:
        """The endpoint of `/`: the start page for a browser, and `index` for programs."""

        async def respond(request: Request) -> Response:
            if wants_html(request):
                response = self._start.respond(request, self._origin(request) + token_path)
            else:
                response = await index(request)
            response.headers["Vary"] = "Accept"
            return response

        return respond
