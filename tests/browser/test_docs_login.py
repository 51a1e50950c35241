"""The docs page of the example application in a real browser: log in with the Authorize button, and call the API."""

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest

pytest.importorskip("playwright.sync_api", reason="`make setup` installs playwright where Chromium is there")

from playwright.sync_api import Locator, Page

from browser.swagger_ui import SwaggerUI
from interop_servers import oidc_provider_is_installed, running_oidc_provider
from processes import free_port

Picture = Callable[[Page | Locator, str], None]


def as_(name: str, picture: Picture | None = None) -> Callable[[Page], None]:
    """What somebody does on the forge's login page: they pick a person."""

    def pick(page: Page) -> None:
        button = page.get_by_role("button", name=name, exact=True)
        button.wait_for()
        if picture is not None:
            picture(page, "docs-login-page")
        button.click()

    return pick


def test_alice(articles: str, page: Page, complaints: list[str], picture: Picture) -> None:
    """Alice logs in at the forge, is called by her name, and may do what an editor may; nothing comes from outside."""
    docs = SwaggerUI(page, articles)
    docs.login(as_("Alice", picture))
    status, body, _ = docs.execute("GET", "/me")
    assert (status, body["sub"], body["roles"]) == (200, "alice", ["editor"])
    picture(docs.operation("GET", "/me"), "docs-alice-me")
    assert docs.execute("GET", "/api/strict")[0] == 200
    status, body, _ = docs.execute("POST", "/articles", title="Hello", content="World")
    assert (status, body["article"]["user"]) == (201, "alice")
    assert complaints == []


def test_bob(articles: str, page: Page, picture: Picture) -> None:
    """Bob logs in, and is denied what editors do, with the challenge that the document shows."""
    docs = SwaggerUI(page, articles)
    docs.login(as_("Bob"))
    assert docs.execute("GET", "/me")[1]["sub"] == "bob"
    status, body, headers = docs.execute("GET", "/api/strict")
    assert (status, body["error"]) == (403, "insufficient_permission")
    assert 'error="insufficient_scope"' in headers["www-authenticate"]
    picture(docs.operation("GET", "/api/strict"), "docs-bob-denied")


def test_ticked_scopes(articles: str, page: Page) -> None:
    """Scopes that are ticked are asked for, and the token has no others."""
    docs = SwaggerUI(page, articles)
    docs.login(as_("Alice"), "read:data")
    assert docs.execute("GET", "/me")[1]["scope"] == "read:data"
    assert docs.execute("GET", "/api/write")[0] == 403


def test_cancelled(articles: str, page: Page, picture: Picture) -> None:
    """Whoever cancels is told so by the docs page, and nobody is logged in."""
    docs = SwaggerUI(page, articles)
    flow = docs.open_login("read:data")
    picture(page.locator(".modal-ux"), "docs-authorize")
    with page.expect_popup() as window:
        flow.get_by_role("button", name="Apply given OAuth2 credentials").click()
    window.value.get_by_role("button", name="Cancel").click()
    flow.get_by_text("[access_denied]: The person at the login page cancelled").wait_for()


def test_what_is_asked(articles: str, page: Page, picture: Picture) -> None:
    """An operation says in words what it asks, with examples of what it answers otherwise."""
    docs = SwaggerUI(page, articles)
    operation = docs.operation("PATCH", "/api/articles/{article_id}/publish")
    text = operation.inner_text()
    for said in ("Requires an access token", "articles:publish", "ownership of the object", "WWW-Authenticate", "503"):
        assert said in text
    picture(operation, "docs-operation")


@pytest.mark.skipif(not oidc_provider_is_installed(), reason="`make setup` installs oidc-provider where npm is there")
def test_oidc_provider(
    serve_articles: Callable[..., AbstractContextManager[None]], page: Page, picture: Picture
) -> None:
    """The same page logs in at a certified authorization server, found by discovery, with the scopes ticked from the start."""
    port = free_port()
    with running_oidc_provider(f"http://127.0.0.1:{port}/docs/oauth2-redirect") as server:
        settings = {
            "AXIOMS_AUDIENCE": "https://api.example.test",
            "AXIOMS_ISS_URL": server.issuer,
            "AXIOMS_JWKS_URL": f"{server.issuer}/jwks",
            "AXIOMS_DOCS_CLIENT_ID": "docs",
            "AXIOMS_DOCS_SCOPES": "openid,read:data",
        }
        with serve_articles(port, **settings):
            docs = SwaggerUI(page, f"http://127.0.0.1:{port}")

            def log_in(page: Page) -> None:
                page.locator('input[name="login"]').fill("carol")
                page.locator('input[name="password"]').fill("any")
                picture(page, "docs-oidc-provider")
                page.locator('button[type="submit"]').click()
                page.get_by_role("button", name="Continue").click()

            docs.login(log_in)
            status, body, _ = docs.execute("GET", "/me")
            assert (status, body["sub"]) == (200, "carol")
            assert docs.execute("GET", "/api/read")[0] == 200
            assert docs.execute("GET", "/admin/users")[0] == 403
