"""Signature checks: each algorithm knows its own signatures, and those of no other."""

import pytest
from cryptography.exceptions import InvalidSignature
from joserfc.jwk import ECKey, OKPKey, RSAKey

from axioms_fastapi.core.signatures import SUPPORTED_ALGORITHMS, signature_check
from axioms_fastapi.forge import SigningKey
from axioms_fastapi.forge.serialization import decode_segment

SIGNED = b"aGVhZGVy.cGF5bG9hZA"
RSA = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512")
LENGTHS = {"ES256": 64, "ES384": 96, "ES512": 132}


@pytest.fixture(scope="module")
def keys() -> dict[str, SigningKey]:
    """A key for each algorithm; the RSA algorithms share one."""
    rsa = SigningKey.generate("RS256").private_key
    others = (name for name in SUPPORTED_ALGORITHMS if name not in RSA)
    return {
        **{name: SigningKey(name, name, rsa) for name in RSA},
        **{name: SigningKey.generate(name) for name in others},
    }


def signature_of(key: SigningKey) -> bytes:
    """The key's signature over SIGNED."""
    signed, _, signature = key.sign_raw(b"header", b"payload").rpartition(".")
    assert signed.encode() == SIGNED
    return decode_segment(signature)


def public(key: SigningKey) -> RSAKey | ECKey | OKPKey:
    """The public half as it comes from a key set."""
    jwk = key.public_jwk()
    return {"RSA": RSAKey, "EC": ECKey, "OKP": OKPKey}[key.kty].import_key(
        {name: jwk[name] for name in ("kty", "n", "e", "crv", "x", "y") if name in jwk}
    )


def holds(algorithm: str, key: SigningKey, signature: bytes, signed: bytes = SIGNED) -> bool:
    try:
        signature_check(algorithm, public(key))(signature, signed)
    except InvalidSignature:
        return False
    return True


def test_supported() -> None:
    """The asymmetric algorithms of RFC 7518, RFC 8037 and RFC 9864, and no other: neither HMAC nor none."""
    assert {*RSA, *LENGTHS, "EdDSA", "Ed25519", "Ed448"} == SUPPORTED_ALGORITHMS


@pytest.mark.parametrize("algorithm", sorted(SUPPORTED_ALGORITHMS))
def test_own_signature(keys: dict[str, SigningKey], algorithm: str) -> None:
    """A signature holds over what was signed, as often as it comes, and over nothing else."""
    check, signature = signature_check(algorithm, public(keys[algorithm])), signature_of(keys[algorithm])
    for _ in range(2):
        check(signature, SIGNED)
    for other in (SIGNED + b".", SIGNED[1:], b"", SIGNED.upper()):
        with pytest.raises(InvalidSignature):
            check(signature, other)


@pytest.mark.parametrize("algorithm", sorted(SUPPORTED_ALGORITHMS))
def test_damaged_signature(keys: dict[str, SigningKey], algorithm: str) -> None:
    """A signature that was changed in a bit, cut, doubled, or is only zeros does not hold."""
    signature = signature_of(keys[algorithm])
    length = len(signature)
    flipped = [bytes((signature[0] ^ 1,)) + signature[1:], signature[:-1] + bytes((signature[-1] ^ 1,))]
    for damaged in (*flipped, signature[:-1], signature + b"\0", b"\0" + signature, signature * 2, bytes(length), b""):
        assert not holds(algorithm, keys[algorithm], damaged)


@pytest.mark.parametrize("algorithm", RSA)
def test_one_rsa_algorithm_for_another(keys: dict[str, SigningKey], algorithm: str) -> None:
    """Padding and hash belong to the algorithm: with the same key, no other's signature holds."""
    signature = signature_of(keys[algorithm])
    assert [name for name in RSA if holds(name, keys[name], signature)] == [algorithm]


@pytest.mark.parametrize(("algorithm", "length"), LENGTHS.items())
def test_ecdsa_numbers_have_their_full_length(keys: dict[str, SigningKey], algorithm: str, length: int) -> None:
    """Two numbers of the curve's length are a signature, in that order; DER and shortened numbers are none (RFC 7518, 3.4)."""
    from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

    signature = signature_of(keys[algorithm])
    assert len(signature) == length
    half = length // 2
    r, s = signature[:half], signature[half:]
    assert holds(algorithm, keys[algorithm], r + s)
    der = encode_dss_signature(int.from_bytes(r), int.from_bytes(s))
    for other in (s + r, r + b"\0" + s, b"\0" + r + b"\0" + s, der, r, r + bytes(half), bytes(half) + s):
        assert not holds(algorithm, keys[algorithm], other)


def test_other_keys(keys: dict[str, SigningKey]) -> None:
    """Another key of the same kind makes no signature of this one."""
    for algorithm in ("RS256", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed448"):
        assert not holds(algorithm, SigningKey.generate(algorithm), signature_of(keys[algorithm]))
