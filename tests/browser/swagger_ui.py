"""Swagger UI as a person uses it: log in with the Authorize button, open an operation, execute it."""

import json
import re
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Locator, Page


class SwaggerUI:
    """The docs page of an application, in a browser."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        page.goto(f"{url}/docs")
        page.get_by_role("button", name="Authorize").wait_for()

    def open_login(self, *scopes: str) -> Locator:
        """The part of the Authorize dialog that leads to the issuer, with these scopes ticked by hand."""
        self.page.locator(".btn.authorize").first.click()
        # The flow's name is OpenAPI's, or where it was found by discovery, OAuth's.
        flow = self.page.locator(".modal-ux .auth-container").filter(has_text=re.compile("authorization(Code|_code)"))
        for scope in scopes:
            flow.locator(".scopes .checkbox").filter(has_text=scope).locator("label").click()
        return flow

    def login(self, at_the_issuer: Callable[[Page], None], *scopes: str) -> None:
        """Log in: the button opens the issuer's page in a window, where somebody does what is to be done there."""
        flow = self.open_login(*scopes)
        with self.page.expect_popup() as window:
            flow.get_by_role("button", name="Apply given OAuth2 credentials").click()
        at_the_issuer(window.value)
        flow.get_by_role("button", name="Remove authorization").wait_for()
        self.page.locator(".modal-ux .close-modal").click()

    def operation(self, method: str, path: str) -> Locator:
        """An operation, opened."""
        block = self.page.locator(f".opblock-{method.lower()}").filter(
            has=self.page.locator(f'.opblock-summary-path[data-path="{path}"]')
        )
        if "is-open" not in str(block.get_attribute("class")):
            block.locator(".opblock-summary-control").click()
            block.locator(".responses-inner").wait_for()
        return block

    def execute(self, method: str, path: str, **parameters: str) -> tuple[int, Any, dict[str, str]]:
        """Status, body and headers of what the operation answers when it is executed."""
        block = self.operation(method, path)
        if block.get_by_role("button", name="Try it out").is_visible():
            block.get_by_role("button", name="Try it out").click()
        for name, value in parameters.items():
            block.locator(f'tr[data-param-name="{name}"] input').fill(value)
        with self.page.expect_response(lambda response: response.request.method == method.upper()) as answered:
            block.get_by_role("button", name="Execute").click()
        answer = answered.value
        status = block.locator(".live-responses-table tbody .response-col_status").first
        status.wait_for()
        assert str(answer.status) in status.inner_text()
        body = answer.body()
        return answer.status, json.loads(body) if body else None, answer.headers
