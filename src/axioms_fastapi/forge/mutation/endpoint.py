"""The endpoint: a token that is given, or one that is made, and what becomes of it."""

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ..bodies import JSON_TYPE, media_type, parse_object, read_body
from ..errors import RequestError
from ..features import Feature
from ..forge import Forge
from ..issuers import Here
from ..options import JWTFORGE, OURS, SWALLOWED, json_object, known
from ..strict_json import JsonResponse
from ..token_request import STRUCTURED
from .batch import TOO_LARGE, check_groups, check_size, mutate
from .jws import Jws, parse_jws
from .limits import MAX_SOURCE

PATH = "/mutation"
# One token is made, and it has parts: no grant, no second token, nothing opaque.
SOURCE = tuple(sorted((set(JWTFORGE) | set(OURS) | set(STRUCTURED)) - {"response_type", "opaque"}))


def feature(forge: Forge) -> Feature:
    """Mutation."""

    async def respond(request: Request) -> Response:
        if media_type(request) != JSON_TYPE:
            raise RequestError(f'Send the batch as JSON, with "Content-Type: {JSON_TYPE}".')
        members = parse_object(await read_body(request, too_large=TOO_LARGE))
        known("a batch", members, ("token", "source", "mutations"))
        if ("token" in members) == ("source" in members):
            raise RequestError('Send exactly one of "token" and "source", beside "mutations".')
        groups = check_groups(members.get("mutations"))
        source = (
            parse_jws(members["token"]) if "token" in members else _made(forge, forge.here(request), members["source"])
        )
        check_size(source, MAX_SOURCE, "The source token is larger than 64 KiB.")
        return JsonResponse(mutate(source, groups), headers={"Cache-Control": "no-store"})

    return Feature(routes=[Route(PATH, respond, methods=["POST"])])


def _made(forge: Forge, here: Here, source: Any) -> Jws:
    known("source", json_object("source", source), SOURCE)
    body: Mapping[str, Any] = json_object("source.body", source.get("body", {}))
    for name in body:
        if name in SWALLOWED:
            raise RequestError(f'"source.body.{name}" is an option and no claim: put it into "source".')
    return parse_jws(forge.issue(here, {"body": {}, **source})["access_token"])
