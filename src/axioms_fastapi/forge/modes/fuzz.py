"""Mode fuzz: values that no application expects, in one to three of the given claims and every given parameter."""

from random import Random
from typing import Any

from ..plan import Plan, Workshop
from .naughty import NAUGHTY_STRINGS
from .selection import few_claims, free_header

MAX_SAFE_INTEGER = 2**53 - 1

ODD_VALUES: tuple[Any, ...] = (
    ["x"] * 1000,
    {"nested": {"deeper": {"deepest": [{}]}}},
    True,
    False,
    0,
    -1,
    999_999_999_999,
    -999_999_999_999,
    None,
    MAX_SAFE_INTEGER,
    -MAX_SAFE_INTEGER,
    float("inf"),
    float("-inf"),
    float("nan"),
)
"""What is no string. Infinities and NaN stand in the token as Python spells them: a strict parser refuses them."""

ALGORITHMS = (
    *("none", "None", "NONE", "nOnE"),
    *("HS256", "HS384", "HS512", "RS384", "RS512", "ES384", "ES512", "PS256", ""),
    *NAUGHTY_STRINGS[:20],
)


def fuzz(plan: Plan, shop: Workshop) -> None:
    """The chosen claims and the given header parameters have odd values."""
    for name in few_claims(plan, shop):
        plan.claims[name] = _odd(shop.rng)
    for name in free_header(plan, shop):
        plan.header[name] = _odd_parameter(name, shop.rng)


def _odd(rng: Random) -> Any:
    return rng.choice((*NAUGHTY_STRINGS, *ODD_VALUES))


def _odd_parameter(name: str, rng: Random) -> Any:
    if name == "alg":
        return rng.choice(ALGORITHMS)
    if name == "jwk":
        return {"kty": _odd(rng), "kid": _odd(rng)}
    return _odd(rng)
