"""What only the application may call or give: FastAPI, which would take it from the request, is refused at declaration.

`Depends(require_scopes)`, not called, would make FastAPI read `names` from the query, build a guard of it, and ask that guard
nothing: whoever calls the API would be in. FastAPI asks for signatures and schemas when a route is declared, and gets the error.
"""

import inspect
from collections.abc import Callable
from typing import Annotated, Any, NoReturn, TypeVar

from .errors import AxiomsError, ConfigurationError

F = TypeVar("F", bound=Callable[..., Any])


class ServerSide:
    """Marks a parameter that must never be read from a request; `mistake` is the sentence for whoever tries."""

    __slots__ = ("_mistake",)

    def __init__(self, mistake: str) -> None:
        self._mistake = mistake

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> NoReturn:
        """Refuse: there is no schema."""
        raise ConfigurationError(self._mistake)


def never_a_dependency(kind: type, mistake: str) -> None:
    """The class, its children and their values are refused as dependencies: FastAPI would make one of the request, or call it."""
    refusing = inspect.Parameter(
        "mistake", inspect.Parameter.KEYWORD_ONLY, annotation=Annotated[Any, ServerSide(mistake)]
    )
    kind.__signature__ = inspect.Signature([refusing])  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue]


# `Depends(AuthenticationRequired)` reads like a guard, and would only make an exception that nobody raises.
never_a_dependency(AxiomsError, "an error is no guard; write Depends(require_auth)")


def builds_guards(example: str) -> Callable[[F], F]:
    """Marks a function that builds guards or policies and is none: as a dependency it is refused, and so is a partial of it."""
    mistake = f"a function that builds guards or policies is no guard itself; write {example}"

    class BuilderSignature(inspect.Signature):
        """Refuses whoever would not see the parameters that refuse: a partial, and what looks for a predicate."""

        def bind_partial(self, /, *args: Any, **kwargs: Any) -> NoReturn:
            raise ConfigurationError(mistake)

        def bind(self, /, *args: Any, **kwargs: Any) -> NoReturn:
            raise ConfigurationError(mistake)

    def mark(function: F) -> F:
        own = inspect.signature(function)
        refusing = [
            parameter
            if parameter.name == "self"
            else parameter.replace(annotation=Annotated[parameter.annotation, ServerSide(mistake)])
            for parameter in own.parameters.values()
        ]
        function.__signature__ = BuilderSignature(  # type: ignore[attr-defined]  # pyright: ignore[reportFunctionMemberAccess]
            refusing, return_annotation=own.return_annotation
        )
        return function

    return mark
