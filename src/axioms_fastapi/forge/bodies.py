"""What a request carries, read within bounds: JSON objects and forms."""

from typing import Any, cast
from urllib.parse import parse_qsl

from starlette.requests import ClientDisconnect, Request

from .errors import RequestError
from .strict_json import MAX_DEPTH, parse_json

MAX_BODY_SIZE = 1024 * 1024
"""Bytes of a request body; more is a 413."""
MAX_FORM_FIELDS = 100

JSON_TYPE = "application/json"
FORM_TYPE = "application/x-www-form-urlencoded"


def media_type(request: Request) -> str:
    """The media type without its parameters, in lower case; empty where none was sent."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


async def read_body(request: Request, *, too_large: str = "invalid_request") -> bytes:
    """The whole body. Raises RequestError where it is larger than 1 MiB, with the error code `too_large`."""
    body = bytearray()
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > MAX_BODY_SIZE:
                raise RequestError("The request body is larger than 1 MiB.", error=too_large, status=413)
    except ClientDisconnect:
        raise RequestError("The client went away before the body was complete.") from None
    return bytes(body)


def parse_object(body: bytes) -> dict[str, Any]:
    """The JSON object of a body; an empty body is an empty object.

    JSON that does not parse is refused: read as an empty object, as JWTForge does, a forgotten quote would return
    a good token with the wrong claims.
    """
    if not body.strip():
        return {}
    try:
        members: object = parse_json(body.decode("utf-8"))
    except ValueError:
        raise RequestError(f"The request body is not JSON in UTF-8 that is at most {MAX_DEPTH} levels deep.") from None
    if not isinstance(members, dict):
        raise RequestError("The request body must be a JSON object.")
    return cast("dict[str, Any]", members)


async def read_object(request: Request) -> dict[str, Any]:
    """The JSON object that a request carries, whatever its content type says."""
    return parse_object(await read_body(request))


def parse_form(body: bytes) -> dict[str, str]:
    """The fields of a form, each at most once (RFC 6749 section 3.2). Raises RequestError."""
    try:
        pairs = parse_qsl(body.decode("utf-8"), keep_blank_values=True, max_num_fields=MAX_FORM_FIELDS, errors="strict")
    except ValueError:
        raise RequestError(f"The form is not UTF-8 text with at most {MAX_FORM_FIELDS} fields.") from None
    form: dict[str, str] = {}
    for name, value in pairs:
        if name in form:
            raise RequestError(f'The form has "{name[:50]}" more than once.')
        form[name] = value
    return form


async def read_form(request: Request) -> dict[str, str]:
    """The form that a request carries. Raises RequestError, also for another content type."""
    if media_type(request) != FORM_TYPE:
        raise RequestError(f"Send a form, with Content-Type: {FORM_TYPE}.")
    return parse_form(await read_body(request))


def required(form: dict[str, str], name: str) -> str:
    """The value of a field that must be there and not be empty. Raises RequestError."""
    value = form.get(name, "")
    if not value:
        raise RequestError(f'"{name}" is missing: send it as a field of the form.')
    return value
