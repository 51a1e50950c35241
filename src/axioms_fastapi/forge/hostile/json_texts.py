"""Headers and payloads that are no proper JSON object, each of them signed by the issuer: one text must have one meaning."""

from collections.abc import Callable
from functools import partial
from typing import Any, Final

from .compact import to_json
from .recipe import Category, Recipes
from .world import World

JSON_TEXTS: Final = Recipes(Category.JSON, "RFC 7515, sections 4 and 5.2; RFC 7519, sections 4 and 7.2")

_TWICE: Final = "RFC 7515, section 4; RFC 7519, section 4"

Change = Callable[[bytes], bytes]


def _header(world: World, change: Change) -> str:
    return world.raw(header=change(to_json(world.header)))


def _payload(world: World, change: Change) -> str:
    return world.raw(payload=change(world.payload()))


def _with_member(text: bytes, member: bytes) -> bytes:
    """The object with one more member at its end, whatever its name is."""
    return text[:-1] + b"," + member + b"}"


def _after(text: bytes, member: bytes) -> bytes:
    """The object with one more member at its beginning."""
    return b"{" + member + b"," + text[1:]


def _number(world: World, name: str, digits: bytes) -> str:
    """A token with a number that Python would not write."""
    return world.raw(payload=_with_member(world.payload(omit=[name]), f'"{name}":'.encode() + digits))


def _twice(world: World, name: str, value: Any) -> str:
    """A token with a claim twice: as it should be at the end, and something else before it."""
    good = world.payload() if name in world.claims else world.payload({name: "read"})
    return world.raw(payload=_after(good, to_json({name: value})[1:-1]))


def _nested(depth: int) -> bytes:
    return b'"deep":' + b"[" * depth + b"]" * depth


def _utf16(text: bytes) -> bytes:
    return text.decode().encode("utf-16")


_TEXTS: Final[dict[str, tuple[str, Change]]] = {
    "array": ("is an array", lambda text: b"[" + text + b"]"),
    "text": ("is a text", lambda _: b'"token"'),
    "null": ("is null", lambda _: b"null"),
    "number": ("is a number", lambda _: b"7"),
    "followed-by-more": ("is an object with more behind it", lambda text: text + b'{"sub":"admin"}'),
    "with-a-byte-order-mark": ("begins with a byte order mark", lambda text: b"\xef\xbb\xbf" + text),
    "in-utf16": ("is in UTF-16", _utf16),
    "with-invalid-utf8": ("has bytes that are no UTF-8", partial(_with_member, member=b'"x":"\xff\xfe"')),
    "with-overlong-utf8": (
        "spells a letter in more bytes than it needs",
        partial(_with_member, member=b'"x":"\xc1\x81"'),
    ),
    "with-half-a-surrogate": ("has half a character", partial(_with_member, member=b'"x":"\\ud800"')),
    "with-a-comment": ("has a comment in it", lambda text: text[:-1] + b"/* */}"),
    "with-a-trailing-comma": ("has a comma too many", lambda text: text[:-1] + b",}"),
    "in-single-quotes": ("is in single quotes, as Python writes it", lambda text: text.replace(b'"', b"'")),
    "very-deep": ("is nested deeper than any reader can follow", partial(_with_member, member=_nested(3000))),
    "cut-short": ("ends in the middle", lambda text: text[:-3]),
}

for _name, (_what, _change) in _TEXTS.items():
    JSON_TEXTS.add(f"header-{_name}", f"Its header {_what}.", partial(_header, change=_change))
    JSON_TEXTS.add(f"payload-{_name}", f"Its payload {_what}.", partial(_payload, change=_change))
for _name, _member, _what in (
    ("alg", b'"alg":"none"', "its algorithm"),
    ("kid", b'"kid":"attacker"', "its kid"),
    ("typ", b'"typ":"logout+jwt"', "its type"),
):
    JSON_TEXTS.add(
        f"header-with-{_name}-twice",
        f"Its header says {_what} twice, and who reads the first and who reads the last read two tokens.",
        partial(_header, change=partial(_after, member=_member)),
        section=_TWICE,
    )
for _claim, _value, _what in (
    ("sub", "admin", "whose it is"),
    ("exp", 1, "when it expires"),
    ("iss", "https://attacker.example.com", "who issued it"),
    ("aud", "https://other.example.com", "whom it is for"),
    ("scope", "nothing", "what it allows"),
):
    JSON_TEXTS.add(
        f"payload-with-{_claim}-twice",
        f"Its payload says {_what} twice, and who reads the first and who reads the last read two tokens.",
        partial(_twice, name=_claim, value=_value),
        section=_TWICE,
    )
JSON_TEXTS.add(
    "payload-with-a-nested-name-twice",
    "An object within its payload has a name twice.",
    partial(_payload, change=partial(_with_member, member=b'"realm_access":{"roles":["user"],"roles":["admin"]}')),
    section=_TWICE,
)
for _name, _claim, _digits, _what in (
    ("exp-nan", "exp", b"NaN", "It expires at NaN, which is neither before nor after any moment."),
    ("exp-infinity", "exp", b"Infinity", "It never expires."),
    ("exp-1e400", "exp", b"1e400", "It expires at a number that becomes an infinity when it is read."),
    ("exp-of-5000-digits", "exp", b"9" * 5000, "It expires at a number that takes long to read."),
    ("exp-2-to-the-64", "exp", b"18446744073709551616", "It expires at a number that not every reader can hold."),
    ("nbf-minus-infinity", "nbf", b"-Infinity", "It has been valid for ever."),
    ("nan-in-another-claim", "level", b"NaN", "A claim that nobody may look at is NaN, which JSON does not have."),
):
    JSON_TEXTS.add(
        _name, _what, partial(_number, name=_claim, digits=_digits), section="RFC 7519, section 2; RFC 8259, section 6"
    )
