"""RFC 6749, section 3.3, and RFC 9068, section 2.2.3: which scopes, roles and permissions a claim grants, to the letter."""

from collections.abc import Callable
from typing import Any

import pytest
from fastapi import Depends

from axioms_fastapi import (
    ConfigurationError,
    all_of,
    any_of,
    none_of,
    require,
    require_auth,
    require_permissions,
    require_roles,
    require_scopes,
    roles,
    scopes,
)
from conformance.door import Door, ask, bearer

# Claims whose text or list holds something like `admin`, and not `admin`.
LIKE_ADMIN: tuple[Any, ...] = (
    "xadmin",
    "admin.x",
    "admin:read",
    "adminx",
    "ADMIN",
    "Admin",
    "admin,read",
    "admin;read",
    "admin|read",
    "admin\u00a0read",
    "admin\tread",
    "admin\nread",
    "admin\r\nread",
    "admin\u2003read",
    "admin\u200b",
    "admin\0",
    "ａdmin",
    "аdmin",
    "adm\u0131n",
    "a\u0301dmin",
    "*",
    "admin*",
    ".*",
    "a",
    "",
    " ",
    '["admin"]',
    '"admin"',
    ["x admin"],
    ["admin read"],
    ["ADMIN"],
    ["admin "],
    [" admin"],
    ["a", "d", "m", "i", "n"],
    [],
    [""],
    [["admin"]],
    [{"admin": True}],
    ["admin", 1],
    ["admin", None],
    ["admin", ""],
    ["admin", ["admin"]],
    {"admin": True},
    {"admin": False},
    {"roles": ["admin"]},
    {"0": "admin"},
    1,
    0,
    1.5,
    True,
    False,
    None,
)
KINDS = {"scope": require_scopes, "roles": require_roles, "permissions": require_permissions}


@pytest.fixture
def guarded(door: Door) -> Door:
    """A route for each kind of name, which requires `admin`."""
    for claim, builder in KINDS.items():
        door.app.add_api_route(f"/{claim}", lambda: "in", dependencies=[Depends(builder(["admin"]))])
    return door


def granted(door: Door, path: str, **claims: Any) -> bool:
    """Whether a good token with these claims opens that route; if not, the answer is a 403 as it must be."""
    token = door.token(claims)
    if ask(door.app, bearer(token), path=path).status == 200:
        door.tally["accepted"] += 1
        return True
    door.refuses(bearer(token), status=403, error="insufficient_scope", path=path, secret=token)
    return False


@pytest.mark.conformance("30", "60", "61", "A70", "A71", "A72", "A74", "A79", "A80", "A81", "A82", "A83", "A84")
@pytest.mark.parametrize("claim", KINDS)
@pytest.mark.parametrize("value", LIKE_ADMIN, ids=repr)
def test_nothing_like_the_name(guarded: Door, claim: str, value: Any) -> None:
    """What is like the required name, holds it, or has another type grants nothing, and is never a 500."""
    assert not granted(guarded, f"/{claim}", **{claim: value})


@pytest.mark.conformance("60", "61", "A70", "A71")
@pytest.mark.parametrize("claim", KINDS)
@pytest.mark.parametrize("value", ["admin", ["admin"], ["read", "admin"]], ids=repr)
def test_the_very_name(guarded: Door, claim: str, value: Any) -> None:
    """The name as a text, or in a list of texts as Okta's `scp` has it, is granted; an absent claim grants nothing."""
    assert granted(guarded, f"/{claim}", **{claim: value})
    assert not granted(guarded, f"/{claim}")


@pytest.mark.conformance("60", "A70")
@pytest.mark.parametrize(
    "value", ["admin read", "read admin", "read admin write", " admin", "admin ", "read  admin"], ids=repr
)
def test_scopes_are_separated_by_spaces(guarded: Door, value: str) -> None:
    """A text of scopes is split at U+0020, and nowhere else; a text of roles is one role."""
    assert granted(guarded, "/scope", scope=value)
    assert not granted(guarded, "/roles", roles=value)
    assert not granted(guarded, "/permissions", permissions=value)


