"""The guards of this library on a route, and what FastAPI itself asks for dependencies that do nothing."""

import asyncio
from collections.abc import Callable, Iterator
from itertools import repeat
from typing import Any

from fastapi import FastAPI, Request
from fastapi.security import SecurityScopes
from starlette.requests import HTTPConnection

from axioms_fastapi import (
    AccessTokenMiddleware,
    GuardMiddleware,
    all_of,
    check_object_ownership,
    current_principal,
    init_axioms,
    optional_auth,
    permissions,
    require,
    require_auth,
    require_permissions,
    require_roles,
    require_scopes,
    roles,
    scopes,
)
from benchmarks.workers.asgi import Answered, must_refuse, request, request_case
from benchmarks.workers.given import Given
from benchmarks.workers.one_function import one_function
from benchmarks.workers.routes import BODY, application
from benchmarks.workers.timing import Case, answer_lines
from benchmarks.workers.verification import raw_check

STACK = (require_auth, require_scopes(["read"]), require_roles(["editor"]), require_permissions(["write"]))
CHAIN = require(all_of(scopes("read"), roles("editor"), permissions("write")))


async def owned() -> dict[str, str]:
    """An object of alice's, loaded without a database."""
    return {"user": "alice"}


async def nothing() -> None:
    """A dependency that does nothing."""


async def nothing_of_a_connection(connection: HTTPConnection, security_scopes: SecurityScopes) -> None:
    """A dependency that does nothing, and is told what a guard has to be told."""


def nothing_in_a_thread() -> None:
    """A dependency that does nothing, and is no coroutine: FastAPI calls it in another thread."""


def protected(given: Given, app: FastAPI) -> FastAPI:
    """The application, which trusts the issuer of this run. What it remembers is its own."""
    init_axioms(app, AXIOMS_AUDIENCE=given.audience, AXIOMS_ISS_URL=given.issuer, AXIOMS_JWKS_URL=given.jwks_url)
    return app


def behind_middleware(given: Given) -> FastAPI:
    """An application whose middleware lets nobody pass without a token, and whose route asks nothing."""
    app = application()
    app.add_middleware(GuardMiddleware)
    return protected(given, app)


def with_middleware_that_tells(given: Given) -> FastAPI:
    """An application whose middleware verifies, and whose route looks at the outcome."""
    app = FastAPI()
    app.add_middleware(AccessTokenMiddleware)

    @app.get("/")
    async def whose(request: Request) -> dict[str, str]:
        return BODY if request.state.auth_jwt else {}

    return protected(given, app)


def signature_alone(given: Given, tokens: Iterator[str]) -> Case:
    """A request whose dependency checks a prepared signature, and nothing else: less than that no guard can do."""
    prepare, check = raw_check(given, "RS256")

    async def signed_request(connection: HTTPConnection, security_scopes: SecurityScopes) -> None:
        check(connection.scope["prepared"])

    answered = Answered(application(signed_request))
    requests = ({**request(token), "prepared": prepare(token)} for token in tokens)
    return Case(answered, requests, is_async=True, check=answered.check)


def four_of_nothing() -> list[Callable[..., Any]]:
    """Four different dependencies that do nothing, as a chain has."""

    def make() -> Callable[..., Any]:
        async def one_more(connection: HTTPConnection, security_scopes: SecurityScopes) -> None: ...

        return one_more

    return [make() for _ in range(4)]


def cases(given: Given) -> Iterator[tuple[str, Case]]:
    """What is measured, each in an application of its own."""
    fresh = given.fresh()
    yield "bare", request_case(application(), given.repeated())
    guards: dict[str, tuple[Callable[..., Any], ...]] = {
        "require_auth": (require_auth,),
        "chain": (CHAIN,),
        "stack": STACK,
    }
    for name, guard in guards.items():
        for tokens, which in ((fresh, "cold"), (given.repeated(), "repeated")):
            app = protected(given, application(*guard))
            asyncio.run(must_refuse(app, given.tampered()))
            yield f"{name}, {which}", request_case(app, tokens)
    for tokens, which in ((fresh, "cold"), (given.repeated(), "repeated")):
        app = behind_middleware(given)
        asyncio.run(must_refuse(app, given.tampered()))
        yield f"GuardMiddleware, {which}", request_case(app, tokens)
        yield f"AccessTokenMiddleware, {which}", request_case(with_middleware_that_tells(given), tokens)
    others: dict[str, Callable[..., Any]] = {
        "current_principal": current_principal,
        "require_scopes": require_scopes(["read"]),
        "check_object_ownership": check_object_ownership(owned),
    }
    for name, guard_of in others.items():
        yield f"{name}, repeated", request_case(protected(given, application(guard_of)), given.repeated())
    yield "optional_auth, no token", request_case(protected(given, application(optional_auth)), repeat(None))
    yield "nothing", request_case(application(nothing), given.repeated())
    yield "nothing of a connection", request_case(application(nothing_of_a_connection), given.repeated())
    yield "four of nothing", request_case(application(*four_of_nothing()), given.repeated())
    yield "signature alone", signature_alone(given, fresh)
    yield "one function", request_case(application(one_function(given)), fresh)
    yield "nothing in a thread", request_case(application(nothing_in_a_thread), given.repeated())


def main() -> None:
    """Measure what is asked for."""
    answer_lines(dict(cases(Given.from_arguments())), ["axioms-fastapi", "fastapi", "starlette", "pydantic"])


if __name__ == "__main__":
    main()
