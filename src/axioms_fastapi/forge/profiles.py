"""What a provider's tokens look like: where its issuer and its keys are, and its claims in their own shape.

The providers themselves are in `providers`, one value each; their facts are those of docs/providers.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from types import MappingProxyType
from typing import Any

from .templates import At, Fresh, Making, fill

TIMES: Mapping[str, Any] = MappingProxyType({"iat": At(0), "exp": At(3600)})


class Absent(Enum):
    """A claim of the access token that the ID token does not have."""

    FROM_ID_TOKEN = "absent"  # noqa: S105 - no secret


class Shape(Enum):
    """How a provider writes several names in one claim."""

    TEXT = "separated by spaces"
    COMMAS = "separated by commas"
    LIST = "a list"
    FIRST = "the first of them alone"
    OBJECT = "an object whose members they are"

    def write(self, names: Sequence[str]) -> Any:
        """The names in this shape."""
        match self:
            case Shape.TEXT:
                return " ".join(names)
            case Shape.COMMAS:
                return ",".join(names)
            case Shape.LIST:
                return list(names)
            case Shape.FIRST:
                return names[0] if names else ""
            case Shape.OBJECT:
                return {name: {"id1": "acme.zitadel.cloud"} for name in names}


@dataclass(frozen=True, slots=True)
class Place:
    """Where a provider keeps scopes, roles or permissions: the way to the claim, and its shape."""

    path: tuple[str, ...]
    shape: Shape

    def put(self, claims: dict[str, Any], names: Sequence[str]) -> None:
        """The claims say these names here; what stands beside them on the way stays."""
        *way, last = self.path
        for name in way:
            inner = claims.get(name)
            claims[name] = dict(inner) if isinstance(inner, Mapping) else {}
            claims = claims[name]
        claims[last] = self.shape.write(names)


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """One provider, or one of the kinds of token that it issues.

    `iss` is the issuer as the provider writes it, `path` the part of it after the host to the very slash, and `jwks`
    is where its keys are below the same host. `times` and `claims` are what an access token says. `alike` names the
    claims that a request gives as `scope`, `roles`, `permissions` and `client_id`. `id_token` is what the ID token
    says beside the access token's claims or otherwise than they, with or without an `at_hash`; None where the provider
    issues none.
    `odd` names odd keys that its key set holds (see `odd_keys`). `settings` are what an application needs to know besides issuer,
    keys and the `aud` of these tokens.
    """

    name: str
    iss: str
    path: str
    jwks: str
    claims: Mapping[str, Any]
    alg: str = "RS256"
    typ: str | None = "JWT"
    header: Mapping[str, Any] = field(default_factory=dict)
    times: Mapping[str, Any] = field(default_factory=lambda: TIMES)
    alike: Mapping[str, Place] = field(default_factory=dict)
    id_token: Mapping[str, Any] | None = None
    has_at_hash: bool = True
    has_discovery: bool = True
    odd: Sequence[str] = ()
    settings: Mapping[str, str] = field(default_factory=dict)

    def protected_header(self, making: Making) -> dict[str, Any]:
        """The header of its tokens, apart from alg and kid, which are those of the key."""
        typ = {} if self.typ is None else {"typ": self.typ}
        return {**typ, **fill(self.header, making)}

    def complete(self, given: Mapping[str, Any], making: Making) -> dict[str, Any]:
        """The claims of an access token: the provider's own, then the given ones, moved to where it keeps them."""
        claims = {"iss": making.iss, **fill(self.claims, making), **fill(self.times, making)}
        for name, value in given.items():
            place = self.alike.get(name)
            if place is None or not isinstance(value, str | list):
                claims[name] = value
            else:
                place.put(claims, value.split() if isinstance(value, str) else value)
        return claims

    def id_claims(self, access: Mapping[str, Any], given: Mapping[str, Any], making: Making) -> dict[str, Any]:
        """The claims of the ID token that comes with these; those that a request gave stay, but for scopes and roles.

        Raises LookupError where the provider issues none.
        """
        if self.id_token is None:
            raise LookupError(f"{self.name} issues no ID token apart from what it sends as a bearer token")
        own = {name: value for name, value in given.items() if name not in {*self.alike, "aud"}}
        # What an API may be asked for is never in the token that says who somebody is.
        claims = {**access, **fill(self.id_token, making), **own, "scope": Absent.FROM_ID_TOKEN}
        return {name: value for name, value in claims.items() if value is not Absent.FROM_ID_TOKEN}


# What several providers share.
GONE = Absent.FROM_ID_TOKEN
UUID = Fresh()
JANE: Mapping[str, Any] = MappingProxyType({"name": "Jane Doe", "email": "jane@example.com"})
SCOPE = Place(("scope",), Shape.TEXT)
AZP = Place(("azp",), Shape.FIRST)
ROLES = Place(("roles",), Shape.LIST)
GROUPS = Place(("groups",), Shape.LIST)
