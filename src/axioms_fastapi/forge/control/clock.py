"""`GET`, `PUT` and `DELETE /clock`: the forge's time."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ..bodies import read_object
from ..errors import RequestError
from ..features import Feature
from ..forge import Forge
from ..options import flag, known, shown
from ..strict_json import JsonResponse

FURTHEST = 10**12
"""Seconds from the epoch, either way, that the clock can be put to."""


def feature(forge: Forge) -> Feature:
    """The clock, read, frozen, moved, and let go again."""

    async def show(request: Request) -> Response:
        return JsonResponse({"now": forge.clock(), "frozen": forge.clock.is_frozen})

    async def put(request: Request) -> Response:
        members = await read_object(request)
        known("the clock", members, ("now", "advance", "frozen"))
        if not members:
            raise RequestError('Send {"now": 1700000000}, {"advance": 60} or {"frozen": true}.')
        seconds = {name: _seconds(name, value) for name, value in members.items() if name != "frozen"}
        frozen = flag("frozen", members.get("frozen", "now" in members or forge.clock.is_frozen))
        _set(forge, seconds, frozen)
        return await show(request)

    async def delete(request: Request) -> Response:
        forge.clock.follow()
        return await show(request)

    return Feature(
        routes=[
            Route("/clock", show),
            Route("/clock", put, methods=["PUT"]),
            Route("/clock", delete, methods=["DELETE"]),
        ]
    )


def _set(forge: Forge, seconds: dict[str, float], frozen: bool) -> None:
    now = seconds.get("now", forge.clock()) + seconds.get("advance", 0)
    if frozen:
        forge.clock.freeze(now)
    else:
        forge.clock.follow()
        forge.clock.advance(now - forge.clock())


def _seconds(name: str, value: object) -> float:
    # Neither an infinity nor NaN is within these.
    if isinstance(value, int | float) and not isinstance(value, bool) and -FURTHEST <= value <= FURTHEST:
        return value
    raise RequestError(f'"{name}" must be a number of seconds, not {shown(value)}.')
