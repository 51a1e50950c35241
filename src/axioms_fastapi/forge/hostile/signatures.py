"""Signatures that are not the one over these very bytes."""

from collections.abc import Callable
from functools import partial
from typing import Final

from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from .compact import join, segment, signature_of, signing_input, to_json, unsegment, with_signature
from .recipe import Category, Recipes
from .world import NotPossible, World

SIGNATURES: Final = Recipes(Category.SIGNATURE, "RFC 7515, section 5.2")

# The order of the group of P-256 (FIPS 186-5), and of the one of Ed25519 (RFC 8032, section 5.1).
_P256: Final = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_L25519: Final = 2**252 + 27742317777372353535851937790883648493
_ECDSA: Final = "RFC 7518, section 3.4"
_EDDSA: Final = "RFC 8032, section 5.1.7"

Change = Callable[[bytes], bytes]


def _resigned(world: World, change: Change) -> str:
    return with_signature(world.good, change(signature_of(world.good)))


def _resigned_with(world: World, change: Change, *, kty: str) -> str:
    """A good token of the issuer's key of this type, under a changed signature."""
    jwk = world.public_key(kty)
    if kty == "EC" and jwk.get("crv") != "P-256":
        raise NotPossible("the issuer's EC key is not on P-256")
    if kty == "OKP" and jwk.get("crv") != "Ed25519":
        raise NotPossible("the issuer's OKP key is not on Ed25519")
    token = world.signed_by(jwk)
    return with_signature(token, change(signature_of(token)))


def _made_up(world: World, signature: bytes, *, kty: str) -> str:
    """A token under a signature that needs no private key at all."""
    header = world.header_for(world.public_key(kty))
    return join(to_json(header), world.payload(), signature)


def _ecdsa(r: int, s: int) -> bytes:
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")


def _flipped(signature: bytes, position: int) -> bytes:
    changed = bytearray(signature)
    changed[position] ^= 1
    return bytes(changed)


def _of_modulus(world: World) -> str:
    return _made_up(world, unsegment(world.public_key("RSA")["n"]), kty="RSA")


