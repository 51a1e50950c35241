"""The forge's pages: HTML without a single outside asset, under a Content-Security-Policy that allows none."""

import secrets
from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from starlette.responses import HTMLResponse

if TYPE_CHECKING:
    from jinja2 import Environment


@cache
def _environment() -> "Environment":
    # Imported for the first page: a test suite that mints tokens in process needs no templates.
    from jinja2 import Environment, PackageLoader, StrictUndefined

    return Environment(
        loader=PackageLoader(__name__.rpartition(".")[0]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def page(template: str, *, status: int = 200, form_targets: Sequence[str] = (), **values: Any) -> HTMLResponse:
    """A page of this template. `form_targets` are the origins that a form may end up at, besides the forge itself."""
    nonce = secrets.token_urlsafe(16)
    policy = {
        "default-src": "'none'",
        "style-src": f"'nonce-{nonce}'",
        "script-src": f"'nonce-{nonce}'",
        "img-src": "data:",
        # Browsers hold the redirect that follows a form against this as well.
        "form-action": " ".join(["'self'", *form_targets]),
        "base-uri": "'none'",
        "frame-ancestors": "'none'",
    }
    headers = {
        "Content-Security-Policy": "; ".join(f"{name} {value}" for name, value in policy.items()),
        "Cache-Control": "no-store",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
    }
    text = _environment().get_template(template).render(nonce=nonce, **values)
    # A lone surrogate of somebody's claim can be shown, but not sent.
    return HTMLResponse(text.encode("utf-8", "backslashreplace"), status, headers)
