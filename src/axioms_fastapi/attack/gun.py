"""One request, and what it came to."""

import time
from collections.abc import Iterable, Mapping
from typing import Any, Final

import httpx2

from .canary import Canary
from .document import Operation
from .report import Result
from .shots import Header, Shot
from .target import AttackError
from .verdict import Answer, Outcome, Verdict, judge

# More of an answer's body is not looked at.
_LONGEST_TEXT: Final = 64 * 1024


class Gun:
    """Sends requests to one API: no proxies, no redirects, and no cookie of one answer in the next request."""

    def __init__(self, target: str, timeout: float) -> None:
        self.timeout = timeout
        self.client = httpx2.AsyncClient(base_url=target, timeout=timeout, follow_redirects=False, trust_env=False)

    async def call(
        self,
        operation: Operation,
        headers: Iterable[Header],
        objects: Mapping[str, Any],
        query: Mapping[str, str] | None = None,
    ) -> httpx2.Response:
        """The answer to a call of the operation. Raises AttackError where nobody listens, and what httpx2 raises besides."""
        own = [(name.encode("ascii"), value.encode("utf-8")) for name, value in operation.headers.items()]
        request = self.client.build_request(
            operation.method,
            operation.url(objects),
            params={**operation.query, **(query or {})},
            headers=[*own, *headers],
            json=operation.body,
        )
        try:
            response = await self._send(request)
        except httpx2.ConnectError:
            raise AttackError(f"nobody listens at {self.client.base_url}: is the API running?") from None
        self.client.cookies.clear()
        return response

    async def _send(self, request: httpx2.Request) -> httpx2.Response:
        try:
            return await self.client.send(request)
        except (httpx2.RemoteProtocolError, httpx2.ReadError, httpx2.WriteError):
            # A connection that was kept may have been given up by the server meanwhile; a fresh one that breaks off is its fault.
            return await self.client.send(request)

    async def fire(self, operation: Operation, shot: Shot, objects: Mapping[str, Any], canary: Canary) -> Result:
        """What the shot came to. Whoever calls the canary meanwhile has called a URL of this shot, if no other is on its way."""
        called, started = canary.calls, time.perf_counter()
        status = None
        try:
            response = await self.call(operation, shot.headers, objects, shot.query)
            status = response.status_code
            verdict = judge(shot.expectation, answer_of(response), secret=shot.secret)
            if shot.is_of_another_scheme and response.is_success and verdict.outcome is Outcome.HELD:
                verdict = beside_nobody(verdict, response, await self.call(operation, (), objects, shot.query))
        except httpx2.LocalProtocolError:
            verdict = Verdict(Outcome.NOT_FIRED, "HTTP cannot carry it")
        except httpx2.TimeoutException:
            verdict = Verdict(Outcome.FAULT, f"no answer within {self.timeout:g} seconds")
        except httpx2.TransportError as error:
            verdict = Verdict(Outcome.FAULT, f"the connection broke off without an answer ({type(error).__name__})")
        if canary.calls > called:
            verdict = Verdict(Outcome.FAULT, "the API has called a URL of the token")
        return Result(
            shot.name,
            shot.group,
            verdict.outcome,
            shot.expectation.words,
            status,
            verdict.text,
            shot.why,
            shot.section,
            time.perf_counter() - started,
        )


def beside_nobody(verdict: Verdict, response: httpx2.Response, nobodys: httpx2.Response) -> Verdict:
    """The verdict on an answer to what is like no token, beside the answer to nothing: they are one, or somebody was served."""
    if (response.status_code, response.content) == (nobodys.status_code, nobodys.content):
        return verdict
    return Verdict(
        Outcome.UNCLEAR, f"answered {response.status_code}, and otherwise than nobody: it may be taken for somebody"
    )


def answer_of(response: httpx2.Response) -> Answer:
    """What of a response is judged."""
    return Answer(
        status=response.status_code,
        challenges=tuple(response.headers.get_list("www-authenticate")),
        has_retry_after="retry-after" in response.headers,
        text="\n".join([response.text[:_LONGEST_TEXT], *response.headers.values()]),
    )
