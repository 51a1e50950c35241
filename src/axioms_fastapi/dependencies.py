"""The guards: what a route depends on.

A guard's call has two parameters, both FastAPI's own: the connection, and the scopes of `Security(guard, scopes=[...])`.
FastAPI reads every other parameter from the request, so an option that was one could be set by whoever calls the API:
options belong to the guard, and are chosen on the server.
"""

import inspect
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any, Final, NoReturn

from fastapi import params
from fastapi.security import SecurityScopes
from fastapi.security.base import SecurityBase
from starlette.requests import HTTPConnection

from .app import Axioms
from .core import policy as policies
from .core.claims import Claims
from .core.composition import Predicate, all_of, as_policy
from .core.errors import AuthenticationRequired, ConfigurationError, Refusal
from .core.policy import Policy
from .core.principal import Principal, claims_of
from .core.server_side import builds_guards
from .openapi import SCHEME_NAME, bearer_scheme
from .openapi_demands import Demand

_METHOD_CHARACTERS: Final = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ-")


def _methods(written: object) -> frozenset[str]:
    if isinstance(written, str) or not isinstance(written, Iterable):
        raise ConfigurationError(f"safe_methods is {written!r}; write a list of HTTP methods, such as ['OPTIONS']")
    methods = tuple(written)
    for method in methods:
        if not isinstance(method, str) or not method or not _METHOD_CHARACTERS.issuperset(method):
            raise ConfigurationError(
                f"safe_methods holds {method!r}; write HTTP methods in capitals, such as ['OPTIONS']"
            )
    return frozenset(methods)


def _exempt_methods(options: Mapping[str, object]) -> frozenset[str]:
    """The methods that a partial's options exempt."""
    if options.keys() != {"safe_methods"}:
        raise ConfigurationError(
            f"require_auth takes no option but safe_methods, and was given {', '.join(options)}; "
            "write require_auth.with_safe_methods([...])"
        )
    return _methods(options["safe_methods"])


@cache  # as many entries as the code has different Security(...) lists
def _all_scopes(names: tuple[str, ...]) -> Policy:
    """FastAPI's own reading of Security(..., scopes=[...]): every one of them."""
    return all_of(*(policies.scopes(name) for name in names))


class NeedsDepends(params.Depends):
    """Stands in `Depends(...)` and nowhere else: without it, FastAPI would ask it nothing.

    `payload=require_auth` would be a parameter of the query that has a default, and whoever sends one would be in. So it looks
    like a Depends to FastAPI, which asks for its `dependency` where the route is declared, and gets the error. `check_guards`
    finds what cannot look like one.
    """

    # A Depends is a frozen dataclass, and all of that reads its fields.
    __setattr__ = object.__setattr__
    __eq__ = object.__eq__  # pyright: ignore[reportAssignmentType]
    __hash__ = object.__hash__
    __repr__ = object.__repr__

    def __init__(self) -> None:
        """Leave the fields of a Depends alone."""

    @property
    def dependency(self) -> NoReturn:  # pyright: ignore[reportIncompatibleVariableOverride]
        """Refuse."""
        raise ConfigurationError("a guard stands where Depends(guard) is due; write Depends(guard)")

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> NoReturn:
        """Refuse `Annotated[..., require_auth]` in a model, which would be read from the request."""
        raise ConfigurationError(
            "a guard stands in an annotation without Depends; write Annotated[..., Depends(guard)]"
        )


class _Guard(NeedsDepends, SecurityBase):
    """A FastAPI security scheme, so that `/docs` shows the lock. Guards of equal meaning are one dependency to FastAPI."""

    _policies: tuple[Policy, ...] = ()

    def __init__(self) -> None:
        self.model = bearer_scheme()
        self.scheme_name = SCHEME_NAME

    def __axioms_demand__(self) -> Demand:
        """What the OpenAPI document says of this guard."""
        return Demand()

    def _admitted(self, connection: HTTPConnection, security_scopes: SecurityScopes) -> Principal | None:
        """The caller, who has every scope of `Security` and what the guard wants, if nobody has to be waited for."""
        scope, listed = connection.scope, security_scopes.scopes
        return Axioms.of(scope).admitted(scope, self._policies_and(listed) if listed else self._policies)

    async def _admit(self, connection: HTTPConnection, security_scopes: SecurityScopes) -> Principal:
        """The same, however long it takes. Raises AxiomsHTTPException."""
        scope, listed = connection.scope, security_scopes.scopes
        return await Axioms.of(scope).admit(scope, self._policies_and(listed) if listed else self._policies)

    def _policies_and(self, listed: list[str]) -> tuple[Policy, ...]:
        return (_all_scopes(tuple(listed)), *self._policies)


class _OptionsAreNoParameters(inspect.Signature):
    """The signature of `require_auth`, which lets `functools.partial` bind `safe_methods` and shows FastAPI the connection alone.

    `inspect` binds a partial's keywords to the signature of what it wraps; here they are checked and left out, at the moment
    the route is declared.
    """

    def bind_partial(self, *args: Any, **kwargs: Any) -> inspect.BoundArguments:
        if kwargs:
            _exempt_methods(kwargs)
        return super().bind_partial(*args)


