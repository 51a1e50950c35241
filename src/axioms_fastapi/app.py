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
from .callers import Callers
from .core.errors import ConfigurationError, Reason, Refusal
from .core.issuers import Issuers, Resolver, TrustedIssuer
from .core.keys import KeyStatus, StaticKeys
from .core.policy import Policy, enforce
from .core.principal import Principal
from .core.server_side import never_a_dependency
from .core.token_cache import TokenCache
from .core.verifier import Verifier
from .issuer import Issuer
from .lifespan import prefetch_at_startup, prefetch_keys
from .openapi import Access, document_access
from .openapi_login import login_of
from .settings import AxiomsKeywords, Settings, load_settings
from .trust import IssuerResolver, KeyFetching, Tenants, preset_of, resolver_of, trusted_issuer

logger = logging.getLogger("axioms_fastapi")

# How many kinds of refusals and the like are told as warnings, each once: more would be noise, and a memory without a bound.
_MOST_TOLD: Final = 100


class Axioms:
    """What `init_axioms` puts on an application: who is trusted there, and how its requests are verified and refused."""

    def __init__(
        self, settings: Settings, issuers: Sequence[Issuer] = (), resolver: IssuerResolver | None = None
    ) -> None:
        self.settings = settings
        self._told: set[tuple[str, str]] = set()
        # With several issuers the first stands for all, but for a caller whose issuer is known.
        self.realm = settings.realm or next((issuer.url for issuer in issuers), settings.issuer_url or "axioms")
        for issuer in issuers:
            issuer.tell_of_preset(issuer.url)
        fetching = KeyFetching(settings.key_times, settings.jwks_proxy)
        known = [trusted_issuer(issuer, issuer.url, fetching) for issuer in issuers if issuer.tenants is None]
        if not issuers and resolver is None:
            known = [trusted_issuer(settings, settings.issuer_url, fetching)]
        templates = [Tenants(issuer, fetching) for issuer in issuers if issuer.tenants is not None]
        resolvers: list[Resolver] = [*templates, *([resolver_of(resolver, fetching)] if resolver is not None else [])]
        shared = [template.shared for template in templates if template.shared is not None]
        self.trusts_several = len(known) > 1 or bool(resolvers)
        forms = {template.url: template.form for template in templates}
        self._issuers = Issuers(known, resolvers, shared=shared, templates=forms)
        headers = {preset_of(issuer, issuer.url).token_header for issuer in issuers}
        headers = headers or {preset_of(settings, settings.issuer_url).token_header}
        header = settings.token_header or (headers.pop() if len(headers) == 1 else None)
        self.token_header = header.lower().encode() if header else b"authorization"
        self._callers = self._make_callers(time.time)

    def _make_callers(self, clock: Callable[[], float]) -> Callers:
        size, ttl = self.settings.token_cache_size, self.settings.token_cache_ttl
        cache = TokenCache(size, ttl) if size else None
        verifier = Verifier(
            self._issuers,
            max_token_size=self.settings.max_token_size,
            clock=clock,
            cache=cache,
            on_left_out=self._tell_of_claims_left_out,
        )
        return Callers(verifier, self.token_header)

    async def start(self) -> None:
        """Every configured issuer's keys were asked for. Raises KeysMissingAtStartup where they must be there and are not."""
        await prefetch_keys(self._issuers, required=self.settings.require_keys_at_startup)

    async def stop(self) -> None:
        """Nothing goes on in the background any more."""
        await self._issuers.close()

    def ready(self) -> bool:
        """Whether every configured issuer has keys to verify with: for a readiness probe. Asks nobody.

        Tenants that are found on the way do not count: one whose server is down is no reason to serve nobody.
        """
        return all(issuer.keys.status().ready for issuer in self._issuers.configured)

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
        twin._told = set()
        twin._callers = twin._make_callers(clock)
        return twin

    @classmethod
    def of(cls, scope: Scope) -> "Axioms":
        """The Axioms of the application that handles this request. Raises ConfigurationError where it has none."""
        try:
            axioms = scope["app"].state["axioms"]  # as an attribute it takes seven times as long, in every request
        except (KeyError, AttributeError):
            axioms = None
        if isinstance(axioms, cls):
            return axioms
        raise ConfigurationError(
            "this application has no init_axioms, so its guards let nobody in; call init_axioms(app, ...) on it "
            "(a mounted application needs a call of its own)"
        )

    async def authenticate(self, scope: Scope) -> Principal:
        """The caller of this request, verified once however many ask. Raises a Refusal."""
        return await self._callers.find(scope)

    def admitted(self, scope: Scope, wanted: Sequence[Policy] = ()) -> Principal | None:
        """The caller of this request, who has what every policy asks, if nobody must be waited for; else `admit` says more."""
        principal = self._callers.at_hand(scope)
        if principal is not None:
            try:
                for policy in wanted:
                    decision = policy.decide_at_once(principal)
                    if decision is None or not decision.allowed:
                        return None
            except Refusal:  # of a policy of the application's own: `admit` meets it again, and answers
                return None
        return principal

    async def admit(self, scope: Scope, wanted: Sequence[Policy] = ()) -> Principal:
        """The caller of this request, who has what every policy asks. Raises what ends the connection: see `denial`."""
        principal: Principal | None = None
        try:
            principal = await self.authenticate(scope)
            for policy in wanted:
                await enforce(policy, principal)
            return principal
        except Refusal as refusal:
            issuer = None if principal is None else principal.issuer
            raise denial(scope, self.answer(refusal, issuer)) from None

    def answer(self, refusal: Refusal, issuer: str | None = None) -> AxiomsHTTPException:
        """The HTTP exception for a refusal; its reason goes to the log, and no word of the token does.

        `issuer` is that of the caller, where a token has been verified: the realm names it, unless AXIOMS_REALM does.
        """
        kind = (refusal.reason, refusal.detail)
        level = logging.INFO if kind == (Reason.NO_CREDENTIALS, "") else self._level_of(kind)
        logger.log(
            level, "refused with %d: %s%s", refusal.status, refusal.reason, refusal.detail and f" ({refusal.detail})"
        )
        return AxiomsHTTPException(refusal, self.settings.realm or issuer or self.realm)

    def _tell_of_claims_left_out(self, principal: Principal) -> None:
        """The log says it whenever such a token is verified: no role at all would look like a person without roles."""
        unreadable = ", ".join(sorted(principal.unreadable))
        logger.log(
            self._level_of(("left_out", unreadable)),
            "a token leaves claims out for their size (_claim_names or hasgroups): %s",
            f"{unreadable} cannot be read, which grants nothing and is no proof of absence"
            if unreadable
            else "nothing that is read here",
        )

    def _level_of(self, kind: tuple[str, str]) -> int:
        """A warning for the first of each kind, for those who have not set up logging: most often it is a wrong setting."""
        if kind in self._told or len(self._told) >= _MOST_TOLD:
            return logging.INFO
        self._told.add(kind)
        return logging.WARNING


