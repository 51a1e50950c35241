"""One application's own Axioms: its settings, its verifier, and how it answers."""

import copy
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, Unpack, cast

from fastapi.responses import JSONResponse
from starlette.applications import Starlette
from starlette.requests import HTTPConnection
from starlette.status import WS_1008_POLICY_VIOLATION
from starlette.types import ExceptionHandler, Scope
from starlette.websockets import WebSocket, WebSocketState

from .answers import AxiomsHTTPException, denial
from .core.bearer import bare_token, bearer_token
from .core.errors import ConfigurationError, ProviderUnavailable, Reason, Refusal
from .core.issuers import Issuers, TrustedIssuer
from .core.keys import KeyStatus, StaticKeys
from .core.principal import Principal
from .core.verifier import Verifier
from .issuer import Issuer
from .lifespan import prefetch_at_startup, prefetch_keys
from .settings import AxiomsKeywords, Settings, load_settings
from .trust import IssuerResolver, preset_of, resolver_of, tenants_of, trusted_issuer

logger = logging.getLogger("axioms_fastapi")

# Where a request keeps what was verified, by the Axioms that verified it: two applications never share trust.
_SCOPE_KEY: Final = "axioms_fastapi"


class Axioms:
    """What `init_axioms` puts on an application: who is trusted there, and how its requests are verified and refused."""

    def __init__(
        self, settings: Settings, issuers: Sequence[Issuer] = (), resolver: IssuerResolver | None = None
    ) -> None:
        self.settings = settings
        self._reasons_told: set[Reason] = set()
        self.realm = settings.realm or settings.issuer_url or next((issuer.url for issuer in issuers), "axioms")
        times = settings.key_times
        known = [trusted_issuer(issuer, issuer.url, times) for issuer in issuers if issuer.tenants is None]
        if not issuers and resolver is None:
            known = [trusted_issuer(settings, settings.issuer_url, times)]
        resolvers = [tenants_of(issuer, times) for issuer in issuers if issuer.tenants is not None]
        if resolver is not None:
            resolvers.append(resolver_of(resolver, times))
        self._issuers = Issuers(known, resolvers)
        self._verifier = Verifier(self._issuers, max_token_size=settings.max_token_size)
        headers = {preset_of(issuer, issuer.url).token_header for issuer in issuers}
        headers = headers or {preset_of(settings, settings.issuer_url).token_header}
        header = settings.token_header or (headers.pop() if len(headers) == 1 else None)
        self.token_header = header.lower().encode() if header else b"authorization"

    async def start(self) -> None:
        """Every configured issuer's keys were asked for. Raises KeysMissingAtStartup where they must be there and are not."""
        await prefetch_keys(self._issuers, required=self.settings.require_keys_at_startup)

    async def stop(self) -> None:
        """Nothing goes on in the background any more."""
        for issuer in self._issuers:
            await issuer.keys.close()

    def ready(self) -> bool:
        """Whether every issuer has keys to verify with: for a readiness probe. Asks nobody."""
        return all(issuer.keys.status().ready for issuer in self._issuers)

    def key_status(self) -> dict[str, KeyStatus]:
        """How the keys of each issuer are doing, by its URL: for metrics."""
        return {issuer.url: issuer.keys.status() for issuer in self._issuers}

    @property
    def issuers(self) -> Issuers:
        """Who is trusted here, each with its rules: for tools that describe an application."""
        return self._issuers

    def with_keys(
        self, keys_of: Callable[[str], Mapping[str, Any]], *, clock: Callable[[], float] = time.time
    ) -> "Axioms":
        """The same settings, issuers and rules with other keys and another clock: for tests, which sign tokens themselves.

        `keys_of` gives the JWK set that stands in for the keys of an issuer's URL; nothing is fetched any more. Raises
        ConfigurationError where an issuer allows no algorithm of those keys.
        """

        def static(issuer: TrustedIssuer) -> StaticKeys:
            try:
                return StaticKeys.parse(keys_of(issuer.url), issuer.algorithms)
            except ValueError as error:
                raise ConfigurationError(
                    f"the keys for {issuer.url} cannot be used: {error}; give it keys of the algorithms that it allows: "
                    f"{', '.join(sorted(issuer.algorithms.allowed))}"
                ) from None

        twin = copy.copy(self)
        twin._issuers = self._issuers.with_keys(static)
        twin._verifier = Verifier(twin._issuers, max_token_size=self.settings.max_token_size, clock=clock)
        twin._reasons_told = set()
        return twin

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
        sent = tuple(value for name, value in scope["headers"] if name == self.token_header)
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
        # The first of each kind is told to those who have not set up logging: most often it is a wrong setting.
        first = refusal.reason not in self._reasons_told and refusal.reason is not Reason.NO_CREDENTIALS
        self._reasons_told.add(refusal.reason)
        level = logging.WARNING if first or isinstance(refusal, ProviderUnavailable) else logging.INFO
        logger.log(
            level, "refused with %d: %s%s", refusal.status, refusal.reason, refusal.detail and f" ({refusal.detail})"
        )
        return AxiomsHTTPException(refusal, self.realm)

    async def _verify(self, sent: tuple[bytes, ...]) -> Principal | Refusal:
        try:
            token = bearer_token(sent) if self.token_header == b"authorization" else bare_token(sent)
            return await self._verifier.verify(token)
        except Refusal as refusal:
            return refusal


def init_axioms(
    app: Starlette,
    *,
    issuers: Sequence[Issuer] = (),
    issuer_resolver: IssuerResolver | None = None,
    **settings: Unpack[AxiomsKeywords],
) -> Axioms:
    """The application is protected: its guards trust the issuer of these settings, or the given `issuers`.

    Settings come from the keywords, then the environment, then the working directory's `.env`. `issuer_resolver` is asked for an
    issuer that the configuration does not know (`async def find(iss: str) -> Issuer | None`). Keys are fetched when the
    application starts. A second call replaces the first. Raises ConfigurationError with one sentence where something is wrong.
    """
    loaded = load_settings(settings, has_issuers=bool(issuers) or issuer_resolver is not None)
    axioms = Axioms(loaded, issuers, issuer_resolver)
    app.state.axioms = axioms
    prefetch_at_startup(app)
    return axioms


def register_axioms_exception_handler(app: Starlette) -> None:
    """Refusals leave this application in their RFC 6749 shape: `{"error": ..., "error_description": ...}`.

    Without it they leave with the same status and headers, and FastAPI puts the body under `detail`. A `Refusal` that the
    application raises itself is answered as well.
    """
    for kind in (AxiomsHTTPException, Refusal):
        app.add_exception_handler(kind, cast("ExceptionHandler", _answer))


async def _answer(connection: HTTPConnection, error: Exception) -> JSONResponse | None:
    if isinstance(error, Refusal):
        error = Axioms.of(connection.scope).answer(error)
    assert isinstance(error, AxiomsHTTPException)
    if isinstance(connection, WebSocket):
        accepted = connection.application_state is WebSocketState.CONNECTED
        if accepted or denial(connection.scope, error) is not error:
            await connection.close(WS_1008_POLICY_VIOLATION)
            return None
    return JSONResponse(error.detail, status_code=error.status_code, headers=error.headers)
