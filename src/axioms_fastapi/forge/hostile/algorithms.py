"""Headers that name another algorithm than the issuer's, or none (RFC 8725, sections 2.1 and 3.1)."""

from collections.abc import Mapping
from functools import partial
from types import MappingProxyType
from typing import Final

from .compact import signature_of, to_json
from .recipe import Category, Recipes
from .world import NotPossible, World

ALGORITHMS: Final = Recipes(Category.ALGORITHM, "RFC 7515, section 4.1.1; RFC 8725, section 3.1")

_UNSIGNED: Final = "It has no signature, so anybody can have written it."
_NONE: Final[Mapping[str, str]] = MappingProxyType(
    {
        "alg-none": "none",
        "alg-none-capitalised": "None",
        "alg-none-in-capitals": "NONE",
        "alg-none-in-mixed-case": "nOnE",
        "alg-none-with-a-space": "none ",
        "alg-none-with-a-nul": "none\u0000",
        "alg-none-with-an-accent": "non\u00e9",
    }
)


def _with_alg(world: World, alg: object, signature: bytes = b"") -> str:
    return world.unsigned({**world.header, "alg": alg}, signature)


def _without_alg(world: World, *, signed: bool) -> str:
    header = {name: value for name, value in world.header.items() if name != "alg"}
    return world.raw(header=to_json(header)) if signed else world.unsigned(header)


def _claiming(world: World, alg: object) -> str:
    """A token that the issuer has signed as always, under another `alg`."""
    return world.token(header={"alg": alg})


def _bent(world: World, alg: str) -> str:
    """A token that the issuer's own RSA key has signed with another algorithm than its own."""
    header = world.header_for(world.public_key("RSA"))
    if header["alg"] == alg:
        raise NotPossible(f"{alg} is the issuer's own algorithm")
    return world.signer.sign(to_json({**header, "alg": alg}), world.payload(), alg)


def _other_kind(world: World) -> str:
    alg = "ES256" if world.header["alg"] != "ES256" else "RS256"
    return _claiming(world, alg)


for _name, _alg in _NONE.items():
    ALGORITHMS.add(
        _name, _UNSIGNED, partial(_with_alg, alg=_alg), section="RFC 7518, section 3.6; RFC 8725, section 3.2"
    )
ALGORITHMS.add(
    "alg-none-with-a-signature",
    "It says that it has no signature, and carries one of another token to look like a signed one.",
    lambda world: _with_alg(world, "none", signature_of(world.good)),
    section="RFC 7518, section 3.6",
)
ALGORITHMS.add("alg-empty", "Its algorithm is an empty text.", partial(_with_alg, alg=""))
ALGORITHMS.add("alg-null", "Its algorithm is null.", partial(_with_alg, alg=None))
ALGORITHMS.add("alg-absent", "It names no algorithm and has no signature.", partial(_without_alg, signed=False))
ALGORITHMS.add(
    "alg-absent-but-signed",
    "It names no algorithm: whoever verifies it would have to guess one, and guessing is how algorithms are confused.",
    partial(_without_alg, signed=True),
)
ALGORITHMS.add("alg-list", "Its algorithm is a list.", lambda world: _claiming(world, [world.header["alg"]]))
ALGORITHMS.add(
    "alg-object", "Its algorithm is an object.", lambda world: _claiming(world, {"name": world.header["alg"]})
)
ALGORITHMS.add("alg-number", "Its algorithm is a number.", partial(_claiming, alg=256))
ALGORITHMS.add("alg-true", "Its algorithm is a boolean.", partial(_claiming, alg=True))
ALGORITHMS.add(
    "alg-in-small-letters",
    "Names of algorithms are compared letter by letter: one that is folded lets others be folded too.",
    lambda world: _claiming(world, world.header["alg"].lower()),
)
ALGORITHMS.add(
    "alg-with-a-space",
    "Its algorithm is that of the issuer with a space behind it, and names are not trimmed.",
    lambda world: _claiming(world, f"{world.header['alg']} "),
)
ALGORITHMS.add(
    "alg-with-a-nul",
    "Its algorithm is that of the issuer up to a NUL, where some programs stop to read.",
    lambda world: _claiming(world, f"{world.header['alg']}\u0000"),
)
ALGORITHMS.add(
    "alg-very-long",
    "Its algorithm is a text of 8,000 letters, and no error message may repeat it.",
    partial(_claiming, alg="A" * 8000),
)
ALGORITHMS.add("alg-unknown", "Nobody knows its algorithm.", partial(_claiming, alg="XS256"))
ALGORITHMS.add(
    "alg-of-another-kind",
    "It names an algorithm of another kind of key than the one that its kid names.",
    _other_kind,
)
for _alg in ("RS384", "RS512", "PS256"):
    ALGORITHMS.add(
        f"alg-{_alg.lower()}-with-the-issuers-key",
        "A key is bound to one algorithm, and this is not the one that the issuer published for it.",
        partial(_bent, alg=_alg),
        section="RFC 8725, section 3.1; RFC 7517, section 4.4",
    )
