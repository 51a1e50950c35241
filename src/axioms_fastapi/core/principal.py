"""Who is calling: the claim mapping reads scopes, roles and permissions where a provider puts them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from .claims import Claims

_ABSENT: Final = object()
_CLIENT_CLAIMS: Final = ("client_id", "azp", "cid", "appid")


@dataclass(frozen=True, slots=True)
class Principal:
    """The caller that a verified token speaks for.

    `subject` is unique only together with `issuer`; it is empty where a token may go without `sub`. Scopes, roles and
    permissions are what the claim mapping found; `claims` are the token's own.
    """

    subject: str
    issuer: str
    client_id: str | None
    scopes: frozenset[str]
    roles: frozenset[str]
    permissions: frozenset[str]
    claims: Claims = field(repr=False)


@dataclass(frozen=True, slots=True)
class ClaimPath:
    """Where a claim lives: a name, or the names that lead into nested objects.

    A literal claim of the whole name comes first; else a name with dots is a path. A name with `/` or `:` is a namespaced
    claim such as `https://example.com/roles` and is never split. `ClaimPath.parse` of a list is always a path, for names
    that hold dots themselves.
    """

    literal: str | None
    steps: tuple[str, ...]

    @classmethod
    def parse(cls, written: str | Sequence[str]) -> "ClaimPath":
        """The path behind a configured name, or a list of names. Raises ValueError where a name is empty."""
        steps: tuple[object, ...] = (written,) if isinstance(written, str) else tuple(written)
        if not steps or not all(isinstance(step, str) and step.strip() for step in steps):
            raise ValueError("a claim name is empty or no text")
        if not isinstance(written, str):
            return cls(literal=None, steps=tuple(written))
        is_path = "." in written and "/" not in written and ":" not in written
        return cls(literal=written, steps=tuple(written.split(".")) if is_path else ())

    def find(self, claims: Mapping[str, Any]) -> object:
        """The value that lives there, or `_ABSENT`."""
        if self.literal is not None and self.literal in claims:
            return claims[self.literal]
        value: object = claims if self.steps else _ABSENT
        for step in self.steps:
            if not isinstance(value, Mapping) or step not in value:
                return _ABSENT
            value = value[step]
        return value


def _paths(*names: str) -> tuple[ClaimPath, ...]:
    return tuple(map(ClaimPath.parse, names))


@dataclass(frozen=True, slots=True)
class ClaimMapping:
    """Where one issuer's tokens keep scopes, roles and permissions. Of several places, the first that is present counts."""

    scopes: tuple[ClaimPath, ...] = _paths("scope", "scp")
    roles: tuple[ClaimPath, ...] = _paths("roles")
    permissions: tuple[ClaimPath, ...] = _paths("permissions")

    def apply(self, claims: Claims) -> Principal:
        """The principal that the claims describe. A claim of the wrong type grants nothing; it is never an error."""
        return Principal(
            subject=claims.get("sub", ""),
            issuer=claims["iss"],
            client_id=next((claims[name] for name in _CLIENT_CLAIMS if isinstance(claims.get(name), str)), None),
            scopes=_scopes(_first_present(self.scopes, claims)),
            roles=_names(_first_present(self.roles, claims)),
            permissions=_names(_first_present(self.permissions, claims)),
            claims=claims,
        )


def _first_present(places: tuple[ClaimPath, ...], claims: Claims) -> object:
    for place in places:
        value = place.find(claims)
        if value is not _ABSENT:
            return value
    return _ABSENT


def _scopes(value: object) -> frozenset[str]:
    """A text is split at U+0020 alone (RFC 6749, section 3.3): `split()` would also split at a tab or a no-break space."""
    if isinstance(value, str):
        return frozenset(name for name in value.split(" ") if name)
    return _names(value)


def _names(value: object) -> frozenset[str]:
    """A text is one name, never letters; a list counts when all of it is text; an object's keys are no names."""
    if isinstance(value, str):
        return frozenset({value}) if value else frozenset()
    if isinstance(value, list) and all(isinstance(name, str) and name for name in value):
        return frozenset(value)
    return frozenset()
