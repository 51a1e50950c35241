"""Guards that nobody would ask: found before the first request, wherever a route declares them.

FastAPI asks a guard in two places alone: a Depends for a parameter's default, and the last Depends of an Annotated that is
the whole annotation. Anywhere else, in a union (`CurrentUser | None`), in a model's field, beside another Depends, it stands
there like a guard, while the parameter is read from the request, or from nowhere.
"""

import inspect
from collections.abc import Iterator
from typing import Any, ForwardRef

from fastapi import params
from fastapi.dependencies.models import Dependant
from fastapi.dependencies.utils import get_typed_signature
from fastapi.routing import RouteContext, iter_route_contexts
from starlette.applications import Starlette

from .core.errors import ConfigurationError
from .declared import depends_of, guarded_fields, guards_in, mentions_caller


def check_guards(app: Starlette) -> None:
    """Every guard that a route of the application declares is asked, also of what is mounted. Raises ConfigurationError."""
    for path, mistake in _mistakes_of(app, set()):
        raise ConfigurationError(f"{path}: {mistake}")


def _mistakes_of(app: Any, seen: set[int]) -> Iterator[tuple[str, str]]:
    """Each mistake with the path of its route; `app` may be a mount, or any number of middlewares around an application."""
    while app is not None and id(app) not in seen:
        seen.add(id(app))
        routes = getattr(app, "routes", None)
        for route in iter_route_contexts(routes if isinstance(routes, list) else []):
            path = route.path or type(route.original_route).__name__
            yield from ((path, mistake) for mistake in _mistakes_of_route(route))
            yield from _mistakes_of(route.original_route, seen)
        app = getattr(app, "app", None)


def _mistakes_of_route(route: RouteContext) -> Iterator[str]:
    # Of a router that is included, older versions know the route itself alone.
    original = route.original_route
    dependant = getattr(route, "dependant", None) or getattr(original, "dependant", None)
    endpoint = getattr(original, "endpoint", None)
    if isinstance(dependant, Dependant):
        yield from _mistakes_of_dependant(dependant)
    elif inspect.isroutine(endpoint):
        for parameter in inspect.signature(endpoint).parameters.values():
            if guards_in(parameter.default) or guards_in(parameter.annotation):
                yield f"{parameter.name} has a guard, and routes of Starlette ask none; write add_api_route, or @app.get"


def _mistakes_of_dependant(dependant: Dependant) -> Iterator[str]:
    call = dependant.call
    if dependant.scope not in (None, "function", "request"):
        yield f"scope={dependant.scope!r} of a Depends is no scope of a token; write Security(guard, scopes=[...])"
    if call is not None and not isinstance(call, params.Depends):
        yield from _mistakes_of_call(call, {inner.name for inner in dependant.dependencies})
    for parameter in (
        *dependant.path_params,
        *dependant.query_params,
        *dependant.header_params,
        *dependant.cookie_params,
        *dependant.body_params,
    ):
        for field in guarded_fields(parameter.field_info.annotation):
            yield f"{field} is a guard in a model that is read from the request, where nobody asks it; give the route a parameter"
    for inner in dependant.dependencies:
        yield from _mistakes_of_dependant(inner)


def _mistakes_of_call(call: Any, asked: set[str | None]) -> Iterator[str]:
    """Mistakes in a signature; `asked` are its parameters that are dependencies."""
    for parameter in get_typed_signature(call).parameters.values():
        name, annotation, guards = parameter.name, parameter.annotation, guards_in(parameter.annotation)
        if name in asked:
            if len(depends_of(annotation)) > 1 and guards:
                yield f"{name} has several Depends side by side, of which the last alone is asked; write dependencies=[...]"
        elif guards or guards_in(parameter.default):
            yield (
                f"the parameter {name} has a guard where FastAPI asks none, and is read from the request; write "
                f"{name}: Annotated[..., Depends(guard)], with nothing around it"
            )
        elif mentions_caller(annotation) or (inspect.isclass(parameter.default) and mentions_caller(parameter.default)):
            yield f"the parameter {name} would be read from the request; write {name}: Annotated[..., Depends(guard)]"
        elif isinstance(annotation, ForwardRef | str):
            yield f"the annotation of {name} cannot be found, and may be a guard; import it outside of TYPE_CHECKING"
    if inspect.isclass(call):
        if issubclass(call, params.Depends):
            yield f"{call.__name__} is the class of a guard; write Depends(guard)"
        for name, value in vars(call).items():
            if name not in asked and guards_in(value):
                yield f"{call.__name__}.{name} is a guard that nobody asks: the class has no parameter of that name"
