"""`GET` and `DELETE /requests`: what the forge was asked, for tests that count."""

from dataclasses import asdict

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ..features import Feature
from ..forge import Forge
from ..request_log import CONTROL
from ..strict_json import JsonResponse


def feature(forge: Forge) -> Feature:
    """The request log of all issuers; `?path=` keeps to one path, as it was asked for."""

    async def show(request: Request) -> Response:
        path = request.query_params.get("path")
        requests = [asdict(logged) for logged in forge.requests if path in {None, logged.path}]
        counts = {
            name: count for name, count in forge.requests.counts().items() if path is None or name.endswith(f" {path}")
        }
        return JsonResponse({"count": len(requests), "counts": counts, "requests": requests})

    async def clear(request: Request) -> Response:
        forge.requests.clear()
        return Response(status_code=204)

    return Feature(routes=[Route(CONTROL, show), Route(CONTROL, clear, methods=["DELETE"])])
