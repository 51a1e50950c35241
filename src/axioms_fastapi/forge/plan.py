"""A token before it is written: presets and modes change it, and then it is signed."""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any

from .attacker import Attacker
from .issuers import Here
from .signing import SigningKey
from .token_request import TokenRequest


@dataclass(slots=True)
class Plan:
    """What was given for one token: header parameters and claims without the defaults, and how it is signed.

    `signature` is True for a real one by `key`, False for an empty one, or the text of the segment.
    """

    header: dict[str, Any]
    claims: dict[str, Any]
    signature: str | bool
    key: SigningKey
    format: str


@dataclass(frozen=True, slots=True)
class Workshop:
    """What presets and modes may use: the request, its issuer, the attacker, the second, and where chance comes from."""

    asked: TokenRequest
    here: Here
    attacker: Attacker
    now: int
    rng: Random


Change = Callable[[Plan, Workshop], None]
"""Changes a plan in place."""
