"""Who somebody may be: three people to pick from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

# What every user of an OpenID provider may ask for about themselves (OpenID Connect Core 1.0, section 5.4).
IDENTITY_SCOPES: Final = ("openid", "profile", "email", "address", "phone")


@dataclass(frozen=True, slots=True)
class Persona:
    """Somebody to log in as. `scopes` are what a client can get from them; `claims` stand in their tokens."""

    name: str
    about: str
    claims: Mapping[str, Any]
    scopes: tuple[str, ...] = ()

    @property
    def subject(self) -> str:
        """The `sub` of their tokens."""
        return str(self.claims["sub"])

    def granted(self, asked: Sequence[str]) -> tuple[str, ...]:
        """What a client gets of the scopes that it asks for; where it asks for none, all of them (RFC 6749, section 3.3)."""
        if not asked:
            return self.scopes
        return tuple(scope for scope in dict.fromkeys(asked) if scope in {*self.scopes, *IDENTITY_SCOPES})


PERSONAS: Final = (
    Persona(
        "Alice",
        "An editor, with every scope and permission of an editor.",
        {
            "sub": "alice",
            "name": "Alice",
            "email": "alice@example.com",
            "email_verified": True,
            "roles": ["editor"],
            "permissions": ["articles:publish", "resource:create", "resource:write", "posts:create"],
        },
        ("openid", "profile", "read:data", "write:data", "articles:publish"),
    ),
    Persona(
        "Bob",
        "A viewer, who may read.",
        {"sub": "bob", "name": "Bob", "email": "bob@example.com", "email_verified": True, "roles": ["viewer"]},
        ("openid", "read:data"),
    ),
    Persona(
        "Mallory",
        "A good token that grants nothing.",
        {"sub": "mallory", "name": "Mallory", "email": "mallory@example.com"},
    ),
)
