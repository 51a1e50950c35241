"""Rights on a token: all that is demanded, one clause less, and what only looks like a right."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from .demands import Clause, Demand, Kind

Rights = Mapping[Kind, tuple[str, ...]]

OWNER: Final[Mapping[str, Any]] = {"sub": "axioms-attack-owner"}

# Claims of the wrong form, and claims that are called like what every object or dictionary has.
ODD_CLAIMS: Final[Mapping[str, Any]] = {
    "scope": {"admin": 1},
    "scp": 7,
    "roles": {"admin": False},
    "permissions": True,
    "groups": 0,
    "email": 5,
    "email_verified": "yes",
    "name": ["x"],
    "realm_access": [],
    "resource_access": "x",
    "_claim_names": 7,
}
NAMES_OF_METHODS: Final = (
    "items",
    "keys",
    "get",
    "values",
    "pop",
    "copy",
    "update",
    "__class__",
    "__dict__",
    "__init__",
)


def full(demand: Demand) -> dict[Kind, tuple[str, ...]]:
    """Every name that the demand knows."""
    return {kind: demand.names(kind) for kind in Kind}


def with_clause(demand: Demand, clause: Clause, names: Iterable[str]) -> dict[Kind, tuple[str, ...]]:
    """Every name that the demand knows, except those of the clause, which has these in their place."""
    rights = full(demand)
    rights[clause.kind] = tuple(name for name in rights[clause.kind] if name not in clause.names) + tuple(names)
    return rights


def neighbours(clause: Clause, known: Iterable[str]) -> tuple[str, ...]:
    """Names that are almost those of the clause: longer, shorter, in another case, with a letter that looks the same."""
    found: list[str] = []
    for name in clause.names:
        found += [f"x{name}", f"{name}x", f"{name}:x", name[:-1], name.swapcase(), f"{name}\u200b", f"{name}*"]
    return tuple(name for name in dict.fromkeys(found) if name and name not in set(known))


def odd_values(kind: Kind, name: str) -> dict[str, Any]:
    """Forms that hold the name and grant nothing, by what they are."""
    odd: dict[str, Any] = {
        "an object": {name: True},
        "a number": 7,
        "true": True,
        "null": None,
        "a list in a list": [[name]],
        "a list with a number": [name, 1],
        "JSON in a text": f'["{name}"]',
        "a comma list": f"x,{name}",
    }
    if kind is Kind.SCOPE:
        return {**odd, "a list of several in one text": [f"x {name}"], "a text with tabs": f"x\t{name}"}
    return {**odd, "words of a text": f"x {name}"}


def another(claims: Mapping[str, Any]) -> dict[str, Any]:
    """The claims of somebody else."""
    return {name: f"stranger-{value}" if isinstance(value, str) else value for name, value in claims.items()}
