"""The dependencies that people write by hand around a JOSE library, as the libraries' own pages show them."""

import asyncio
from collections.abc import Callable, Iterator
from typing import Annotated, Any

import jwt
from fastapi import Depends, HTTPException
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from benchmarks.workers import decoders
from benchmarks.workers.asgi import must_refuse, request_case
from benchmarks.workers.decoders import Decoder, pyjwt_decode
from benchmarks.workers.given import Given
from benchmarks.workers.routes import application
from benchmarks.workers.timing import Case, answer_lines

Credentials = Annotated[HTTPAuthorizationCredentials, Depends(HTTPBearer())]
Guard = Callable[..., Any]


def in_a_thread(given: Given) -> Guard:
    """PyJWT with its own JWKS client. That client blocks while it fetches, so the dependency must be a plain function."""
    keys = jwt.PyJWKClient(given.jwks_url)

    def current_user(credentials: Credentials) -> object:
        try:
            key = keys.get_signing_key_from_jwt(credentials.credentials)
            return pyjwt_decode(given, key.key, credentials.credentials)
        except jwt.PyJWTError:
            raise HTTPException(401, "Invalid token", {"WWW-Authenticate": "Bearer"}) from None

    return current_user


def with_a_key(decode: Decoder) -> Guard:
    """A coroutine around a decoder whose one key is ready, and never rotates."""

    async def current_user(credentials: Credentials) -> object:
        try:
            return decode(credentials.credentials)
        except Exception:
            raise HTTPException(401, "Invalid token", {"WWW-Authenticate": "Bearer"}) from None

    return current_user


def cases(given: Given) -> Iterator[tuple[str, Case]]:
    """What is measured, each in an application of its own."""
    fresh = given.fresh()
    guards = {
        "PyJWT": in_a_thread(given),
        "PyJWT, a key for ever": with_a_key(decoders.pyjwt(given)),
        "joserfc, a key for ever": with_a_key(decoders.joserfc(given)),
        "Authlib, a key for ever": with_a_key(decoders.authlib(given)),
    }
    yield "bare", request_case(application(), given.repeated())
    for name, guard in guards.items():
        app = application(guard)
        asyncio.run(must_refuse(app, given.tampered()))
        yield name, request_case(app, fresh)


def main() -> None:
    """Measure what is asked for."""
    answer_lines(dict(cases(Given.from_arguments())), ["PyJWT", "joserfc", "Authlib"])


if __name__ == "__main__":
    main()
