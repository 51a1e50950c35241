"""How deep JSON may be nested: the same on every Python."""

import json

import pytest

from axioms_fastapi.core.encoding import Malformed, parse_json_object


def nested(depth: int, form: str) -> bytes:
    """An object with so many lists or objects within each other in it."""
    opening, closing = {"lists": ("[", "]"), "objects": ('{"a":', "}"), "both": ('[{"a":', "}]")}[form]
    return f'{{"deep":{opening * depth}1{closing * depth},"flat":{json.dumps([[]] * 100)}}}'.encode()


@pytest.mark.parametrize("form", ["lists", "objects"])
def test_bound(form: str) -> None:
    """32 levels are read and 33 are refused; how wide an object is does not matter."""
    assert parse_json_object(nested(32, form))
    with pytest.raises(Malformed, match="nested deeper than 32"):
        parse_json_object(nested(33, form))


@pytest.mark.parametrize("form", ["lists", "objects", "both"])
@pytest.mark.parametrize("depth", [40, 900, 3000, 9000, 100_000])
def test_bomb(depth: int, form: str) -> None:
    """A depth bomb is Malformed, whether Python's own parser gives up or not."""
    with pytest.raises(Malformed):
        parse_json_object(nested(depth, form))


@pytest.mark.parametrize(("pairs", "is_read"), [(16, True), (17, False), (500, False)])
def test_lists_and_objects_in_turn(pairs: int, is_read: bool) -> None:
    """Levels count whatever they are made of, and the outermost object is none of the 32."""
    data = b'{"deep":' + b'[{"a":' * pairs + b"1" + b"}]" * pairs + b"}"
    if is_read:
        assert parse_json_object(data)
        return
    with pytest.raises(Malformed, match=r"nested deeper than 32|RecursionError"):
        parse_json_object(data)
