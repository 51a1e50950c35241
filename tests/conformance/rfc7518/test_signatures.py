"""RFC 7518, section 3, RFC 8037 and RFC 9864: which bytes are a signature, and by which algorithm."""

import base64
import hashlib
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec as elliptic
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

from axioms_fastapi import Reason
from axioms_fastapi.forge import SigningKey
from conformance.door import Door

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519")
# The order of the base point of P-256 (FIPS 186).
N = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
# The order of the base point of edwards25519 (RFC 8032, section 5.1).
L = 2**252 + 27742317777372353535851937790883648493


def encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def decode(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def signed(token: str, signature: bytes) -> str:
    """The token with another signature."""
    return f"{token.rpartition('.')[0]}.{encode(signature)}"


@pytest.fixture(scope="module")
def one_of_each() -> dict[str, SigningKey]:
    return {name: SigningKey.generate(name, kid=name) for name in ALGORITHMS}


@pytest.mark.conformance("39", "41")
@pytest.mark.parametrize("name", ALGORITHMS)
def test_supported_algorithms(make_door: Any, one_of_each: dict[str, SigningKey], name: str) -> None:
    """Every supported algorithm's signature is accepted, and nobody else's of the same algorithm."""
    door = make_door(one_of_each)
    door.lets_in(door.token(key=one_of_each[name]))
    door.turns_away(door.token(key=SigningKey.generate(name, kid=name)), Reason.SIGNATURE)


@pytest.mark.conformance("A4", "33", "57")
@pytest.mark.parametrize("name", ALGORITHMS)
@pytest.mark.parametrize("claimed", ALGORITHMS)
def test_key_of_another_algorithm(make_door: Any, one_of_each: dict[str, SigningKey], name: str, claimed: str) -> None:
    """A key verifies its own algorithm: under a header that names another, its signature is refused, and so is the reverse."""
    if {name, claimed} == {"EdDSA", "Ed25519"} or name == claimed:
        pytest.skip("the same algorithm, by the same or its other name")
    door = make_door(one_of_each)
    door.turns_away(door.token(key=one_of_each[name], header={"alg": claimed}))
    # The right bytes for the claimed algorithm, under a key that is bound to another one.
    if name[:2] in {"RS", "PS"} and claimed[:2] in {"RS", "PS"}:
        same_key = SigningKey(name, claimed, one_of_each[name].private_key)
        door.turns_away(door.token(key=same_key), Reason.UNKNOWN_KEY)


@pytest.mark.conformance("57")
def test_configured_algorithms(make_door: Any) -> None:
    """An algorithm that the configuration does not allow is refused, though the key set has a key for it."""
    door = make_door(algorithms="RS256")
    door.lets_in(door.token(key=door.keys["rsa"]))
    door.turns_away(door.token(key=door.keys["ec"]), Reason.ALGORITHM)
    door.turns_away(door.token(key=door.keys["ed"]), Reason.ALGORITHM)


@pytest.mark.conformance("35", "A16")
@pytest.mark.parametrize(
    ("r", "s"),
    [(0, 0), (0, 1), (1, 0), (N, 1), (1, N), (N, N), (N - 1, N - 1), (1, 1), (N + 1, 1), (2**256 - 1, 2**256 - 1)],
    ids=["0,0", "0,1", "1,0", "n,1", "1,n", "n,n", "n-1,n-1", "1,1", "n+1,1", "max,max"],
)
def test_psychic_signatures(door: Door, r: int, s: int) -> None:
    """ECDSA values of zero, of the order, and beyond it never verify (CVE-2022-21449)."""
    token = door.token(key=door.keys["ec"])
    door.turns_away(signed(token, r.to_bytes(32, "big") + s.to_bytes(32, "big")), Reason.SIGNATURE)
    door.lets_in(token)


@pytest.mark.conformance("35", "A17", "A18")
def test_shape_of_ecdsa(door: Door) -> None:
    """An ECDSA signature is R and S of the curve's length: no DER, nothing longer or shorter (section 3.4).

    The other root, n - s, is a signature as well: a token's text is no identity, and nothing here takes it for one.
    """
    token = door.token(key=door.keys["ec"])
    signature = decode(token.rpartition(".")[2])
    r, s = signature[:32], signature[32:]
    der = encode_dss_signature(int.from_bytes(r, "big"), int.from_bytes(s, "big"))
    for wrong in (
        der,
        signature[:-1],
        signature[1:],
        signature + b"\0",
        b"\0" + signature,
        b"\0" + r + b"\0" + s,
        r,
        s,
        s + r,
        b"0" * 64,
    ):
        door.turns_away(signed(token, wrong), Reason.SIGNATURE)
    door.turns_away(signed(token, b"\0" * 64), Reason.SIGNATURE)
    beyond = int.from_bytes(r, "big") + N
    if beyond < 2**256:
        door.turns_away(signed(token, beyond.to_bytes(32, "big") + s), Reason.SIGNATURE)
    door.lets_in(token)
    door.lets_in(signed(token, r + (N - int.from_bytes(s, "big")).to_bytes(32, "big")))


@pytest.mark.conformance("A19")
def test_shape_of_rsa(door: Door) -> None:
    """An RSA signature is as long as the modulus, smaller than it, and padded to the letter."""
    token = door.token(key=door.keys["rsa"])
    signing_input = token.rpartition(".")[0].encode()
    signature = decode(token.rpartition(".")[2])
    key = door.keys["rsa"].private_key.get_op_key("sign")
    numbers = key.private_numbers()
    n, d, size = numbers.public_numbers.n, numbers.d, 256
    for wrong in (
        signature[:-1],
        signature[1:],
        b"\0" + signature,
        signature + b"\0",
        (int.from_bytes(signature, "big") + n).to_bytes(size + 1, "big"),
        b"\0" * size,
        b"\0" * (size - 1) + b"\1",
        (n - 1).to_bytes(size, "big"),
        n.to_bytes(size, "big"),
        b"\xff" * size,
    ):
        door.turns_away(signed(token, wrong), Reason.SIGNATURE)
    prefix = bytes.fromhex("3031300d060960864801650304020105000420")
    digest = hashlib.sha256(signing_input).digest()
    good = b"\0\1" + b"\xff" * (size - 3 - len(prefix) - 32) + b"\0" + prefix + digest
    assert pow(int.from_bytes(good, "big"), d, n).to_bytes(size, "big") == signature
    # Padding with garbage, too short, of another block type, without the algorithm's name, with trailing bytes, of another hash.
    for block in (
        b"\0\1" + b"\xff" * 8 + b"\0" + prefix + digest + b"\xaa" * (size - 11 - len(prefix) - 32),
        b"\0\1" + b"\xfe" * (size - 3 - len(prefix) - 32) + b"\0" + prefix + digest,
        b"\0\2" + b"\xff" * (size - 3 - len(prefix) - 32) + b"\0" + prefix + digest,
        b"\0\1" + b"\xff" * (size - 3 - 32) + b"\0" + digest,
        b"\0\1" + b"\xff" * (size - 3 - len(prefix) - 2 - 32) + b"\0" + prefix + digest + b"\0\0",
        b"\0\1" + b"\xff" * (size - 3 - len(prefix) - 32) + b"\0" + prefix + hashlib.sha256(b"x").digest(),
    ):
        assert len(block) == size
        door.turns_away(signed(token, pow(int.from_bytes(block, "big"), d, n).to_bytes(size, "big")), Reason.SIGNATURE)
    sha1 = key.sign(signing_input, padding.PKCS1v15(), hashes.SHA1())
    door.turns_away(signed(token, sha1), Reason.SIGNATURE)
    door.lets_in(token)


@pytest.mark.conformance("37", "A21")
@pytest.mark.parametrize(
    ("salt", "mask", "accepted"),
    [
        (32, hashes.SHA256(), True),
        (20, hashes.SHA256(), False),
        (0, hashes.SHA256(), False),
        (64, hashes.SHA256(), False),
        (222, hashes.SHA256(), False),
        (32, hashes.SHA1(), False),
        (32, hashes.SHA512(), False),
    ],
    ids=["hash length", "20", "0", "64", "longest", "mask by SHA-1", "mask by SHA-512"],
)
def test_salt_of_pss(make_door: Any, one_of_each: dict[str, SigningKey], salt: int, mask: Any, accepted: bool) -> None:
    """The salt of PSS is as long as the hash, and its mask uses the same hash (section 3.5)."""
    door = make_door(one_of_each)
    token = door.token(key=one_of_each["PS256"])
    key = one_of_each["PS256"].private_key.get_op_key("sign")
    pss = padding.PSS(mgf=padding.MGF1(mask), salt_length=salt)
    token = signed(token, key.sign(token.rpartition(".")[0].encode(), pss, hashes.SHA256()))
    if accepted:
        door.lets_in(token)
    else:
        door.turns_away(token, Reason.SIGNATURE)


@pytest.mark.conformance("39", "A21")
def test_shape_of_eddsa(door: Door) -> None:
    """An Ed25519 signature has 64 bytes with a reduced s, for the key that made it (RFC 8032, section 5.1.7)."""
    token = door.token(key=door.keys["ed"])
    signature = decode(token.rpartition(".")[2])
    r, s = signature[:32], int.from_bytes(signature[32:], "little")
    for wrong in (
        r + (s + L).to_bytes(32, "little"),
        signature + b"\0",
        signature[:-1],
        b"\0" * 64,
        b"\1" + b"\0" * 63,
        r[:31] + bytes([r[31] ^ 0x80]) + signature[32:],
        signature[32:] + r,
    ):
        door.turns_away(signed(token, wrong), Reason.SIGNATURE)
    door.lets_in(token)


@pytest.mark.conformance("39")
def test_curves_and_names(make_door: Any) -> None:
    """`EdDSA` and `Ed25519` are one algorithm of one curve; Ed448 is there only where the configuration names it (RFC 9864)."""
    ed25519, ed448 = SigningKey.generate("Ed25519", kid="a"), SigningKey.generate("Ed448", kid="b")
    nameless = [{name: value for name, value in key.public_jwk().items() if name != "alg"} for key in (ed25519, ed448)]
    door = make_door({"a": ed25519, "b": ed448}, keys={"keys": nameless})
    door.lets_in(door.token(key=ed25519, header={"alg": "Ed25519"}))
    door.lets_in(door.token(key=ed25519, header={"alg": "EdDSA"}))
    for name in ("Ed448", "EdDSA", "Ed25519"):
        door.turns_away(door.token(key=ed448, header={"alg": name}))
    opted = make_door({"a": ed25519, "b": ed448}, algorithms="Ed448")
    opted.lets_in(opted.token(key=ed448))
    opted.turns_away(opted.token(key=ed25519), Reason.ALGORITHM)
    opted.turns_away(opted.token(key=ed448, header={"alg": "EdDSA"}), Reason.ALGORITHM)


@pytest.mark.conformance("39", "A13")
def test_signature_without_a_private_key(make_door: Any) -> None:
    """Under the identity point as a key, R = identity and s = 0 verify for any message: such a key is left out."""
    good = SigningKey.generate("ES256", kid="good")
    door = make_door({"good": good})
    jwk = {"kty": "OKP", "crv": "Ed25519", "kid": "evil", "x": encode(b"\1" + b"\0" * 31)}
    spoilt = make_door({"good": good}, keys={"keys": [jwk, good.public_jwk()]})
    token = door.token(header={"alg": "EdDSA", "kid": "evil"})
    spoilt.turns_away(signed(token, b"\1" + b"\0" * 63), Reason.UNKNOWN_KEY)
    spoilt.lets_in(spoilt.token())


@pytest.mark.conformance("A18")
def test_dss_values_survive_the_round_trip(door: Door) -> None:
    """The signature that is accepted is the very pair of numbers that was made, whatever zeros they begin with."""
    key = door.keys["ec"].private_key.get_op_key("sign")
    token = door.token(key=door.keys["ec"])
    signing_input = token.rpartition(".")[0].encode()
    for _ in range(20_000):
        r, s = decode_dss_signature(key.sign(signing_input, elliptic.ECDSA(hashes.SHA256())))
        if r < 2**248 or s < 2**248:
            short = signed(token, r.to_bytes(32, "big") + s.to_bytes(32, "big"))
            door.lets_in(short)
            door.turns_away(signed(token, r.to_bytes((r.bit_length() + 7) // 8, "big") + s.to_bytes(32, "big")[1:]))
            return
    pytest.fail("no signature with a leading zero byte in 20,000, which chance does not do")