def _der(signature: bytes) -> bytes:
    return encode_dss_signature(int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big"))


def _with_larger_s(signature: bytes) -> bytes:
    s = int.from_bytes(signature[32:], "little") + _L25519
    return signature[:32] + s.to_bytes(32, "little")


def _payload_of_another(world: World) -> str:
    """One token's header and signature around the payload of another, both of the issuer."""
    other = world.token({"sub": "somebody-else", "jti": "another"})
    header, _, signature = world.good.split(".")
    return f"{header}.{other.split('.')[1]}.{signature}"


def _header_of_another(world: World) -> str:
    header = segment(to_json({**world.header, "typ": "application/at+jwt", "x": "changed"}))
    return f"{header}.{world.good.partition('.')[2]}"


def _promoted(world: World) -> str:
    """A good token whose payload was exchanged for one with more rights."""
    changes = {"sub": "admin", "scope": "admin", "roles": ["admin"], "permissions": ["admin"]}
    header, _, signature = world.good.split(".")
    return f"{header}.{segment(world.payload(changes))}.{signature}"


SIGNATURES.add(
    "signature-empty", "It says RS256 or the like, and has no signature.", partial(_resigned, change=lambda _: b"")
)
SIGNATURES.add(
    "signature-left-out",
    "It ends after the payload: two segments are no signed token.",
    lambda world: signing_input(world.good),
    section="RFC 7515, section 7.1",
)
for _name, _what, _change in (
    ("signature-first-bit-flipped", "One bit at the start of its signature is flipped.", partial(_flipped, position=0)),
    ("signature-last-bit-flipped", "One bit at the end of its signature is flipped.", partial(_flipped, position=-1)),
    (
        "signature-middle-bit-flipped",
        "One bit in the middle of its signature is flipped.",
        partial(_flipped, position=20),
    ),
    ("signature-cut-in-half", "Half of its signature is missing.", lambda signature: signature[: len(signature) // 2]),
    ("signature-of-sixteen-bytes", "Only 16 bytes of its signature are left.", lambda signature: signature[:16]),
    ("signature-one-byte-short", "The last byte of its signature is missing.", lambda signature: signature[:-1]),
    ("signature-one-byte-long", "A byte is left over behind its signature.", lambda signature: signature + b"\0"),
    ("signature-twice", "Its signature is there twice.", lambda signature: signature * 2),
    ("signature-after-a-zero", "A zero byte stands before its signature.", lambda signature: b"\0" + signature),
    ("signature-of-zeros", "Its signature is nothing but zeros.", lambda signature: bytes(len(signature))),
    ("signature-of-ones", "Every bit of its signature is set.", lambda signature: b"\xff" * len(signature)),
    ("signature-backwards", "Its signature stands the wrong way round.", lambda signature: signature[::-1]),
):
    SIGNATURES.add(_name, _what, partial(_resigned, change=_change))
SIGNATURES.add(
    "payload-of-another-token", "Its signature is over another payload, of the same issuer.", _payload_of_another
)
SIGNATURES.add(
    "payload-promoted", "Its payload was exchanged for one with more rights, and its signature was not.", _promoted
)
SIGNATURES.add("header-of-another-token", "Its header was exchanged after it was signed.", _header_of_another)
SIGNATURES.add(
    "rsa-signature-of-one",
    "Its signature is the number one, of which every power is one.",
    partial(_made_up, signature=(1).to_bytes(256, "big"), kty="RSA"),
    section="RFC 8017, section 5.2.2",
)
SIGNATURES.add(
    "rsa-signature-of-the-modulus",
    "Its signature is the modulus itself: a number that is not below it represents no signature.",
    _of_modulus,
    section="RFC 8017, section 5.2.2",
)
for _name, _what, _r, _s in (
    (
        "ecdsa-of-zeros",
        "Both halves of its signature are zero, which verified for every message once (CVE-2022-21449).",
        0,
        0,
    ),
    ("ecdsa-r-zero", "The first half of its signature is zero.", 0, 1),
    ("ecdsa-s-zero", "The second half of its signature is zero.", 1, 0),
    (
        "ecdsa-r-of-the-order",
        "The first half of its signature is the order of the group, which is zero again.",
        _P256,
        1,
    ),
    (
        "ecdsa-s-of-the-order",
        "The second half of its signature is the order of the group, which is zero again.",
        1,
        _P256,
    ),
    ("ecdsa-of-the-order", "Both halves of its signature are the order of the group.", _P256, _P256),
    ("ecdsa-below-the-order", "Both halves of its signature are the largest numbers allowed.", _P256 - 1, _P256 - 1),
):
    SIGNATURES.add(_name, _what, partial(_made_up, signature=_ecdsa(_r, _s), kty="EC"), section=_ECDSA)
for _name, _what, _change in (
    ("ecdsa-in-der", "Its signature is in DER, as TLS writes it, and a token's is two halves of fixed length.", _der),
    (
        "ecdsa-with-padded-halves",
        "Each half of its signature has a zero byte before it.",
        lambda signature: b"\0" + signature[:32] + b"\0" + signature[32:],
    ),
    ("ecdsa-one-byte-short", "A byte is missing from its signature.", lambda signature: signature[:-1]),
    ("ecdsa-one-byte-long", "A byte is left over behind its signature.", lambda signature: signature + b"\0"),
    (
        "ecdsa-halves-exchanged",
        "The halves of its signature stand the wrong way round.",
        lambda signature: signature[32:] + signature[:32],
    ),
):
    SIGNATURES.add(_name, _what, partial(_resigned_with, change=_change, kty="EC"), section=_ECDSA)
for _name, _what, _change in (
    (
        "eddsa-with-a-larger-s",
        "The order of the group was added to its signature, which makes a second one of it.",
        _with_larger_s,
    ),
    ("eddsa-one-byte-long", "A byte is left over behind its signature.", lambda signature: signature + b"\0"),
    ("eddsa-of-zeros", "Its signature is nothing but zeros.", lambda signature: bytes(64)),
):
    SIGNATURES.add(_name, _what, partial(_resigned_with, change=_change, kty="OKP"), section=_EDDSA)
SIGNATURES.add(
    "eddsa-of-the-identity",
    "Its signature is the neutral point and zero, which verifies under keys of small order.",
    partial(_made_up, signature=b"\x01" + bytes(63), kty="OKP"),
    section=_EDDSA,
)
