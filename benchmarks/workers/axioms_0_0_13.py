"""The package of the same name on the index, in an environment of its own, used as its README shows."""

import asyncio
from collections.abc import Iterator
from typing import Any

from axioms_fastapi import (
    init_axioms,
    register_axioms_exception_handler,
    require_auth,
    require_permissions,
    require_roles,
    require_scopes,
)
from benchmarks.workers.asgi import must_refuse, request_case
from benchmarks.workers.given import Given
from benchmarks.workers.routes import application
from benchmarks.workers.timing import Case, answer_lines

CHAIN = (require_auth, require_scopes(["read"]), require_roles(["editor"]), require_permissions(["write"]))


def cases(given: Given) -> Iterator[tuple[str, Case]]:
    """What is measured, each in an application of its own."""
    fresh = given.fresh()
    yield "bare", request_case(application(), given.repeated())
    for name, guards in {"require_auth": (require_auth,), "chain": CHAIN}.items():
        for tokens, which in ((fresh, "cold"), (given.repeated(), "repeated")):
            app: Any = application(*guards)
            init_axioms(
                app, AXIOMS_AUDIENCE=given.audience, AXIOMS_ISS_URL=given.issuer, AXIOMS_JWKS_URL=given.jwks_url
            )
            register_axioms_exception_handler(app)
            asyncio.run(must_refuse(app, given.tampered()))
            yield f"{name}, {which}", request_case(app, tokens)


def main() -> None:
    """Measure what is asked for."""
    answer_lines(dict(cases(Given.from_arguments())), ["axioms-fastapi", "fastapi", "PyJWT", "jwcrypto"])


if __name__ == "__main__":
    main()
