"""RFC 6750, section 2: where a token is taken from, and what of a header is one."""

import socket
import time

import pytest

from conformance.door import Door, ask, bearer
from serving import serving


def header(door: Door, value: bytes) -> list[tuple[bytes, bytes]]:
    """The Authorization header of a value in which `T` stands for a good token."""
    return [(b"authorization", value.replace(b"T", door.token().encode()))]


@pytest.mark.conformance("1", "2", "3", "A51")
@pytest.mark.parametrize(
    "value",
    [b"Bearer T", b"bearer T", b"BEARER T", b"bEaReR T", b"Bearer  T", b"Bearer      T", b" Bearer T", b"Bearer T  "],
    ids=repr,
)
def test_accepted_header(door: Door, value: bytes) -> None:
    """A token is accepted after the scheme in any case, and one or more spaces (RFC 9110, section 11.4)."""
    assert ask(door.app, [(b"authorization", value.replace(b"T", door.token().encode()))]).status == 200
    door.tally["accepted"] += 1


@pytest.mark.conformance("3", "17", "A50", "A51")
@pytest.mark.parametrize(
    "value",
    [
        b"Bearer",
        b"Bearer ",
        b"Bearer\tT",
        b"Bearer \tT",
        b"Bearer T x",
        b"Bearer T T",
        b"Bearer T, Bearer T",
        b"Bearer T,T",
        b"Bearer Bearer T",
        b"Bearer T\x00",
        b"Bearer\x00 T",
        b"Bearer T\r\n x",
        b"Bearer T\xff",
        b"Bearer \xc3\xa9",
        b"Bearer =",
        b"Bearer T=T",
        b"Bearer,T",
        b"Bearer=T",
        b"bearer:T",
        b'Bearer "T"',
        b"Bearer T;",
        b"Bearer token=T",
    ],
    ids=repr,
)
def test_malformed_header(door: Door, value: bytes) -> None:
    """What is no b64token after the scheme is a 400 (section 2.1), whatever else the header holds."""
    door.refuses(header(door, value), status=400, error="invalid_request")


@pytest.mark.conformance("4", "13")
@pytest.mark.parametrize(
    "value",
    [
        b"",
        b" ",
        b"T",
        b"Basic YTpi",
        b"Token T",
        b"JWT T",
        b"DPoP T",
        b"Negotiate T",
        b"Bearerx T",
        b"Bear er T",
        b"access_token=T",
    ],
    ids=repr,
)
def test_other_scheme(door: Door, value: bytes) -> None:
    """Another scheme is no bearer token: the challenge carries no error (section 3.1)."""
    door.refuses(header(door, value), status=401, error=None)


@pytest.mark.conformance("13")
def test_no_header(door: Door) -> None:
    """Without a header the answer says neither that a token is invalid nor which error it is."""
    answer = door.refuses(status=401, error=None)
    assert "invalid_token" not in answer.body.decode()


@pytest.mark.conformance("5", "6", "8", "A52")
@pytest.mark.parametrize(
    ("headers", "query", "body"),
    [
        ([], b"access_token=T", b""),
        ([], b"token=T&authorization=Bearer%20T", b""),
        ([(b"content-type", b"application/x-www-form-urlencoded")], b"", b"access_token=T"),
        ([(b"content-type", b"application/json")], b"", b'{"access_token": "T"}'),
        ([(b"cookie", b"access_token=T; Authorization=Bearer T")], b"", b""),
        ([(b"x-access-token", b"T")], b"", b""),
        ([(b"x-authorization", b"Bearer T")], b"", b""),
        ([(b"proxy-authorization", b"Bearer T")], b"", b""),
        ([(b"x-forwarded-authorization", b"Bearer T")], b"", b""),
        ([(b"sec-websocket-protocol", b"bearer, T")], b"", b""),
        ([(b"authorization ", b"Bearer T")], b"", b""),
        ([(b"AUTHORIZATION", b"Bearer T")], b"", b""),
    ],
    ids=repr,
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_elsewhere(door: Door, headers: list[tuple[bytes, bytes]], query: bytes, body: bytes, method: str) -> None:
    """A token in the query, the body, a cookie or another header is ignored (OAuth 2.1, section 5.1)."""
    token = door.token().encode()
    headers = [(name, value.replace(b"T", token)) for name, value in headers]
    door.refuses(
        headers,
        status=401,
        error=None,
        method=method,
        query=query.replace(b"T", token),
        body=body.replace(b"T", token),
    )


@pytest.mark.conformance("5")
def test_query_beside_header(door: Door) -> None:
    """With a good token in the header, one in the query changes nothing; with a bad one, neither does a good one."""
    assert ask(door.app, bearer(door.token()), query=b"access_token=bad").status == 200
    door.refuses(bearer("a.b.c"), status=401, error="invalid_token", query=b"access_token=" + door.token().encode())


@pytest.mark.conformance("7", "A50")
@pytest.mark.parametrize(
    "values",
    [
        (b"Bearer T", b"Bearer x"),
        (b"Bearer x", b"Bearer T"),
        (b"Bearer T", b"Bearer T"),
        (b"Bearer T", b"Basic x"),
        (b"", b"Bearer T"),
    ],
    ids=repr,
)
def test_two_headers(door: Door, values: tuple[bytes, bytes]) -> None:
    """Two Authorization headers are a 400, in any order: nobody can say which one counts (section 3.1)."""
    headers = [header(door, value)[0] for value in values]
    door.refuses(headers, status=400, error="invalid_request")


@pytest.mark.conformance("A50")
@pytest.mark.parametrize(
    "lines",
    [
        b"Authorization: Bearer T\r\nAuthorization: Bearer T\r\n",
        b"Authorization: Bearer T\x00\r\n",
        b"Authorization: Bearer T\xe9\r\n",
        b"Authorization : Bearer T\r\n",
        b"authorization: Bearer T, Bearer T\r\n",
    ],
    ids=repr,
)
def test_on_the_wire(door: Door, lines: bytes) -> None:
    """The same through a real server: a repeated or broken header line is a 400 or 401, and lets nobody in.

    A folded line is no such case: RFC 9112, section 5.2, lets the server put a space in its place, and uvicorn does.
    """
    with serving(door.app) as url:
        host, _, port = url.removeprefix("http://").partition(":")
        with socket.create_connection((host, int(port)), timeout=5) as connection:
            connection.sendall(
                b"GET / HTTP/1.1\r\nHost: api.example.com\r\nConnection: close\r\n"
                + lines.replace(b"T", door.token().encode())
                + b"\r\n"
            )
            deadline = time.monotonic() + 5
            answer = b""
            while chunk := connection.recv(65536):
                answer += chunk
                assert time.monotonic() < deadline
    assert answer.split(b" ", 2)[1] in {b"400", b"401"}, answer
    assert door.ran == []
    door.tally["refused"] += 1
