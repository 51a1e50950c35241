"""Keys before the first request: the start of an application, composed with its own lifespan."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from starlette.applications import Starlette
from starlette.types import ASGIApp

from .core.errors import AxiomsError
from .core.issuers import Issuers
from .unasked import check_guards

logger = logging.getLogger("axioms_fastapi")

_PREPARED = "axioms_lifespan"


class KeysMissingAtStartup(AxiomsError, RuntimeError):
    """The application must not start without keys (AXIOMS_REQUIRE_KEYS_AT_STARTUP), and an issuer's cannot be had."""


async def prefetch_keys(issuers: Issuers, *, required: bool) -> None:
    """Every configured issuer's keys were asked for, at the same time. Those that cannot be had are a warning.

    Raises KeysMissingAtStartup when they are `required`.
    """
    got = await asyncio.gather(*(issuer.keys.prefetch() for issuer in issuers.configured))
    for issuer, is_there in zip(issuers.configured, got, strict=True):
        if is_there:
            continue
        if required:
            raise KeysMissingAtStartup(
                f"the keys of {issuer.url} cannot be had, and AXIOMS_REQUIRE_KEYS_AT_STARTUP is set; the log says why"
            )
        logger.warning("starting without the keys of %s; requests get a 503 until they can be had", issuer.url)


def prefetch_at_startup(app: Starlette) -> None:
    """The application fetches its keys when it starts, before its own lifespan begins, however often it is initialised.

    A mounted application has no start of its own: its keys are fetched with its first request.
    """
    if getattr(app.state, _PREPARED, False):
        return
    setattr(app.state, _PREPARED, True)
    own, build = app.router.lifespan_context, app.build_middleware_stack

    def build_checked() -> ASGIApp:
        check_guards(app)
        return build()

    # The first call of any kind: a mounted application has no start, and some servers never begin one.
    app.build_middleware_stack = build_checked  # type: ignore[method-assign]

    @asynccontextmanager
    async def lifespan(started: Any) -> AsyncIterator[Any]:
        axioms = app.state.axioms  # the one that was initialised last
        await axioms.start()
        try:
            async with own(started) as state:
                check_guards(app)  # also what the application's own lifespan has added
                yield state
        finally:
            await axioms.stop()

    app.router.lifespan_context = lifespan
