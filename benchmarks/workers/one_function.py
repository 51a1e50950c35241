"""A guard that is one function: what the structure of this library costs, and how far Python can go without any.

It does for a usual token what a cold verification does, in one go: no call that is not a library's, no principal, no memory, no
policy, no reason for a refusal, and one key for ever. It is here to be measured, and fit for nothing else.
"""

import time
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
from fastapi.security import SecurityScopes
from pybase64 import b64decode
from starlette.requests import HTTPConnection

from benchmarks.workers.given import Given
from benchmarks.workers.verification import raw_check

_PADDING = (b"", b"", b"==", b"=")
_LAST = (b"", b"", b"AQgw", b"AEIMQUYcgkosw048")
_TYPES = frozenset({"at+jwt", "JWT"})
_OF_OTHER_KINDS = frozenset({"at_hash", "c_hash", "s_hash", "events", "token_use", "typ", "cnf"})
_NUMBERS = frozenset({int, float})

Guard = Callable[[HTTPConnection, SecurityScopes], Awaitable[dict[str, Any]]]


def one_function(given: Given) -> Guard:
    """The guard. Whatever it does not know is an AssertionError."""
    _, check = raw_check(given, "RS256")
    decode, encode = msgspec.json.Decoder().decode, msgspec.json.Encoder().encode
    headers: dict[bytes, dict[str, Any]] = {}
    issuer, audience = given.issuer, given.audience
    plus, slash, equals, opens_list, opens_object = b"+/=[{"

    async def guard(connection: HTTPConnection, security_scopes: SecurityScopes) -> dict[str, Any]:
        sent = [value for name, value in connection.scope["headers"] if name == b"authorization"]
        assert len(sent) == 1
        assert sent[0].startswith(b"Bearer ")
        assert len(sent[0]) < 16384
        token = sent[0][7:]
        header_segment, payload_segment, signature_segment = token.split(b".", 3)
        header = headers.get(header_segment)
        if header is None:
            header = headers[header_segment] = decode(b64decode(header_segment + b"==", b"-_"))
        for segment in (payload_segment, signature_segment):
            assert plus not in segment
            assert slash not in segment
            assert equals not in segment
            assert not len(segment) & 3 or segment[-1] in _LAST[len(segment) & 3]
        payload = b64decode(payload_segment + _PADDING[len(payload_segment) & 3], b"-_", True)
        signature = b64decode(signature_segment + _PADDING[len(signature_segment) & 3], b"-_", True)
        claims: dict[str, Any] = decode(payload)
        assert encode(claims) == payload
        assert payload.count(opens_list) + payload.count(opens_object) < 33
        check((signature, token[: -1 - len(signature_segment)]))
        assert header["alg"] == "RS256"
        assert header["typ"] in _TYPES
        assert _OF_OTHER_KINDS.isdisjoint(claims)
        assert claims["iss"] == issuer
        assert claims["aud"] == audience
        assert type(claims["sub"]) is str
        assert type(claims["jti"]) is str
        now, expires, begins, issued = time.time(), claims["exp"], claims.get("nbf", 0), claims.get("iat", 0)
        assert type(expires) in _NUMBERS
        assert type(begins) in _NUMBERS
        assert type(issued) in _NUMBERS
        assert now - 30 < expires
        assert begins <= now + 30
        assert issued <= now + 30
        return claims

    return guard
