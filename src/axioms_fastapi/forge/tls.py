"""TLS for the forge: an authority that nobody but a test trusts, and a certificate of it, made when they are needed."""

import ssl
from dataclasses import dataclass
from typing import Self

import trustme
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from .features import Feature, MakeFeature
from .forge import Forge

LOOPBACK_NAMES = ("localhost", "127.0.0.1", "::1")
CA_PATH = "/ca.pem"


@dataclass(frozen=True, slots=True)
class Authority:
    """A certificate authority for this forge. `ca_pem` is what a client has to trust; the key stays here."""

    ca: trustme.CA

    @classmethod
    def generate(cls) -> Self:
        """A new authority."""
        return cls(trustme.CA(organization_name="axioms forge, for tests alone"))

    @classmethod
    def from_pem(cls, certificate: bytes, private_key: bytes) -> Self:
        """The authority of these PEM texts. Raises ValueError for texts that are none."""
        return cls(trustme.CA.from_pem(certificate, private_key))

    @property
    def ca_pem(self) -> bytes:
        """The authority's certificate."""
        return self.ca.cert_pem.bytes()

    @property
    def private_key_pem(self) -> bytes:
        """The authority's key: who has it can pretend to be any server, to a client that trusts the authority."""
        return self.ca.private_key_pem.bytes()

    def server_context(self, *names: str) -> ssl.SSLContext:
        """A server's TLS for loopback and these names.

        Python reads a certificate from files alone, so its key lies in a temporary file while this runs.
        """
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        self.ca.issue_cert(*dict.fromkeys((*LOOPBACK_NAMES, *names))).configure_cert(context)
        return context

    def client_context(self) -> ssl.SSLContext:
        """A client's TLS that trusts this authority and no other."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.load_verify_locations(cadata=self.ca_pem.decode("ascii"))
        return context


def publishes(authority: Authority) -> MakeFeature:
    """A feature that serves the authority's certificate, for clients that are to trust it."""

    async def ca_pem(request: Request) -> Response:
        return Response(authority.ca_pem, media_type="application/x-pem-file")

    def feature(forge: Forge) -> Feature:
        return Feature(routes=[Route(CA_PATH, ca_pem)])

    return feature