@pytest.mark.conformance("A73")
def test_two_scope_claims(guarded: Door, make_door: Callable[..., Door]) -> None:
    """Of `scope` and `scp` the first that is present counts, even when it grants nothing; only configured names count."""
    assert granted(guarded, "/scope", scp="admin")
    assert not granted(guarded, "/scope", scope="read", scp="admin")
    assert not granted(guarded, "/scope", scope=None, scp="admin")
    assert granted(guarded, "/scope", scope="admin", scp="read")
    door = make_door(scope_claims="scp")
    door.app.add_api_route("/scope", lambda: "in", dependencies=[Depends(require_scopes("admin"))])
    assert not granted(door, "/scope", scope="admin")


@pytest.mark.conformance("A46", "A47")
@pytest.mark.parametrize(
    ("configured", "claims", "expected"),
    [
        (["https://x/roles"], {"https://x/roles": ["admin"]}, True),
        (["https://x/roles"], {"https___x_roles": ["admin"]}, False),
        (["https://x/roles"], {"https://x/roles/": ["admin"]}, False),
        (["https://x.y/roles"], {"https://x": {"y/roles": ["admin"]}}, False),
        (["cognito:groups"], {"cognito:groups": ["admin"]}, True),
        (["cognito:groups"], {"cognito": {"groups": ["admin"]}}, False),
        (["cognito:groups"], {"cognito_groups": ["admin"]}, False),
        (["realm_access.roles"], {"realm_access": {"roles": ["admin"]}}, True),
        (["realm_access.roles"], {"realm_access.roles": ["admin"]}, True),
        (["realm_access.roles"], {"realm_access.roles": ["x"], "realm_access": {"roles": ["admin"]}}, False),
        (["realm_access.roles"], {"realm_access": ["admin"]}, False),
        (["realm_access.roles"], {"realm_access": "admin"}, False),
        (["realm_access.roles"], {"realm_access": {"roles": {"admin": 1}}}, False),
        (["realm_access.roles"], {"realm_access": None}, False),
        (["realm_access.roles"], {"roles": ["admin"]}, False),
        (["realm_access.roles"], {"realm_access": [{"roles": ["admin"]}]}, False),
        ([["resource_access", "my.api", "roles"]], {"resource_access": {"my.api": {"roles": ["admin"]}}}, True),
        ([["resource_access", "my.api", "roles"]], {"resource_access": {"my": {"api": {"roles": ["admin"]}}}}, False),
        ([["resource_access", "my.api", "roles"]], {"resource_access.my.api.roles": ["admin"]}, False),
        (["resource_access.my-api.roles"], {"resource_access": {"my-api": {"roles": ["admin"]}}}, True),
        (["resource_access.my-api.roles"], {"resource_access": {"other": {"roles": ["admin"]}}}, False),
        (["a.b.c.d.e.f.g"], {"a": {"b": {"c": {"d": {"e": {"f": {"g": "admin"}}}}}}}, True),
        (["ROLES"], {"roles": ["admin"]}, False),
        (["roles", "groups"], {"groups": ["admin"]}, True),
        (["roles", "groups"], {"roles": [], "groups": ["admin"]}, False),
    ],
    ids=str,
)
def test_places(make_door: Callable[..., Door], configured: Any, claims: dict[str, Any], expected: bool) -> None:
    """A claim is found at its literal name, or along its path, and nowhere that is only like it."""
    door = make_door(roles_claims=configured)
    door.app.add_api_route("/roles", lambda: "in", dependencies=[Depends(require_roles("admin"))])
    assert granted(door, "/roles", **claims) is expected


@pytest.mark.conformance("A75")
@pytest.mark.parametrize("builder", [require_scopes, require_roles, require_permissions, scopes, roles])
@pytest.mark.parametrize(
    "names", [[], (), [[]], [""], [" "], [None], [1], [b"admin"], [["admin", 1]], [{"admin": 1}]], ids=repr
)
def test_required_names_are_checked_at_import(builder: Callable[..., Any], names: Any) -> None:
    """A guard that would ask for nothing, or for what is no name, is refused where it is written."""
    with pytest.raises(ConfigurationError):
        builder(*names)


