"""Whose an object is: the rule that compares a field of it with a claim of the caller."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from .claims import Claims
from .errors import NotOwner

_ABSENT: Final = object()


@dataclass(frozen=True, slots=True)
class Owner:
    """The object's owner field equals the caller's claim: text with text, by code point, neither of them empty."""

    owner_field: str = "user"
    claim_field: str = "sub"

    def check(self, resource: object, claims: Claims) -> None:
        """The caller owns the resource. Raises NotOwner.

        A field is an attribute of an object or a key of a mapping. Anything but two equal texts denies: None equals None,
        True equals 1 and "" equals "", and each of these has let a stranger in somewhere.
        """
        owner: object = (
            resource.get(self.owner_field, _ABSENT)
            if isinstance(resource, Mapping)
            else getattr(resource, self.owner_field, _ABSENT)
        )
        if owner is _ABSENT:
            raise NotOwner(detail=f"{type(resource).__name__} has no field {self.owner_field}")
        caller = claims.get(self.claim_field)
        if not isinstance(owner, str) or not owner.strip():
            state = "is empty" if isinstance(owner, str) else f"is no text but {type(owner).__name__}"
            raise NotOwner(detail=f"{type(resource).__name__}.{self.owner_field} {state}")
        if not isinstance(caller, str):
            raise NotOwner(detail=f"the token has no text in its claim {self.claim_field}")
        # An address that the issuer says it has not verified proves nothing; most issuers do not say.
        if self.claim_field == "email" and claims.get("email_verified", True) is not True:
            raise NotOwner(detail="the token's email is not verified")
        if not str.__eq__(caller, owner):  # str's own comparison, whatever a subclass says
            raise NotOwner(detail="the owner is somebody else")
