"""Clients whose requests carry real tokens through the application's own verifier."""

import copy
from collections.abc import Iterable
from typing import Any, Self, TypeVar

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from ..attack.gun import answer_of, beside_nobody
from ..attack.verdict import Outcome, expected_of, judge, or_nobody
from ..core.errors import ConfigurationError
from ..forge.hostile import Credentials, Hostile, NotPossible
from .canary import Canary
from .trust import Trust

_Client = TypeVar("_Client", "AxiomsClient", "AxiomsAsyncClient")


class _Bearing:
    """What both clients know: whom the application trusts, and how its tokens are sent."""

    trust: Trust
    canary: Canary

    def token(
        self,
        sub: str = "user123",
        *,
        scopes: Iterable[str] = (),
        roles: Iterable[str] = (),
        permissions: Iterable[str] = (),
        **claims: Any,
    ) -> str:
        """A token that the application accepts, with these claims; `iss` chooses one of its issuers."""
        return self.trust.token(sub, scopes=scopes, roles=roles, permissions=permissions, **claims)

    def _headers_of(self, credentials: Credentials) -> list[tuple[bytes, bytes]]:
        name = self.trust.axioms.token_header
        if name == b"authorization":
            return [(name, value) for value in credentials.values]
        if credentials.token is None:
            raise NotPossible("this application reads its token from another header than Authorization")
        return [(name, credentials.token.encode("utf-8"))]

    def _hostile_headers(self, hostile: Hostile, iss: str | None) -> list[tuple[bytes, bytes]]:
        """The headers of a hostile token; a token that means nothing to this application skips the test."""
        if not isinstance(hostile, Hostile):
            raise ConfigurationError(
                f"a {type(hostile).__name__} stands where the hostile token is due; write refuses(hostile_token, '/path')"
            )
        try:
            return self._headers_of(hostile.credentials(self.trust.world(self.canary.url, iss)))
        except NotPossible as reason:
            pytest.skip(str(reason))

    def _check(
        self, hostile: Hostile, response: httpx2.Response, nobodys: httpx2.Response | None = None
    ) -> httpx2.Response:
        """The answer is as it should be, and no URL of the token was called. Fails the test with a sentence.

        `nobodys` is the answer to the same request without a token, where this one is like none.
        """
        __tracebackhide__ = True
        secret = response.request.headers.get(self.trust.axioms.token_header.decode(), "")
        expectation = expected_of(hostile) if nobodys is None else or_nobody(expected_of(hostile))
        verdict = judge(expectation, answer_of(response), secret=secret)
        if nobodys is not None and response.is_success:
            verdict = beside_nobody(verdict, response, nobodys)
        if self.canary.was_called():
            pytest.fail(
                f"{hostile.name}: the application has called a URL of the token. {_reason(hostile)}", pytrace=False
            )
        if verdict.outcome is not Outcome.HELD:
            pytest.fail(f"{hostile.name}: {verdict.text}. {_reason(hostile)}", pytrace=False)
        return response


