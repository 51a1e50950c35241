"""Canonical base64url and strict JSON: one text for one value, so that what was signed is what is read.

Every JOSE library for Python accepts more than this (duplicate names, NaN, stray padding bits), and each leniency
has been somebody's bypass.
"""

import binascii
import json
import math
from typing import Any, Final, NoReturn

_URLSAFE = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
_TO_STANDARD = bytes.maketrans(b"-_", b"+/")
# The last character of an unpadded text carries unused bits, which must be zero: otherwise several texts give one value.
_LAST_OF_TWO = frozenset(b"AQgw")
_LAST_OF_THREE = frozenset(b"AEIMQUYcgkosw048")
# Objects and lists within each other; no token and no key set needs half of it.
_DEEPEST: Final = 32


class Malformed(ValueError):
    """The text is not what the format allows. The message never quotes it."""


def base64url_decode(segment: bytes) -> bytes:
    """The bytes behind canonical, unpadded base64url (RFC 7515, section 2). Raises Malformed for any other text."""
    if segment.translate(None, _URLSAFE):
        raise Malformed("a character outside the base64url alphabet")
    rest = len(segment) % 4
    if (
        rest == 1
        or (rest == 2 and segment[-1] not in _LAST_OF_TWO)
        or (rest == 3 and segment[-1] not in _LAST_OF_THREE)
    ):
        raise Malformed("base64url that is not canonical")
    return binascii.a2b_base64(segment.translate(_TO_STANDARD) + b"=" * (-len(segment) % 4))


def parse_json_object(data: bytes) -> dict[str, Any]:
    """The JSON object in `data`: UTF-8, unique names, finite numbers, whole characters, nothing after it (RFC 7519, section 4).

    Raises Malformed.
    """
    try:
        text = data.decode("utf-8")
        value = _DECODER.decode(text)
    except Malformed:
        raise
    except (ValueError, RecursionError) as error:  # RecursionError: a depth bomb; ValueError: also a 5,000-digit number
        raise Malformed(f"not JSON in UTF-8 ({type(error).__name__})") from None
    if not isinstance(value, dict):
        raise Malformed("JSON that is not an object")
    if text.count("[") + text.count("{") > _DEEPEST:
        _check_depth(value)
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


_DECODER = json.JSONDecoder(
    object_pairs_hook=_object_of_unique_names, parse_constant=_refuse_constant, parse_float=_finite
)
