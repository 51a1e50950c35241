"""Mode grammar: values by rule, for every given claim and header parameter that has one."""

from typing import Any

from ..options import GRAMMAR
from ..plan import Plan, Workshop
from ..templates import Making, fill
from .grammar_rules import CLAIM_RULES, HEADER_RULES, Rule
from .people import Person
from .selection import free_claims, free_header


def grammar(plan: Plan, shop: Workshop) -> None:
    """Claims and header parameters with a rule have a value of it; the others stay as they were given."""
    making = Making(shop.now, shop.here.iss, plan.key.kid, shop.rng)
    for given, free, rules in (
        (plan.claims, free_claims(plan, shop), CLAIM_RULES),
        (plan.header, free_header(plan, shop), HEADER_RULES),
    ):
        for name in free:
            if name in rules:
                given[name] = _value(rules[name], shop, making)


def _value(rule: Rule, shop: Workshop, making: Making) -> Any:
    value = shop.rng.choice(rule[_category(rule, shop.asked.grammar_category)])
    return value(Person(shop.rng, shop.now)) if callable(value) else fill(value, making)


def _category(rule: Rule, wanted: str | None) -> str:
    # A category that this rule lacks falls back to its first, as in JWTForge: not every claim can be injected into.
    return wanted if wanted is not None and wanted in rule else next(name for name in GRAMMAR if name in rule)