class RequireAuth(_Guard):
    """Requires an access token, and gives its verified claims."""

    __signature__ = _OptionsAreNoParameters(
        [
            inspect.Parameter("connection", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=HTTPConnection),
            inspect.Parameter("security_scopes", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=SecurityScopes),
        ]
    )

    def __init__(self, safe_methods: Iterable[str] = ()) -> None:
        super().__init__()
        self.safe_methods = _methods(safe_methods)
        # FastAPI asks for the hash several times in each request.
        self._hash = hash((RequireAuth, self.safe_methods))

    async def __call__(self, connection: HTTPConnection, security_scopes: SecurityScopes, **options: Any) -> Claims:
        """The claims; empty claims, which are false, for an exempt method.

        `options` is for `functools.partial` alone: the signature that FastAPI reads does not have it.
        """
        safe_methods = _exempt_methods(options) if options else self.safe_methods
        if safe_methods and connection.scope.get("method") in safe_methods and not security_scopes.scopes:
            return Claims()
        return claims_of(self._admitted(connection, security_scopes) or await self._admit(connection, security_scopes))

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and other.safe_methods == self.safe_methods

    def __hash__(self) -> int:
        return self._hash

    def __axioms_demand__(self, **options: Any) -> Demand:
        """See _Guard; with the options of a partial."""
        return Demand(exempt=_exempt_methods(options) if options else self.safe_methods)

    @builds_guards('Depends(require_auth.with_safe_methods(["OPTIONS"]))')
    def with_safe_methods(self, methods: Iterable[str]) -> "RequireAuth":
        """The same guard, which asks nothing of these HTTP methods: it gives empty claims for them.

        The choice is made here, on the server; nothing in a request can make it. CORS preflights need no exemption:
        CORSMiddleware answers them before a route is looked up. Raises ConfigurationError for what is no method.
        """
        return RequireAuth(methods)


class OptionalAuth(_Guard):
    """Gives the claims of the token that was sent, or None where none was. A bad token is refused all the same."""

    async def __call__(self, connection: HTTPConnection, security_scopes: SecurityScopes) -> Claims | None:
        """The claims, or None where no scopes are asked for."""
        try:
            await Axioms.of(connection.scope).authenticate(connection.scope)
        except AuthenticationRequired:
            if not security_scopes.scopes:
                return None
        except Refusal:
            pass  # the line below meets it again, and answers
        return claims_of(await self._admit(connection, security_scopes))

    def __axioms_demand__(self) -> Demand:
        """See _Guard."""
        return Demand(optional=True)


class CurrentPrincipal(_Guard):
    """Requires an access token, and gives the principal behind it."""

    async def __call__(self, connection: HTTPConnection, security_scopes: SecurityScopes) -> Principal:
        """The principal."""
        return self._admitted(connection, security_scopes) or await self._admit(connection, security_scopes)


class RequirePolicy(_Guard):
    """Requires an access token and a policy, and gives the principal."""

    def __init__(self, policy: Policy) -> None:
        super().__init__()
        self._policies = (policy,)
        self._hash = hash((type(self), policy))

    @property
    def policy(self) -> Policy:
        """What is asked."""
        return self._policies[0]

    async def __call__(self, connection: HTTPConnection, security_scopes: SecurityScopes) -> Principal:
        """The principal."""
        return self._admitted(connection, security_scopes) or await self._admit(connection, security_scopes)

    def __axioms_demand__(self) -> Demand:
        """See _Guard."""
        return Demand(self.policy)

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and other.policy == self.policy

    def __hash__(self) -> int:
        return self._hash


class RequireNames(RequirePolicy):
    """Requires an access token with certain names in it, and gives its claims."""

    async def __call__(self, connection: HTTPConnection, security_scopes: SecurityScopes) -> Claims:  # type: ignore[override]
        """The claims."""
        return claims_of(self._admitted(connection, security_scopes) or await self._admit(connection, security_scopes))


require_auth: Final = RequireAuth()
optional_auth: Final = OptionalAuth()
current_principal: Final = CurrentPrincipal()


@builds_guards('Depends(require(scopes("admin")))')
def require(policy: Policy | Predicate) -> RequirePolicy:
    """A guard that requires a policy, such as `all_of(scopes("read"), roles("editor"))`, and gives the principal.

    Raises ConfigurationError, at import, for what is no policy.
    """
    if isinstance(policy, _Guard):
        raise ConfigurationError(
            "require(...) takes a policy and was given a guard; write require(roles('admin')), or chain the guards"
        )
    return RequirePolicy(as_policy(policy))


@builds_guards('Depends(require_scopes(["admin"]))')
def require_scopes(*names: str | Iterable[str]) -> RequireNames:
    """A guard that requires at least one of these scopes. Chain guards to require several.

    Raises ConfigurationError, at import, for an empty list or a name that no scope may have (RFC 6749, section 3.3).
    """
    return RequireNames(policies.scopes(*names))


@builds_guards('Depends(require_roles(["admin"]))')
def require_roles(*names: str | Iterable[str]) -> RequireNames:
    """A guard that requires at least one of these roles. Chain guards to require several.

    Raises ConfigurationError, at import, for an empty list.
    """
    return RequireNames(policies.roles(*names))


@builds_guards('Depends(require_permissions(["users:read"]))')
def require_permissions(*names: str | Iterable[str]) -> RequireNames:
    """A guard that requires at least one of these permissions. Chain guards to require several.

    Raises ConfigurationError, at import, for an empty list.
    """
    return RequireNames(policies.permissions(*names))
