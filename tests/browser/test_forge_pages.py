"""The forge's own pages in a real browser: with a keyboard, without JavaScript, in the dark, on a small screen."""

from collections.abc import Callable, Iterator
from urllib.parse import urlencode

import pytest

pytest.importorskip("playwright.sync_api", reason="`make setup` installs playwright where Chromium is there")

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from browser.conftest import listen

Picture = Callable[[Page, str], None]

CODE_REQUEST = {
    "response_type": "code",
    "client_id": "my-app",
    "state": "s",
    "scope": "openid read:data",
    "code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
    "code_challenge_method": "S256",
}


@pytest.fixture
def login_url(forge: str, articles: str) -> str:
    """The login page, for a client whose redirect URI is there."""
    back = f"{articles}/docs/oauth2-redirect"
    return f"{forge}/authorize?{urlencode({**CODE_REQUEST, 'redirect_uri': back})}"


@pytest.fixture(params=["light-wide", "light-narrow", "dark-wide", "dark-narrow"])
def look(request: pytest.FixtureRequest, browser: Browser, complaints: list[str]) -> "Iterator[tuple[str, Page]]":
    """A page in light or dark, on a wide screen or a narrow one, and what that is called."""
    scheme, width = request.param.split("-")
    viewport = {"width": 1280, "height": 900} if width == "wide" else {"width": 320, "height": 700}
    context = browser.new_context(viewport=viewport, color_scheme=scheme)  # type: ignore[arg-type]
    listen(context, complaints)
    yield request.param, context.new_page()
    context.close()


def check(page: Page, picture: Picture, name: str) -> None:
    """Nothing that axe-core finds wrong, contrast included, and nothing that sticks out at the side."""
    picture(page, name)
    results = Axe().run(page)
    assert results.violations_count == 0, results.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), name


def test_looks(look: tuple[str, Page], forge: str, login_url: str, picture: Picture, complaints: list[str]) -> None:
    """Login page, its form with errors, start page and token are accessible in light and dark, wide and narrow."""
    name, page = look
    page.goto(login_url)
    check(page, picture, f"login-{name}")
    page.locator("summary").click()
    check(page, picture, f"login-own-{name}")
    page.goto(forge)
    check(page, picture, f"start-{name}")
    page.get_by_role("button", name="Make the token").click()
    page.locator("#token").wait_for()
    check(page, picture, f"start-token-{name}")
    assert complaints == []
    page.goto(login_url)
    page.locator("summary").click()
    page.get_by_role("button", name="Log in with these claims").click()
    page.get_by_text("Please look at this field again").wait_for()
    check(page, picture, f"login-errors-{name}")
    page.goto(f"{forge}/authorize")
    check(page, picture, f"refused-{name}")


def test_keyboard(login_url: str, page: Page) -> None:
    """Tab leads to the first person, visibly, and Enter logs in as them."""
    page.goto(login_url)
    page.keyboard.press("Tab")
    focused = page.locator(":focus")
    assert focused.get_attribute("value") == "alice"
    assert focused.evaluate("element => getComputedStyle(element).outlineStyle") == "solid"
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/docs/oauth2-redirect?code=*")


def test_names(login_url: str, page: Page) -> None:
    """Whoever hears the page hears a name, and then what they may do."""
    page.goto(login_url)
    alice = page.get_by_role("button", name="Alice", exact=True)
    described = alice.evaluate(
        "b => b.getAttribute('aria-describedby').split(' ').map(i => document.getElementById(i).innerText)"
    )
    assert "An editor" in described[0]
    assert "articles:publish" in described[1]
    assert page.get_by_label("Scopes").count() == 1


def test_without_javascript(login_url: str, browser: Browser) -> None:
    """Without JavaScript a person logs in, with claims of their own too."""
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(login_url)
    page.locator("summary").click()
    page.get_by_label("Subject").fill("carol")
    page.get_by_label("More claims").fill('{"tenant": "acme"}')
    page.get_by_role("button", name="Log in with these claims").click()
    page.wait_for_url("**/docs/oauth2-redirect?code=*&state=s&iss=*")
    context.close()


def test_start_page(forge: str, page: Page, complaints: list[str]) -> None:
    """A person picks somebody, changes a claim, and copies the token or the line that uses it."""
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(forge)
    page.get_by_role("link", name="Bob").click()
    page.get_by_label("Roles").fill("viewer, auditor")
    page.get_by_role("button", name="Make the token").click()
    assert '"auditor"' in page.get_by_label("The claims", exact=True).inner_text()
    token = page.locator("#token").inner_text()
    page.get_by_role("button", name="Copy the token").click()
    page.get_by_text("Copied").first.wait_for()
    assert page.evaluate("navigator.clipboard.readText()") == token
    page.get_by_role("button", name="Copy the line that uses the token").click()
    page.wait_for_function("async () => (await navigator.clipboard.readText()).startsWith('curl -i ')")
    assert token in page.evaluate("navigator.clipboard.readText()")
    assert complaints == []
