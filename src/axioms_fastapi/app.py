"""One application's own Axioms: its settings, its verifier, and how it answers."""

import logging
from typing import Final, Unpack

from fastapi.responses import JSONResponse
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection
from starlette.types import Scope

from .core.bearer import bearer_token, challenge
from .core.errors import ConfigurationError, ProviderUnavailable, Refusal
from .core.principal import Principal
from .core.verifier import Verifier
from .settings import AxiomsKeywords, Settings, build_issuers, load_settings

logger = logging.getLogger("axioms_fastapi")

# Where a request keeps what was verified, by the Axioms that verified it: two applications never share trust.
_SCOPE_KEY: Final = "axioms_fastapi"


class AxiomsHTTPException(HTTPException):
    """A refusal on its way out: status, `WWW-Authenticate` and `{error, error_description}` are right with or without a handler.

    `refusal` is the error behind it.
    """

    def __init__(self, refusal: Refusal, realm: str) -> None:
        answer = challenge(refusal, realm)
        super().__init__(answer.status, headers=dict(answer.headers))
        self.detail = dict(answer.body)  # type: ignore[assignment]  # FastAPI lets detail be any JSON value
        self.refusal = refusal


class Axioms:
    """What `init_axioms` puts on an application: who is trusted there, and how its requests are verified and refused."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.realm = settings.realm or settings.issuer_url
        self._verifier = Verifier(build_issuers(settings), max_token_size=settings.max_token_size)

    @classmethod
    def of(cls, scope: Scope) -> "Axioms":
        """The Axioms of the application that handles this request. Raises ConfigurationError where it has none."""
        axioms = getattr(getattr(scope.get("app"), "state", None), "axioms", None)
        if not isinstance(axioms, cls):
            raise ConfigurationError(
                "this application has no init_axioms, so its guards let nobody in; call init_axioms(app, ...) on it "
                "(a mounted application needs a call of its own)"
            )
        return axioms

    async def authenticate(self, scope: Scope) -> Principal:
        """The caller of this request, verified once however many ask. Raises a Refusal."""
        sent = tuple(value for name, value in scope["headers"] if name == b"authorization")
        known: dict[Axioms, tuple[tuple[bytes, ...], Principal | Refusal]] = scope.setdefault(_SCOPE_KEY, {})
        # The header values stand beside the outcome: what a middleware changes on the way is verified anew.
        if self not in known or known[self][0] != sent:
            known[self] = (sent, await self._verify(sent))
        outcome = known[self][1]
        if isinstance(outcome, Refusal):
            # A new traceback each time: one exception raised twice would collect both.
            raise outcome.with_traceback(None)
        return outcome

    def answer(self, refusal: Refusal) -> AxiomsHTTPException:
        """The HTTP exception for a refusal; its reason goes to the log, and no word of the token does."""
        level = logging.WARNING if isinstance(refusal, ProviderUnavailable) else logging.INFO
        logger.log(
            level, "refused with %d: %s%s", refusal.status, refusal.reason, refusal.detail and f" ({refusal.detail})"
        )
        return AxiomsHTTPException(refusal, self.realm)

    async def _verify(self, authorization: tuple[bytes, ...]) -> Principal | Refusal:
        try:
            return await self._verifier.verify(bearer_token(authorization))
        except Refusal as refusal:
            return refusal


def init_axioms(app: Starlette, **settings: Unpack[AxiomsKeywords]) -> Axioms:
    """The application is protected: its guards trust the issuer of these settings.

    Settings come from the keywords, then the environment, then the working directory's `.env`. A second call replaces the
    first. Raises ConfigurationError with one sentence where a setting is missing or wrong.
    """
    axioms = Axioms(load_settings(settings))
    app.state.axioms = axioms
    return axioms


def register_axioms_exception_handler(app: Starlette) -> None:
    """Refusals leave this application in their RFC 6749 shape: `{"error": ..., "error_description": ...}`.

    Without it they leave with the same status and headers, and FastAPI puts the body under `detail`. A `Refusal` that the
    application raises itself is answered as well.
    """
    app.add_exception_handler(AxiomsHTTPException, _answer)
    app.add_exception_handler(Refusal, _answer)


async def _answer(connection: HTTPConnection, error: Exception) -> JSONResponse:
    if isinstance(error, Refusal):
        error = Axioms.of(connection.scope).answer(error)
    assert isinstance(error, AxiomsHTTPException)
    return JSONResponse(error.detail, status_code=error.status_code, headers=error.headers)
