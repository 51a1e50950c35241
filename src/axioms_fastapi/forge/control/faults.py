"""`GET`, `PUT` and `DELETE /faults/...`: what goes wrong with an issuer's documents."""

from dataclasses import asdict
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ..bodies import read_object
from ..errors import RequestError
from ..faults import DOCUMENTS, Fault
from ..features import Feature
from ..forge import Forge
from ..issuers import ForgeIssuer
from ..options import Option, json_object, known, shown, text
from ..strict_json import JsonResponse

LONGEST = 60
"""Seconds that a delay may last."""
LARGEST = 64 * 1024 * 1024
"""Bytes of a body with all its repetitions."""


def _between(least: int, most: int, *, whole: bool = True) -> Option:
    def check(name: str, value: Any) -> Any:
        number: float = value if isinstance(value, int | float) and not isinstance(value, bool) else least - 1
        if least <= number <= most and (isinstance(number, int) or not whole):
            return value
        raise RequestError(f'"{name}" must be a number from {least} to {most}, not {shown(value)}.')

    return Option(check)


def _field(name: str, value: Any) -> str:
    # A header with a line break would be two; uvicorn would refuse it when it is too late to say why.
    if isinstance(value, str) and value and value.isascii() and value.isprintable():
        return value
    raise RequestError(f'"{name}" must be the text of a header, not {shown(value)}.')


def _body(name: str, value: Any) -> str:
    return "" if value == "" else text(name, value)


def _headers(name: str, value: Any) -> dict[str, str]:
    for header, written in json_object(name, value).items():
        if not header.replace("-", "").isalnum() or not header.isascii():
            raise RequestError(f'"{name}" has {shown(header)}, which is no name of a header.')
        _field(f"{name}.{header}", written)
    return dict(value)


MEMBERS = {
    "status": _between(200, 599),
    "delay": _between(0, LONGEST, whole=False),
    "drip": _between(0, LONGEST, whole=False),
    "redirect": Option(_field),
    "body": Option(_body),
    "repeat": _between(1, LARGEST),
    "content_type": Option(_field),
    "etag": Option(_field),
    "cache_control": Option(_field),
    "headers": Option(_headers),
    "times": _between(1, 10**6),
}


def feature(forge: Forge) -> Feature:
    """The faults of the issuer that the path belongs to."""

    async def show(request: Request) -> Response:
        return _faults(forge.here(request).issuer)

    async def put(request: Request) -> Response:
        document, members = _document(request), await read_object(request)
        known("a fault", members, MEMBERS)
        fault = Fault(**{name: MEMBERS[name].check(name, value) for name, value in members.items()})
        if fault.repeat * len(fault.body or "") > LARGEST:
            raise RequestError(f'"repeat" would make a body of more than {LARGEST} bytes.')
        issuer = forge.here(request).issuer
        issuer.faults[document] = fault
        return _faults(issuer)

    async def delete(request: Request) -> Response:
        issuer = forge.here(request).issuer
        del issuer.faults[_document(request)]
        return _faults(issuer)

    async def clear(request: Request) -> Response:
        issuer = forge.here(request).issuer
        issuer.faults.clear()
        return _faults(issuer)

    return Feature(
        routes=[
            Route("/faults", show),
            Route("/faults", clear, methods=["DELETE"]),
            Route("/faults/{document}", put, methods=["PUT"]),
            Route("/faults/{document}", delete, methods=["DELETE"]),
        ]
    )


def _document(request: Request) -> str:
    name: str = request.path_params["document"]
    if name in DOCUMENTS:
        return name
    raise RequestError(
        f"The documents that can have a fault are {', '.join(DOCUMENTS)}.", error="not_found", status=404
    )


def _faults(issuer: ForgeIssuer) -> Response:
    return JsonResponse({name: asdict(issuer.faults[name]) for name in issuer.faults})
