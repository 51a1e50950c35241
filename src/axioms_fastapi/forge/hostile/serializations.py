"""Other shapes of a signed or encrypted object, and extensions that nobody here understands."""

import json
import os
import zlib
from collections.abc import Mapping
from functools import partial
from typing import Any, Final

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from joserfc.jwk import RSAKey

from .compact import segment, to_json
from .recipe import Category, Recipes
from .world import World

SERIALIZATIONS: Final = Recipes(Category.SERIALIZATION, "RFC 8725, section 3.1; RFC 7519, section 1")

# JSON is no bearer token (RFC 6750, section 2.1), so 400 is as right as 401.
_NO_BEARER_TOKEN: Final = (400, 401)
_ONLY_COMPACT: Final = "RFC 7519, section 1; RFC 9068, section 2"
_CRIT: Final = "RFC 7515, section 4.1.11"
_B64: Final = "RFC 7797, sections 3 and 6"


def _json(world: World, form: str) -> str:
    header, payload, signature = world.good.split(".")
    signed = {"protected": header, "signature": signature}
    forms: dict[str, dict[str, Any]] = {
        "flattened": {"payload": payload, **signed},
        "general": {"payload": payload, "signatures": [signed]},
        "none": {"payload": payload, "signatures": []},
        "unprotected": {"payload": payload, "header": {"alg": "none"}, "signature": ""},
    }
    return json.dumps(forms[form], separators=(",", ":"))


def _polyglot(world: World) -> str:
    """A text that one reader takes for a compact token, and another for JSON with other claims (CVE-2022-39227)."""
    header, payload, signature = world.good.split(".")
    forged = segment(world.payload({"sub": "admin"}))
    return f'{{"  {header}.{forged}.":"","protected":"{header}","payload":"{payload}","signature":"{signature}"}}'


def _header_with(world: World, members: Mapping[str, Any]) -> str:
    return world.token(header=members)


def _unencoded(world: World) -> str:
    """A token whose payload stands in it as it is, over which the issuer has signed (RFC 7797)."""
    header = segment(to_json({**world.header, "b64": False, "crit": ["b64"]}))
    text = f"{header}.{world.payload().hex()}"
    return f"{text}.{segment(world.signer.sign_text(text.encode(), world.header['alg']))}"


def _deflated(world: World) -> str:
    packed = zlib.compressobj(wbits=-15)
    payload = packed.compress(world.payload()) + packed.flush()
    return world.raw(header=to_json({**world.header, "zip": "DEF"}), payload=payload)


def _nested(world: World) -> str:
    return world.raw(header=to_json({**world.header, "cty": "JWT"}), payload=world.good.encode())


def _encrypted(header: dict[str, Any], key: bytes, plaintext: bytes, encrypted_key: bytes = b"") -> str:
    """A JWE in the compact form with A256GCM (RFC 7516, section 7.1)."""
    protected = segment(to_json({**header, "enc": "A256GCM"}))
    nonce = os.urandom(12)
    sealed = AESGCM(key).encrypt(nonce, plaintext, protected.encode())
    return ".".join((protected, segment(encrypted_key), segment(nonce), segment(sealed[:-16]), segment(sealed[-16:])))


def _jwe_for_the_issuer(world: World, plaintext: bytes) -> str:
    """Encrypted to the issuer's public key, as anybody can do."""
    jwk = world.public_key("RSA")
    key = os.urandom(32)
    public: Any = RSAKey.import_key({name: jwk[name] for name in ("kty", "n", "e")}).public_key
    oaep = padding.OAEP(mgf=padding.MGF1(hashes.SHA256()), algorithm=hashes.SHA256(), label=None)
    return _encrypted(
        {"alg": "RSA-OAEP-256", "kid": jwk.get("kid"), "cty": "JWT"}, key, plaintext, public.encrypt(key, oaep)
    )


def _pbes2(world: World) -> str:
    header = {"alg": "PBES2-HS256+A128KW", "p2s": segment(bytes(16)), "p2c": 2_000_000_000}
    return _encrypted(header, os.urandom(32), world.payload(), os.urandom(40))


