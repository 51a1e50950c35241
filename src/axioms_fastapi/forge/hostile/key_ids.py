"""Key ids that are more than a name: paths, queries, other types. An id is looked up among the issuer's keys and nowhere else."""

from functools import partial
from typing import Final

from .recipe import Category, Recipes
from .world import NotPossible, World

KEY_IDS: Final = Recipes(Category.KEY_ID, "RFC 7515, section 4.1.4; RFC 8725, section 3.10")


def _forged(world: World, kid: object) -> str:
    return world.forged(world.attacker.rsa, header={"kid": kid})


def _by_attacker(world: World, key: str, kty: str) -> str:
    """A token under the id of the issuer's key of this type, which the attacker's key of the same type has signed."""
    return world.forged(getattr(world.attacker, key), header=world.header_for(world.public_key(kty)))


def _with_secret(world: World, kid: str, secret: bytes) -> str:
    """An HMAC with what a careless look-up of this kid would find."""
    return world.with_hmac(secret, header={"kid": kid})


def _renamed(world: World, form: str) -> str:
    """A token that the issuer has signed, under a kid that is almost its own."""
    kid = str(world.header.get("kid", ""))
    renamed = {"upper": kid.upper(), "space": f" {kid}", "nul": f"{kid}\u0000", "prefix": kid[:-1]}[form]
    if renamed == kid or not renamed:
        raise NotPossible("the issuer's kid has no such neighbour")
    return world.token(header={"kid": renamed})


_LOOKUPS: Final = {
    "kid-of-an-empty-file": ("../../../../../../dev/null", b"", "a file that is always empty"),
    "kid-of-the-environment": ("/proc/self/environ", b"", "a file of the API's machine"),
    "kid-of-a-query": ("' UNION SELECT 'k' -- ", b"k", "a query that answers what the attacker likes"),
    "kid-of-a-url": ("https://attacker.example.com/key", b"k", "an address of the attacker's"),
}
for _name, (_kid, _secret, _what) in _LOOKUPS.items():
    KEY_IDS.add(
        _name,
        f"Its kid reads as {_what}, and its HMAC is made with what would be found there.",
        partial(_with_secret, kid=_kid, secret=_secret),
    )
for _name, _kid_value, _what in (
    (
        "kid-unknown",
        "no-such-key",
        "Its kid names no key of the issuer, and an unknown kid is no reason to try every key.",
    ),
    ("kid-of-a-command", "|id", "Its kid reads as a command of a shell."),
    ("kid-of-a-class", "__class__", "Its kid is the name of a thing that every object has, and the key set must not."),
    (
        "kid-of-a-prototype",
        "__proto__",
        "Its kid is the name of a thing that every object has, and the key set must not.",
    ),
    ("kid-of-the-set", "keys", "Its kid is the name of the key set's own member."),
    ("kid-with-a-line-end", "k\r\nSet-Cookie: a=b", "Its kid has a line end, and must reach no header and no log."),
    ("kid-very-long", "k" * 8000, "Its kid is a text of 8,000 letters."),
    ("kid-empty", "", "Its kid is an empty text."),
    ("kid-null", None, "Its kid is null."),
    ("kid-number", 0, "Its kid is a number, that may be taken for a position in the key set."),
    ("kid-true", True, "Its kid is a boolean."),
    ("kid-list", ["k"], "Its kid is a list, which no dictionary can look up."),
    ("kid-object", {"$gt": ""}, "Its kid is an object that some databases take for a query."),
):
    KEY_IDS.add(_name, _what, partial(_forged, kid=_kid_value))
for _name, _form, _what in (
    ("kid-in-capitals", "upper", "Its kid differs from the issuer's in its case."),
    ("kid-after-a-space", "space", "Its kid is the issuer's after a space."),
    ("kid-with-a-nul", "nul", "Its kid is the issuer's before a NUL."),
    ("kid-cut-short", "prefix", "Its kid is the beginning of the issuer's."),
):
    KEY_IDS.add(
        _name,
        f"{_what} Ids are compared by code point.",
        partial(_renamed, form=_form),
        section="RFC 7515, section 5.3",
    )
for _name, _key, _kty, _what in (
    ("attackers-rsa-key", "rsa", "RSA", "RSA"),
    ("attackers-ec-key", "ec", "EC", "EC"),
    ("attackers-ed25519-key", "okp", "OKP", "Ed25519"),
):
    KEY_IDS.add(
        f"{_name}-under-the-issuers-kid",
        f"It is right in every way, but the attacker's {_what} key has signed it.",
        partial(_by_attacker, key=_key, kty=_kty),
        section="RFC 7515, section 5.2; RFC 8725, section 3.8",
    )
KEY_IDS.add(
    "attackers-key-without-kid",
    "It names no key, and the attacker's has signed it.",
    lambda world: world.forged(world.attacker.rsa, omit_header=("kid",)),
    section="RFC 7515, section 5.2",
)
