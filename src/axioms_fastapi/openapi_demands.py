"""What a route's guards demand of a caller, read off its dependencies: for the document alone, never for a request."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import product
from typing import Any, Final

from fastapi.dependencies.models import Dependant
from starlette.applications import Starlette

from .core.composition import all_of
from .core.policy import Outline, Policy
from .core.policy import scopes as scope_policy

DEMAND: Final = "__axioms_demand__"
"""The method of a dependency that says what it demands. FastAPI sees no difference: it is no parameter of the call."""

# More alternatives than a person would read; a document that lists the common ones alone is still true.
_MOST_ALTERNATIVES: Final = 16


@dataclass(frozen=True, slots=True)
class Demand:
    """What one dependency demands beside a valid token: a policy, or that the caller owns an object.

    `optional` where a request without a token is let by; `exempt` are HTTP methods of which nothing is asked, and `public` paths,
    where it stands before a whole application.
    """

    policy: Policy | None = None
    owner: Outline | None = None
    optional: bool = False
    exempt: frozenset[str] = frozenset()
    public: frozenset[str] = frozenset()


@dataclass(slots=True)
class Requirements:
    """What one operation demands: everything in `policies` and `owners`, each once, in the order of the dependencies."""

    optional: bool = True
    policies: list[Policy] = field(default_factory=list)
    owners: list[Outline] = field(default_factory=list)

    @property
    def outlines(self) -> list[Outline]:
        """All of it as JSON; a policy that is a conjunction is given as its parts."""
        found: list[Outline] = []
        for outline in (*(policy.outline for policy in self.policies), *self.owners):
            found.extend(part for part in _parts(outline) if part not in found)
        return found


def demands_before(app: Starlette) -> list[Demand]:
    """What stands before the whole application, as its middleware, demands of every operation."""
    says = [(getattr(middleware.cls, DEMAND, None), middleware) for middleware in app.user_middleware]
    return [demand(*middleware.args, **middleware.kwargs) for demand, middleware in says if demand is not None]


def requirements_of(dependant: Dependant, method: str, before: Iterable[Demand] = ()) -> Requirements | None:
    """What is demanded of this method of a route; None for a public operation.

    By what stands `before` it, and by the guards among its dependencies, however deep.
    """
    requirements: Requirements | None = None
    for demand, scopes in (*((demand, ()) for demand in before), *_demands(dependant, ())):
        if method in demand.exempt and not scopes:
            continue
        requirements = requirements or Requirements()
        requirements.optional &= demand.optional and not scopes
        # FastAPI's own reading of Security(..., scopes=[...]): every one of them.
        policies = [all_of(*map(scope_policy, scopes))] if scopes else []
        policies += [demand.policy] if demand.policy is not None else []
        requirements.policies += [policy for policy in policies if policy not in requirements.policies]
        if demand.owner is not None and demand.owner not in requirements.owners:
            requirements.owners.append(demand.owner)
    return requirements


def _demands(dependant: Dependant, outer: tuple[str, ...]) -> Iterator[tuple[Demand, tuple[str, ...]]]:
    """Each demand, with the scopes of every Security(...) on the way to it: what SecurityScopes holds at run time."""
    scopes = tuple(dict.fromkeys((*outer, *(dependant.own_oauth_scopes or ()))))
    demand = _demand_of(dependant.call)
    if demand is not None:
        yield demand, scopes
    for inner in dependant.dependencies:
        yield from _demands(inner, scopes)


def _demand_of(call: Callable[..., Any] | None) -> Demand | None:
    options: dict[str, Any] = {}
    while isinstance(call, partial):
        options = {**call.keywords, **options}
        call = call.func
    says = getattr(call, DEMAND, None)
    demand = says(**options) if callable(says) else None
    return demand if isinstance(demand, Demand) else None


def _parts(outline: Outline) -> Iterator[Outline]:
    if "all_of" in outline:
        for part in outline["all_of"]:
            yield from _parts(part)
    else:
        yield outline


def scope_alternatives(outlines: Sequence[Outline]) -> list[list[str]]:
    """The sets of scopes of which a caller needs one, whatever else is asked. At least one set, which may be empty.

    `security` of an operation means "one of these, each in full", and a list of a guard means "one of these names": so a
    guard with two names makes two sets, and a chained one multiplies them.
    """
    found: list[tuple[str, ...]] = [()]
    for outline in outlines:
        found = _least([tuple(dict.fromkeys((*one, *other))) for one, other in product(found, _scope_sets(outline))])
    return [list(names) for names in found]


def _scope_sets(outline: Outline) -> list[tuple[str, ...]]:
    match outline:
        case {"scopes": names}:
            return [(name,) for name in names]
        case {"all_of": parts}:
            return [tuple(names) for names in scope_alternatives(parts)]
        case {"any_of": parts}:
            return _least([names for part in parts for names in _scope_sets(part)])
    return [()]


def _least(sets: list[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """The sets that no other one is part of; only what is common to all of them where they are too many."""
    kept: list[tuple[str, ...]] = []
    for names in sorted(dict.fromkeys(sets), key=len):
        if not any(set(other) <= set(names) for other in kept):
            kept.append(names)
    if len(kept) <= _MOST_ALTERNATIVES:
        return kept
    return [tuple(name for name in kept[0] if all(name in names for names in kept))]
