"""`POST /stop`: the end of a forge that has a process of its own. One that lives in a test's process has no such route."""

import signal

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from .features import Feature
from .forge import Forge
from .strict_json import JsonResponse


def feature(forge: Forge) -> Feature:
    """The process ends as by Ctrl+C: what is under way is answered first."""

    async def stop(request: Request) -> Response:
        signal.raise_signal(signal.SIGINT)
        return JsonResponse({"stopping": forge.here(request).url})

    return Feature(routes=[Route("/stop", stop, methods=["POST"])])
