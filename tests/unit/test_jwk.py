"""Which keys of a set may verify, and what the log is told of those that may not."""

import base64
import logging
import math
import secrets
from collections.abc import Callable
from dataclasses import FrozenInstanceError
from typing import Any

import pytest
from joserfc.jwk import ECKey

from axioms_fastapi.core.jwk import (
    _ROCA_RESIDUES,
    Algorithms,
    KeySet,
    UnsuitableKey,
    VerificationKey,
    parse_key_set,
    public_jwk_of_pem,
)
from axioms_fastapi.core.signatures import SUPPORTED_ALGORITHMS
from axioms_fastapi.forge import SigningKey

EVERY = Algorithms(SUPPORTED_ALGORITHMS)
RSA, EC, OKP, ED448 = (
    SigningKey.generate(algorithm, kid="k").public_jwk() for algorithm in ("RS256", "ES256", "EdDSA", "Ed448")
)
PRIMES = (11, 13, 17, 19, 37, 53, 61, 71, 73, 79, 97, 103, 107, 109, 127, 151, 157)


def encode(octets: bytes) -> str:
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


def number(value: int) -> str:
    return encode(value.to_bytes(math.ceil(value.bit_length() / 8), "big"))


def reason(jwk: Any, algorithms: Algorithms = EVERY) -> str | None:
    """Why a key is left out, or None."""
    try:
        parse_key_set({"keys": [jwk]}, algorithms)
    except UnsuitableKey as error:
        return str(error).removeprefix("a JWK set without a usable key: of the first key, ")
    return None


def without(jwk: dict[str, Any], *members: str, **changes: Any) -> dict[str, Any]:
    return {name: value for name, value in (jwk | changes).items() if name not in members}


NO_EC, NO_OKP = "its curve is not P-256, P-384 or P-521", "its curve is not Ed25519 or Ed448"
UNSOUND = "its modulus or exponent is not one of a sound RSA key"


@pytest.mark.parametrize(
    ("jwk", "why"),
    [
        (7, "it is not an object"),
        (RSA | {"d": "AQAB"}, "it holds private material"),
        (RSA | {"k": "AQAB"}, "it holds private material"),
        (RSA | {"use": "enc"}, "its use is not sig"),
        (RSA | {"use": None}, "its use is not sig"),
        (RSA | {"key_ops": ["sign"]}, "its key_ops do not hold verify"),
        (RSA | {"key_ops": "verify"}, "its key_ops do not hold verify"),
        (RSA | {"kid": ""}, "its kid is not a text"),
        (RSA | {"kid": 7}, "its kid is not a text"),
        ({"kty": "oct"}, "its kty is not RSA, EC or OKP"),
        ({}, "its kty is not RSA, EC or OKP"),
        (RSA | {"alg": "ES256"}, "its algorithm is not allowed here"),
        (RSA | {"alg": "RSA-OAEP"}, "its algorithm is not allowed here"),
        (EC | {"alg": "ES384"}, "its algorithm is not allowed here"),
        (OKP | {"alg": "ES256"}, "its algorithm is not allowed here"),
        (OKP | {"alg": ["EdDSA"]}, "its algorithm is not allowed here"),
        (OKP | {"alg": "Ed448"}, "its algorithm is not allowed here"),
        (RSA | {"n": number(2**2046 + 1)}, "its modulus has 2047 bits, outside 2048 to 8192"),
        (RSA | {"n": number(2**8192 + 1)}, "its modulus has 8193 bits, outside 2048 to 8192"),
        (RSA | {"n": number(2**2047)}, UNSOUND),
        (RSA | {"e": number(65536)}, UNSOUND),
        (RSA | {"e": number(65538)}, UNSOUND),
        (RSA | {"e": number(3)}, UNSOUND),
        (RSA | {"e": number(65535)}, UNSOUND),
        (RSA | {"e": number(2**64)}, UNSOUND),
        (RSA | {"e": number(2**64 + 1)}, UNSOUND),
        (without(RSA, "n"), "its member n is missing or not a text of base64url"),
        (RSA | {"e": 65537}, "its member e is missing or not a text of base64url"),
        (RSA | {"e": "AQAß"}, "its member e is missing or not a text of base64url"),
        (RSA | {"e": "AQAB="}, "its member e is not canonical base64url"),
        (RSA | {"e": "AQA*"}, "its member e is not canonical base64url"),
        (RSA | {"e": ""}, "its member e is empty or has leading zeros"),
        (RSA | {"e": "AAEAAQ"}, "its member e is empty or has leading zeros"),
        (EC | {"crv": "secp256k1"}, NO_EC),
        (EC | {"crv": ["P-256"]}, NO_EC),
        (without(EC, "crv"), NO_EC),
        (EC | {"x": encode(b"\x01" * 31)}, "its coordinates have the wrong length"),
        (EC | {"y": encode(b"\x01" * 33)}, "its coordinates have the wrong length"),
        (EC | {"crv": "P-384"}, "its coordinates have the wrong length"),
        (EC | {"x": encode(b"\x01" * 32)}, "it cannot be imported (ValueError)"),
        (OKP | {"crv": "X25519"}, NO_OKP),
        (OKP | {"crv": 7}, NO_OKP),
        (OKP | {"x": encode(b"\x01" * 31)}, "its public key has the wrong length"),
        (OKP | {"crv": "Ed448"}, "its public key has the wrong length"),
        (OKP | {"x": encode(b"\x01" + bytes(31))}, "its public key is a point of small order"),
    ],
    ids=str,
)
def test_left_out(jwk: Any, why: str, caplog: pytest.LogCaptureFixture) -> None:
    """An unsuitable key is left out for one reason, which the log has, and good keys beside it serve."""
    caplog.set_level(logging.INFO, "axioms_fastapi.keys")
    assert reason(jwk) == why
    assert caplog.record_tuples == [("axioms_fastapi.keys", logging.INFO, f"key 0 of the JWK set is left out: {why}")]
    assert parse_key_set({"keys": [jwk, EC]}, EVERY).size == 1


