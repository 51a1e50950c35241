"""Plain defaults of a route's parameters that were meant to guard it: FastAPI would read the parameter from the request."""

from collections.abc import Iterator
from functools import partial
from typing import Any, Final

from fastapi.dependencies.models import Dependant
from fastapi.routing import iter_route_contexts
from starlette.applications import Starlette

from .core.errors import ConfigurationError
from .core.policy import Policy

_PACKAGE: Final = __name__.partition(".")[0]


def check_defaults(app: Starlette) -> None:
    """No parameter of a route, or of what it depends on, has something of this library for a default, without Depends.

    Whoever sends such a parameter is in. A guard refuses that itself where the route is declared; a function that builds
    guards, a partial and a policy cannot. Raises ConfigurationError.
    """
    for route in iter_route_contexts(app.routes):
        dependant = getattr(route, "dependant", None)
        for name in _guarding_defaults(dependant) if isinstance(dependant, Dependant) else ():
            raise ConfigurationError(
                f"the parameter {name} of {route.path_format} has a guard, or what builds one, for a default; write "
                f"{name}=Depends(...) with a guard in it"
            )
    for mounted in (getattr(route, "app", None) for route in app.routes):
        if isinstance(mounted, Starlette):
            check_defaults(mounted)


def _guarding_defaults(dependant: Dependant) -> Iterator[str]:
    parameters = (
        *dependant.path_params,
        *dependant.query_params,
        *dependant.header_params,
        *dependant.cookie_params,
        *dependant.body_params,
    )
    for parameter in parameters:
        if _is_of_this_library(parameter.field_info.default):
            yield parameter.name
    for inner in dependant.dependencies:
        yield from _guarding_defaults(inner)


def _is_of_this_library(default: Any) -> bool:
    while isinstance(default, partial):
        default = default.func
    module = getattr(default, "__module__", None)
    of_this_library = isinstance(module, str) and module.partition(".")[0] == _PACKAGE
    return isinstance(default, Policy) or (of_this_library and callable(default))
