"""The attacker's own keys and certificate: good ones, that nobody should trust."""

import base64
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes
from cryptography.x509.oid import NameOID

from ..signing import SigningKey


@dataclass(frozen=True, slots=True)
class Attacker:
    """Keys of every kind, without ids: a token takes whichever id it wants to be found under."""

    rsa: SigningKey
    ec: SigningKey
    okp: SigningKey

    @classmethod
    @cache
    def of_this_process(cls) -> "Attacker":
        """Keys that are generated once."""
        return cls(*(SigningKey.generate(alg) for alg in ("RS256", "ES256", "EdDSA")))

    def certificate_der(self, subject: CertificatePublicKeyTypes | None = None) -> bytes:
        """A certificate that the attacker has signed: for his own key, or for somebody else's."""
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "issuer.example.com")])
        own: Any = self.rsa.private_key.private_key
        builder = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(subject or own.public_key())
            .serial_number(1)
            .not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
            .not_valid_after(datetime(2120, 1, 1, tzinfo=UTC))
        )
        return builder.sign(own, hashes.SHA256()).public_bytes(serialization.Encoding.DER)

    def x5c(self) -> list[str]:
        """His certificate as a header carries it: base64, not base64url (RFC 7515, section 4.1.6)."""
        return [base64.b64encode(self.certificate_der()).decode("ascii")]
