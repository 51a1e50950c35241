"""What goes wrong with the documents of an issuer, on demand: for tests of what an application does about it."""

from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass, field, replace

import anyio
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

JWKS = "jwks"
DISCOVERY = "openid-configuration"
DOCUMENTS = (JWKS, DISCOVERY)
"""The documents that can have a fault, by the names that `Faults` and `/faults/...` know them by."""

CHUNK = 64
"""Bytes of a piece of a dripping body."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What happens in place of the plain answer; whatever is not named stays as it was.

    `delay` is the seconds before the answer begins, `drip` those between pieces of 64 bytes of it. `redirect` is the
    URL of a 302, or of the 3xx that `status` says. `body` replaces the document, with `repeat` as often as it says.
    `headers` are set last. With `etag`, a request that names it gets a 304. `times` is how many answers have the fault
    until the document is well again; None is for ever.
    """

    status: int | None = None
    delay: float = 0.0
    drip: float = 0.0
    redirect: str | None = None
    body: str | None = None
    repeat: int = 1
    content_type: str | None = None
    etag: str | None = None
    cache_control: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    times: int | None = None

    async def answer(self, request: Request, document: Response) -> Response:
        """The answer that a request gets in place of this one."""
        await anyio.sleep(self.delay)
        headers = dict(document.headers) | {name.lower(): value for name, value in self._own_headers().items()}
        headers.pop("content-length", None)
        if self.etag is not None and request.headers.get("if-none-match") == self.etag:
            return Response(status_code=304, headers={**headers, **self.headers})
        content = (
            bytes(document.body) if self.body is None else self.body.encode("utf-8", "surrogatepass") * self.repeat
        )
        status = self.status or (302 if self.redirect else document.status_code)
        headers |= {name.lower(): value for name, value in self.headers.items()}
        if self.drip:
            return StreamingResponse(_dripping(content, self.drip), status, headers=headers)
        return Response(content, status, headers=headers)

    def _own_headers(self) -> dict[str, str]:
        named = {
            "content-type": self.content_type,
            "etag": self.etag,
            "cache-control": self.cache_control,
            "location": self.redirect,
        }
        return {name: value for name, value in named.items() if value is not None}


async def _dripping(content: bytes, seconds: float) -> AsyncIterator[bytes]:
    for start in range(0, len(content), CHUNK):
        yield content[start : start + CHUNK]
        await anyio.sleep(seconds)


class Faults:
    """The faults of one issuer's documents: `faults["jwks"] = Fault(status=500)`."""

    def __init__(self) -> None:
        self._faults: dict[str, Fault] = {}

    def __setitem__(self, document: str, fault: Fault) -> None:
        if document not in DOCUMENTS:
            raise KeyError(f"{document!r} is no document that can have a fault: {', '.join(DOCUMENTS)}")
        self._faults[document] = fault

    def __getitem__(self, document: str) -> Fault:
        return self._faults[document]

    def __delitem__(self, document: str) -> None:
        self._faults.pop(document, None)

    def __iter__(self) -> Iterator[str]:
        return iter(self._faults)

    def clear(self) -> None:
        """All documents are well again."""
        self._faults.clear()

    async def answer(self, name: str, request: Request, document: Response) -> Response:
        """The answer for a document, with its fault if it has one; a fault that counts counts this answer."""
        fault = self._faults.get(name)
        if fault is None:
            return document
        if fault.times is not None:
            if fault.times <= 1:
                del self._faults[name]
            else:
                self._faults[name] = replace(fault, times=fault.times - 1)
        return await fault.answer(request, document)
