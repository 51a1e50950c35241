"""Where claims live, and what of them becomes scopes, roles and permissions."""

import copy
import json
import pickle
from collections.abc import Callable
from dataclasses import FrozenInstanceError, asdict, replace
from typing import Any

import msgspec
import pytest
from fastapi.encoders import jsonable_encoder
from pydantic import TypeAdapter, ValidationError
from pydantic_core import to_json

from axioms_fastapi.core.claims import Claims, VerifiedClaims
from axioms_fastapi.core.errors import Reason
from axioms_fastapi.core.principal import ClaimMapping, ClaimPath, Principal, claims_of, names_of


def principal(claims: dict[str, Any], **places: Any) -> Any:
    paths = {name: tuple(map(ClaimPath.parse, written)) for name, written in places.items()}
    return ClaimMapping(**paths).apply(VerifiedClaims({"iss": "https://i"} | claims))


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
    assert mapping.apply(VerifiedClaims({"iss": "https://i", **claims})).unreadable == {kind.removesuffix("s")}


def test_shapes_of_single_providers() -> None:
    """An object's keys, and the items of a comma list, are names only where the mapping says so."""
    claims = VerifiedClaims({"iss": "https://i", "roles": {"admin": {"id": "x"}}, "permissions": "read, manage"})
    assert ClaimMapping().apply(claims).roles == set()
    assert ClaimMapping().apply(claims).permissions == {"read, manage"}
    assert ClaimMapping(keys_are_names=True).apply(claims).roles == {"admin"}
    assert ClaimMapping(comma_lists=True).apply(claims).permissions == {"read", "manage"}
    wrapped = VerifiedClaims({"iss": "https://i", "roles": [{"admin": {}}, {"editor": {}}]})
    assert ClaimMapping(keys_are_names=True).apply(wrapped).roles == {"admin", "editor"}
    assert ClaimMapping(keys_are_names=True).apply(claims).permissions == {"read, manage"}
    denied = VerifiedClaims({"iss": "https://i", "roles": {"admin": False}})
    assert ClaimMapping(keys_are_names=True).apply(denied).roles == set()


def test_defaults_of_a_principal() -> None:
    """A principal that is made by hand, for a test, has nothing that it was not given."""
    made = Principal("alice")
    assert (made.subject, made.issuer, made.client_id) == ("alice", "", None)
    assert (made.scopes, made.roles, made.permissions, made.unreadable) == (set(), set(), set(), set())
    assert made.claims == {}
    assert isinstance(made.claims, Claims)
    assert made == Principal("alice", "", None)
    assert made != Principal("alice", roles=frozenset({"admin"}))


def test_equality_is_of_what_is_known() -> None:
    """Two principals of equal claims are equal, however they came about; how they are read is no part of it."""
    claims = {"sub": "alice", "scope": "a"}
    read, other = principal(claims), principal(claims, scopes=["scope", "scp", "s"])
    assert read == other
    assert read == Principal(
        "alice", "https://i", scopes=frozenset({"a"}), claims=Claims({"iss": "https://i", **claims})
    )
    with pytest.raises(TypeError):
        Principal("alice", "", None, frozenset(), frozenset(), frozenset(), Claims(), frozenset(), ClaimMapping())  # type: ignore[misc]


@pytest.mark.parametrize(("claims", "subject"), [({"sub": "alice"}, "alice"), ({}, ""), ({"SUB": "x"}, "")])
def test_subject(claims: dict[str, Any], subject: str) -> None:
    """The subject is `sub`, and empty where a token may go without it; the issuer is `iss`."""
    assert (principal(claims).subject, principal(claims).issuer) == (subject, "https://i")


def test_read_once() -> None:
    """What was read is the principal's own from then on, and its claims are kept once, as those that nobody can change."""
    caller = principal({"sub": "alice", "scope": "a", "roles": ["b"]})
    assert caller.left_out == set()
    with pytest.raises(AttributeError):
        object.__getattribute__(caller, "claims")  # what was left out is told without freezing them
    for name in ("scopes", "roles", "permissions", "claims", "unreadable", "subject"):
        assert getattr(caller, name) is getattr(caller, name)
    assert caller._verified is caller.claims
    assert caller.client_id is None


KINDS = {"scopes": Reason.SCOPE, "roles": Reason.ROLE, "permissions": Reason.PERMISSION}


