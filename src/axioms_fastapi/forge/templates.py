"""Values that are known only when a token is made: moments, fresh names, and what the issuer calls itself."""

import random
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Making:
    """The token that is being made: the second, its issuer, the key that signs it, and where fresh names come from."""

    now: int
    iss: str
    kid: str | None
    rng: random.Random


@dataclass(frozen=True, slots=True)
class At:
    """So many seconds after the token is made, or before."""

    seconds: int

    def value(self, making: Making) -> int:
        """The second."""
        return making.now + self.seconds


@dataclass(frozen=True, slots=True)
class Fresh:
    """A text with a UUID that no other token has in the place of `{}`."""

    text: str = "{}"

    def value(self, making: Making) -> str:
        """The text."""
        return self.text.format(uuid.UUID(int=making.rng.getrandbits(128), version=4))


@dataclass(frozen=True, slots=True)
class OfIssuer:
    """A text with the issuer in the place of `{}`."""

    text: str = "{}"

    def value(self, making: Making) -> str:
        """The text."""
        return self.text.format(making.iss)


@dataclass(frozen=True, slots=True)
class KeyId:
    """The key id of the key that signs."""

    def value(self, making: Making) -> str | None:
        """The key id."""
        return making.kid


def fill(value: Any, making: Making) -> Any:
    """The value with every template in it filled, at any depth; what holds no template comes back as it is."""
    if isinstance(value, At | Fresh | OfIssuer | KeyId):
        return value.value(making)
    if isinstance(value, Mapping):
        return {name: fill(member, making) for name, member in value.items()}
    if isinstance(value, list):
        return [fill(member, making) for member in value]
    return value
