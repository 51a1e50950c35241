"""How guards appear in the OpenAPI document: one bearer scheme, so that `/docs` shows the lock and its Authorize button."""

from typing import Final

from fastapi.openapi.models import HTTPBearer

SCHEME_NAME: Final = "AccessToken"


def bearer_scheme() -> HTTPBearer:
    """The security scheme of a route that wants an access token (OpenAPI, HTTP authentication, RFC 6750)."""
    return HTTPBearer(bearerFormat="JWT", description="An access token of the issuer that this API trusts.")