@pytest.mark.conformance("A75", "12")
@pytest.mark.parametrize("name", ["read write", 'a"b', "a\\b", "é", "a\tb", "a\nb", "a\0", "a\x7f"], ids=repr)
def test_scopes_are_of_their_characters(name: str) -> None:
    """A required scope has the characters of RFC 6749, section 3.3: another one is refused where it is written."""
    with pytest.raises(ConfigurationError):
        require_scopes([name])


@pytest.mark.conformance("A75")
def test_one_text_is_one_name(door: Door) -> None:
    """`require_scopes("admin")` requires admin, never one of its letters."""
    door.app.add_api_route("/one", lambda: "in", dependencies=[Depends(require_scopes("admin"))])
    assert granted(door, "/one", scope="admin")
    for letters in ("a", "a d m i n", ["a"], "n"):
        assert not granted(door, "/one", scope=letters)


@pytest.mark.conformance("A75")
def test_names_are_read_once(door: Door) -> None:
    """A generator is consumed at the start, and a list that changes later changes nothing."""
    names = ["admin"]
    door.app.add_api_route("/list", lambda: "in", dependencies=[Depends(require_roles(names))])
    door.app.add_api_route(
        "/generator", lambda: "in", dependencies=[Depends(require_roles(name for name in ["admin"]))]
    )
    names.append("guest")
    for path in ("/list", "/generator"):
        for _ in range(2):
            assert not granted(door, path, roles=["guest"])
            assert granted(door, path, roles=["admin"])


@pytest.mark.conformance("A76", "62", "A85")
@pytest.mark.parametrize(
    ("claims", "expected"),
    [
        ({"scope": "read", "roles": ["admin"]}, True),
        ({"scope": "write", "roles": ["admin"]}, True),
        ({"scope": "read"}, False),
        ({"roles": ["admin"]}, False),
        ({"scope": "admin", "roles": ["read"]}, False),
        ({}, False),
    ],
    ids=str,
)
def test_any_of_and_all_of(door: Door, claims: dict[str, Any], expected: bool) -> None:
    """A list is any-of, chained guards are all-of, and so says a composed policy."""
    chained = [Depends(require_auth), Depends(require_scopes(["read", "write"])), Depends(require_roles(["admin"]))]
    composed = [Depends(require(all_of(any_of(scopes("read"), scopes("write")), roles("admin"))))]
    for path, dependencies in {"/chained": chained, "/composed": composed}.items():
        door.app.add_api_route(path, lambda: "in", dependencies=dependencies)
        assert granted(door, path, **claims) is expected


@pytest.mark.conformance("A81")
@pytest.mark.parametrize(
    "value", [["suspended"], {"suspended": True}, 7, [["suspended"]], ["suspended", 1], None], ids=repr
)
def test_absence_is_not_proven_by_a_wrong_type(door: Door, value: Any) -> None:
    """`none_of` denies a caller whose claim cannot be read: it may hold the very name."""
    door.app.add_api_route("/none", lambda: "in", dependencies=[Depends(require(none_of(roles("suspended"))))])
    assert not granted(door, "/none", roles=value)
    assert granted(door, "/none", roles=["editor"])
    assert granted(door, "/none")


@pytest.mark.conformance("A77")
def test_many_scopes(door: Door) -> None:
    """A token with as many scopes as fit into 16 KB is read in one pass."""
    many = " ".join(f"s{number}" for number in range(1800))
    door.app.add_api_route("/many", lambda: "in", dependencies=[Depends(require_scopes("s1799"))])
    assert granted(door, "/many", scope=many)
    assert not granted(door, "/many", scope=many.rpartition(" ")[0])


@pytest.mark.conformance("A85", "13")
@pytest.mark.parametrize("path", ["/scope", "/roles", "/permissions"])
def test_unknown_callers_first(guarded: Door, path: str) -> None:
    """Who is not authenticated is told so, whatever the route requires; who is, and lacks it, gets a 403."""
    guarded.refuses(status=401, error=None, path=path)
    guarded.refuses(bearer("a.b.c"), status=401, error="invalid_token", path=path)
    expired = guarded.token({"exp": 1, "scope": "admin", "roles": ["admin"], "permissions": ["admin"]})
    guarded.refuses(bearer(expired), status=401, error="invalid_token", path=path)
    guarded.refuses(bearer(guarded.token()), status=403, error="insufficient_scope", path=path)
