"""Canonical base64url and strict JSON."""

import base64
import sys

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


@pytest.mark.parametrize("number", [2**64, -(2**63) - 1, 10**400])
def test_large_integers(number: int) -> None:
    """An integer of any size that a token may hold is read as it is, though no machine word holds it."""
    assert parse_json_object(b'{"a":%d}' % number) == {"a": number}


@pytest.mark.parametrize("written", [b'{"a":"\\ud83d\\ude00","b":%b}', b'{"a":1,"b":%b}'], ids=["escapes", "plain"])
def test_every_depth_is_read_or_refused(written: bytes) -> None:
    """However deep a text nests, it is read or refused: what one step of the way can still hold, the next must not fail over."""
    for depth in range(sys.getrecursionlimit() - 150, sys.getrecursionlimit() + 10):
        try:
            assert set(parse_json_object(written % (b"[" * depth + b"]" * depth))) == {"a", "b"}
        except Malformed:
            continue


ALPHABET = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


def by_writing_again(segment: bytes) -> bytes | None:
    """The bytes behind a segment that comes out as it went in; None for any other text. Another library, and the slow way."""
    try:
        decoded = base64.b64decode(segment + b"=" * (-len(segment) % 4), b"-_", validate=True)
    except ValueError:
        return None
    return decoded if base64.urlsafe_b64encode(decoded).rstrip(b"=") == segment else None


def read(segment: bytes) -> bytes | None:
    try:
        return base64url_decode(segment)
    except Malformed:
        return None


@pytest.mark.parametrize("before", [b"", b"Q", b"QU", b"QUJ", b"QUJD", b"QUJD" * 40, b"QUJD" * 40 + b"Q"], ids=len)
def test_every_end(before: bytes) -> None:
    """Whatever byte a segment ends with, and whatever the one before, it is read where it is the only text of its value."""
    for last in range(256):
        for middle in (b"", b"A", b"_", b"=", b"!"):
            segment = before + middle + bytes((last,))
            assert read(segment) == by_writing_again(segment), segment


@pytest.mark.parametrize("foreign", [bytes((byte,)) for byte in range(256) if byte not in ALPHABET])
def test_nothing_is_passed_over(foreign: bytes) -> None:
    """A byte that is outside the alphabet is refused wherever it stands, and however many there are: none is skipped."""
    for many in (1, 2, 3, 4, 8, 64):
        for segment in (foreign * many + b"QUJD", b"QUJD" + foreign * many, b"QU" + foreign * many + b"JD"):
            assert read(segment) is None
            assert read(segment + b"QUJD" * 30) is None


@pytest.mark.parametrize(
    ("segment", "sentence"),
    [
        (b"QQ==", "a character outside the base64url alphabet"),
        (b"Q+", "a character outside the base64url alphabet"),
        (b"Q/", "a character outside the base64url alphabet"),
        (b"QU JD", "base64url that is not canonical"),
        (b"Q JD", "a character outside the base64url alphabet"),
        (b"QUJDR", "base64url that is not canonical"),
        (b"QU!=", "a character outside the base64url alphabet"),
        (b"QU!D", "a character outside the base64url alphabet"),
        (b"QR", "base64url that is not canonical"),
    ],
)
def test_why_no_base64url(segment: bytes, sentence: str) -> None:
    """What is wrong with a segment is said in a sentence, which the log shows."""
    with pytest.raises(Malformed) as error:
        base64url_decode(segment)
    assert str(error.value) == sentence


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"secret", "not JSON in UTF-8 (JSONDecodeError)"),
        (b'{"secret":"\xff"}', "not JSON in UTF-8 (UnicodeDecodeError)"),
        (b'{"secret":' + b"[" * 100_000, "not JSON in UTF-8 (RecursionError)"),
        (b'["secret"]', "JSON that is not an object"),
        (b'{"secret":1,"secret":2}', "an object with the same name twice"),
        (b'{"secret":NaN}', "NaN or Infinity, which JSON does not have"),
        (b'{"secret":1e999}', "a number too large to hold"),
        (b'{"secret":"\\ud800"}', "half a surrogate pair"),
    ],
    ids=lambda value: value[:20] if isinstance(value, bytes) else "",
)
def test_why_no_json_object(data: bytes, sentence: str) -> None:
    """What is wrong with a text is said in a sentence, which quotes nothing of it."""
    with pytest.raises(Malformed) as error:
        parse_json_object(data)
    assert str(error.value) == sentence
