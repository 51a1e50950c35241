"""fastapi-azure-auth, in an environment of its own, with a tenant whose OpenID configuration is on this machine.

Its class for a single tenant differs from the base class by a Microsoft URL alone; the base class takes another one.
"""

import asyncio
from collections.abc import Iterator

from fastapi_azure_auth.auth import AzureAuthorizationCodeBearerBase

from benchmarks.workers.asgi import must_refuse, request_case
from benchmarks.workers.given import Given
from benchmarks.workers.routes import application
from benchmarks.workers.timing import Case, answer_lines


def cases(given: Given) -> Iterator[tuple[str, Case]]:
    """What is measured, each in an application of its own."""
    yield "bare", request_case(application(), given.repeated())
    for tokens, which in ((given.fresh(), "cold"), (given.repeated(), "repeated")):
        app = application(AzureAuthorizationCodeBearerBase(given.audience, openid_config_url=given.openid_config_url))
        asyncio.run(must_refuse(app, given.tampered()))
        yield which, request_case(app, tokens)


def main() -> None:
    """Measure what is asked for."""
    answer_lines(dict(cases(Given.from_arguments())), ["fastapi-azure-auth", "fastapi", "PyJWT"])


if __name__ == "__main__":
    main()
