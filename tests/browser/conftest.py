"""A real Chromium without a network, the forge and the example application: what a person has on the screen."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from articles_api import ARTICLES, uvicorn
from axioms_fastapi.forge import create_app
from processes import free_port, running
from serving import serving

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Locator, Page

SCREENSHOTS = Path(__file__).parents[2] / "build" / "screenshots"


@pytest.fixture(scope="module")
def browser() -> "Iterator[Browser]":
    """The browser. It ends with the module: while it is there, no other event loop can run in this thread."""
    sync_api = pytest.importorskip(
        "playwright.sync_api", reason="`make setup` installs playwright where Chromium is there"
    )
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if program is None:
        pytest.skip("Chromium is not installed: apt-get install chromium")
    # Names lead nowhere: a page that needs a CDN would be seen.
    arguments = ["--disable-gpu", "--disable-dev-shm-usage", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        arguments.append("--no-sandbox")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=arguments)
        yield browser
        browser.close()


@pytest.fixture
def complaints() -> list[str]:
    """What browsers had to complain of: errors on the console, requests that failed or went elsewhere."""
    return []


@pytest.fixture
def context(browser: "Browser", complaints: list[str]) -> "Iterator[BrowserContext]":
    """A window of somebody who was never here before."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    listen(context, complaints)
    yield context
    context.close()


def listen(context: "BrowserContext", complaints: list[str]) -> None:
    """The context's errors are written down."""
    context.set_default_timeout(15_000)
    context.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    context.on("weberror", lambda error: complaints.append(str(error.error)))
    context.on("requestfailed", lambda request: complaints.append(f"{request.url}: {request.failure}"))
    context.on(
        "request",
        lambda request: (
            None if request.url.startswith(("http://127.0.0.1:", "data:")) else complaints.append(request.url)
        ),
    )


@pytest.fixture
def page(context: "BrowserContext") -> "Page":
    """A page of it."""
    return context.new_page()


@pytest.fixture(scope="session")
def forge() -> Iterator[str]:
    """The URL of a running forge."""
    with serving(create_app()) as url:
        yield url


@pytest.fixture(scope="session")
def serve_articles(
    tmp_path_factory: pytest.TempPathFactory,
) -> Callable[..., AbstractContextManager[None]]:
    """Runs the example application on a port, with these settings and a fresh database."""

    @contextmanager
    def serve(port: int, **settings: str) -> Iterator[None]:
        database = tmp_path_factory.mktemp("articles") / "articles.db"
        environment = {"DATABASE_URL": f"sqlite:///{database}", **settings}
        with running(uvicorn()(port), ready=f"http://127.0.0.1:{port}/health", env=environment, cwd=ARTICLES):
            yield

    return serve


@pytest.fixture(scope="session")
def articles(forge: str, serve_articles: Callable[..., AbstractContextManager[None]]) -> Iterator[str]:
    """The URL of the example application, which trusts the forge and sends people there to log in."""
    settings = {
        "AXIOMS_AUDIENCE": "https://api.example.com",
        "AXIOMS_ISS_URL": forge,
        "AXIOMS_JWKS_URL": f"{forge}/.well-known/jwks.json",
        "AXIOMS_DOCS_AUTHORIZATION_URL": f"{forge}/authorize",
        "AXIOMS_DOCS_TOKEN_URL": f"{forge}/token",
    }
    port = free_port()
    with serve_articles(port, **settings):
        yield f"http://127.0.0.1:{port}"


@pytest.fixture
def picture() -> "Callable[[Page | Locator, str], None]":
    """Keeps a page, or a part of one, as build/screenshots/<name>.png, for people to look at."""

    def take(what: "Page | Locator", name: str) -> None:
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        whole = {"full_page": True} if hasattr(what, "goto") else {}
        what.screenshot(path=SCREENSHOTS / f"{name}.png", **whole)  # type: ignore[arg-type]

    return take
