"""Where claims live, and what of them becomes scopes, roles and permissions."""

from typing import Any

import pytest

from axioms_fastapi.core.claims import Claims
from axioms_fastapi.core.principal import ClaimMapping, ClaimPath, Principal


def principal(claims: dict[str, Any], **places: Any) -> Any:
    paths = {name: tuple(map(ClaimPath.parse, written)) for name, written in places.items()}
    return ClaimMapping(**paths).apply(Claims({"iss": "https://i"} | claims))


@pytest.mark.parametrize(
    ("claims", "scopes"),
    [
        ({}, set()),
        ({"scope": ""}, set()),
        ({"scope": "a"}, {"a"}),
        ({"scope": " a  b "}, {"a", "b"}),
        ({"scope": "a\tb"}, {"a\tb"}),
        ({"scope": "a\u00a0b"}, {"a\u00a0b"}),
        ({"scope": ["a", "b c"]}, {"a", "b c"}),
        ({"scope": ["a", 1]}, set()),
        ({"scope": ["a", ""]}, set()),
        ({"scope": {"a": True}}, set()),
        ({"scope": 1}, set()),
        ({"scope": True}, set()),
        ({"scp": "a b"}, {"a", "b"}),
        ({"scp": ["a"]}, {"a"}),
        ({"scope": "a", "scp": "b"}, {"a"}),
        ({"scope": None, "scp": "b"}, set()),
    ],
    ids=str,
)
def test_scopes(claims: dict[str, Any], scopes: set[str]) -> None:
    """A text is split at spaces, a list is taken as it is, anything else grants nothing; `scope` comes before `scp`."""
    assert principal(claims).scopes == scopes


@pytest.mark.parametrize(
    ("value", "roles"),
    [
        ("admin", {"admin"}),
        ("admin,user", {"admin,user"}),
        ("admin user", {"admin user"}),
        ('["admin"]', {'["admin"]'}),
        ("", set()),
        (["a", "b"], {"a", "b"}),
        ([], set()),
        (["a", None], set()),
        ([["a"]], set()),
        ({"admin": False}, set()),
        (7, set()),
        (None, set()),
    ],
    ids=str,
)
def test_roles(value: Any, roles: set[str]) -> None:
    """A text is one role, never letters or words; an object's keys are no roles."""
    assert principal({"roles": value}).roles == roles
    assert principal({"permissions": value}).permissions == roles


@pytest.mark.parametrize(
    ("written", "claims", "roles"),
    [
        ("cognito:groups", {"cognito:groups": ["a"]}, {"a"}),
        ("https://example.com/roles", {"https://example.com/roles": ["a"]}, {"a"}),
        ("https://example.com/roles", {"https___example_com_roles": ["a"]}, set()),
        ("https://example.com/roles", {"https://example": {"com/roles": ["a"]}}, set()),
        ("realm_access.roles", {"realm_access": {"roles": ["a"]}}, {"a"}),
        ("realm_access.roles", {"realm_access.roles": ["literal"], "realm_access": {"roles": ["a"]}}, {"literal"}),
        ("realm_access.roles", {"realm_access": ["roles"]}, set()),
        ("realm_access.roles", {"realm_access": "roles"}, set()),
        ("realm_access.roles", {"realm_access": None}, set()),
        ("a.b.c", {"a": {"b": {"c": "x"}}}, {"x"}),
        ("a.b.c", {"a": {"b.c": "x"}}, set()),
        (["resource_access", "my.api", "roles"], {"resource_access": {"my.api": {"roles": ["a"]}}}, {"a"}),
        (["roles"], {"roles": ["a"]}, {"a"}),
        ("items", {"items": ["a"]}, {"a"}),
        ("items", {}, set()),
        ("__class__", {}, set()),
    ],
    ids=str,
)
def test_paths(written: Any, claims: dict[str, Any], roles: set[str]) -> None:
    """A literal claim comes first, dots lead inwards, namespaced names are never split, a list is always a path."""
    assert principal(claims, roles=[written]).roles == roles