class AxiomsClient(TestClient, _Bearing):
    """Starlette's test client for an application that trusts the forge. By itself it sends no token."""

    __test__ = False

    def __init__(self, app: Starlette, trust: Trust, canary: Canary, **options: Any) -> None:
        super().__init__(app, **options)
        self.trust = trust
        self.canary = canary
        self._origin = self
        self._entered = False

    def as_(
        self,
        sub: str = "user123",
        *,
        scopes: Iterable[str] = (),
        roles: Iterable[str] = (),
        permissions: Iterable[str] = (),
        **claims: Any,
    ) -> Self:
        """The same client, whose requests carry a token of this caller. The token is made now, and expires in an hour."""
        token = self.token(sub, scopes=scopes, roles=roles, permissions=permissions, **claims)
        return self._sending(self._headers_of(Credentials.bearing(token)))

    def sending(self, hostile: Hostile, *, iss: str | None = None) -> Self:
        """The same client, whose requests carry this hostile token; `iss` chooses the issuer that it is held against.

        Skips the test where it means nothing to the application.
        """
        return self._sending(self._hostile_headers(hostile, iss))

    def refuses(
        self,
        hostile: Hostile,
        path: str,
        method: str = "GET",
        *,
        iss: str | None = None,
        optional: bool = False,
        **request: Any,
    ) -> httpx2.Response:
        """The application refuses this hostile token on that path, with the answer that RFC 6750 asks for.

        Where a token is `optional`, as behind `optional_auth`, a header of another scheme is no token, and may be served as
        nobody: the request is made once more without it then, and has to get the same answer.
        Fails the test with a sentence where the application does otherwise, and where it has called a URL of the token.
        """
        __tracebackhide__ = True
        response = self.sending(hostile, iss=iss).request(method, path, **request)
        is_like_none = optional and _is_of_another_scheme(response.request)
        return self._check(hostile, response, _nobody(self).request(method, path, **request) if is_like_none else None)

    def _sending(self, headers: list[tuple[bytes, bytes]]) -> Self:
        # A copy shares transport, portal and lifespan state: what the application began with belongs to all its callers.
        twin = copy.copy(self)
        twin.headers = httpx2.Headers([*_without(self.headers, headers), *headers])
        twin.cookies = self.cookies
        twin._entered = False
        return twin

    def __enter__(self) -> Self:
        """The application has started, once for all clients that come from one."""
        if self._origin.portal is None:
            TestClient.__enter__(self._origin)
            self._entered = True
        return self

    def __exit__(self, *args: Any) -> None:
        """The application stops where this client has started it."""
        if self._entered:
            self._entered = False
            TestClient.__exit__(self._origin, *args)


class AxiomsAsyncClient(httpx2.AsyncClient, _Bearing):
    """An asynchronous client for an application that trusts the forge. By itself it sends no token, and it starts no lifespan."""

    def __init__(self, app: Starlette, trust: Trust, canary: Canary, **options: Any) -> None:
        super().__init__(transport=httpx2.ASGITransport(app), **{"base_url": "http://testserver", **options})
        self._app = app
        self._options = options
        self.trust = trust
        self.canary = canary

    def as_(
        self,
        sub: str = "user123",
        *,
        scopes: Iterable[str] = (),
        roles: Iterable[str] = (),
        permissions: Iterable[str] = (),
        **claims: Any,
    ) -> Self:
        """The same client, whose requests carry a token of this caller. The token is made now, and expires in an hour."""
        token = self.token(sub, scopes=scopes, roles=roles, permissions=permissions, **claims)
        return self._sending(self._headers_of(Credentials.bearing(token)))

    def sending(self, hostile: Hostile, *, iss: str | None = None) -> Self:
        """The same client, whose requests carry this hostile token; `iss` chooses the issuer that it is held against.

        Skips the test where it means nothing to the application.
        """
        return self._sending(self._hostile_headers(hostile, iss))

    async def refuses(
        self,
        hostile: Hostile,
        path: str,
        method: str = "GET",
        *,
        iss: str | None = None,
        optional: bool = False,
        **request: Any,
    ) -> httpx2.Response:
        """See AxiomsClient.refuses."""
        __tracebackhide__ = True
        response = await self.sending(hostile, iss=iss).request(method, path, **request)
        is_like_none = optional and _is_of_another_scheme(response.request)
        nobodys = await _nobody(self).request(method, path, **request) if is_like_none else None
        return self._check(hostile, response, nobodys)

    def _sending(self, headers: list[tuple[bytes, bytes]]) -> Self:
        twin = type(self)(self._app, self.trust, self.canary, **self._options)
        twin.headers = httpx2.Headers([*_without(self.headers, headers), *headers])
        twin.cookies = self.cookies
        return twin


def _nobody(client: _Client) -> _Client:
    """The same client, whose requests carry no token."""
    twin = client._sending([])
    twin.headers.pop("authorization", None)
    return twin


def _is_of_another_scheme(request: httpx2.Request) -> bool:
    values = tuple(value for name, value in request.headers.raw if name.lower() == b"authorization")
    return Credentials(values).are_of_another_scheme


def _without(known: httpx2.Headers, added: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    names = {name.lower() for name, _ in added}
    return [(name, value) for name, value in known.raw if name.lower() not in names]


def _reason(hostile: Hostile) -> str:
    return f"{hostile.why} ({hostile.section})"
