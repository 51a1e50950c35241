"""The guard of a single object: whoever calls must own it."""

import inspect
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Annotated, Any, Protocol, TypedDict, TypeVar, Unpack, overload

from fastapi import Depends, HTTPException
from starlette.requests import HTTPConnection

from .answers import denial
from .app import Axioms
from .core.claims import Claims
from .core.errors import ConfigurationError, NotOwner
from .core.owner import Owner
from .core.server_side import builds_guards
from .dependencies import NeedsDepends, require_auth
from .openapi_demands import Demand

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class OwnedObject(Protocol[T_co]):
    """A dependency that gives an object which the caller owns."""

    async def __call__(self, connection: HTTPConnection, claims: Claims, found: Any) -> T_co:
        """FastAPI calls it."""
        ...


class OwnershipOptions(TypedDict, total=False):
    """What `check_object_ownership` may be told besides the two fields."""

    issuer_field: str | None
    any_issuer: bool
    conceal: bool


@overload
def check_object_ownership(
    get_object: Callable[..., Awaitable[T | None]],
    owner_field: str = ...,
    claim_field: str = ...,
    **options: Unpack[OwnershipOptions],
) -> OwnedObject[T]: ...
@overload
def check_object_ownership(
    get_object: Callable[..., Iterator[T] | AsyncIterator[T]],
    owner_field: str = ...,
    claim_field: str = ...,
    **options: Unpack[OwnershipOptions],
) -> OwnedObject[T]: ...
@overload
def check_object_ownership(
    get_object: Callable[..., T | None],
    owner_field: str = ...,
    claim_field: str = ...,
    **options: Unpack[OwnershipOptions],
) -> OwnedObject[T]: ...
@builds_guards("Depends(check_object_ownership(get_article))")
def check_object_ownership(
    get_object: Callable[..., Any],
    owner_field: str = "user",
    claim_field: str = "sub",
    *,
    issuer_field: str | None = None,
    any_issuer: bool = False,
    conceal: bool = False,
) -> OwnedObject[Any]:
    """A dependency that gives the object of `get_object` when its owner field equals the caller's claim.

    `get_object` is a dependency of the application, sync or async, and may raise its own 404; one that returns None is
    a 404. It is called for a verified caller only. A stranger gets a 403, or with `conceal` the 404 that a missing
    object gets, so that nobody can ask which objects exist; let the loader return None then, so that the two are alike.

    Where several issuers are trusted, a subject of one may be somebody else at another: `issuer_field` is the object's field
    that holds the owner's issuer, and `any_issuer` says that callers are the same people at all of them. With neither, such an
    application gets a ConfigurationError, and nobody an object.

    Raises ConfigurationError, at import, for what is no name and for a loader that cannot be called.
    """
    loader: object = get_object
    # Of a class FastAPI would make an object from the request, with the owner that the request names.
    if inspect.isclass(loader) or not callable(loader):
        given = f"the class {loader.__name__}" if inspect.isclass(loader) else f"a {type(loader).__name__}"
        raise ConfigurationError(
            f"check_object_ownership was given {given}; give it the function that loads the object, such as "
            "check_object_ownership(get_article)"
        )
    return _OwnerGuard(
        get_object, Owner(owner_field, claim_field, issuer_field), any_issuer=any_issuer, conceal=conceal
    )


class _OwnerGuard(NeedsDepends):
    """Requires that the caller owns what the loader gives, and gives it."""

    def __init__(self, get_object: Callable[..., Any], owner: Owner, *, any_issuer: bool, conceal: bool) -> None:
        super().__init__()
        self._owner = owner
        self._any_issuer = any_issuer
        self._conceal = conceal
        # The order of the parameters is the order of the calls: the caller is authenticated before the loader runs.
        parameters = {
            "connection": HTTPConnection,
            "claims": Annotated[Claims, Depends(require_auth)],
            "found": Annotated[Any, Depends(get_object)],
        }
        self.__signature__ = inspect.Signature(
            [
                inspect.Parameter(name, inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=annotation)
                for name, annotation in parameters.items()
            ]
        )

    async def __call__(self, connection: HTTPConnection, claims: Claims, found: Any) -> Any:
        """The object."""
        axioms = Axioms.of(connection.scope)
        if axioms.trusts_several and self._owner.issuer_field is None and not self._any_issuer:
            raise ConfigurationError(
                "several issuers are trusted, and the same subject may be two people at two of them; give "
                'check_object_ownership issuer_field="..." (the field with the owner\'s iss), or any_issuer=True'
            )
        if found is None:
            raise denial(connection.scope, HTTPException(404))
        try:
            self._owner.check(found, claims)
        except NotOwner as refusal:
            if self._conceal:
                refusal.detail += ", which is concealed as 404"
            answer = axioms.answer(refusal, claims.get("iss"))
            raise denial(connection.scope, HTTPException(404) if self._conceal else answer) from None
        return found

    def __axioms_demand__(self) -> Demand:
        """What the OpenAPI document says of this guard."""
        concealed = {"conceal": True} if self._conceal else {}
        owner = {"field": self._owner.owner_field, "claim": self._owner.claim_field, **concealed}
        return Demand(owner={"owner": owner})
