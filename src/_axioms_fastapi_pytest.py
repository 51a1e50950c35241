"""The pytest plugin: the fixtures of axioms_fastapi.testing.

It stands outside of the package, because entering that imports FastAPI and much else: who does not use the fixtures pays nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from starlette.applications import Starlette

    from axioms_fastapi.forge.hostile import Hostile
    from axioms_fastapi.testing import AxiomsAsyncClient, AxiomsClient, Clock, Forge

HOSTILE_TOKEN = "hostile_token"  # noqa: S105 - the name of a fixture


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test that asks for `hostile_token` is run once for each of them, under its name."""
    if HOSTILE_TOKEN in metafunc.fixturenames and not _is_parametrised(metafunc.definition, HOSTILE_TOKEN):
        from axioms_fastapi.forge.hostile import HOSTILE

        metafunc.parametrize(HOSTILE_TOKEN, HOSTILE, ids=str, indirect=True)


def _is_parametrised(item: pytest.Item, name: str) -> bool:
    """Whether the test chooses the values of this argument itself."""
    return any(name in str(mark.args[0] if mark.args else "") for mark in item.iter_markers("parametrize"))


@pytest.fixture(scope="session")
def _axioms_forge() -> Forge:
    from axioms_fastapi.testing import Forge

    return Forge()


@pytest.fixture(scope="session")
def forge(_axioms_forge: Forge) -> Forge:
    """An issuer in this process: `forge.token(**claims)`, `forge.issuer`, `forge.audience`, `forge.jwks`, `forge.app`."""
    return _axioms_forge


@pytest.fixture
def axioms_clock(_axioms_forge: Forge) -> Iterator[Clock]:
    """The clock of tokens and of their verification, frozen: `axioms_clock.advance(hours=2)`."""
    _axioms_forge.clock.freeze()
    yield _axioms_forge.clock
    _axioms_forge.clock.thaw()


@pytest.fixture
def hostile_token(request: pytest.FixtureRequest) -> Hostile:
    """Each bad token of `axioms_fastapi.forge.hostile`, for `axioms_client(app).refuses(hostile_token, "/me")`."""
    hostile: Hostile = request.param
    return hostile


@pytest.fixture
def axioms_token(_axioms_forge: Forge) -> Callable[..., str]:
    """A function that makes a token of the forge's own issuer, with whatever claims: `axioms_token(sub="alice", exp=None)`."""
    return _axioms_forge.token


@pytest.fixture(scope="session")
def _axioms_canary() -> Iterator[Any]:
    from axioms_fastapi.testing import Canary

    canary = Canary()
    yield canary
    canary.close()


@pytest.fixture
def _axioms_trusting(_axioms_forge: Forge) -> Iterator[Callable[[Starlette], Any]]:
    """A function that lets an application trust the forge until the test ends, and gives its trust."""
    trusts: dict[int, Any] = {}
    with ExitStack() as stack:

        def trusting(app: Starlette) -> Any:
            if id(app) not in trusts:
                trusts[id(app)] = stack.enter_context(_axioms_forge.trusted_by(app))
            return trusts[id(app)]

        yield trusting


@pytest.fixture
def axioms_client(_axioms_trusting: Callable[[Starlette], Any], _axioms_canary: Any) -> Callable[..., AxiomsClient]:
    """A function that gives a client of an application, which trusts the forge until the test ends.

    `axioms_client(app).as_("alice", scopes=["read:data"], roles=["editor"]).get("/me")`
    """
    from axioms_fastapi.testing import AxiomsClient

    return lambda app, **options: AxiomsClient(app, _axioms_trusting(app), _axioms_canary, **options)


@pytest.fixture
def axioms_async_client(
    _axioms_trusting: Callable[[Starlette], Any], _axioms_canary: Any
) -> Callable[..., AxiomsAsyncClient]:
    """A function that gives an asynchronous client, as `axioms_client` gives one of Starlette's."""
    from axioms_fastapi.testing import AxiomsAsyncClient

    return lambda app, **options: AxiomsAsyncClient(app, _axioms_trusting(app), _axioms_canary, **options)
