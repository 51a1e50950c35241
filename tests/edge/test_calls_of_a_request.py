"""How many functions of this library a request calls: what makes a guard slower is seen here, on the busiest machine.

Exact for one version of Python, and never more with a newer one. Who has a reason to call more writes the new number here.
"""

import asyncio
from collections.abc import Callable, Iterator
from itertools import repeat

import pytest
from benchmarks.workers.asgi import Answered
from benchmarks.workers.given import Given
from benchmarks.workers.guards import CHAIN, STACK, behind_middleware, protected
from benchmarks.workers.profiled import WARMING_REQUESTS, profile
from benchmarks.workers.routes import application
from fastapi import FastAPI

from axioms_fastapi import require_auth
from axioms_fastapi.forge import Mint
from conftest import AUDIENCE

REQUESTS = 20
CLAIMS = {"scope": "openid read write", "roles": ["editor", "reviewer"], "permissions": ["read", "write"]}


@pytest.mark.parametrize(
    ("make", "cold", "repeated"),
    [
        (lambda given: protected(given, application(require_auth)), 30, 14),
        (lambda given: protected(given, application(CHAIN)), 44, 20),
        (lambda given: protected(given, application(*STACK)), 74, 47),
        (behind_middleware, 22, 9),
    ],
    ids=["require_auth", "all_of", "four stacked guards", "GuardMiddleware"],
)
def test_calls(make: Callable[[Given], FastAPI], cold: int, repeated: int, issuer: str, mint: Mint) -> None:
    """A token that was never seen, and one that comes again."""
    app = make(Given(issuer, AUDIENCE, {"RS256": f"{issuer}/.well-known/jwks.json"}, "", {}))

    def calls(tokens: Iterator[str]) -> float:
        profiled = asyncio.run(profile(Answered(app), tokens, REQUESTS))
        found: float = profiled["calls"]["ours"]
        return found

    fresh = (mint.mint(CLAIMS) for _ in range(WARMING_REQUESTS + REQUESTS))
    assert calls(fresh) <= cold
    assert calls(repeat(mint.mint(CLAIMS))) <= repeated
