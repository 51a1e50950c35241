"""Somebody who is not trusted: a key of their own, and where they publish it."""

from functools import cached_property
from typing import Any

from .signing import SigningKey

JWKS_PATH = "/attacker/jwks.json"
"""Where the attacker's key set can be fetched: a `jku` that points there is a real attack, and the log shows a fetch."""


class Attacker:
    """The attacker of one forge. What they sign is properly signed, by a key that no issuer has."""

    @cached_property
    def key(self) -> SigningKey:
        """Their RSA key."""
        return SigningKey.generate("RS256", kid="attacker-key-1")

    @property
    def jwk(self) -> dict[str, Any]:
        """Their public key."""
        return self.key.public_jwk()

    @property
    def jwks(self) -> dict[str, Any]:
        """Their key set."""
        return {"keys": [self.jwk]}
