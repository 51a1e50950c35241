"""Refusals in the shape of RFC 6749 section 5.2."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from .strict_json import JsonResponse


class RequestError(Exception):
    """A request that is refused; the description names the field, says what was read and what to write.

    `members` stand beside `error` and `error_description` in the answer.
    """

    def __init__(
        self,
        description: str,
        *,
        error: str = "invalid_request",
        status: int = 400,
        headers: Mapping[str, str] | None = None,
        members: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(description)
        self.error = error
        self.description = description
        self.status = status
        self.headers = headers
        self.members = dict(members or {})


def oauth_error(
    status: int,
    error: str,
    description: str,
    headers: Mapping[str, str] | None = None,
    members: Mapping[str, Any] | None = None,
) -> JsonResponse:
    """An error response that must not be stored."""
    content = {"error": error, "error_description": description, **(members or {})}
    return JsonResponse(content, status, headers={**(headers or {}), "Cache-Control": "no-store"})


async def answer_refusal(request: Request, error: Exception) -> Response:
    """The answer to a RequestError; the sentence is its `message` too, which is where JWTForge's clients look."""
    if not isinstance(error, RequestError):
        raise error
    members = {"message": error.description, **error.members}
    return oauth_error(error.status, error.error, error.description, error.headers, members)


async def answer_unroutable(request: Request, error: Exception) -> Response:
    """The answer where no endpoint has this path, or none has this method."""
    if not isinstance(error, HTTPException):
        raise error
    if error.status_code != HTTPStatus.METHOD_NOT_ALLOWED:
        return oauth_error(error.status_code, "not_found", "This issuer has no such endpoint; GET / lists them.")
    allowed = [name for name in (error.headers or {}).get("Allow", "").split(", ") if name != "HEAD"]
    methods = " or ".join(sorted(allowed))
    # JWTForge's token endpoint says it in `error` itself, where RFC 6749 has a code.
    code = f"Method not allowed. Use {methods}." if request.scope["path"].endswith("/token") else "invalid_request"
    description = f"This endpoint answers {methods} requests."
    return oauth_error(error.status_code, code, description, error.headers, {"message": description})
