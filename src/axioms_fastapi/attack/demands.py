"""What an operation demands of its caller, as a conjunction: each clause is a list of names of which one suffices."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import product
from types import MappingProxyType
from typing import Any, Final

# A disjunction of many conjunctions becomes a conjunction of very many disjunctions.
_MOST_CLAUSES: Final = 64


class Kind(StrEnum):
    """What a name in a clause is the name of."""

    SCOPE = "scope"
    ROLE = "role"
    PERMISSION = "permission"


@dataclass(frozen=True, slots=True)
class Clause:
    """The caller has one of these."""

    kind: Kind
    names: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.kind} {' or '.join(self.names)}"


@dataclass(frozen=True, slots=True)
class Ownership:
    """The object in the path belongs to its owner alone.

    `claims` are what the owner's token says, where somebody has said so; `is_made` where the attack makes the object itself.
    """

    claims: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}), hash=False)
    is_made: bool = False

    @property
    def is_known(self) -> bool:
        """Whether it is known whose the object is."""
        return self.is_made or bool(self.claims)


@dataclass(frozen=True, slots=True)
class Demand:
    """Everything that an operation demands. `is_optional` where a caller without a token is served as well."""

    clauses: tuple[Clause, ...] = ()
    ownership: Ownership | None = None
    is_optional: bool = False

    def __str__(self) -> str:
        words = [str(clause) for clause in self.clauses]
        if self.ownership is not None:
            words.append("owner")
        return "; ".join(words) or ("a token, or none" if self.is_optional else "a token")

    def names(self, kind: Kind) -> tuple[str, ...]:
        """Every name of a kind, once, in the order written."""
        return tuple(dict.fromkeys(name for clause in self.clauses if clause.kind is kind for name in clause.names))


def clauses(kind: Kind, written: Sequence[str] | Sequence[Sequence[str]]) -> list[Clause]:
    """The clauses of a list of names, of which one suffices; of a list of such lists, each of which is a clause."""
    groups: list[Sequence[str]] = [names for names in written if not isinstance(names, str)]
    plain = [name for name in written if isinstance(name, str)]
    if plain:
        groups.insert(0, plain)
    return [Clause(kind, tuple(dict.fromkeys(names))) for names in groups if names]


def scopes_of_alternatives(alternatives: Iterable[Collection[str]]) -> list[Clause]:
    """The clauses of OpenAPI's security requirements: one alternative suffices, and of that one every scope is needed.

    Each choice of one scope from each alternative is a clause; what another clause implies is left out.
    """
    wanted = [tuple(dict.fromkeys(scopes)) for scopes in alternatives]
    if not wanted or not all(wanted):
        return []
    found: list[frozenset[str]] = []
    for number, choice in enumerate(product(*wanted)):
        if number >= _MOST_CLAUSES:
            break
        names = frozenset(choice)
        if not any(known <= names for known in found):
            found = [known for known in found if not names <= known] + [names]
    order = [scope for scopes in wanted for scope in scopes]
    return [Clause(Kind.SCOPE, tuple(sorted(names, key=order.index))) for names in found]
