"""A forge whose clock stands still, asked in process."""

from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from axioms_fastapi.forge import Forge, ForgeKeys, create_app

NOW = 1_700_000_000.9


@pytest.fixture(scope="session")
def keys() -> ForgeKeys:
    return ForgeKeys.generate()


@pytest.fixture
def client(keys: ForgeKeys) -> Iterator[TestClient]:
    """A forge with an issuer of its own; its keys are not to be rotated, because all tests share them."""
    with TestClient(create_app("https://issuer.test", keys, clock=lambda: NOW)) as client:
        yield client


@pytest.fixture
def fresh() -> Iterator[TestClient]:
    """A forge with keys that nobody else has."""
    with TestClient(create_app(clock=lambda: NOW)) as client:
        yield client


@pytest.fixture
def forge(fresh: TestClient) -> Forge:
    """The forge that `fresh` asks."""
    return fresh.app.state.forge
