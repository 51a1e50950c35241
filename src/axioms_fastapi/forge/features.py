"""What one feature of the forge adds to it: routes, grants of the token endpoint, members of the discovery document."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.routing import BaseRoute

from .issuers import Here

if TYPE_CHECKING:
    from .forge import Forge

Form = Mapping[str, str]

Grant = Callable[[Request, Form, Here], Awaitable[Mapping[str, Any]]]
"""Answers a form at the token endpoint with the members of the token response. Raises RequestError."""

Discovery = Callable[[Here], Mapping[str, Any]]
"""Members that a feature adds to the discovery document of an issuer; a list is added to a list that is there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Feature:
    """One feature of a forge. Each file that is a feature has a function `feature(forge)` that returns one."""

    routes: Sequence[BaseRoute] = ()
    grants: Mapping[str, Grant] = field(default_factory=dict)
    discovery: Discovery | None = None


MakeFeature = Callable[["Forge"], Feature]