for _form, _what in (
    ("flattened", "It is in the flattened JSON form"),
    ("general", "It is in the general JSON form"),
    ("none", "It is in the general JSON form without any signature"),
    ("unprotected", "It is in JSON, and its header is not signed"),
):
    SERIALIZATIONS.add(
        f"jws-json-{_form}",
        f"{_what}, and access tokens have the compact one alone.",
        partial(_json, form=_form),
        section=_ONLY_COMPACT,
        statuses=_NO_BEARER_TOKEN,
    )
SERIALIZATIONS.add(
    "jws-json-polyglot",
    "It is a compact token to one reader and JSON to another, with other claims.",
    _polyglot,
    section=_ONLY_COMPACT,
    statuses=_NO_BEARER_TOKEN,
)
_members: Mapping[str, Any]
for _name, _what, _members in (
    ("crit-unknown", "names an extension that nobody here understands", {"crit": ["x"], "x": 1}),
    ("crit-unknown-and-absent", "names an extension that the header does not have", {"crit": ["x"]}),
    ("crit-empty", "is empty, which it may not be", {"crit": []}),
    ("crit-null", "is null", {"crit": None}),
    ("crit-text", "is a text", {"crit": "x"}),
    ("crit-of-a-registered-name", "names what is no extension", {"crit": ["alg"]}),
    ("crit-of-a-claim", "names a claim, as some implementations did", {"crit": ["exp"]}),
    ("crit-twice-the-same", "names one extension twice", {"crit": ["b64", "b64"], "b64": True}),
):
    SERIALIZATIONS.add(
        _name, f"Its list of critical extensions {_what}.", partial(_header_with, members=_members), section=_CRIT
    )
for _name, _what, _members in (
    ("b64-false", "Its header says that the payload is not encoded, and it is.", {"b64": False}),
    (
        "b64-false-and-critical",
        "Its header says that the payload is not encoded, and it is.",
        {"b64": False, "crit": ["b64"]},
    ),
    ("b64-true-and-critical", "It insists on an extension that changes nothing.", {"b64": True, "crit": ["b64"]}),
    ("b64-text", "Its header says in a text whether the payload is encoded.", {"b64": "false"}),
):
    SERIALIZATIONS.add(_name, _what, partial(_header_with, members=_members), section=_B64)
SERIALIZATIONS.add(
    "payload-not-encoded", "Its payload is not encoded, and no token has that form.", _unencoded, section=_B64
)
SERIALIZATIONS.add(
    "payload-compressed",
    "Its payload is compressed, which signed tokens never are.",
    _deflated,
    section="RFC 7516, section 4.1.3; RFC 8725, section 3.6",
)
SERIALIZATIONS.add(
    "payload-of-a-token",
    "Its payload is another token, and no set of claims.",
    _nested,
    section="RFC 7519, section 7.2",
)
SERIALIZATIONS.add(
    "jwe-around-claims",
    "It is encrypted, and nobody has signed it: the key to encrypt with is public.",
    lambda world: _jwe_for_the_issuer(world, world.payload()),
)
SERIALIZATIONS.add(
    "jwe-around-an-unsigned-token",
    "It is encrypted around a token without a signature (CVE-2026-29000).",
    lambda world: _jwe_for_the_issuer(world, world.unsigned({"alg": "none"}).encode()),
)
SERIALIZATIONS.add(
    "jwe-around-a-good-token",
    "It is encrypted around a good token, and this API expects no encrypted ones.",
    lambda world: _jwe_for_the_issuer(world, world.good.encode()),
    section="RFC 9068, section 4",
)
SERIALIZATIONS.add(
    "jwe-with-the-key-of-nobody",
    "It is encrypted with a key that both sides would have to share, and they share none.",
    lambda world: _encrypted({"alg": "dir"}, bytes(32), world.payload()),
)
SERIALIZATIONS.add(
    "jwe-of-two-billion-rounds",
    "It asks whoever opens it for two billion rounds of work.",
    _pbes2,
    section="RFC 7518, section 8.1; RFC 8725, section 3.10",
)