@pytest.mark.parametrize(
    ("document", "why"),
    [
        ({}, "a JWK set without an array named keys"),
        ({"keys": {}}, "a JWK set without an array named keys"),
        ({"keys": []}, "a JWK set without a usable key"),
        ({"keys": [7, RSA | {"d": "x"}]}, "a JWK set without a usable key: of the first key, it is not an object"),
        ({"keys": [EC] * 101}, "a JWK set of more than 100 keys"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_no_set(document: dict[str, Any], why: str) -> None:
    """A set without a usable key is none, and says why the first was not used."""
    with pytest.raises(UnsuitableKey) as error:
        parse_key_set(document, EVERY)
    assert str(error.value) == why
    assert parse_key_set({"keys": [EC] * 100}, EVERY).size == 100


@pytest.mark.parametrize(
    ("jwk", "bound"),
    [
        (without(RSA, "alg"), {"RS256"}),
        (RSA, {"RS256"}),
        (RSA | {"alg": "PS512"}, {"PS512"}),
        (without(EC, "alg"), {"ES256"}),
        (OKP, {"EdDSA", "Ed25519"}),
        (without(OKP, "alg"), {"EdDSA", "Ed25519"}),
        (OKP | {"alg": "Ed25519"}, {"EdDSA", "Ed25519"}),
        (ED448, {"Ed448"}),
        (without(ED448, "alg"), {"Ed448"}),
        (ED448 | {"alg": "EdDSA"}, {"Ed448"}),
        (RSA | {"e": number(2**64 - 1)}, {"RS256"}),
        (RSA | {"n": number(2**8191 + 1)}, {"RS256"}),
        (RSA | {"n": number(2**2047 + 1)}, {"RS256"}),
        (RSA | {"e": number(65537 * 3)}, {"RS256"}),
        (RSA | {"use": "sig", "key_ops": ["verify", "sign"], "x5c": ["x"], "foreign": {}}, {"RS256"}),
    ],
    ids=str,
)
def test_bound(jwk: dict[str, Any], bound: set[str]) -> None:
    """A key verifies the algorithms that it is bound to, and no other."""
    found = parse_key_set({"keys": [jwk]}, EVERY).by_kid_and_algorithm
    assert {algorithm for _, algorithm in found} == bound
    assert {name for keys in found.values() for key in keys for name in key.algorithms} == bound


def test_rsa_without_alg() -> None:
    """What an RSA key without alg is bound to is the configuration's to say, within what is allowed."""
    configured = Algorithms(frozenset({"PS256", "PS384", "ES256"}), frozenset({"PS256", "RS256"}))
    assert {name for _, name in parse_key_set({"keys": [without(RSA, "alg")]}, configured).by_kid_and_algorithm} == {
        "PS256"
    }
    assert reason(RSA, configured) == "its algorithm is not allowed here"


@pytest.mark.parametrize(
    ("issuer", "read"), [("https://a.test", "https://a.test"), ("", ""), (None, ""), (7, ""), (["x"], "")]
)
def test_issuer_of_a_key(issuer: Any, read: str) -> None:
    """A key may say whose tokens it signs; what cannot be read is nobody's, and none is anybody's."""
    (key,) = parse_key_set({"keys": [EC | {"issuer": issuer}]}, EVERY).candidates("k", "ES256")
    assert key.issuer == read
    (plain,) = parse_key_set({"keys": [EC]}, EVERY).candidates("k", "ES256")
    assert plain.issuer is None
    assert VerificationKey("k", frozenset(), plain.key).issuer is None


@pytest.mark.parametrize("odd_one", [None, *PRIMES])
def test_flawed_generator(odd_one: int | None) -> None:
    """A modulus that is a power of 65537 modulo each of these primes is of the flawed generator; modulo all but one, not."""
    assert tuple(_ROCA_RESIDUES) == PRIMES
    modulus, product = 1, 2
    for prime in PRIMES:
        powers = {pow(65537, exponent, prime) for exponent in range(prime)}
        residue = secrets.choice(sorted(set(range(1, prime)) - powers) if prime == odd_one else sorted(powers))
        modulus += product * ((residue - modulus) * pow(product, -1, prime) % prime)
        product *= prime
    modulus += product * (2**2048 // product - 1)
    assert modulus % 2 == 1
    expected = None if odd_one else "its modulus is one of the flawed generator of CVE-2017-15361"
    assert reason(RSA | {"n": number(modulus)}) == expected


@pytest.mark.parametrize(
    "make",
    [lambda: EVERY, lambda: parse_key_set({"keys": [EC]}, EVERY), lambda: VerificationKey(None, frozenset(), None)],  # type: ignore[arg-type]
    ids=["algorithms", "key set", "key"],
)
def test_frozen(make: Callable[[], Any]) -> None:
    """Keys and what they may do are changed by nobody."""
    value = make()
    with pytest.raises(FrozenInstanceError):
        setattr(value, next(iter(value.__dataclass_fields__)), None)


def test_the_same_key_again() -> None:
    """A key that is read again is the same key, also with the checks that were made for it: what it signed stays known."""
    for jwk in (RSA, EC, OKP):
        once, again = (
            next(iter(parse_key_set({"keys": [jwk]}, EVERY).by_kid_and_algorithm.values()))[0] for _ in range(2)
        )
        assert once is not again
        assert once == again
        assert once.checks.keys() == once.algorithms
        assert "function" not in repr(once)
        assert "method" not in repr(once)


def test_candidates() -> None:
    """Of keys with one kid the first four count; without a kid, the only one that suits."""
    key = ECKey.generate_key()
    keys = [VerificationKey("k", frozenset({"ES256"}), key, str(number)) for number in range(6)]
    assert [key.issuer for key in KeySet.of(keys).candidates("k", "ES256")] == ["0", "1", "2", "3"]
    assert KeySet.of(keys).candidates(None, "ES256") == ()
    assert KeySet.of(keys[:1]).candidates(None, "ES256") == (keys[0],)


class TestPem:
    """Keys that are given as PEM."""

    @pytest.mark.parametrize("algorithm", ["RS256", "ES256", "ES512", "EdDSA", "Ed448"])
    def test_public(self, algorithm: str) -> None:
        """The JWK of a public key, with public members alone."""
        key = SigningKey.generate(algorithm, kid="k")
        jwk = public_jwk_of_pem(key.private_key.as_pem(private=False).decode())
        own = key.public_jwk()
        assert {name: jwk[name] for name in ("kty", "n", "e", "crv", "x", "y") if name in own} == {
            name: own[name] for name in ("kty", "n", "e", "crv", "x", "y") if name in own
        }
        assert not {"d", "p", "q"} & jwk.keys()

    def test_private(self) -> None:
        """A private key is refused by name: whoever gives one has made a mistake."""
        with pytest.raises(UnsuitableKey) as error:
            public_jwk_of_pem(SigningKey.generate("ES256", kid="k").private_key.as_pem(private=True).decode())
        assert str(error.value) == "the PEM holds a private key; give the public key alone"

    @pytest.mark.parametrize(
        "text",
        ["", "no PEM", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n", "-----BEGIN PUBLIC KEY-----"],
    )
    def test_no_key(self, text: str) -> None:
        """What is no key says so."""
        with pytest.raises(UnsuitableKey) as error:
            public_jwk_of_pem(text)
        assert str(error.value) == "the PEM holds no RSA, EC or Ed25519 public key"
