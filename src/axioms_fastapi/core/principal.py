"""Who is calling: the claim mapping reads scopes, roles and permissions where a provider puts them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, Final

from .claims import Claims, VerifiedClaims, immutable
from .errors import Reason
from .server_side import ServerSide

_ABSENT: Final = object()
_NONE: Final = frozenset[Any]()
_set: Final = object.__setattr__
# What a token has in the place of claims that it leaves out for their size.
LEAVING_OUT: Final = ("_claim_names", "hasgroups")
_CLIENT_CLAIMS: Final = ("client_id", "azp", "cid", "appid")


class _OfToken:
    """Where the principal of a verified token reads its fields; `_held` are the names that were read, by kind.

    They are no fields themselves: whoever writes a principal, as JSON or as a copy with other claims, must not write what it
    was read from.
    """

    __slots__ = ("_held", "_mapping", "_verified")

    _held: dict[Reason, frozenset[str]]
    _mapping: "ClaimMapping"
    _verified: VerifiedClaims


@dataclass(frozen=True, slots=True)
class Principal(_OfToken):
    """The caller that a verified token speaks for.

    `subject` is unique only together with `issuer`; it is empty where a token may go without `sub`. Scopes, roles and
    permissions are what the claim mapping found; `claims` are the token's own. `unreadable` names what of the three has a claim
    of the wrong type, or that the token leaves out: it grants nothing, and it is no proof that a name is missing. The repr
    names the issuer alone: people's data belongs into no log by accident.
    """

    subject: Annotated[
        str,
        ServerSide("Principal is no dependency: it would be read from the request; write Depends(current_principal)"),
    ] = field(repr=False)
    issuer: str = ""
    client_id: str | None = field(default=None, repr=False)
    scopes: frozenset[str] = field(default=frozenset(), repr=False)
    roles: frozenset[str] = field(default=frozenset(), repr=False)
    permissions: frozenset[str] = field(default=frozenset(), repr=False)
    claims: Claims = field(default_factory=Claims, repr=False)
    unreadable: frozenset[Reason] = frozenset()

    def __getattr__(self, name: str) -> Any:
        """Read what a verified token says of its caller when it is first asked for: most routes ask for little of it."""
        if name == "claims":
            return claims_of(self)
        value: Any
        if name == "_held":  # of a principal that no token made, so all its fields are there
            value = {kind: object.__getattribute__(self, field) for field, kind in _KINDS.items()}
        elif name in _KINDS:
            value = names_of(self, _KINDS[name])
        elif name in _READ:
            value = _READ[name](self._mapping, self._verified)
        else:
            raise AttributeError(f"a principal has no {name}")
        _set(self, name, value)
        return value

    @property
    def left_out(self) -> frozenset[str]:
        """The names of claims that the token leaves out for their size (OpenID Connect Core, section 5.6.2).

        Microsoft Entra says the same of groups by `hasgroups`, where a URL has no room for more.
        """
        return _left_out(getattr(self, "_verified", None) or self.claims)

    def absent(self, kind: Reason) -> tuple[str, ...]:
        """The claims where scopes, roles or permissions were looked for, where the token has none of them: for the log."""
        mapping = getattr(self, "_mapping", None)
        return () if mapping is None else mapping.absent(kind, self._verified)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> dict[str, Any]:
        """Let FastAPI write a principal, as any dataclass, and never read one from a request: see Claims."""
        return {"type": "is-instance", "cls": cls}

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: Any, handler: Any) -> dict[str, Any]:
        """In the OpenAPI document a principal is an object."""
        return {"type": "object"}


def claims_of(principal: Principal) -> Claims:
    """The `claims` of a principal that a token made: every request asks for them, and Python's way to an empty slot is long."""
    verified: VerifiedClaims | Claims = principal._verified
    if isinstance(verified, Claims):
        return verified
    claims = immutable(verified)
    _set(principal, "claims", claims)
    _set(principal, "_verified", claims)  # what nobody can change says the same, and is kept once
    return claims


