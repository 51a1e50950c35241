"""What is fired at an operation: nobody, somebody with one right less, a stranger, and the hostile set."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from ..forge.hostile import HOSTILE, Credentials, Hostile, NotPossible, World
from .arms import Arms
from .demands import Clause, Demand
from .document import Operation
from .rights import NAMES_OF_METHODS, ODD_CLAIMS, OWNER, Rights, another, full, neighbours, odd_values, with_clause
from .verdict import (
    ADMITTED,
    DENIED,
    NOT_THE_OWNER,
    PERHAPS_ADMITTED,
    SURVIVED,
    UNAUTHENTICATED,
    Expectation,
    expected_of,
    or_nobody,
)

Header = tuple[bytes, bytes]

# Servers and proxies may refuse what is this long before an application sees it (RFC 6585, section 5).
_LONG: Final = 7000
_TOO_LONG: Final = frozenset({400, 413, 431})


@dataclass(frozen=True, slots=True)
class Shot:
    """One request to one operation, and the answer that would be right. `group` is what the report calls the likes of it.

    What `is_of_another_scheme` may be served where a token is optional, but as nobody.
    """

    name: str
    group: str
    expectation: Expectation
    why: str
    section: str = ""
    headers: tuple[Header, ...] = field(default=(), repr=False)
    query: Mapping[str, str] = field(default_factory=dict, repr=False)
    secret: str | None = field(default=None, repr=False)
    is_of_another_scheme: bool = False

    @property
    def may_pass(self) -> bool:
        """Whether it may be let in, and so change something."""
        return 200 in self.expectation.statuses


@dataclass(frozen=True, slots=True)
class Unfired:
    """A shot that cannot be fired, and why."""

    name: str
    group: str
    reason: str


class Magazine:
    """The shots for one API. Those that are the same for every operation are made once, less what is to be ignored everywhere."""

    def __init__(self, arms: Arms, canary: str, ignore: Collection[str] = ()) -> None:
        self._arms = arms
        self.issuer = arms.issuer
        self.audience = arms.audience
        world = arms.world(arms.claims({}, {}), canary)
        wanted = [hostile for hostile in HOSTILE if hostile.name not in ignore and hostile.category not in ignore]
        self._hostile = [_hostile_shot(world, hostile) for hostile in wanted]

    def admitted(self, operation: Operation, who: Mapping[str, Any] | None = None) -> tuple[Header, ...]:
        """The header of a caller, or of this one, who has everything that the operation demands. Raises NotPossible."""
        return _bearer(self._arms.token(self._claims(operation, changes=who)))

    def shots(self, operation: Operation) -> Iterator[Shot | Unfired]:
        """Everything for one operation, less what is to be ignored; last what must be let in."""
        assert operation.demand is not None
        parts = (self._nobody, self._too_little, self._strangers, self._same_everywhere, self._odd, self._enough)
        for part in parts:
            for shot in part(operation, operation.demand):
                if not {shot.name, shot.group} & operation.ignore:
                    yield shot

    def _nobody(self, operation: Operation, demand: Demand) -> Iterator[Shot | Unfired]:
        """No token, and a good one in places where none may be (RFC 6750, section 2; OAuth 2.1, section 5.1)."""
        nobody = Shot(
            "no token", "access", UNAUTHENTICATED, "Who sends no token is asked for one.", "RFC 6750, section 3.1"
        )
        if demand.is_optional:
            yield replace(nobody, expectation=ADMITTED, why="Who sends no token is served as well.")
            return
        yield nobody
        good = self._bearing(operation, "token elsewhere", "access", UNAUTHENTICATED, "A token in this place is none.")
        if isinstance(good, Unfired):
            yield good
            return
        token = good.secret or ""
        elsewhere = replace(good, section="RFC 6750, sections 2.2, 2.3 and 5.3", headers=())
        yield replace(elsewhere, name="token in the query", query={"access_token": token})
        yield replace(elsewhere, name="token in a cookie", headers=((b"cookie", f"access_token={token}".encode()),))
        yield replace(elsewhere, name="token in another header", headers=((b"x-access-token", token.encode()),))

    def _too_little(self, operation: Operation, demand: Demand) -> Iterator[Shot | Unfired]:
        """Everything but one clause, and what only looks as if it were there (RFC 6749, section 3.3)."""
        for clause in demand.clauses:
            lacking = with_clause(demand, clause, ())
            yield self._bearing(
                operation, f"without {clause}", "rights", DENIED, f"It lacks the {clause}.", rights=lacking
            )
            near = with_clause(demand, clause, neighbours(clause, demand.names(clause.kind)))
            yield self._bearing(
                operation,
                f"almost {clause}",
                "rights",
                DENIED,
                "Names are compared whole, letter by letter.",
                rights=near,
            )
            yield from self._odd_forms(operation, clause, lacking)

    def _odd_forms(self, operation: Operation, clause: Clause, lacking: Rights) -> Iterator[Shot | Unfired]:
        for form, value in odd_values(clause.kind, clause.names[0]).items():
            claims = self._claims(operation, rights=lacking)
            self._arms.place(claims, clause.kind, value)
            why = f"A {clause.kind} claim of another form grants nothing: it is {form}."
            yield self._signed(f"{clause} as {form}", "claims", DENIED, why, claims)

    def _strangers(self, operation: Operation, demand: Demand) -> Iterator[Shot | Unfired]:
        if demand.ownership is not None:
            stranger = another(owner_of(operation))
            why = "The object belongs to somebody else."
            yield self._bearing(operation, "of a stranger", "ownership", NOT_THE_OWNER, why, changes=stranger)

    def _odd(self, operation: Operation, demand: Demand) -> Iterator[Shot | Unfired]:
        """Claims that no handler expects, beside all that is demanded; names that are demanded keep their form."""
        odd = {} if demand.clauses else ODD_CLAIMS
        changes = {**dict.fromkeys(NAMES_OF_METHODS, "x"), **odd}
        why = "Whatever a claim is, and whatever it is called, it must not make a server fail."
        yield self._bearing(operation, "odd claims", "claims", SURVIVED, why, changes=changes)

    def _same_everywhere(self, operation: Operation, demand: Demand) -> Iterator[Shot | Unfired]:
        for shot in self._hostile:
            if demand.is_optional and isinstance(shot, Shot) and shot.is_of_another_scheme:
                yield replace(shot, expectation=or_nobody(shot.expectation))
            else:
                yield shot

    def _enough(self, operation: Operation, demand: Demand) -> Iterator[Shot | Unfired]:
        is_known = bool(demand.clauses) if demand.ownership is None else demand.ownership.is_known
        welcome = ADMITTED if is_known else PERHAPS_ADMITTED
        for clause in demand.clauses:
            for name in clause.names if len(clause.names) > 1 else ():
                why = f"One of {', '.join(clause.names)} suffices."
                rights = with_clause(demand, clause, [name])
                yield self._bearing(operation, f"{clause.kind} {name} alone", "rights", welcome, why, rights=rights)
        yield self._bearing(operation, "good token", "access", welcome, "It has everything that is demanded.")

    def _claims(
        self, operation: Operation, *, rights: Rights | None = None, changes: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        assert operation.demand is not None
        given = {**operation.claims, **owner_of(operation), **(changes or {})}
        return self._arms.claims(full(operation.demand) if rights is None else rights, given)

    def _bearing(
        self,
        operation: Operation,
        name: str,
        group: str,
        expectation: Expectation,
        why: str,
        *,
        rights: Rights | None = None,
        changes: Mapping[str, Any] | None = None,
    ) -> Shot | Unfired:
        return self._signed(name, group, expectation, why, self._claims(operation, rights=rights, changes=changes))

    def _signed(
        self, name: str, group: str, expectation: Expectation, why: str, claims: Mapping[str, Any]
    ) -> Shot | Unfired:
        try:
            token = self._arms.token(claims)
        except NotPossible as reason:
            return Unfired(name, group, str(reason))
        return Shot(name, group, expectation, why, headers=_bearer(token), secret=token)


def owner_of(operation: Operation) -> Mapping[str, Any]:
    """The claims of whoever owns the objects that the operation is fired at."""
    ownership = operation.demand.ownership if operation.demand else None
    return (ownership.claims if ownership else None) or OWNER


def _bearer(token: str) -> tuple[Header, ...]:
    return tuple((b"authorization", value) for value in Credentials.bearing(token).values)


def _hostile_shot(world: World, hostile: Hostile) -> Shot | Unfired:
    try:
        credentials = hostile.credentials(world)
    except NotPossible as reason:
        return Unfired(hostile.name, hostile.category, str(reason))
    expectation = expected_of(hostile)
    if sum(map(len, credentials.values)) > _LONG:
        expectation = replace(expectation, statuses=expectation.statuses | _TOO_LONG)
    return Shot(
        hostile.name,
        hostile.category,
        expectation,
        hostile.why,
        hostile.section,
        tuple((b"authorization", value) for value in credentials.values),
        secret=credentials.token,
        is_of_another_scheme=credentials.are_of_another_scheme,
    )