@pytest.mark.parametrize(
    "make",
    [
        lambda caller: caller,
        copy.copy,
        copy.deepcopy,
        lambda caller: pickle.loads(pickle.dumps(caller)),
        lambda caller: replace(caller, subject="bob"),
        lambda _: Principal("x", scopes=frozenset({"a"}), roles=frozenset({"b"}), permissions=frozenset({"c"})),
    ],
    ids=["of a token", "copy", "deep copy", "pickle", "replaced", "made by hand"],
)
@pytest.mark.parametrize("asked_before", [False, True])
def test_names_of(make: Callable[[Any], Any], asked_before: bool) -> None:
    """What a policy asks of a principal is what its fields say, however it came about; it is read once."""
    caller = principal({"sub": "alice", "scope": "a", "roles": ["b"], "permissions": ["c"]})
    if asked_before:
        assert names_of(caller, Reason.SCOPE) == {"a"}
    made = make(caller)
    for kind, names in zip(KINDS.values(), ({"a"}, {"b"}, {"c"}), strict=True):
        assert names_of(made, kind) == names
        assert names_of(made, kind) is names_of(made, kind)
    assert [getattr(made, name) for name in KINDS] == [names_of(made, kind) for kind in KINDS.values()]


@pytest.mark.parametrize("name", KINDS)
def test_names_of_other_fields(name: str) -> None:
    """A copy with other names has those, whatever its original was asked; the other names are as they were."""
    caller = principal({"scope": "a", "roles": ["a"], "permissions": ["a"]})
    assert all(names_of(caller, kind) == {"a"} for kind in KINDS.values())
    other = replace(caller, **{name: frozenset({"z"})})
    for field, kind in KINDS.items():
        assert names_of(other, kind) == ({"z"} if field == name else {"a"})


def test_of_nothing() -> None:
    """A principal of which nothing is there yet, as a debugger may meet one, has nothing."""
    unmade = object.__new__(Principal)
    for name in ("scopes", "claims", "subject", "_held", "anything"):
        with pytest.raises(AttributeError):
            getattr(unmade, name)


PERSONAL = {
    "iss": "https://i",
    "sub": "alice",
    "email": "alice@example.com",
    "groups": ["g"],
    "_claim_names": {"x": "s"},
}


WRITERS: dict[str, Callable[[Any], str]] = {
    "jsonable_encoder": lambda value: json.dumps(jsonable_encoder(value)),
    "asdict": lambda value: json.dumps(asdict(value), default=list),
    "pickle": lambda value: repr(pickle.dumps(value)),
    "pydantic, of any type": lambda value: to_json(value).decode(),
    "pydantic": lambda value: TypeAdapter(Principal).dump_json(value).decode(),
    "msgspec": lambda value: msgspec.json.encode(value).decode(),
}


@pytest.mark.parametrize("writer", WRITERS)
@pytest.mark.parametrize("is_read", [False, True], ids=["fresh", "read"])
def test_written_without_what_it_was_read_from(writer: str, is_read: bool) -> None:
    """Whoever takes the claims out of a principal has them out, in whatever way it is written; what is left is complete."""
    caller = principal(PERSONAL)
    if is_read:
        assert caller.claims["email"] == PERSONAL["email"]
    scrubbed = replace(caller, claims=Claims(), subject="")
    write = WRITERS[writer]
    assert "https://i" in write(scrubbed)
    assert "alice" not in write(scrubbed)
    assert scrubbed.left_out == set()
    assert write(caller).count("alice@example.com") == 1


@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy, lambda value: pickle.loads(pickle.dumps(value))])
def test_copies(duplicate: Callable[[Principal], Principal]) -> None:
    """A copy says the same, also of what nobody had asked for, and its claims cannot be changed either."""
    caller = principal(PERSONAL | {"scope": "a b", "roles": ["r"]})
    made = duplicate(caller)
    assert made == caller
    assert (made.scopes, made.roles, made.subject, made.left_out) == ({"a", "b"}, {"r"}, "alice", {"x"})
    with pytest.raises(TypeError):
        made.claims["groups"].append("admin")


def test_no_such_attribute() -> None:
    """An attribute that nobody knows is missing as Python says it, and reads no claims."""
    with pytest.raises(AttributeError, match=r"^a principal has no tenant$"):
        principal({"tenant": "acme"}).tenant  # noqa: B018
    assert not hasattr(principal({}), "__iter__")


def test_as_json() -> None:
    """FastAPI writes a principal with all that is known of it, reads none from a request, and calls it an object."""
    adapter = TypeAdapter(Principal)
    made = principal({"sub": "alice", "scope": "a", "roles": ["r"], "permissions": ["p"], "azp": "web"})
    assert adapter.dump_python(made, mode="json") == {
        "subject": "alice",
        "issuer": "https://i",
        "client_id": "web",
        "scopes": ["a"],
        "roles": ["r"],
        "permissions": ["p"],
        "unreadable": [],
        "claims": {
            "iss": "https://i", "sub": "alice", "scope": "a", "roles": ["r"], "permissions": ["p"], "azp": "web",
        },
    }  # fmt: skip
    assert adapter.json_schema() == {"type": "object"}
    assert adapter.validate_python(made) is made
    for written in ({"subject": "alice"}, "alice", None):
        with pytest.raises(ValidationError):
            adapter.validate_python(written)