def names_of(principal: Principal, kind: Reason) -> frozenset[str]:
    """The scopes, roles or permissions of a principal: what its fields say, without Python's way to an empty slot."""
    held = principal._held
    names = held.get(kind)
    if names is None:
        names = held[kind] = principal._mapping.read(kind, principal._verified) or _NONE
    return names


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
    def parse(cls, written: object) -> "ClaimPath":
        """The path behind a configured name, or a list of names. Raises ValueError where a name is empty or no text."""
        if not isinstance(written, Sequence) or isinstance(written, bytes):
            raise ValueError("a claim name is no text")
        steps: tuple[object, ...] = (written,) if isinstance(written, str) else tuple(written)
        if not steps or not all(isinstance(step, str) and step.strip() for step in steps):
            raise ValueError("a claim name is empty or no text")
        if not isinstance(written, str):
            return cls(literal=None, steps=tuple(written))
        is_path = "." in written and "/" not in written and ":" not in written
        return cls(literal=written, steps=tuple(written.split(".")) if is_path else ())

    def __str__(self) -> str:
        return self.literal or ".".join(self.steps)

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
    """Where one issuer's tokens keep scopes, roles and permissions. Of several places, the first that is present counts.

    `keys_are_names` and `comma_lists` are for the few providers whose roles are the keys of an object, each with an object of
    its own (`{role: {organisation: domain}}`), or a comma list.
    """

    scopes: tuple[ClaimPath, ...] = _paths("scope", "scp")
    roles: tuple[ClaimPath, ...] = _paths("roles")
    permissions: tuple[ClaimPath, ...] = _paths("permissions")
    keys_are_names: bool = False
    comma_lists: bool = False

    def apply(self, claims: VerifiedClaims) -> Principal:
        """The principal that the claims describe, which reads them when it is asked."""
        principal = object.__new__(Principal)
        _set(principal, "_verified", claims)
        _set(principal, "_mapping", self)
        _set(principal, "_held", {})
        return principal

    def read(self, kind: Reason, claims: VerifiedClaims) -> frozenset[str] | None:
        """The scopes, roles or permissions. A claim of the wrong type is None, which grants nothing and is never an error."""
        value = _first_present(self._places(kind), claims)
        if kind is Reason.SCOPE:
            # At U+0020 alone (RFC 6749, section 3.3): `split()` would also split at a tab or a no-break space.
            return frozenset(filter(None, value.split(" "))) if isinstance(value, str) else _names(value)
        return _names(self._plain(value) if self.keys_are_names or self.comma_lists else value)

    def read_unreadable(self, claims: VerifiedClaims) -> frozenset[Reason]:
        """Which of the three cannot be read, or are elsewhere."""
        left_out = _left_out(claims)
        return frozenset(
            kind
            for kind in _KINDS.values()
            if self.read(kind, claims) is None or (left_out and _is_elsewhere(self._places(kind), left_out))
        )

    def absent(self, kind: Reason, claims: VerifiedClaims) -> tuple[str, ...]:
        """The names of the claims of that kind, where not one is there."""
        places = self._places(kind)
        return tuple(map(str, places)) if _first_present(places, claims) is _ABSENT else ()

    def _places(self, kind: Reason) -> tuple[ClaimPath, ...]:
        if kind is Reason.SCOPE:
            return self.scopes
        if kind is Reason.ROLE:
            return self.roles
        return self.permissions if kind is Reason.PERMISSION else ()

    def _plain(self, value: object) -> object:
        """The value as other providers would write it."""
        if self.comma_lists and isinstance(value, str):
            return [name.strip() for name in value.split(",") if name.strip()]
        objects: list[Any] = value if isinstance(value, list) else [value]
        if self.keys_are_names and all(map(_is_object_of_objects, objects)):
            return [name for item in objects for name in item]
        return value


def _is_object_of_objects(value: object) -> bool:
    """Whether each key stands for something: `{"admin": {"org": "domain"}}` does, `{"admin": false}` does not."""
    return isinstance(value, dict) and all(isinstance(inner, dict) for inner in value.values())


def _first_present(places: tuple[ClaimPath, ...], claims: Mapping[str, Any]) -> object:
    for place in places:
        if place.literal is not None and place.literal in claims:
            return claims[place.literal]
        if place.steps:
            value = place.find(claims)
            if value is not _ABSENT:
                return value
    return _ABSENT


def _left_out(claims: Mapping[str, Any]) -> frozenset[str]:
    if claims.keys().isdisjoint(LEAVING_OUT):
        return _NONE
    names = claims.get("_claim_names")
    return frozenset([*(names if isinstance(names, dict) else ()), *(["groups"] if "hasgroups" in claims else ())])


def _is_elsewhere(places: tuple[ClaimPath, ...], absent: frozenset[str]) -> bool:
    return any(name in absent for place in places for name in (place.literal, *place.steps[:1]))


def _client_id(claims: VerifiedClaims) -> str | None:
    return next((claims[name] for name in _CLIENT_CLAIMS if isinstance(claims.get(name), str)), None)


def _names(value: object) -> frozenset[str] | None:
    """A text is one name, never letters; a list counts when all of it is text; None where the claim is neither."""
    if value is _ABSENT:
        return frozenset()
    if isinstance(value, str):
        return frozenset({value}) if value else frozenset()
    if not isinstance(value, list):
        return None
    for name in value:  # all(...) with a generator takes three times as long
        if not isinstance(name, str) or not name:
            return None
    return frozenset(value)


# Which of a principal's fields hold names, and of which kind.
_KINDS: Final = {"scopes": Reason.SCOPE, "roles": Reason.ROLE, "permissions": Reason.PERMISSION}
# How each of the other fields is read from verified claims.
_READ: Final[Mapping[str, Callable[[ClaimMapping, VerifiedClaims], Any]]] = {
    "subject": lambda _, claims: claims.get("sub", ""),
    "issuer": lambda _, claims: claims["iss"],
    "client_id": lambda _, claims: _client_id(claims),
    "unreadable": ClaimMapping.read_unreadable,
}
