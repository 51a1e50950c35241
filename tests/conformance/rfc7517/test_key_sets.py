"""RFC 7517 and RFC 7518, section 6: which keys of a set may verify anything. An unsuitable key never spoils the set."""

import base64
from collections.abc import Callable
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from axioms_fastapi import ConfigurationError, Reason
from axioms_fastapi.forge import SigningKey
from conformance.door import Door


def encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def decode(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


MakeDoor = Callable[..., Door]

# What a key of each kind is changed to, so that it must be left out.
OF_EVERY_KIND: tuple[dict[str, Any], ...] = (
    {"kty": "oct", "k": "AAAA"},
    {"kty": "AKP"},
    {"kty": "rsa"},
    {"kty": ""},
    {"kty": None},
    {"kty": ["RSA"]},
    {"use": "enc"},
    {"use": ""},
    {"use": None},
    {"use": "SIG"},
    {"use": ["sig"]},
    {"key_ops": ["encrypt"]},
    {"key_ops": ["sign"]},
    {"key_ops": []},
    {"key_ops": "verify"},
    {"key_ops": None},
    {"alg": "RS512"},
    {"alg": "HS256"},
    {"alg": "none"},
    {"alg": ""},
    {"alg": None},
    {"alg": ["RS256", "ES256", "EdDSA"]},
    {"alg": "RSA-OAEP-256"},
    {"d": "AQAB"},
    {"kid": ""},
    {"kid": 7},
    {"kid": ["ec"]},
)
OF_RSA: tuple[dict[str, Any], ...] = (
    {"n": "!"},
    {"n": ""},
    {"n": None},
    {"n": 7},
    {"e": "AQ"},
    {"e": "Aw"},
    {"e": "AA"},
    {"e": ""},
    {"e": "AQAC"},
    {"e": "AAEAAQ"},
    {"e": "AQAB="},
    {"e": "AQABAA=="},
    {"e": encode(b"\1" + b"\0" * 8)},
    {"e": None},
    {"e": 65537},
)
OF_EC: tuple[dict[str, Any], ...] = (
    {"crv": "P-384"},
    {"crv": "P-521"},
    {"crv": "P-256K"},
    {"crv": "secp256k1"},
    {"crv": "P-256 "},
    {"crv": "p-256"},
    {"crv": None},
    {"crv": ["P-256"]},
    {"x": "AAAA"},
    {"x": encode(b"\0" * 32), "y": encode(b"\0" * 32)},
    {"y": encode(b"\1" * 32)},
    {"y": None},
    {"x": 7},
    {"x": encode(b"\xff" * 32)},
)
OF_OKP: tuple[dict[str, Any], ...] = (
    {"crv": "X25519"},
    {"crv": "Ed448"},
    {"crv": "ed25519"},
    {"crv": "P-256"},
    {"crv": None},
    {"x": encode(b"\0" * 32)},
    {"x": encode(b"\1" + b"\0" * 31)},
    {"x": encode(b"\xec" + b"\xff" * 30 + b"\x7f")},
    {"x": encode(b"\1" * 31)},
    {"x": encode(b"\1" * 33)},
    {"x": ""},
    {"x": None},
)
CASES = [
    *(("rsa", change) for change in (*OF_EVERY_KIND, *OF_RSA) if change != {"alg": "RS256"}),
    *(("ec", change) for change in (*OF_EVERY_KIND, *OF_EC)),
    *(("ed", change) for change in (*OF_EVERY_KIND, *OF_OKP)),
]


@pytest.mark.conformance("31", "32", "36", "40", "A11", "A13")
@pytest.mark.parametrize(("kid", "change"), CASES, ids=str)
def test_unsuitable_key(
    make_door: MakeDoor, trusted_keys: dict[str, SigningKey], kid: str, change: dict[str, Any]
) -> None:
    """A key of another purpose, size, curve or shape verifies nothing, and the good keys beside it still do."""
    jwk = trusted_keys[kid].public_jwk() | change
    good = [key.public_jwk() for name, key in trusted_keys.items() if name != kid]
    door = make_door(keys={"keys": [jwk, *good]})
    door.turns_away(door.token(key=trusted_keys[kid]))
    for name, key in trusted_keys.items():
        if name != kid:
            door.lets_in(door.token(key=key))


@pytest.mark.conformance("31")
@pytest.mark.parametrize("entry", [None, 7, "key", True, [], {}, [{}]], ids=repr)
def test_no_key_at_all(make_door: MakeDoor, trusted_keys: dict[str, SigningKey], entry: Any) -> None:
    """What is no key in the list of keys is passed over."""
    good = [key.public_jwk() for key in trusted_keys.values()]
    for keys in ([entry, *good], [*good, entry], [good[0], entry, *good[1:]]):
        door = make_door(keys={"keys": keys})
        for key in trusted_keys.values():
            door.lets_in(door.token(key=key))


@pytest.mark.conformance("31")
@pytest.mark.parametrize(
    "extra", [{"x5c": ["MIIB"]}, {"x5t": "AAAA"}, {"issuer": "https://x"}, {"ext": True}, {"exp": 1}], ids=str
)
def test_unknown_members(make_door: MakeDoor, trusted_keys: dict[str, SigningKey], extra: dict[str, Any]) -> None:
    """A member that nobody here knows is ignored (RFC 7517, section 4)."""
    door = make_door(keys={"keys": [key.public_jwk() | extra for key in trusted_keys.values()], "extra": 1})
    for key in trusted_keys.values():
        door.lets_in(door.token(key=key))


@pytest.mark.conformance("34", "A13")
@pytest.mark.parametrize("bits", [512, 1024, 2047, 2048, 8192, 8193, 16384])
def test_size_of_rsa(make_door: MakeDoor, trusted_keys: dict[str, SigningKey], bits: int) -> None:
    """An RSA modulus has 2,048 to 8,192 bits (RFC 7518, section 3.3; the upper bound keeps a verification cheap)."""
    modulus = (1 << bits - 1) + 1 | 1
    jwk = {"kty": "RSA", "kid": "odd", "n": encode(modulus.to_bytes((bits + 7) // 8, "big")), "e": "AQAB"}
    door = make_door(keys={"keys": [jwk, trusted_keys["ec"].public_jwk()]})
    is_kept = 2048 <= bits <= 8192
    assert door.axioms.key_status()[Door.URL].keys == 1 + is_kept
    expected = Reason.SIGNATURE if is_kept else Reason.UNKNOWN_KEY
    door.turns_away(door.token(key=trusted_keys["rsa"], header={"kid": "odd"}), expected)


@pytest.mark.conformance("34", "A13")
def test_a_real_short_key(make_door: MakeDoor, trusted_keys: dict[str, SigningKey]) -> None:
    """A token that a real 1,024-bit key has signed is refused."""
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import padding

    short = rsa.generate_private_key(65537, 1024)
    numbers = short.public_key().public_numbers()
    jwk = {"kty": "RSA", "kid": "rsa", "n": encode(numbers.n.to_bytes(128, "big")), "e": "AQAB", "alg": "RS256"}
    door = make_door(keys={"keys": [jwk, trusted_keys["ec"].public_jwk()]})
    signing_input = door.token(key=trusted_keys["rsa"]).rpartition(".")[0]
    signature = short.sign(signing_input.encode(), padding.PKCS1v15(), hashes.SHA256())
    door.turns_away(f"{signing_input}.{encode(signature)}", Reason.UNKNOWN_KEY)


@pytest.mark.conformance("A13")
@pytest.mark.parametrize("change", ["even", "leading zero", "padded", "standard alphabet", "stray bits"])
def test_encoding_of_rsa(make_door: MakeDoor, trusted_keys: dict[str, SigningKey], change: str) -> None:
    """A modulus is odd, and written in one way alone (RFC 7518, section 2)."""
    jwk = trusted_keys["rsa"].public_jwk()
    octets = decode(jwk["n"])
    last = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".index(jwk["n"][-1])
    jwk["n"] = {
        "even": encode(octets[:-1] + bytes([octets[-1] & 0xFE])),
        "leading zero": encode(b"\0" + octets),
        "padded": jwk["n"] + "==",
        "standard alphabet": base64.b64encode(octets).rstrip(b"=").decode(),
        "stray bits": jwk["n"][:-1] + "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"[last | 1],
    }[change]
    assert jwk["n"] != trusted_keys["rsa"].public_jwk()["n"]
    door = make_door(keys={"keys": [jwk, trusted_keys["ec"].public_jwk()]})
    door.turns_away(door.token(key=trusted_keys["rsa"]), Reason.UNKNOWN_KEY)
    door.lets_in(door.token(key=trusted_keys["ec"]))


@pytest.mark.conformance("33", "A4")
@pytest.mark.parametrize("signed", ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"])
@pytest.mark.parametrize("configured", [None, "RS256", "PS256", "RS256,PS256"])
def test_rsa_key_without_alg(make_door: MakeDoor, signed: str, configured: str | None) -> None:
    """An RSA key that names no algorithm verifies RS256 alone, or the RSA algorithms that the configuration names."""
    key = SigningKey.generate("RS256", kid="k")
    jwk = {name: value for name, value in key.public_jwk().items() if name != "alg"}
    door = make_door({"k": key}, keys={"keys": [jwk]}, algorithms=configured)
    token = door.token(key=SigningKey("k", signed, key.private_key))
    if signed in (configured or "RS256").split(","):
        door.lets_in(token)
    else:
        door.turns_away(token)


@pytest.mark.conformance("33", "36")
@pytest.mark.parametrize("curve", ["ES256", "ES384", "ES512"])
@pytest.mark.parametrize("claimed", ["ES256", "ES384", "ES512"])
def test_ec_key_without_alg(make_door: MakeDoor, curve: str, claimed: str) -> None:
    """An EC key verifies the algorithm of its curve, whatever a header claims."""
    key = SigningKey.generate(curve, kid="k")
    jwk = {name: value for name, value in key.public_jwk().items() if name != "alg"}
    door = make_door({"k": key}, keys={"keys": [jwk]})
    if claimed == curve:
        door.lets_in(door.token())
    else:
        door.turns_away(door.token(header={"alg": claimed}), Reason.UNKNOWN_KEY)


@pytest.mark.conformance("A12", "A111")
def test_kid_twice(make_door: MakeDoor, trusted_keys: dict[str, SigningKey]) -> None:
    """Of keys that share a kid all that suit are tried, up to four: more would make each verification expensive."""
    twins = [SigningKey.generate("ES256", kid="same") for _ in range(5)]
    other_kind = trusted_keys["rsa"].public_jwk() | {"kid": "same"}
    door = make_door({"same": twins[0]}, keys={"keys": [other_kind, *(key.public_jwk() for key in twins)]})
    for key in twins[:4]:
        door.lets_in(door.token(key=key))
    door.turns_away(door.token(key=twins[4]), Reason.SIGNATURE)
    door.turns_away(door.token(key=SigningKey.generate("ES256", kid="same")), Reason.SIGNATURE)


@pytest.mark.conformance("A14")
def test_key_of_a_flawed_generator(make_door: MakeDoor, trusted_keys: dict[str, SigningKey]) -> None:
    """A modulus with the fingerprint of CVE-2017-15361 (ROCA) is left out."""
    primes = [p for p in range(2, 702) if all(p % d for d in range(2, p))]
    product = 1
    for prime in primes:
        product *= prime
    modulus = pow(65537, 4711, product) + product * (2**2047 // product + 1)
    jwk = {"kty": "RSA", "kid": "roca", "n": encode(modulus.to_bytes(256, "big")), "e": "AQAB"}
    door = make_door(keys={"keys": [jwk, trusted_keys["ec"].public_jwk()]})
    door.turns_away(door.token(key=trusted_keys["rsa"], header={"kid": "roca"}), Reason.UNKNOWN_KEY)
    door.lets_in(door.token())


@pytest.mark.conformance("A105", "A113")
@pytest.mark.parametrize(
    "keys",
    [
        {},
        {"keys": {}},
        {"keys": []},
        {"keys": None},
        {"keys": "x"},
        {"keys": [{}]},
        {"keys": [{"kty": "oct", "k": "AAAA"}]},
        {"keys": [{}] * 101},
    ],
    ids=["nothing", "an object", "none", "null", "a text", "an empty key", "a secret", "a hundred and one"],
)
def test_no_usable_key(make_door: MakeDoor, keys: dict[str, Any]) -> None:
    """A set without a usable key is no set: as a configured value it stops the start."""
    with pytest.raises(ConfigurationError, match="keys"):
        make_door(keys=keys)
