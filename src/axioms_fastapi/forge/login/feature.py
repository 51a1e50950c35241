"""The login as a feature of the forge: the authorization endpoint, the exchange of its codes, and the start page."""

from collections.abc import Sequence

from starlette.routing import Match, Route
from starlette.types import Scope

from ..features import Feature, MakeFeature
from ..forge import Forge
from .authorize import AuthorizationEndpoint
from .codes import Codes
from .exchange import CodeExchange
from .personas import PERSONAS, Persona
from .start import StartPage, wants_html

PATH = "/authorize"


def feature(forge: Forge) -> Feature:
    """The login, with three people to be."""
    return login_as(PERSONAS)(forge)


def login_as(personas: Sequence[Persona]) -> MakeFeature:
    """The login with other people: `create_app(features=[login_as([...])])`."""

    def make(forge: Forge) -> Feature:
        codes = Codes(forge.clock)
        authorization = AuthorizationEndpoint(forge, codes, personas)
        return Feature(
            routes=[
                Route(PATH, authorization.respond, methods=["GET", "POST"]),
                _PageRoute("/", StartPage(forge, personas).respond),
            ],
            grants={"authorization_code": CodeExchange(forge, codes).answer},
            discovery=lambda here: {
                "authorization_endpoint": here.url + PATH,
                "response_types_supported": ["code"],
                "response_modes_supported": ["query"],
                "code_challenge_methods_supported": ["S256"],
                "authorization_response_iss_parameter_supported": True,
                "prompt_values_supported": ["login", "consent", "select_account"],
            },
        )

    return make


class _PageRoute(Route):
    """A route that is there for browsers alone: a program that asks for the same path goes on to the next route."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """See Route."""
        return super().matches(scope) if wants_html(scope) else (Match.NONE, {})