@pytest.mark.parametrize(
    ("written", "steps"),
    [
        ("roles", ()),
        ("realm_access.roles", ("realm_access", "roles")),
        ("example.com/roles", ()),
        ("urn:a.b", ()),
        ("https://example.com/roles", ()),
        ("my roles", ()),
        (["a.b", "c"], ("a.b", "c")),
    ],
)
def test_what_is_a_path(written: Any, steps: tuple[str, ...]) -> None:
    """A name is its own literal; one with dots is a path besides, unless it is namespaced; a list is a path alone."""
    path = ClaimPath.parse(written)
    assert (path.literal, path.steps) == (written if isinstance(written, str) else None, steps)


@pytest.mark.parametrize(
    ("written", "sentence"),
    [
        (7, "a claim name is no text"),
        (None, "a claim name is no text"),
        (b"roles", "a claim name is no text"),
        ("", "a claim name is empty or no text"),
        (" ", "a claim name is empty or no text"),
        ([], "a claim name is empty or no text"),
        (["a", ""], "a claim name is empty or no text"),
        (["a", 7], "a claim name is empty or no text"),
    ],
)
def test_no_claim_name(written: Any, sentence: str) -> None:
    """What cannot name a claim says so."""
    with pytest.raises(ValueError, match=f"^{sentence}$"):
        ClaimPath.parse(written)


def test_find() -> None:
    """The literal name comes before the path; where neither is, nothing is found, whatever else the claims hold."""
    claims = {"a.b": 1, "a": {"b": 2, "c": None}}
    assert ClaimPath.parse("a.b").find(claims) == 1
    assert ClaimPath.parse(["a", "b"]).find(claims) == 2
    assert ClaimPath.parse("a.c").find(claims) is None
    nothing = ClaimPath.parse("x").find(claims)
    assert nothing is not None
    assert nothing is ClaimPath.parse("a.x").find(claims) is ClaimPath.parse("a.b.c").find({"a": {"b": 1}})
    assert nothing != claims


@pytest.mark.parametrize("value", [ClaimPath.parse("a"), ClaimMapping(), Principal("alice")], ids=repr)
def test_frozen(value: Any) -> None:
    """What decides who may do what cannot be changed by whoever holds it."""
    with pytest.raises(FrozenInstanceError):
        setattr(value, next(iter(value.__dataclass_fields__)), ())


@pytest.mark.parametrize(
    ("claims", "names"),
    [
        ({}, set()),
        ({"_claim_names": {"groups": "src1", "x": "src1"}}, {"groups", "x"}),
        ({"_claim_names": {"x": "src1"}}, {"x"}),
        ({"_claim_names": ["groups"]}, set()),
        ({"hasgroups": True}, {"groups"}),
        ({"hasgroups": False}, {"groups"}),
        ({"hasgroups": True, "_claim_names": {"x": "s"}}, {"groups", "x"}),
    ],
)
def test_left_out(claims: dict[str, Any], names: set[str]) -> None:
    """The claims that a token says it leaves out."""
    assert Principal("alice", claims=Claims(claims)).left_out == names
    assert principal(claims).left_out == names


def test_left_out_further_in() -> None:
    """A claim is missing where its outermost name is left out, not where an inner one is called the same."""
    elsewhere = {"_claim_names": {"groups": "src1"}}
    assert principal(elsewhere, roles=[["groups", "names"]]).unreadable == {Reason.ROLE}
    assert principal(elsewhere, roles=[["a", "groups"]]).unreadable == set()


def test_where_it_was_looked_for() -> None:
    """Of what a token has no claim for, the names are told where it was looked for; of what is there in any form, none."""
    mapping = ClaimMapping(
        roles=(ClaimPath.parse("realm.roles"), ClaimPath.parse(["a.b", "c"]), ClaimPath.parse("https://x/y.z"))
    )
    kinds = (Reason.SCOPE, Reason.ROLE, Reason.PERMISSION)
    nowhere = mapping.apply(VerifiedClaims({"iss": "i"}))
    assert [nowhere.absent(kind) for kind in kinds] == [
        ("scope", "scp"),
        ("realm.roles", "a.b.c", "https://x/y.z"),
        ("permissions",),
    ]
    there = mapping.apply(VerifiedClaims({"scp": 7, "a.b": {"c": []}, "permissions": None}))
    assert [there.absent(kind) for kind in kinds] == [(), (), ()]
    for other in (Reason.POLICY, Reason.OWNER):
        assert nowhere.absent(other) == ()
        assert Principal("alice").absent(other) == ()
    assert Principal("alice").absent(Reason.ROLE) == ()


def test_claims_of() -> None:
    """The claims of a principal are one value, by whichever way they are asked for."""

    def attribute(caller: Principal) -> Claims:
        return caller.claims

    for first, second in ((claims_of, attribute), (attribute, claims_of)):
        caller = principal({"sub": "alice", "roles": ["r"]})
        claims = first(caller)
        assert type(claims) is Claims
        assert second(caller) is claims
        assert (caller.subject, caller.roles) == ("alice", {"r"})
