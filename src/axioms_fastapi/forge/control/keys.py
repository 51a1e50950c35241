"""`POST /keys/rotate`, `POST /keys/retire`, `PUT /keys/odd`: the life of an issuer's keys."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ..bodies import read_object
from ..errors import RequestError
from ..features import Feature
from ..forge import Forge
from ..issuers import ForgeIssuer
from ..odd_keys import ODD
from ..options import Option, flag, known, names, one_of, text
from ..signing import ALGORITHMS
from ..strict_json import JsonResponse

ROTATION = {"alg": Option(one_of(ALGORITHMS)), "kid": Option(text), "keep_old": Option(flag)}


def feature(forge: Forge) -> Feature:
    """Rotation, retirement, and odd keys in the set that is published."""
    keys = _Keys(forge)
    return Feature(
        routes=[
            Route("/keys", keys.show),
            Route("/keys/rotate", keys.rotate, methods=["POST"]),
            Route("/keys/retire", keys.retire, methods=["POST"]),
            Route("/keys/odd", keys.put_odd, methods=["PUT"]),
            Route("/keys/odd", keys.delete_odd, methods=["DELETE"]),
        ]
    )


class _Keys:
    def __init__(self, forge: Forge) -> None:
        self._forge = forge

    async def show(self, request: Request) -> Response:
        return _keys(self._forge.here(request).issuer)

    async def rotate(self, request: Request) -> Response:
        members = await read_object(request)
        known("a rotation", members, ROTATION)
        wanted: dict[str, Any] = {name: ROTATION[name].check(name, value) for name, value in members.items()}
        issuer = self._forge.here(request).issuer
        try:
            issuer.keys.rotate(**wanted)
        except ValueError as error:
            raise RequestError(f"{error}.") from None
        return _keys(issuer)

    async def retire(self, request: Request) -> Response:
        members = await read_object(request)
        known("a retirement", members, ("kid",))
        issuer = self._forge.here(request).issuer
        try:
            issuer.keys.retire(text("kid", members.get("kid")))
        except (LookupError, ValueError) as error:
            raise RequestError(f'"kid" cannot be retired: {error.args[0]}.') from None
        return _keys(issuer)

    async def put_odd(self, request: Request) -> Response:
        members = await read_object(request)
        known("odd keys", members, ("odd",))
        names("odd", members.get("odd"))
        issuer = self._forge.here(request).issuer
        issuer.odd_keys.set(*(one_of(ODD)("odd", name) for name in members["odd"]))
        return _keys(issuer)

    async def delete_odd(self, request: Request) -> Response:
        issuer = self._forge.here(request).issuer
        issuer.odd_keys.set()
        return _keys(issuer)


def _keys(issuer: ForgeIssuer) -> Response:
    # The first key of each algorithm signs; the others are there to verify what they signed.
    signing = {key.alg: key.kid for key in reversed(tuple(issuer.keys))}
    keys = [{"kid": key.kid, "alg": key.alg, "signs": signing[key.alg] == key.kid} for key in issuer.keys]
    return JsonResponse({"keys": keys, "odd": list(issuer.odd_keys.names)})
