"""What every test stands on: a forge that serves real keys on loopback, and an environment without settings."""

import logging
import os
import re
from collections.abc import Callable, Iterator

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from axioms_fastapi import init_axioms, register_axioms_exception_handler
from axioms_fastapi.forge import ForgeKeys, Mint, create_app
from conformance.report import (  # noqa: F401 - hooks: `make conformance` prints what was held
    pytest_addoption,
    pytest_collection_modifyitems,
    pytest_configure,
    pytest_runtest_makereport,
    pytest_terminal_summary,
)
from interop_servers import AuthorizationServer, oidc_provider_is_installed, running_oidc_provider
from serving import KeyServer, serving

AUDIENCE = "https://api.example.com"


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """No test reads a setting of the machine or a `.env` of the working directory."""
    for name in [name for name in os.environ if name.startswith("AXIOMS_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path_factory.mktemp("cwd"))


class _NoTokens(logging.Handler):
    """Remembers every message in which something like a token stands."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.found: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        text = record.getMessage() + (self.format(record) if record.exc_info else "")
        if re.search(r"eyJ[A-Za-z0-9_-]{8,}|[A-Za-z0-9_-]{40,}\.[A-Za-z0-9_-]{40,}", text):
            self.found.append(record.getMessage()[:40])


@pytest.fixture(autouse=True)
def _no_token_is_ever_logged() -> Iterator[None]:
    """Whatever a test does: no token, and no segment of one, is in the library's log at any level, or in that of what it uses."""
    root, logger, handler = logging.getLogger(), logging.getLogger("axioms_fastapi"), _NoTokens()
    level = logger.level
    for listened in (root, logger):
        listened.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    yield
    logger.setLevel(level)
    for listened in (root, logger):
        listened.removeHandler(handler)
    assert handler.found == []


@pytest.fixture(scope="session")
def forge_keys() -> ForgeKeys:
    """The keys of the issuer that the tests trust."""
    return ForgeKeys.generate()


@pytest.fixture(scope="session")
def issuer(forge_keys: ForgeKeys) -> Iterator[str]:
    """The URL of a running forge."""
    with serving(create_app(keys=forge_keys)) as url:
        yield url


@pytest.fixture(scope="session")
def mint(forge_keys: ForgeKeys, issuer: str) -> Mint:
    """Mints tokens of the trusted issuer in process."""
    return Mint(forge_keys, issuer, AUDIENCE)


@pytest.fixture
def bearer(mint: Mint) -> Callable[..., dict[str, str]]:
    """The Authorization header with a token of these claims."""

    def header(**claims: object) -> dict[str, str]:
        return {"Authorization": f"Bearer {mint.mint(claims)}"}

    return header


@pytest.fixture
def app(issuer: str) -> FastAPI:
    """An application that trusts the forge and has no routes yet."""
    app = FastAPI()
    init_axioms(app, AXIOMS_AUDIENCE=AUDIENCE, AXIOMS_ISS_URL=issuer)
    register_axioms_exception_handler(app)
    return app


@pytest.fixture
def client(app: FastAPI) -> Iterator[TestClient]:
    """A client of the application, which answers errors with a 500 as a server does."""
    with TestClient(app, raise_server_exceptions=False) as client:
        yield client


@pytest.fixture
def key_server() -> Iterator[KeyServer]:
    """A key server whose answers the test decides."""
    server = KeyServer()
    with serving(server.app) as server.url:
        yield server


@pytest.fixture(scope="session")
def oidc_provider() -> Iterator[AuthorizationServer]:
    """A certified authorization server that nobody of this project wrote."""
    if not oidc_provider_is_installed():
        pytest.skip("oidc-provider is not installed: `make setup` installs it where npm is there")
    with running_oidc_provider() as server:
        yield server
