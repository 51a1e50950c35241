"""Canonical base64url and strict JSON."""

import base64

import pytest

from axioms_fastapi.core.encoding import Malformed, base64url_decode, parse_json_object


@pytest.mark.parametrize("length", range(20))
def test_round_trip(length: int) -> None:
    """What was encoded canonically is decoded."""
    data = bytes(range(250, 250 - length, -1))
    assert base64url_decode(base64.urlsafe_b64encode(data).rstrip(b"=")) == data


@pytest.mark.parametrize(
    "segment",
    [b"QQ==", b"QQ=", b"QR", b"QUJ", b"Q", b"QUJDR", b"QU JD", b"QUJD\n", b"Q+==", b"QU/D", b"QU+D", b"\xff\xff"],
)
def test_not_canonical(segment: bytes) -> None:
    """Padding, white space, the other alphabet and stray bits are refused (RFC 7515, section 2)."""
    with pytest.raises(Malformed):
        base64url_decode(segment)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b"null",
        b'"x"',
        b"1",
        b"{} x",
        b'{"a":1,"a":1}',
        b'{"x":{"a":1,"a":2}}',
        b'{"a":1,"\\u0061":2}',
        b'{"a":NaN}',
        b'{"a":Infinity}',
        b'{"a":-Infinity}',
        b'{"a":1e400}',
        b'{"a":-1e400}',
        b'{"a":' + b"9" * 5000 + b"}",
        b'{"a":"\\ud800"}',
        b'{"\\udfff":1}',
        b'{"a":["\\uD800x"]}',
        b"\xef\xbb\xbf{}",
        b'{"a":"\xff"}',
        b'{"a":"\xed\xa0\x80"}',
        "{}".encode("utf-16"),
        b"{'a':1}",
        b'{"a":1,}',
        b'{"a":1}/**/',
        b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        b'{"a":' * 100_000,
        b'{"a":"\n"}',
    ],
    ids=lambda data: repr(data[:30]),
)
def test_refused_json(data: bytes) -> None:
    """Anything but one JSON object in UTF-8 with unique names, finite numbers and whole characters is refused."""
    with pytest.raises(Malformed):
        parse_json_object(data)


def test_accepted_json() -> None:
    """White space, escapes, surrogate pairs and nested values are JSON."""
    assert parse_json_object(b' {"a" : [1, -2.5, 1e3, true, null, "\\ud83d\\ude00\\n", {"b": {}}]} ') == {
        "a": [1, -2.5, 1000.0, True, None, "\U0001f600\n", {"b": {}}]
    }
