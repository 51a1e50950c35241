"""Canonical base64url and strict JSON: one text for one value, so that what was signed is what is read.

Every JOSE library for Python accepts more than this (duplicate names, NaN, stray padding bits), and each leniency
has been somebody's bypass.
"""

import json
import math
from typing import Any, Final, NoReturn

import msgspec
from pybase64 import b64decode

# As numbers, which are looked for in bytes many times as fast as texts.
_PLUS, _SLASH, _EQUALS, _OPENS_LIST, _OPENS_OBJECT = b"+/=[{"
# What is missing at the end, by the length's remainder of 4, and which characters leave no unused bit there that is not zero.
# A remainder of 1 is nobody's encoding.
_PADDING: Final = (b"", b"", b"==", b"=")
_LAST: Final = (b"", b"", b"AQgw", b"AEIMQUYcgkosw048")
# Objects and lists within each other; no token and no key set needs half of it.
_DEEPEST: Final = 32


class Malformed(ValueError):
    """The text is not what the format allows. The message never quotes it."""


def base64url_decode(segment: bytes) -> bytes:
    """The bytes behind canonical, unpadded base64url (RFC 7515, section 2). Raises Malformed for any other text."""
    # The library knows the other alphabet and padding as well; they are not base64url's.
    if _PLUS in segment or _SLASH in segment or _EQUALS in segment:
        raise Malformed("a character outside the base64url alphabet")
    remainder = len(segment) & 3
    # One text for one value.
    if remainder and segment[-1] not in _LAST[remainder]:
        raise Malformed("base64url that is not canonical")
    try:
        return b64decode(segment + _PADDING[remainder], b"-_", True)
    except ValueError:
        raise Malformed("a character outside the base64url alphabet") from None


def parse_json_object(data: bytes) -> dict[str, Any]:
    """The JSON object in `data`: UTF-8, unique names, finite numbers, whole characters, nothing after it (RFC 7519, section 4).

    Raises Malformed, also for what is nested deeper than 32.
    """
    value: dict[str, Any] | None = None
    try:
        # What a fast decoder has read and its encoder writes in the very same bytes has one reading alone: a name that stands
        # twice, NaN, or half a character would not come out again. So it is with nearly all tokens: no white space, no escapes.
        plain = _decode(data)
        if type(plain) is dict and _encode(plain) == data:
            value = plain
    except (msgspec.MsgspecError, ValueError, RecursionError):
        pass
    if value is None:
        value = _parse_strictly(data)
    if data.count(_OPENS_LIST) + data.count(_OPENS_OBJECT) > _DEEPEST:
        _check_depth(value)
    return value


def _parse_strictly(data: bytes) -> dict[str, Any]:
    """The same for every text."""
    try:
        text = data.decode("utf-8")
        value = _DECODER.decode(text)
    except Malformed:
        raise
    except (ValueError, RecursionError) as error:  # RecursionError: a depth bomb; ValueError: also a 5,000-digit number
        raise Malformed(f"not JSON in UTF-8 ({type(error).__name__})") from None
    if not isinstance(value, dict):
        raise Malformed("JSON that is not an object")
    if "\\u" in text:
        _check_whole_characters(value)
    return value


def _object_of_unique_names(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    names = dict(pairs)
    if len(names) != len(pairs):
        raise Malformed("an object with the same name twice")
    return names


def _refuse_constant(_: str) -> NoReturn:
    raise Malformed("NaN or Infinity, which JSON does not have")


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise Malformed("a number too large to hold")
    return number


def _check_depth(value: dict[str, Any]) -> None:
    """Refuse a depth bomb whatever this Python makes of it: 3.11 gives up after a thousand levels, 3.13 after ten thousand."""
    level: list[Any] = [value]
    for _ in range(_DEEPEST + 1):
        inner = [part for one in level for part in (one.values() if isinstance(one, dict) else one)]
        level = [part for part in inner if isinstance(part, dict | list)]
        if not level:
            return
    raise Malformed(f"an object nested deeper than {_DEEPEST}")


def _check_whole_characters(value: object) -> None:
    """Refuse half a surrogate pair: it would be accepted here and fail later, wherever the text is encoded."""
    try:
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    except (UnicodeEncodeError, RecursionError):
        raise Malformed("half a surrogate pair") from None


_decode: Final = msgspec.json.Decoder().decode
_encode: Final = msgspec.json.Encoder().encode
_DECODER: Final = json.JSONDecoder(
    object_pairs_hook=_object_of_unique_names, parse_constant=_refuse_constant, parse_float=_finite
)
