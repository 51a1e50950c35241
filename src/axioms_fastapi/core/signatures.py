"""Signature checks: what each algorithm makes of a public key, once, for all the tokens that it signs.

They call the primitives themselves. The JOSE library's algorithm objects make hashes and integers anew for every token, and that
takes an ECDSA check as long as all the claims do.
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, PSS, AsymmetricPadding, PKCS1v15
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256, SHA384, SHA512, HashAlgorithm
from joserfc.jwk import ECKey, OKPKey, RSAKey

SignatureCheck = Callable[[bytes, bytes], None]
"""Raises InvalidSignature where the first argument is no signature over the second."""


def signature_check(algorithm: str, key: RSAKey | ECKey | OKPKey) -> SignatureCheck:
    """The check of this algorithm with this key, which has to be one of the algorithm's kind."""
    # The key's own type says which of the primitives it has; they have no name for that in common.
    return _BINDINGS[algorithm](key.get_op_key("verify"))


def _rsa(padding: AsymmetricPadding, digest: HashAlgorithm, public_key: Any) -> SignatureCheck:
    """RFC 7518, sections 3.3 and 3.5."""
    verify = public_key.verify
    return lambda signature, signed: verify(signature, signed, padding, digest)


def _ecdsa(digest: HashAlgorithm, length: int, public_key: Any) -> SignatureCheck:
    """RFC 7518, section 3.4: two numbers, each of the curve's full length in octets, where the primitive takes DER."""
    verify, algorithm, number = public_key.verify, ECDSA(digest), int.from_bytes

    def check(signature: bytes, signed: bytes) -> None:
        if len(signature) != 2 * length:
            raise InvalidSignature
        verify(encode_dss_signature(number(signature[:length]), number(signature[length:])), signed, algorithm)

    return check


def _eddsa(public_key: Any) -> SignatureCheck:
    """RFC 8037, section 3.1: the curve is the key's."""
    verify: SignatureCheck = public_key.verify
    return verify


_SHA256, _SHA384, _SHA512 = SHA256(), SHA384(), SHA512()
# Asymmetric algorithms alone: a resource server holds no secret, and "none" is no signature (RFC 8725, section 3.1).
_BINDINGS: Final[Mapping[str, Callable[[Any], SignatureCheck]]] = {
    "RS256": partial(_rsa, PKCS1v15(), _SHA256),
    "RS384": partial(_rsa, PKCS1v15(), _SHA384),
    "RS512": partial(_rsa, PKCS1v15(), _SHA512),
    "PS256": partial(_rsa, PSS(MGF1(_SHA256), 32), _SHA256),
    "PS384": partial(_rsa, PSS(MGF1(_SHA384), 48), _SHA384),
    "PS512": partial(_rsa, PSS(MGF1(_SHA512), 64), _SHA512),
    "ES256": partial(_ecdsa, _SHA256, 32),
    "ES384": partial(_ecdsa, _SHA384, 48),
    "ES512": partial(_ecdsa, _SHA512, 66),
    "EdDSA": _eddsa,
    "Ed25519": _eddsa,
    "Ed448": _eddsa,
}
SUPPORTED_ALGORITHMS: Final = frozenset(_BINDINGS)