def test_first_present_counts() -> None:
    """Of several places the first that is present counts, even when it grants nothing."""
    places = ["roles", "cognito:groups"]
    assert principal({"cognito:groups": ["b"]}, roles=places).roles == {"b"}
    assert principal({"roles": ["a"], "cognito:groups": ["b"]}, roles=places).roles == {"a"}
    assert principal({"roles": 7, "cognito:groups": ["b"]}, roles=places).roles == set()


@pytest.mark.parametrize("written", ["", " ", [], [""], [["a"]]])
def test_wrong_path(written: Any) -> None:
    """An empty name is no place."""
    with pytest.raises(ValueError, match="claim name"):
        ClaimPath.parse(written)


@pytest.mark.parametrize(
    ("claims", "client"),
    [
        ({}, None),
        ({"azp": "a"}, "a"),
        ({"client_id": "c", "azp": "a"}, "c"),
        ({"client_id": 7, "cid": "x"}, "x"),
        ({"appid": "p"}, "p"),
    ],
)
def test_client(claims: dict[str, Any], client: str | None) -> None:
    """The client is named by client_id, or by what providers use in its place."""
    assert principal(claims).client_id == client


def test_principal_is_frozen() -> None:
    """A principal cannot be changed, and its repr holds no claims."""
    caller = principal({"sub": "alice", "email": "a@x"})
    with pytest.raises(AttributeError):
        caller.roles = frozenset({"admin"})
    assert "a@x" not in repr(caller)
    assert repr(Principal("alice", "https://i", "client", roles=frozenset({"admin"}))) == (
        "Principal(issuer='https://i', unreadable=frozenset())"
    )


@pytest.mark.parametrize(
    ("claims", "unreadable"),
    [
        ({}, set()),
        ({"roles": ["a"], "scope": "b"}, set()),
        ({"roles": [], "scope": ""}, set()),
        ({"roles": 7}, {"role"}),
        ({"roles": None, "scope": {}, "permissions": ["a", 1]}, {"role", "scope", "permission"}),
        ({"_claim_names": {"roles": "src1"}, "_claim_sources": {}}, {"role"}),
        ({"_claim_names": {"groups": "src1"}}, set()),
        ({"_claim_names": ["roles"]}, set()),
    ],
    ids=str,
)
def test_unreadable(claims: dict[str, Any], unreadable: set[str]) -> None:
    """A claim of the wrong type, or one that was left out for its size, is not the same as none."""
    assert principal(claims).unreadable == unreadable


@pytest.mark.parametrize("place", ["groups", ["groups"], ["groups", "names"]], ids=str)
@pytest.mark.parametrize("claims", [{"_claim_names": {"groups": "src1"}}, {"hasgroups": True}], ids=str)
@pytest.mark.parametrize("kind", ["scopes", "roles", "permissions"])
def test_left_out_wherever_it_is_read_from(place: Any, claims: dict[str, Any], kind: str) -> None:
    """What a token leaves out for its size is unreadable for each of the three that would be read there."""
    mapping = ClaimMapping(**{kind: (ClaimPath.parse(place),)})
    assert mapping.apply(Claims({"iss": "https://i", **claims})).unreadable == {kind.removesuffix("s")}


def test_shapes_of_single_providers() -> None:
    """An object's keys, and the items of a comma list, are names only where the mapping says so."""
    claims = Claims({"iss": "https://i", "roles": {"admin": {"id": "x"}}, "permissions": "read, manage"})
    assert ClaimMapping().apply(claims).roles == set()
    assert ClaimMapping().apply(claims).permissions == {"read, manage"}
    assert ClaimMapping(keys_are_names=True).apply(claims).roles == {"admin"}
    assert ClaimMapping(comma_lists=True).apply(claims).permissions == {"read", "manage"}
    wrapped = Claims({"iss": "https://i", "roles": [{"admin": {}}, {"editor": {}}]})
    assert ClaimMapping(keys_are_names=True).apply(wrapped).roles == {"admin", "editor"}
