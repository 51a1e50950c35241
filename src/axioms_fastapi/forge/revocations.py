"""Which signed tokens have been revoked."""

import hashlib
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

LIMIT = 10_000
"""Revoked tokens that are remembered; the oldest are forgotten first."""


class Revocations:
    """The revoked tokens of one forge, by issuer and `jti`.

    A token without a `jti` is known by its header and payload, never by its signature: ECDSA has several for the same
    token.
    """

    def __init__(self, limit: int = LIMIT) -> None:
        self._revoked: OrderedDict[tuple[str, str], None] = OrderedDict()
        self._limit = limit

    def __len__(self) -> int:
        return len(self._revoked)

    def add(self, signing_input: str, claims: Mapping[str, Any]) -> None:
        """The token is revoked."""
        self._revoked[_name(signing_input, claims)] = None
        if len(self._revoked) > self._limit:
            self._revoked.popitem(last=False)

    def has(self, signing_input: str, claims: Mapping[str, Any]) -> bool:
        """Whether the token is revoked."""
        return _name(signing_input, claims) in self._revoked

    def clear(self) -> None:
        """No token is revoked."""
        self._revoked.clear()


def _name(signing_input: str, claims: Mapping[str, Any]) -> tuple[str, str]:
    iss, jti = claims.get("iss"), claims.get("jti")
    if isinstance(iss, str) and isinstance(jti, str):
        return iss, jti
    return "", hashlib.sha256(signing_input.encode()).hexdigest()
