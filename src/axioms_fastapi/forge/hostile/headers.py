"""Authorization headers that hold a good token in a way that no header may hold one."""

from functools import partial
from typing import Final

from .recipe import Category, Credentials, Recipes
from .world import World

HEADERS: Final = Recipes(Category.HEADER, "RFC 6750, section 2.1; RFC 9110, section 11.4", 400, 401)

_OTHER_SCHEME: Final = "RFC 6750, section 3.1"
_ONCE: Final = "RFC 6750, section 3.1; RFC 9110, section 5.3"

GOOD: Final = b"{good}"
FORGED: Final = b"{forged}"


def _lines(world: World, forms: tuple[bytes, ...]) -> Credentials:
    """One header line for each form."""
    good = world.good.encode()
    forged = world.forged(world.attacker.rsa).encode()
    return Credentials(tuple(form.replace(GOOD, good).replace(FORGED, forged) for form in forms))


for _name, _what, _form in (
    ("header-without-scheme", "It is a token without a scheme.", b"{good}"),
    ("header-basic", "Its scheme is Basic.", b"Basic {good}"),
    ("header-of-the-word-token", "Its scheme is a word that is none.", b"Token {good}"),
    ("header-jwt", "Its scheme is one that some frameworks made up.", b"JWT {good}"),
    ("header-bearer-and-more", "Its scheme only begins like Bearer.", b"Bearerx {good}"),
    ("header-of-a-form", "It is a parameter of a form.", b"access_token={good}"),
    (
        "header-dpop-without-proof",
        "It comes under a scheme that wants a proof besides, and there is none.",
        b"DPoP {good}",
    ),
):
    HEADERS.add(_name, _what, partial(_lines, forms=(_form,)), section=_OTHER_SCHEME)
for _name, _what, _form in (
    ("header-bearer-alone", "Nothing stands behind Bearer.", b"Bearer"),
    ("header-bearer-and-a-tab", "A tab stands behind Bearer.", b"Bearer\t{good}"),
    ("header-bearer-and-a-colon", "A colon stands behind Bearer.", b"Bearer: {good}"),
    ("header-bearer-and-equals", "Bearer stands before an equals sign.", b"Bearer={good}"),
    ("header-bearer-and-a-comma", "Bearer stands before a comma.", b"Bearer,{good}"),
    ("header-bearer-twice", "Bearer stands there twice.", b"Bearer Bearer {good}"),
    ("header-with-a-word-behind", "A word stands behind the token.", b"Bearer {good} x"),
    ("header-with-two-tokens", "Two tokens stand behind Bearer.", b"Bearer {good} {forged}"),
    ("header-with-a-list-of-tokens", "Two tokens stand behind Bearer, as in a list.", b"Bearer {good}, Bearer {forged}"),
    ("header-with-quotes", "Its token is in quotes.", b'Bearer "{good}"'),
    ("header-with-angle-brackets", "Its token is in angle brackets.", b"Bearer <{good}>"),
    ("header-with-a-semicolon", "A semicolon stands behind the token.", b"Bearer {good};"),
    ("header-with-a-parameter", "Its token is the value of a parameter.", b"Bearer token={good}"),
    ("header-with-percent", "A part of it is percent-encoded.", b"Bearer%20{good}"),
    ("header-with-a-byte-outside-ascii", "A byte outside ASCII stands behind the token.", b"Bearer {good}\xff"),
    ("header-of-padding", "Its token is nothing but padding.", b"Bearer ===="),
):  # fmt: skip
    HEADERS.add(_name, _what, partial(_lines, forms=(_form,)))
for _name, _what, _forms in (
    ("two-headers-good-first", "There are two headers, and the second one is forged.", (b"Bearer {good}", b"Bearer {forged}")),
    ("two-headers-good-last", "There are two headers, and the first one is forged.", (b"Bearer {forged}", b"Bearer {good}")),
    ("two-headers-the-same", "There are two headers, even if they say the same.", (b"Bearer {good}", b"Bearer {good}")),
    ("two-headers-one-basic", "There are two headers of two schemes.", (b"Basic eDp5", b"Bearer {good}")),
):  # fmt: skip
    HEADERS.add(_name, _what, partial(_lines, forms=_forms), section=_ONCE)
