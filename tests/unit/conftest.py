"""What unit tests share: a clock, and asyncio for tests that are coroutines."""

import pytest

from clocks import Clock


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"
