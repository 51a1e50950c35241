"""What verified claims refuse, in which words, and how they are written and read again."""

import operator
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from axioms_fastapi.core.claims import ClaimRules, Claims, FrozenDict, FrozenList, immutable
from axioms_fastapi.core.errors import InvalidToken, Reason

SENTENCE = "verified claims cannot be changed; make a copy: dict(claims) or list(value)"
RULES = ClaimRules("https://i", frozenset({"api"}), leeway=0)
GOOD = {"iss": "https://i", "aud": "api", "sub": "alice", "exp": 2000}


def proven(**claims: Any) -> Claims:
    """The claims of a verified token."""
    return immutable(RULES.check("", GOOD | claims, 1000))


@pytest.mark.parametrize(
    "change",
    [
        lambda value: value.append(1),
        lambda value: value.extend([1]),
        lambda value: value.insert(0, 1),
        lambda value: value.remove("a"),
        lambda value: value.reverse(),
        lambda value: value.sort(),
        lambda value: value.pop(),
        lambda value: value.clear(),
        lambda value: operator.setitem(value, 0, "x"),
        lambda value: operator.delitem(value, 0),
        lambda value: operator.iadd(value, ["x"]),
        lambda value: operator.imul(value, 2),
        lambda value: value.__init__(["x"]),
    ],
)
@pytest.mark.parametrize("value", [FrozenList(["a", "b"]), proven(groups=["a", "b"])["groups"]], ids=["made", "proven"])
def test_list_refuses(value: FrozenList, change: Callable[[Any], object]) -> None:
    """Whatever would change a list says that it cannot, and what to do instead, whether the list was proven or made."""
    with pytest.raises(TypeError) as error:
        change(value)
    assert str(error.value) == SENTENCE
    assert value == ["a", "b"]


@pytest.mark.parametrize(
    "change",
    [
        lambda value: value.update(a=2),
        lambda value: value.setdefault("b", 2),
        lambda value: value.pop("a"),
        lambda value: value.popitem(),
        lambda value: value.clear(),
        lambda value: operator.setitem(value, "a", 2),
        lambda value: operator.delitem(value, "a"),
        lambda value: operator.ior(value, {"a": 2}),
        lambda value: value.__init__({"a": 2}),
    ],
)
@pytest.mark.parametrize(
    "value",
    [FrozenDict({"a": 1}), proven(nested={"a": 1})["nested"], Claims({"a": 1})],
    ids=["made", "proven", "claims"],
)
def test_dict_refuses(value: FrozenDict, change: Callable[[Any], object]) -> None:
    """So does an object, and so do claims."""
    with pytest.raises(TypeError) as error:
        change(value)
    assert str(error.value) == SENTENCE
    assert value == {"a": 1}


def test_attribute_refuses() -> None:
    """An attribute of claims is as little to be changed."""
    claims = proven()
    with pytest.raises(TypeError) as error:
        claims.sub = "bob"
    assert str(error.value) == SENTENCE
    assert claims.sub == "alice"


def test_missing_attribute() -> None:
    """A claim that is not there says how it is asked for when it is optional, and nothing of those that are."""
    with pytest.raises(AttributeError) as error:
        _ = proven().email
    assert str(error.value) == "the token has no claim of that name; getattr(claims, 'email', None) makes it optional"


def test_repr_names_every_claim() -> None:
    """The repr is the names, sorted."""
    assert repr(Claims({"b": 1, "a": 2, "é": 3})) == "<Claims 'a', 'b', '\\xe9'>"


def nested(depth: int, wrap: Callable[[Any], Any]) -> Any:
    value: Any = 1
    for _ in range(depth):
        value = wrap(value)
    return value


@pytest.mark.parametrize(
    ("times", "wrap"),
    [(32, lambda inner: [inner]), (32, lambda inner: {"x": inner}), (16, lambda inner: {"x": [inner]})],
    ids=["lists", "objects", "lists in objects"],
)
@pytest.mark.parametrize("make", [lambda value: Claims({"deep": value}), lambda value: proven(deep=value)])
def test_deepest(make: Callable[[Any], Claims], times: int, wrap: Callable[[Any], Any]) -> None:
    """Thirty-two levels of lists and objects are claims, a thirty-third is not."""
    assert make(nested(times, wrap)).deep == nested(times, wrap)
    with pytest.raises(InvalidToken) as error:
        make([nested(times, wrap)])
    assert (error.value.reason, error.value.detail) == (Reason.MALFORMED, "claims nested deeper than 32")


def _insides(value: Any) -> list[Any]:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [value, *(deeper for item in inner for deeper in _insides(item))]


def test_proven_at_every_depth() -> None:
    """Of a verified token every list and object, wherever it stands, is one that cannot be changed."""
    claims = proven(list=["a", 1, ["b"], {"c": ["d"]}], object={"e": {"f": ["g"]}}, text="x", number=1, none=None)
    found = [inner for value in claims.values() for inner in _insides(value) if isinstance(inner, list | dict)]
    assert [type(inner) for inner in found] == [
        *(FrozenList, FrozenList, FrozenDict, FrozenList),
        *(FrozenDict, FrozenDict, FrozenList),
    ]
    assert claims == {
        **GOOD,
        "list": ["a", 1, ["b"], {"c": ["d"]}],
        "object": {"e": {"f": ["g"]}},
        "text": "x",
        "number": 1,
        "none": None,
    }


def test_written_claims() -> None:
    """Claims that were written, not parsed, may hold children of list and dict: they become what cannot be changed, too."""

    class Names(list[Any]):
        """A list of somebody's own."""

    class Members(dict[str, Any]):
        """A dict of somebody's own."""

    claims = Claims({"names": Names(["a", Members(b=Names())]), "members": Members(c=["d"])})
    assert claims == {"names": ["a", {"b": []}], "members": {"c": ["d"]}}
    assert type(claims["names"]) is type(claims["names"][1]["b"]) is type(claims["members"]["c"]) is FrozenList
    assert type(claims["names"][1]) is type(claims["members"]) is FrozenDict
    assert Claims({"again": claims["names"]})["again"] is claims["names"]


def test_written_as_json_and_never_read() -> None:
    """Claims are written by pydantic as the object that they are, taken for claims, and made of nothing else."""
    adapter = TypeAdapter(Claims)
    claims = proven(groups=["a"])
    assert adapter.validate_python(claims) is claims
    assert type(adapter.dump_python(claims)) is dict
    assert adapter.dump_python(claims) == claims
    assert TypeAdapter(dict).validate_json(adapter.dump_json(claims)) == claims
    assert adapter.json_schema() == {"type": "object"}
    for read in (lambda: adapter.validate_python(dict(claims)), lambda: adapter.validate_json(b'{"sub": "bob"}')):
        with pytest.raises(ValidationError):
            read()


def test_rules_are_frozen() -> None:
    """What an issuer's tokens must say is not changed while tokens are verified."""
    rules: Any = replace(RULES)
    with pytest.raises(AttributeError):
        rules.leeway = 1e9


def test_written_as_json() -> None:
    """Pydantic writes claims as the object that they are, and takes no other value for them."""
    adapter = TypeAdapter(Claims)
    claims = proven(roles=["a"], nested={"b": [1]})
    assert adapter.dump_python(claims, mode="json") == dict(claims)
    assert type(adapter.dump_python(claims)) is dict
    assert adapter.json_schema() == {"type": "object"}
    with pytest.raises(ValidationError):
        adapter.validate_python({"sub": "alice"})
