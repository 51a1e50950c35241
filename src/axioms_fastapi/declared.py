"""Guards in what an application declares: an annotation, a default, a field of a model, however deep they stand in it."""

import dataclasses
import inspect
from collections.abc import Iterator
from functools import partial
from typing import Annotated, Any, Final, get_args, get_origin

from fastapi import params
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from .core.claims import Claims
from .core.policy import Policy
from .core.principal import Principal

_PACKAGE: Final = __name__.partition(".")[0]


def guards_in(declared: Any) -> list[Any]:
    """Every guard of this library in it, in Depends or bare, and everything that builds one."""
    if isinstance(declared, FieldInfo):
        return guards_in([declared.default, *declared.metadata])
    if type(declared) in {params.Depends, params.Security}:
        return [declared] if _is_of_this_library(declared.dependency) else []
    if _is_alias(declared):
        return guards_in(declared.__value__)
    parts = declared if isinstance(declared, list | tuple) else get_args(declared)
    if parts:
        return [guard for part in (get_origin(declared), *parts) for guard in guards_in(part)]
    return [declared] if not inspect.isclass(declared) and _is_of_this_library(declared) else []


def depends_of(annotation: Any) -> list[params.Depends]:
    """The Depends that stand side by side in one Annotated, of which FastAPI asks the last alone."""
    beside = get_args(annotation)[1:] if get_origin(annotation) is Annotated else ()
    return [one for one in beside if isinstance(one, params.Depends)]


def mentions_caller(annotation: Any) -> bool:
    """Whether it is, or has in it, the type of verified claims or of a principal."""
    if _is_alias(annotation):
        return mentions_caller(annotation.__value__)
    if inspect.isclass(annotation) and not get_args(annotation):
        return issubclass(annotation, Claims | Principal)
    return any(mentions_caller(part) for part in get_args(annotation))


def guarded_fields(annotation: Any) -> Iterator[str]:
    """The fields with a guard, for a default or beside their type, of the models in this annotation and in those."""
    seen: set[Any] = set()
    waiting = [annotation]
    while waiting:
        model = waiting.pop()
        model = model.__value__ if _is_alias(model) else model
        waiting += get_args(model)
        if not inspect.isclass(model) or model in seen:
            continue
        seen.add(model)
        for name, declared, default in _fields_of(model):
            if guards_in(declared) or guards_in(default):
                yield f"{model.__name__}.{name}"
            waiting.append(declared)


def _fields_of(model: type) -> Iterator[tuple[str, Any, Any]]:
    if issubclass(model, BaseModel):
        yield from ((name, field.annotation, field) for name, field in model.model_fields.items())
    elif dataclasses.is_dataclass(model):
        yield from ((field.name, field.type, field.default) for field in dataclasses.fields(model))


def _is_alias(declared: Any) -> bool:
    """Whether it is what a `type` statement makes, or the same of typing_extensions."""
    return type(declared).__name__ == "TypeAliasType"


def _is_of_this_library(declared: Any) -> bool:
    while isinstance(declared, partial):
        declared = declared.func
    module = getattr(declared, "__module__", None)
    return isinstance(declared, Policy) or (
        callable(declared) and isinstance(module, str) and module.partition(".")[0] == _PACKAGE
    )
