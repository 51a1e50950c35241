"""What a hostile token is: a name, why it must be refused, and how to make it in a given world."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from .world import NotPossible, Rule, World


class Category(StrEnum):
    """What of a token is hostile."""

    ALGORITHM = "algorithm"
    KEY_CONFUSION = "key-confusion"
    KEY_REFERENCE = "key-reference"
    KEY_ID = "key-id"
    SIGNATURE = "signature"
    ENCODING = "encoding"
    JSON = "json"
    SERIALIZATION = "serialization"
    ISSUER = "issuer"
    AUDIENCE = "audience"
    TIME = "time"
    IDENTITY = "identity"
    KIND = "kind"
    HEADER = "header"


# A header of the Bearer scheme, well-formed or not: what follows is no part of a scheme's name (RFC 9110, section 5.6.2).
_BEARER: Final = re.compile(rb"bearer(?![!#$%&'*+.^_`|~0-9a-z-])", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Credentials:
    """What is sent: the values of the Authorization header, line by line. `token` is None where they are more than a token."""

    values: tuple[bytes, ...]
    token: str | None = None

    @classmethod
    def bearing(cls, token: str) -> "Credentials":
        """The header that carries this token."""
        return cls((b"Bearer " + token.encode("utf-8"),), token)

    @property
    def are_of_another_scheme(self) -> bool:
        """Whether there is one header, and its scheme is not Bearer: it may be read as if no token had been sent."""
        return len(self.values) == 1 and not _BEARER.match(self.values[0])


Recipe = Callable[[World], str | Credentials]


@dataclass(frozen=True, slots=True)
class Hostile:
    """A bad token, or a bad header, that no API may accept.

    `section` is where the rule stands that it breaks. `statuses` are the answers that are right: 401 for a token that was read
    and refused, 400 as well where the header itself is malformed (RFC 6750, section 3.1). `rule` is set where an API may
    relax what the token breaks.
    """

    name: str
    category: Category
    why: str
    section: str
    recipe: Recipe
    statuses: frozenset[int] = frozenset({401})
    rule: Rule | None = None

    def __str__(self) -> str:
        return self.name

    def credentials(self, world: World) -> Credentials:
        """What to send in this world. Raises NotPossible where it lacks what the recipe needs, or allows what it breaks."""
        if self.rule in world.relaxed:
            raise NotPossible(f"this API does not ask for the {self.rule}")
        made = self.recipe(world)
        return Credentials.bearing(made) if isinstance(made, str) else made


class Recipes:
    """The recipes of one category, in the order of their making."""

    def __init__(self, category: Category, section: str, *statuses: int) -> None:
        self._category = category
        self._section = section
        self._statuses = frozenset(statuses or {401})
        self._made: list[Hostile] = []

    def __iter__(self) -> Iterator[Hostile]:
        return iter(self._made)

    def add(
        self,
        name: str,
        why: str,
        recipe: Recipe,
        *,
        section: str = "",
        statuses: tuple[int, ...] = (),
        rule: Rule | None = None,
    ) -> None:
        """One more. `section` and `statuses` are those of the whole category where they are not given."""
        self._made.append(
            Hostile(
                name=name,
                category=self._category,
                why=why,
                section=section or self._section,
                recipe=recipe,
                statuses=frozenset(statuses) or self._statuses,
                rule=rule,
            )
        )
