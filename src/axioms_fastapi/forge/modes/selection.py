"""Which claims and header parameters a mode may change."""

from ..plan import Plan, Workshop

ALWAYS_PROTECTED = frozenset({"iss", "jti"})
MOST = 3
"""Claims that one token has changed at the most."""


def free_claims(plan: Plan, shop: Workshop) -> list[str]:
    """The given claims that may be changed, in the order in which they were given."""
    return [name for name in plan.claims if name not in ALWAYS_PROTECTED | shop.asked.exclude]


def few_claims(plan: Plan, shop: Workshop) -> list[str]:
    """One to three of the claims that may be changed; none where there are none."""
    free = free_claims(plan, shop)
    return shop.rng.sample(free, min(len(free), shop.rng.randint(1, MOST)))


def free_header(plan: Plan, shop: Workshop) -> list[str]:
    """The given header parameters that may be changed; `exclude` names them as `header.alg`, `header_alg` or `alg`."""
    exclude = shop.asked.exclude
    return [name for name in plan.header if not {name, f"header.{name}", f"header_{name}"} & exclude]
