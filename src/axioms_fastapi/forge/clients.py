"""Who calls: HTTP Basic as JWTForge has it, where any client id of plain characters is a client."""

import base64
import binascii
import re

from starlette.requests import Request

from .errors import RequestError

CLIENT_ID = re.compile(r"[A-Za-z0-9_-]{1,50}")


def client_of(request: Request, *, check_password: bool) -> str:
    """The client id of the Authorization header; the password has to be the same text where it is checked.

    Raises RequestError, a 401 with the challenge that RFC 6749 section 5.2 asks for.
    """
    scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        raise _refused("HTTP Basic is required: the client id as the user and as the password.")
    try:
        credentials = base64.b64decode(encoded.strip(), validate=True).decode("utf-8")
    except (binascii.Error, UnicodeDecodeError):
        raise _refused("The Authorization header is not base64 of user and password.") from None
    client_id, colon, password = credentials.partition(":")
    if not colon:
        raise _refused("The Authorization header has no colon between user and password.")
    if check_password and password != client_id:
        raise _refused("The client credentials are wrong: the password is the client id.")
    if not CLIENT_ID.fullmatch(client_id):
        raise _refused("A client id has 1 to 50 letters, digits, - or _.")
    return client_id


def _refused(description: str) -> RequestError:
    challenge = {"WWW-Authenticate": 'Basic realm="axioms forge"'}
    return RequestError(description, error="invalid_client", status=401, headers=challenge)
