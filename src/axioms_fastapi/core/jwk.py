"""Public keys: which JSON Web Keys may verify which algorithms. Unsuitable keys are left out one by one.

With `signatures`, the only user of the JOSE library.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey, RSAKey

from .encoding import Malformed, base64url_decode
from .signatures import SignatureCheck, signature_check

logger = logging.getLogger("axioms_fastapi.keys")

RSA_ALGORITHMS: Final = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512")
_EC_ALGORITHMS: Final = {"P-256": ("ES256", 32), "P-384": ("ES384", 48), "P-521": ("ES512", 66)}
# RFC 9864 names the algorithm after the curve; EdDSA is the older name of the same signature (RFC 8037).
_OKP_ALGORITHMS: Final = {
    "Ed25519": (frozenset({"EdDSA", "Ed25519"}), 32),
    "Ed448": (frozenset({"EdDSA", "Ed448"}), 57),
}

_MOST_KEYS: Final = 100
# How many keys of one key set may share a kid: more would let a key server make each verification expensive.
_MOST_CANDIDATES: Final = 4

# Points whose order divides the curve's cofactor, by their y coordinate (RFC 7748, section 7): under such a key a signature
# that needs no private key verifies for many messages. For each curve its prime, then the coordinates.
_P25519, _P448 = 2**255 - 19, 2**448 - 2**224 - 1
_OF_ORDER_8: Final = 2707385501144840649318225287225658788936804267575313519463743609750303402022
_SMALL_ORDER: Final = {
    "Ed25519": (_P25519, frozenset({0, 1, _P25519 - 1, _OF_ORDER_8, _P25519 - _OF_ORDER_8})),
    "Ed448": (_P448, frozenset({0, 1, _P448 - 1})),
}
# The generator behind CVE-2017-15361 (ROCA) made moduli that are a power of 65537 modulo each of these primes, which leaves
# few enough to factor; one sound modulus in hundreds of millions is taken for such a one.
_ROCA_RESIDUES: Final = {
    prime: frozenset(pow(65537, exponent, prime) for exponent in range(prime - 1))
    for prime in (11, 13, 17, 19, 37, 53, 61, 71, 73, 79, 97, 103, 107, 109, 127, 151, 157)
}


class UnsuitableKey(ValueError):
    """A key must not verify access tokens; the message says why, and quotes nothing of the key."""


@dataclass(frozen=True, slots=True)
class Algorithms:
    """The signature algorithms that an issuer may use, and those that an RSA key without `alg` is bound to.

    A key belongs to one algorithm (RFC 8725, section 3.1): an RSA key that does not name its own verifies RS256 alone,
    unless the configuration names other RSA algorithms.
    """

    allowed: frozenset[str]
    rsa_without_alg: frozenset[str] = frozenset({"RS256"})


@dataclass(frozen=True, slots=True)
class VerificationKey:
    """A public key and the algorithms that it is bound to, each with its check.

    `issuer` is whose tokens it signs, where the key says so itself; empty where it says so in no text, which is nobody's.
    """

    kid: str | None
    algorithms: frozenset[str]
    key: RSAKey | ECKey | OKPKey
    issuer: str | None = None
    checks: Mapping[str, SignatureCheck] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Make the checks, by algorithm, once."""
        checks = {algorithm: signature_check(algorithm, self.key) for algorithm in self.algorithms}
        object.__setattr__(self, "checks", MappingProxyType(checks))


