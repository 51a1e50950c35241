"""What conformance tests share: trusted and foreign keys, a key server, and a door for each test."""

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from axioms_fastapi.forge import SigningKey
from conformance.door import Door
from conformance.report import TALLY
from serving import KeyServer, serving


@pytest.fixture(scope="session")
def trusted_keys() -> dict[str, SigningKey]:
    """The issuer's keys, by kid."""
    algorithms = {"ec": "ES256", "rsa": "RS256", "ed": "EdDSA"}
    return {kid: SigningKey.generate(algorithm, kid=kid) for kid, algorithm in algorithms.items()}


@pytest.fixture(scope="session")
def foreign_keys() -> dict[str, SigningKey]:
    """Keys of nobody we trust, under the same kids."""
    algorithms = {"ec": "ES256", "rsa": "RS256", "ed": "EdDSA"}
    return {kid: SigningKey.generate(algorithm, kid=kid) for kid, algorithm in algorithms.items()}


@pytest.fixture(scope="session")
def jwks_server() -> Iterator[KeyServer]:
    """A key server whose answers a test decides."""
    server = KeyServer()
    with serving(server.app) as server.url:
        yield server


@pytest.fixture
def tally(request: pytest.FixtureRequest) -> Counter[str]:
    """How many attempts this test refused and accepted: for the report of `make conformance`."""
    counts: Counter[str] = Counter()
    request.node.stash[TALLY] = counts
    return counts


@pytest.fixture(params=[10_000, 0], ids=["cache", "no-cache"])
def token_cache_size(request: pytest.FixtureRequest) -> int:
    """With a memory of verified tokens, and without: no check may be dropped for speed."""
    return int(request.param)


@pytest.fixture
def make_door(
    jwks_server: KeyServer, trusted_keys: dict[str, SigningKey], tally: Counter[str], token_cache_size: int
) -> Callable[..., Door]:
    """Builds a door with other keys, or other fields of its Issuer."""

    def make(keys: dict[str, SigningKey] | None = None, /, **issuer: Any) -> Door:
        return Door(jwks_server, keys or trusted_keys, tally, token_cache_size, **issuer)

    return make


@pytest.fixture
def door(make_door: Callable[..., Door]) -> Door:
    """An API that trusts one issuer, with the default settings at leeway 0."""
    return make_door()