never_a_dependency(
    Axioms, "Axioms is no dependency: its settings would be read from the request; write Depends(require_auth)"
)


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
    _check_arguments(app, issuers, issuer_resolver)
    loaded = load_settings(settings, has_issuers=bool(issuers) or issuer_resolver is not None)
    axioms = Axioms(loaded, issuers, issuer_resolver)
    login = login_of(loaded, loaded.issuer_url, issuers)
    app.state.axioms = axioms
    prefetch_at_startup(app)
    header = axioms.token_header.decode()
    document_access(app, Access(axioms.realm, header if header != "authorization" else None, login))
    return axioms


def _check_arguments(app: object, issuers: object, resolver: object) -> None:
    if not isinstance(app, Starlette):
        raise ConfigurationError(f"init_axioms was given a {type(app).__name__}; give it the FastAPI application")
    if app.middleware_stack is not None and not hasattr(app.state, "axioms"):
        raise ConfigurationError(
            "init_axioms was called after the application started, too late for its keys and its handler; call it where the "
            "application is made, not in its lifespan"
        )
    if not isinstance(issuers, Sequence) or not all(isinstance(issuer, Issuer) for issuer in issuers):
        raise ConfigurationError("issuers is not a list of Issuer; write issuers=[Issuer('https://...', 'my-api')]")
    if not issuers and issuers != () and resolver is None:
        raise ConfigurationError(
            "issuers is empty, which trusts nobody; write issuers=[Issuer('https://...', 'my-api')]"
        )
    urls = [issuer.url for issuer in issuers]
    twice = next((url for url in urls if urls.count(url) > 1), None)
    if twice is not None:
        raise ConfigurationError(
            f"two issuers have the url {twice}; write one, with audience=[...] for several audiences"
        )
    if resolver is not None and not callable(resolver):
        raise ConfigurationError(
            f"issuer_resolver is a {type(resolver).__name__}; write a function of an issuer's url that gives its Issuer or None"
        )


def register_axioms_exception_handler(app: Starlette) -> None:
    """Refusals leave this application in their RFC 6749 shape: `{"error": ..., "error_description": ...}`.

    Without it they leave with the same status and headers, and FastAPI puts the body under `detail`. A `Refusal` that the
    application raises itself is answered as well. Raises ConfigurationError where the application has started already.
    """
    if app.middleware_stack is not None:
        raise ConfigurationError(
            "register_axioms_exception_handler was called after the application started, and would have no effect; call it "
            "where the application is made"
        )
    for kind in (AxiomsHTTPException, Refusal):
        app.add_exception_handler(kind, cast("ExceptionHandler", answer_refusal))


async def answer_refusal(connection: HTTPConnection, error: Exception) -> JSONResponse | None:
    """The answer of RFC 6750, or a WebSocket that is closed: an exception handler."""
    if isinstance(error, Refusal):
        error = Axioms.of(connection.scope).answer(error)
    assert isinstance(error, AxiomsHTTPException)
    if isinstance(connection, WebSocket):
        accepted = connection.application_state is WebSocketState.CONNECTED
        if accepted or denial(connection.scope, error) is not error:
            await connection.close(WS_1008_POLICY_VIOLATION)
            return None
    return JSONResponse(error.detail, status_code=error.status_code, headers=error.headers)
