"""One private key and what it signs: JWS compact serialization (RFC 7515 section 7.1)."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from joserfc.errors import JoseError
from joserfc.jwa import JWS_ALGORITHMS, ESAlgorithm, JWSAlgModel
from joserfc.jwk import ECKey, Key, OctKey, OKPKey, RSAKey
from joserfc.util import urlsafe_b64encode

# The objects rather than joserfc's registry: the registry warns about algorithms that negative tests need.
_ALGORITHMS: Mapping[str, JWSAlgModel] = {each.name: each for each in JWS_ALGORITHMS if each.name != "none"}

ALGORITHMS = tuple(_ALGORITHMS)
"""The names of the signature algorithms that the forge signs with."""

to_json = json.JSONEncoder(separators=(",", ":")).encode
"""JSON without spaces; NaN and infinities come out as Python spells them."""


def _algorithm(name: str) -> JWSAlgModel:
    try:
        return _ALGORITHMS[name]
    except KeyError:
        raise ValueError(f"{name!r} is not a signature algorithm that the forge knows") from None


def _generate_private_key(algorithm: JWSAlgModel) -> Key:
    if isinstance(algorithm, ESAlgorithm):
        return ECKey.generate_key(algorithm.curve)
    if algorithm.key_type == "RSA":
        return RSAKey.generate_key(2048)
    if algorithm.key_type == "OKP":
        return OKPKey.generate_key("Ed448" if algorithm.name == "Ed448" else "Ed25519")
    return OctKey.generate_key(algorithm.algorithm_security)


def segment(value: bytes) -> str:
    """The bytes in base64url without padding: a part of a token."""
    return urlsafe_b64encode(value).decode("ascii")


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A private key bound to one algorithm and, unless `kid` is None, to a key id.

    Raises ValueError for an unknown algorithm, and for a key that is public or does not suit its algorithm.
    """

    kid: str | None
    alg: str
    private_key: Key = field(repr=False)

    def __post_init__(self) -> None:
        try:
            _algorithm(self.alg).check_key(self.private_key)
        except JoseError as error:
            raise ValueError(str(error)) from error
        if not self.private_key.is_private:
            raise ValueError("Only a private key can sign")

    @classmethod
    def generate(cls, alg: str, *, kid: str | None = None) -> "SigningKey":
        """A fresh key for `alg`: RSA of 2048 bits, the algorithm's own curve, or an HMAC secret of the hash's size.

        `alg` is RS, PS, ES or HS with 256, 384 or 512, or EdDSA, Ed25519, Ed448, ES256K.
        Raises ValueError for any other name.
        """
        return cls(kid, alg, _generate_private_key(_algorithm(alg)))

    @classmethod
    def from_secret(cls, secret: bytes, alg: str = "HS256", *, kid: str | None = None) -> "SigningKey":
        """An HMAC key of exactly these bytes, for negative tests.

        The bytes may be a public key in PEM: that is the algorithm confusion of RFC 8725 section 2.1, which
        joserfc's own import rightly refuses.
        """
        return cls(kid, alg, OctKey(secret, secret))

    @property
    def kty(self) -> str:
        """The key type of RFC 7518 section 6.1: RSA, EC, OKP or oct."""
        return self.private_key.key_type

    @property
    def header(self) -> dict[str, Any]:
        """The JOSE header of this key's tokens: alg, typ `JWT` and, where the key has one, kid."""
        header = {"alg": self.alg, "typ": "JWT"}
        return header if self.kid is None else {**header, "kid": self.kid}

    def public_jwk(self) -> dict[str, Any]:
        """The public half as a JSON Web Key (RFC 7517 section 4).

        Raises ValueError for an HMAC key, which has no public half.
        """
        if self.kty == "oct":
            raise ValueError("An HMAC key has no public half to publish")
        kid = {} if self.kid is None else {"kid": self.kid}
        public = self.private_key.as_dict(private=False)
        return {**public, "use": "sig", "alg": self.alg, **kid, "key_ops": ["verify"], "ext": True}

    def signature(self, signing_input: str) -> str:
        """The signature over an encoded header and payload with a dot between them, encoded as well."""
        return segment(_algorithm(self.alg).sign(signing_input.encode("ascii"), self.private_key))

    def verifies(self, signing_input: str, signature: bytes) -> bool:
        """Whether this is a signature of this key, with its own algorithm, over these encoded parts."""
        return _algorithm(self.alg).verify(signing_input.encode("ascii"), signature, self.private_key)

    def sign(self, header: Mapping[str, Any], payload: bytes) -> str:
        """A compact JWS over exactly this header and these bytes.

        The signature always follows the key's own algorithm, whatever `alg` the header claims, and nothing is
        checked: negative tests need headers and payloads that a careful signer refuses.
        """
        return self.sign_raw(to_json(dict(header)).encode("ascii"), payload)

    def sign_raw(self, protected: bytes, payload: bytes) -> str:
        """A compact JWS over exactly these bytes on both sides: for headers that are no proper JSON."""
        signing_input = f"{segment(protected)}.{segment(payload)}"
        return f"{signing_input}.{self.signature(signing_input)}"

    def sign_claims(self, claims: Mapping[str, Any], header: Mapping[str, Any] | None = None) -> str:
        """A token with exactly these claims, each value as it was given, under this header or else the key's own.

        NaN and infinities come out as Python spells them; raises TypeError for what JSON cannot hold.
        """
        return self.sign(self.header if header is None else header, to_json(dict(claims)).encode("ascii"))