@dataclass(frozen=True, slots=True)
class KeySet:
    """The public keys of one issuer at one moment, indexed by (kid, alg). Replaced whole, never changed."""

    by_kid_and_algorithm: Mapping[tuple[str | None, str], tuple[VerificationKey, ...]]
    size: int

    @classmethod
    def of(cls, keys: Sequence[VerificationKey]) -> "KeySet":
        """The set of these keys."""
        index: dict[tuple[str | None, str], tuple[VerificationKey, ...]] = {}
        by_algorithm: dict[str, list[VerificationKey]] = {}
        for key in keys:
            for algorithm in key.algorithms:
                by_algorithm.setdefault(algorithm, []).append(key)
                if key.kid is not None:
                    known = index.get((key.kid, algorithm), ())
                    index[key.kid, algorithm] = (*known, key)[:_MOST_CANDIDATES]
        # A token without kid is accepted when exactly one key suits it.
        index.update({(None, name): tuple(suited) for name, suited in by_algorithm.items() if len(suited) == 1})
        return cls(MappingProxyType(index), len(keys))

    def candidates(self, kid: str | None, algorithm: str) -> tuple[VerificationKey, ...]:
        """The keys that may have signed a token with this header: none where the kid is unknown."""
        return self.by_kid_and_algorithm.get((kid, algorithm), ())


def parse_key_set(document: Mapping[str, Any], algorithms: Algorithms) -> KeySet:
    """The suitable keys of a JWK set (RFC 7517, section 5). One bad key never spoils the set.

    Raises UnsuitableKey where no key at all is usable: such a set must never replace a good one.
    """
    entries = document.get("keys")
    if not isinstance(entries, list):
        raise UnsuitableKey("a JWK set without an array named keys")
    if len(entries) > _MOST_KEYS:
        raise UnsuitableKey(f"a JWK set of more than {_MOST_KEYS} keys")
    keys: list[VerificationKey] = []
    left_out: list[str] = []
    for position, entry in enumerate(entries):
        try:
            keys.append(_verification_key(entry, algorithms))
        except UnsuitableKey as reason:
            logger.info("key %d of the JWK set is left out: %s", position, reason)
            left_out.append(str(reason))
    if not keys:
        why = f": of the first key, {left_out[0]}" if left_out else ""
        raise UnsuitableKey(f"a JWK set without a usable key{why}")
    return KeySet.of(keys)


def public_jwk_of_pem(pem: str) -> dict[str, Any]:
    """The JWK of a public key in PEM. Raises UnsuitableKey for a private key, or what is no key at all."""
    if "PRIVATE KEY" in pem:
        raise UnsuitableKey("the PEM holds a private key; give the public key alone")
    for kind in (RSAKey, ECKey, OKPKey):
        try:
            return dict(kind.import_key(pem).as_dict(private=False))
        except (JoseError, ValueError, TypeError):
            continue
    raise UnsuitableKey("the PEM holds no RSA, EC or Ed25519 public key")


def _verification_key(jwk: object, algorithms: Algorithms) -> VerificationKey:
    if not isinstance(jwk, dict):
        raise UnsuitableKey("it is not an object")
    _check_purpose(jwk)
    kid = jwk.get("kid")
    if kid is not None and not (isinstance(kid, str) and kid):
        raise UnsuitableKey("its kid is not a text")
    kind: type[RSAKey | ECKey | OKPKey]
    match jwk.get("kty"):
        case "RSA":
            kind, bound = RSAKey, _rsa_algorithms(jwk, algorithms)
        case "EC":
            kind, bound = ECKey, _ec_algorithms(jwk)
        case "OKP":
            kind, bound = OKPKey, _okp_algorithms(jwk)
        case _:  # symmetric keys above all: a public document that holds a secret is nobody's secret
            raise UnsuitableKey("its kty is not RSA, EC or OKP")
    bound &= algorithms.allowed
    if not bound:
        raise UnsuitableKey("its algorithm is not allowed here")
    try:
        # Only what the mathematics needs is handed on: no foreign member can change what the library makes of the key.
        key = kind.import_key({name: jwk[name] for name in ("kty", "n", "e", "crv", "x", "y") if name in jwk})
    except (JoseError, ValueError, TypeError, KeyError) as error:
        raise UnsuitableKey(f"it cannot be imported ({type(error).__name__})") from None
    issuer = jwk.get("issuer")
    if "issuer" in jwk and not isinstance(issuer, str):
        issuer = ""  # a member that cannot be read must not count as none
    return VerificationKey(kid, bound, key, issuer)


