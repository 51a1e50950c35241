"""Whose an object is: the rule that compares a field of it with a claim of the caller."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from .claims import Claims
from .errors import ConfigurationError, NotOwner

_ABSENT: Final = object()
_EXAMPLES: Final = {"owner_field": "user", "claim_field": "sub", "issuer_field": "user_issuer"}


@dataclass(frozen=True, slots=True)
class Owner:
    """The object's owner field equals the caller's claim: text with text, by code point, neither of them empty.

    `issuer_field`, where it is given, holds the owner's issuer and equals the caller's: a subject is unique within one issuer.
    """

    owner_field: str = "user"
    claim_field: str = "sub"
    issuer_field: str | None = None

    def __post_init__(self) -> None:
        """Refuse what is no name: it would be found in no object, or in one that nobody thought of."""
        for option in _EXAMPLES:
            name: object = getattr(self, option)
            if not (isinstance(name, str) and name.strip()) and (option, name) != ("issuer_field", None):
                raise ConfigurationError(f"{option} is {name!r}; write a name, such as {option}={_EXAMPLES[option]!r}")

    def check(self, resource: object, claims: Claims) -> None:
        """The caller owns the resource. Raises NotOwner.

        A field is an attribute of an object or a key of a mapping. Anything but two equal texts denies: None equals None,
        True equals 1 and "" equals "", and each of these has let a stranger in somewhere.
        """
        _check_equal(resource, self.owner_field, claims, self.claim_field)
        if self.issuer_field is not None:
            _check_equal(resource, self.issuer_field, claims, "iss")
        # An address that the issuer says it has not verified proves nothing; most issuers do not say.
        if self.claim_field == "email" and claims.get("email_verified", True) is not True:
            raise NotOwner(detail="the token's email is not verified")


def _check_equal(resource: object, name: str, claims: Claims, claim: str) -> None:
    field: object = resource.get(name, _ABSENT) if isinstance(resource, Mapping) else getattr(resource, name, _ABSENT)
    if field is _ABSENT:
        raise NotOwner(detail=f"{type(resource).__name__} has no field {name}")
    if not isinstance(field, str) or not field.strip():
        state = "is empty" if isinstance(field, str) else f"is no text but {type(field).__name__}"
        raise NotOwner(detail=f"{type(resource).__name__}.{name} {state}")
    caller = claims.get(claim)
    if not isinstance(caller, str):
        raise NotOwner(detail=f"the token has no text in its claim {claim}")
    if not str.__eq__(caller, field):  # str's own comparison, whatever a subclass says
        raise NotOwner(detail=f"{type(resource).__name__}.{name} is not the caller's {claim}")
