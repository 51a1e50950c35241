"""What a request may never fill is refused when FastAPI asks for it, and reads to everybody else as it is written."""

import functools
import inspect
from typing import Annotated, Any, get_args, get_origin

import pytest
from pydantic import TypeAdapter

from axioms_fastapi.core.errors import AxiomsError, ConfigurationError, InvalidToken
from axioms_fastapi.core.server_side import ServerSide, builds_guards, never_a_dependency

MISTAKE = "a function that builds guards or policies is no guard itself; write Depends(build('a'))"


@builds_guards("Depends(build('a'))")
def build(name: str, *others: int) -> bytes:
    """A builder of guards."""
    return f"{name}{others}".encode()


class Builder:
    """A value with a method that builds guards."""

    @builds_guards("Depends(build('a'))")
    def method(self, name: str) -> str:
        """A builder of guards."""
        return f"of {name}"


def asked_for(parameter: inspect.Parameter) -> str:
    """What FastAPI gets to hear when it asks for the schema of a parameter, as it does for a dependency's."""
    with pytest.raises(ConfigurationError) as error:
        TypeAdapter(parameter.annotation)
    return str(error.value)


def test_marked_parameter() -> None:
    """A marked parameter has no schema, and its own sentence in the place of one."""
    with pytest.raises(ConfigurationError, match=r"\Anever that\Z"):
        TypeAdapter(Annotated[str, ServerSide("never that")])


def test_builder_is_still_the_function() -> None:
    """A builder that is called does what it did."""
    assert build("a", 1) == b"a(1,)"
    assert Builder().method("a") == "of a"


def test_builder_refuses_every_parameter() -> None:
    """Each parameter of a builder refuses, under the type, the name and the place that it had."""
    signature = inspect.signature(build)
    assert [str(parameter).partition(":")[0] for parameter in signature.parameters.values()] == ["name", "*others"]
    assert signature.return_annotation is bytes
    for parameter, kind in zip(signature.parameters.values(), (str, int), strict=True):
        assert get_origin(parameter.annotation) is Annotated
        assert get_args(parameter.annotation)[0] is kind
        assert asked_for(parameter) == MISTAKE


def test_bound_method_refuses() -> None:
    """Of a method all but `self` refuses: nobody is asked for that."""
    own, name = inspect.signature(Builder.method).parameters.values()
    assert (own.name, own.annotation) == ("self", inspect.Parameter.empty)
    assert asked_for(name) == MISTAKE
    (bound,) = inspect.signature(Builder().method).parameters.values()
    assert asked_for(bound) == MISTAKE


def test_partial_of_a_builder() -> None:
    """A partial would hide the parameters that refuse: its signature cannot be had at all."""
    with pytest.raises(ConfigurationError) as error:
        inspect.signature(functools.partial(build, "a"))
    assert str(error.value) == MISTAKE


def test_class_that_is_no_dependency() -> None:
    """A class that is no dependency shows one parameter, which refuses; so do its children. It can still be made."""

    class Value:
        """Something that FastAPI would make of a request."""

        def __init__(self, text: str) -> None:
            self.text = text

    class Child(Value):
        """A kind of it."""

    never_a_dependency(Value, "Value is no dependency")
    for kind in (Value, Child):
        (parameter,) = inspect.signature(kind).parameters.values()
        assert (parameter.name, parameter.kind) == ("mistake", inspect.Parameter.KEYWORD_ONLY)
        assert asked_for(parameter) == "Value is no dependency"
        assert kind("x").text == "x"


@pytest.mark.parametrize("kind", [AxiomsError, ConfigurationError, InvalidToken], ids=lambda kind: kind.__name__)
def test_errors_are_no_guards(kind: Any) -> None:
    """No error of this library is a dependency, and what to write instead is said."""
    (parameter,) = inspect.signature(kind).parameters.values()
    assert asked_for(parameter) == "an error is no guard; write Depends(require_auth)"