def _check_purpose(jwk: dict[str, Any]) -> None:
    if "d" in jwk or "k" in jwk:
        raise UnsuitableKey("it holds private material")
    if jwk.get("use", "sig") != "sig":
        raise UnsuitableKey("its use is not sig")
    operations = jwk.get("key_ops", ["verify"])
    if not isinstance(operations, list) or "verify" not in operations:
        raise UnsuitableKey("its key_ops do not hold verify")


def _rsa_algorithms(jwk: dict[str, Any], algorithms: Algorithms) -> frozenset[str]:
    modulus, exponent = _unsigned(jwk, "n"), _unsigned(jwk, "e")
    if not 2048 <= modulus.bit_length() <= 8192:  # RFC 7518, section 3.3; the upper bound keeps a verification cheap
        raise UnsuitableKey(f"its modulus has {modulus.bit_length()} bits, outside 2048 to 8192")
    if modulus % 2 == 0 or exponent % 2 == 0 or not 65537 <= exponent < 2**64:
        raise UnsuitableKey("its modulus or exponent is not one of a sound RSA key")
    if all(modulus % prime in residues for prime, residues in _ROCA_RESIDUES.items()):
        raise UnsuitableKey("its modulus is one of the flawed generator of CVE-2017-15361")
    if "alg" not in jwk:
        return algorithms.rsa_without_alg
    return frozenset({jwk["alg"]}) if jwk["alg"] in RSA_ALGORITHMS else frozenset()


def _ec_algorithms(jwk: dict[str, Any]) -> frozenset[str]:
    curve = jwk.get("crv")
    if not isinstance(curve, str) or curve not in _EC_ALGORITHMS:
        raise UnsuitableKey("its curve is not P-256, P-384 or P-521")
    algorithm, length = _EC_ALGORITHMS[curve]
    if len(_octets(jwk, "x")) != length or len(_octets(jwk, "y")) != length:  # RFC 7518, section 6.2.1.2
        raise UnsuitableKey("its coordinates have the wrong length")
    return frozenset({algorithm}) if jwk.get("alg", algorithm) == algorithm else frozenset()


def _okp_algorithms(jwk: dict[str, Any]) -> frozenset[str]:
    curve = jwk.get("crv")
    if not isinstance(curve, str) or curve not in _OKP_ALGORITHMS:
        raise UnsuitableKey("its curve is not Ed25519 or Ed448")
    names, length = _OKP_ALGORITHMS[curve]
    public = _octets(jwk, "x")
    if len(public) != length:
        raise UnsuitableKey("its public key has the wrong length")
    prime, small_order = _SMALL_ORDER[curve]
    # The highest bit is the sign of x (RFC 8032, sections 5.1.2 and 5.2.2); y may be encoded unreduced.
    if (int.from_bytes(public, "little") & (1 << 8 * length - 1) - 1) % prime in small_order:
        raise UnsuitableKey("its public key is a point of small order")
    # Ed448 is opt-in by its own name: EdDSA in an allow list means Ed25519, as it does at every provider.
    own = names - {"EdDSA"} if curve == "Ed448" else names
    return own if "alg" not in jwk or (isinstance(jwk["alg"], str) and jwk["alg"] in names) else frozenset()


def _octets(jwk: dict[str, Any], member: str) -> bytes:
    value = jwk.get(member)
    if not isinstance(value, str) or not value.isascii():
        raise UnsuitableKey(f"its member {member} is missing or not a text of base64url")
    try:
        return base64url_decode(value.encode("ascii"))
    except Malformed:
        raise UnsuitableKey(f"its member {member} is not canonical base64url") from None


def _unsigned(jwk: dict[str, Any], member: str) -> int:
    octets = _octets(jwk, member)
    if octets[:1] in (b"", b"\0"):  # RFC 7518, section 2: the minimum number of octets
        raise UnsuitableKey(f"its member {member} is empty or has leading zeros")
    return int.from_bytes(octets, "big")
