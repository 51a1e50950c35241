"""Never executed: mypy and pyright check that the public API has the types that the documentation promises."""

from collections.abc import AsyncIterator, Iterator
from typing import Annotated, Any, assert_type

from fastapi import Depends, FastAPI

from axioms_fastapi import (
    Axioms,
    Claims,
    Policy,
    Principal,
    all_of,
    any_of,
    check_object_ownership,
    current_principal,
    init_axioms,
    none_of,
    optional_auth,
    permissions,
    require,
    require_auth,
    require_permissions,
    require_roles,
    require_scopes,
    roles,
    scopes,
)
from axioms_fastapi.dependencies import RequireAuth, RequireNames, RequirePolicy
from axioms_fastapi.ownership import OwnedObject


class Article: ...


def load() -> Article: ...  # type: ignore[empty-body]
def load_optional() -> Article | None: ...
async def load_async() -> Article: ...  # type: ignore[empty-body]
async def load_async_optional() -> Article | None: ...
def load_yield() -> Iterator[Article]: ...  # type: ignore[empty-body]
async def load_async_yield() -> AsyncIterator[Article]:
    yield Article()


def is_alice(principal: Principal) -> bool: ...  # type: ignore[empty-body]
async def is_alice_async(principal: Principal) -> bool: ...  # type: ignore[empty-body]


app = FastAPI()
assert_type(init_axioms(app, AXIOMS_AUDIENCE="a", AXIOMS_ISS_URL=None, AXIOMS_ROLES_CLAIMS=["a", ["b", "c"]]), Axioms)
init_axioms(app, AXIOMS_AUDIENC="a")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]

assert_type(require_auth.with_safe_methods(["OPTIONS"]), RequireAuth)
assert_type(require_scopes(["a"]), RequireNames)
assert_type(require_scopes("a"), RequireNames)
assert_type(require_roles(["a"]), RequireNames)
assert_type(require_permissions({"a"}), RequireNames)
assert_type(all_of(scopes("a"), any_of(roles("b"), is_alice), none_of(permissions(["c"]), is_alice_async)), Policy)
assert_type(require(scopes("a")), RequirePolicy)
assert_type(require(is_alice), RequirePolicy)
assert_type(require(is_alice_async), RequirePolicy)

assert_type(check_object_ownership(load), OwnedObject[Article])
assert_type(check_object_ownership(load_optional), OwnedObject[Article])
assert_type(check_object_ownership(load_async), OwnedObject[Article])
assert_type(check_object_ownership(load_async_optional), OwnedObject[Article])
assert_type(check_object_ownership(load_yield), OwnedObject[Article])
assert_type(check_object_ownership(load_async_yield), OwnedObject[Article])
check_object_ownership(load, "created_by", "email", conceal=True)


async def handler(
    claims: Annotated[Claims, Depends(require_auth)],
    maybe: Annotated[Claims | None, Depends(optional_auth)],
    principal: Annotated[Principal, Depends(current_principal)],
) -> None:
    assert_type(claims.sub, Any)
    assert_type(claims["sub"], Any)
    assert_type(principal.roles, frozenset[str])
    assert_type(principal.client_id, str | None)
    assert_type(principal.claims, Claims)
