"""One text for one token: padding, stray bits, spaces and spare segments are other texts (RFC 7515, section 2)."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Final

from .compact import segment, signature_of, to_json, with_signature, with_stray_bits
from .recipe import Category, Recipes
from .world import NotPossible, World

ENCODING: Final = Recipes(Category.ENCODING, "RFC 7515, sections 2 and 5.2")

# A header that holds such text is malformed itself (RFC 6750, section 2.1), so 400 is as right as 401.
_NO_BEARER_TOKEN: Final = (400, 401)
_AS_IT_IS: Final = "RFC 7515, section 7.1"

Change = Callable[[str], str]


def _rewritten(world: World, part: int, change: Change) -> str:
    """A good token with one segment rewritten. What is signed is the rewritten text, so that only the encoding is wrong."""
    segments = world.good.split(".")
    rewritten = change(segments[part])
    if rewritten == segments[part]:
        raise NotPossible("this segment has no stray bits")
    segments[part] = rewritten
    if part == 2:
        return ".".join(segments)
    text = ".".join(segments[:2])
    return f"{text}.{segment(world.signer.sign_text(text.encode('utf-8'), world.header['alg']))}"


def _padded(text: str) -> str:
    return text + "=" * (-len(text) % 4 or 4)


def _with_padding(world: World, part: int) -> str:
    return _rewritten(_with_room(world, part), part, _padded)


def _with_room(world: World, part: int) -> World:
    """The same world, in which the last character of this segment of a token has bits to spare."""
    if part == 0:
        header = {**world.header, "x": "x"}
        return replace(world, header=header if len(to_json(header)) % 3 else {**header, "x": "xx"})
    if part == 1:
        claims = {**world.claims, "jti": "xx"}
        return replace(world, claims=claims if len(to_json(claims)) % 3 else {**claims, "jti": "xxx"})
    return world  # signatures of 256 and of 64 bytes have them


def _with_stray_bits(world: World, part: int) -> str:
    return _rewritten(_with_room(world, part), part, with_stray_bits)


def _standard_alphabet(world: World) -> str:
    """A signature in the alphabet of plain base64, found among a few tokens that only differ in their id."""
    for number in range(20):
        token = world.token({"jti": f"alphabet-{number}"})
        text = token.rpartition(".")[2]
        if "-" in text and "_" in text:
            return f"{token.rpartition('.')[0]}.{text.replace('-', '+').replace('_', '/')}"
    raise NotPossible("no signature with both characters")


def _surrounded(world: World, form: str) -> str:
    return form.replace("T", world.good)


def _inserted(world: World, text: str) -> str:
    """A good token with a text in the middle of its signature."""
    start, _, signature = world.good.rpartition(".")
    return f"{start}.{signature[:10]}{text}{signature[10:]}"


for _part, _where in ((0, "header"), (1, "payload"), (2, "signature")):
    ENCODING.add(
        f"padded-{_where}",
        f"Its {_where} has padding, which tokens leave away.",
        partial(_with_padding, part=_part),
        statuses=_NO_BEARER_TOKEN if _part < 2 else (401,),
    )
    ENCODING.add(
        f"stray-bits-in-{_where}",
        f"The last character of its {_where} has bits that mean nothing: a second text of the same token.",
        partial(_with_stray_bits, part=_part),
    )
ENCODING.add(
    "plain-base64-signature", "Its signature is in the alphabet of plain base64, not of base64url.", _standard_alphabet
)
for _name, _what, _text, _statuses in (
    ("space-inside", "A space stands inside it.", " ", _NO_BEARER_TOKEN),
    ("tab-inside", "A tab stands inside it.", "\t", _NO_BEARER_TOKEN),
    ("exclamation-mark-inside", "A character of no alphabet stands inside it.", "!", _NO_BEARER_TOKEN),
    (
        "percent-encoding-inside",
        "A part of it is percent-encoded, and nobody decodes headers.",
        "%3D",
        _NO_BEARER_TOKEN,
    ),
    (
        "fullwidth-letter-inside",
        "A letter stands inside it that only looks like one of the alphabet.",
        "\uff21",
        _NO_BEARER_TOKEN,
    ),
    ("accent-inside", "A letter outside ASCII stands inside it.", "\u00e9", _NO_BEARER_TOKEN),
    ("tilde-inside", "A character stands inside it that a bearer token may hold, and base64url may not.", "~", (401,)),
):
    ENCODING.add(_name, _what, partial(_inserted, text=_text), statuses=_statuses)
for _name, _what, _form in (
    ("dot-before", "A dot stands before it: four segments are no signed token.", ".T"),
    ("dot-after", "A dot stands behind it: four segments are no signed token.", "T."),
    ("two-tokens-in-one", "It is two tokens, one behind the other.", "T.T"),
):
    ENCODING.add(_name, _what, partial(_surrounded, form=_form), section=_AS_IT_IS)
ENCODING.add(
    "one-segment",
    "It is a text without a dot, as opaque tokens are.",
    lambda _: "0123456789abcdef" * 4,
    section=_AS_IT_IS,
)
ENCODING.add(
    "header-missing", "Its header is empty.", lambda world: "." + world.good.partition(".")[2], section=_AS_IT_IS
)
ENCODING.add(
    "payload-missing",
    "Its payload is empty.",
    lambda world: ".".join((world.good.split(".")[0], "", world.good.split(".")[2])),
    section=_AS_IT_IS,
)
ENCODING.add(
    "payload-empty-but-signed",
    "Its payload is nothing at all, properly signed, and nothing is no set of claims.",
    lambda world: world.raw(payload=b""),
    section="RFC 7519, section 7.2",
)
ENCODING.add("dots-alone", "It is nothing but dots.", lambda _: "..", section=_AS_IT_IS)
ENCODING.add(
    "eight-thousand-dots",
    "It would be eight thousand segments, and splitting them all is work.",
    lambda _: "." * 8000,
    section=_AS_IT_IS,
)
ENCODING.add(
    "very-large",
    "It is larger than any token has to be, and nobody trusted has signed it: reading it is work for nothing.",
    lambda world: world.forged(world.attacker.rsa, changes={"padding": "x" * 20_000}),
    section="RFC 8725, section 3.10",
)
ENCODING.add(
    "signature-very-large",
    "Its signature is larger than any algorithm makes one.",
    lambda world: with_signature(world.good, signature_of(world.good) * 40),
)
