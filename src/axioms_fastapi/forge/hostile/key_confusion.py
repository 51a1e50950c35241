"""HMAC with what everybody knows: a public key is no secret, in whatever form it is written down (RFC 8725, section 2.1)."""

import base64
import json
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from joserfc.jwk import ECKey, OKPKey, RSAKey

from .compact import unsegment
from .recipe import Category, Recipes
from .world import World

KEY_CONFUSION: Final = Recipes(Category.KEY_CONFUSION, "RFC 8725, sections 2.1 and 3.1; RFC 7517, section 9")

_IMPORTERS: Final = {"RSA": RSAKey, "EC": ECKey, "OKP": OKPKey}
_PUBLIC: Final = "Its HMAC key is the issuer's public key, which everybody has"


def _native(jwk: Mapping[str, Any]) -> Any:
    importer: Any = _IMPORTERS[jwk["kty"]]
    public = {name: jwk[name] for name in ("kty", "n", "e", "crv", "x", "y") if name in jwk}
    return importer.import_key(public).public_key


def _spki_pem(jwk: Mapping[str, Any]) -> bytes:
    return bytes(_native(jwk).public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))


def _der(jwk: Mapping[str, Any], form: PublicFormat = PublicFormat.SubjectPublicKeyInfo) -> bytes:
    return bytes(_native(jwk).public_bytes(Encoding.DER, form))


def _certificate_pem(world: World) -> bytes:
    der = world.attacker.certificate_der(_native(world.public_key("RSA")))
    body = base64.encodebytes(der)
    return b"-----BEGIN CERTIFICATE-----\n" + body + b"-----END CERTIFICATE-----\n"


def _hmac(world: World, secret: bytes, *, kty: str = "RSA", alg: str = "HS256") -> str:
    """A good token's claims under an HMAC, with the kid that the API will look the public key up by."""
    return world.with_hmac(secret, alg=alg, header={"kid": world.public_key(kty).get("kid")})


def _of_key(world: World, secret: Callable[[Mapping[str, Any]], bytes], *, kty: str = "RSA", alg: str = "HS256") -> str:
    return _hmac(world, secret(world.public_key(kty)), kty=kty, alg=alg)


_FORMS: Final[dict[str, tuple[str, Callable[[Mapping[str, Any]], bytes]]]] = {
    "pem": (" in PEM.", _spki_pem),
    "pem-without-last-newline": (" in PEM without the newline at its end.", lambda jwk: _spki_pem(jwk).rstrip(b"\n")),
    "pem-with-crlf": (" in PEM with the line ends of Windows.", lambda jwk: _spki_pem(jwk).replace(b"\n", b"\r\n")),
    "pem-after-a-space": (
        " in PEM after a space, which checks for a leading dash do not see.",
        lambda jwk: b" " + _spki_pem(jwk),
    ),
    "pkcs1-pem": (
        " in the PEM of PKCS #1.",
        lambda jwk: bytes(_native(jwk).public_bytes(Encoding.PEM, PublicFormat.PKCS1)),
    ),
    "der": (" in DER, which no check for PEM sees.", _der),
    "pkcs1-der": (" in the DER of PKCS #1.", lambda jwk: _der(jwk, PublicFormat.PKCS1)),
    "openssh-line": (
        " as OpenSSH writes it.",
        lambda jwk: bytes(_native(jwk).public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH)),
    ),
    "jwk": (" as a JSON Web Key.", lambda jwk: json.dumps(dict(jwk), separators=(",", ":")).encode()),
    "jwk-sorted": (
        " as a JSON Web Key with sorted members.",
        lambda jwk: json.dumps(dict(jwk), separators=(",", ":"), sort_keys=True).encode(),
    ),
    "jwk-with-spaces": (" as a JSON Web Key with spaces in it.", lambda jwk: json.dumps(dict(jwk)).encode()),
    "jwks": (" as a JWK set.", lambda jwk: json.dumps({"keys": [dict(jwk)]}, separators=(",", ":")).encode()),
    "modulus": (" as the bytes of its modulus.", lambda jwk: unsegment(jwk["n"])),
    "modulus-text": (" as the text of its modulus.", lambda jwk: str(jwk["n"]).encode()),
}

for _form, (_words, _secret) in _FORMS.items():
    KEY_CONFUSION.add(f"hs256-with-{_form}", _PUBLIC + _words, partial(_of_key, secret=_secret))
for _alg in ("HS384", "HS512"):
    KEY_CONFUSION.add(
        f"{_alg.lower()}-with-pem",
        _PUBLIC + " in PEM, under a longer hash.",
        partial(_of_key, secret=_spki_pem, alg=_alg),
    )
KEY_CONFUSION.add(
    "hs256-with-certificate",
    _PUBLIC + " in a certificate.",
    lambda world: _hmac(world, _certificate_pem(world)),
)
KEY_CONFUSION.add(
    "hs256-with-ec-pem",
    "Its HMAC key is the issuer's public EC key in PEM.",
    partial(_of_key, secret=_spki_pem, kty="EC"),
)
KEY_CONFUSION.add(
    "hs256-with-ec-point",
    "Its HMAC key is the point of the issuer's public EC key.",
    partial(_of_key, secret=lambda jwk: b"\x04" + unsegment(jwk["x"]) + unsegment(jwk["y"]), kty="EC"),
)
KEY_CONFUSION.add(
    "hs256-with-ed25519-pem",
    "Its HMAC key is the issuer's public Ed25519 key in PEM.",
    partial(_of_key, secret=_spki_pem, kty="OKP"),
)
KEY_CONFUSION.add(
    "hs256-with-ed25519-bytes",
    "Its HMAC key is the bytes of the issuer's public Ed25519 key.",
    partial(_of_key, secret=lambda jwk: unsegment(jwk["x"]), kty="OKP"),
)
KEY_CONFUSION.add(
    "hs256-with-empty-key",
    "Its HMAC key is empty, which is what a key of another type looks like to a careless library.",
    lambda world: _hmac(world, b""),
)
KEY_CONFUSION.add(
    "hs256-with-kid-as-key",
    "Its HMAC key is the kid that the header itself names.",
    lambda world: _hmac(world, str(world.header.get("kid", "")).encode()),
)
KEY_CONFUSION.add(
    "hs256-with-a-common-secret",
    "Its HMAC key is the secret of a thousand examples, and an API with public keys has no secret at all.",
    lambda world: _hmac(world, b"secret"),
)
