"""RFC 8725, sections 2.1 and 3.1: no secret verifies a token here, whatever it was made of."""

import base64
import hmac
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import NameOID

from axioms_fastapi import Reason
from axioms_fastapi.forge import SigningKey
from conformance.door import Door


def secrets_of(key: SigningKey) -> Iterator[tuple[str, bytes]]:
    """Everything public that a library was once made to take for a secret."""
    public = key.private_key.get_op_key("verify")
    pem = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    der = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    jwk = key.public_jwk()
    yield "SPKI PEM", pem
    yield "PEM without the last line end", pem.rstrip(b"\n")
    yield "PEM with CRLF", pem.replace(b"\n", b"\r\n")
    yield "PEM after a space", b" " + pem
    yield "PEM after a tab", b"\t" + pem
    yield "PEM after an empty line", b"\n" + pem
    yield "SPKI DER", der
    yield "JWK", json.dumps(jwk).encode()
    yield "JWK, compact", json.dumps(jwk, separators=(",", ":")).encode()
    yield "JWK, sorted", json.dumps(jwk, sort_keys=True).encode()
    yield "JWK, pretty", json.dumps(jwk, indent=2).encode()
    yield "JWK set", json.dumps({"keys": [jwk]}).encode()
    yield "empty", b""
    for member in ("n", "x", "y"):
        if member in jwk:
            yield f"bytes of {member}", base64.urlsafe_b64decode(jwk[member] + "==")
            yield f"text of {member}", jwk[member].encode()
    if isinstance(public, RSAPublicKey):
        yield "PKCS1 PEM", public.public_bytes(Encoding.PEM, PublicFormat.PKCS1)
        yield "PKCS1 DER", public.public_bytes(Encoding.DER, PublicFormat.PKCS1)
    if key.alg != "EdDSA":
        yield "certificate", _certificate(key)
    yield "OpenSSH", public.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH)


def _certificate(key: SigningKey) -> bytes:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "issuer")])
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.private_key.get_op_key("verify"))
        .serial_number(1)
        .not_valid_before(now)
        .not_valid_after(now + timedelta(days=1))
    )
    return builder.sign(key.private_key.get_op_key("sign"), hashes.SHA256()).public_bytes(Encoding.PEM)


def under_secret(door: Door, secret: bytes, header: dict[str, str | None], hash_name: str = "sha256") -> str:
    """A token that is good but for its signature: an HMAC with that secret."""
    head = {name: value for name, value in header.items() if value is not None}
    parts = [base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=") for part in (head, door.claims())]
    signature = base64.urlsafe_b64encode(hmac.digest(secret, b".".join(parts), hash_name)).rstrip(b"=")
    return b".".join([*parts, signature]).decode()


@pytest.mark.conformance("40", "A2", "A3")
@pytest.mark.parametrize("kid", ["rsa", "ec", "ed"])
@pytest.mark.parametrize("bits", [256, 384, 512])
def test_public_key_as_a_secret(door: Door, kid: str, bits: int) -> None:
    """A token that is signed with a form of the public key as an HMAC secret is refused (CVE-2015-9235 and its children)."""
    tried = 0
    for name, secret in secrets_of(door.keys[kid]):
        for key_id in (kid, "other", None):
            hash_name = f"sha{bits}"
            confused = under_secret(door, secret, {"alg": f"HS{bits}", "kid": key_id}, hash_name)
            door.turns_away(confused, Reason.ALGORITHM)
            # The same bytes under the key's own algorithm.
            door.turns_away(under_secret(door, secret, {"alg": door.keys[kid].alg, "kid": key_id}, hash_name))
        tried += bool(name)
    assert tried >= 16


@pytest.mark.conformance("40", "A11")
@pytest.mark.parametrize("secret", [b"", b"secret", b"\0" * 32], ids=repr)
def test_symmetric_key_in_the_key_set(
    make_door: Callable[..., Door], trusted_keys: dict[str, SigningKey], secret: bytes
) -> None:
    """A symmetric key in the key set is left out: what is signed with it, an empty one included, is refused."""
    oct_key = {"kty": "oct", "kid": "shared", "k": base64.urlsafe_b64encode(secret).rstrip(b"=").decode(), "use": "sig"}
    good = [key.public_jwk() for key in trusted_keys.values()]
    for jwk in (oct_key, oct_key | {"alg": "HS256"}, oct_key | {"alg": "RS256"}):
        door = make_door(keys={"keys": [jwk, *good]})
        for alg in ("HS256", "RS256", "ES256"):
            door.turns_away(under_secret(door, secret, {"alg": alg, "kid": "shared"}))
        door.lets_in(door.token())


@pytest.mark.conformance("57")
@pytest.mark.parametrize("name", ["none", "HS256", "None", "hs512", "RSA-OAEP", "ES256K", "", "*"])
def test_weak_algorithms_cannot_be_configured(make_door: Callable[..., Door], name: str) -> None:
    """The allow list takes asymmetric signature algorithms alone: another name stops the start."""
    from axioms_fastapi import ConfigurationError

    with pytest.raises(ConfigurationError, match="algorithms"):
        make_door(algorithms=[name])
