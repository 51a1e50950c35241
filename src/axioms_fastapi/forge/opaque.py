"""Access tokens without parts: only the forge knows what they say."""

import secrets
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

PREFIX = "forge_"
LIMIT = 10_000
"""Opaque tokens that are remembered; the oldest are forgotten first, and so are no longer active."""


class OpaqueTokens:
    """The opaque tokens of one forge and their claims, by token."""

    def __init__(self, limit: int = LIMIT) -> None:
        self._claims: OrderedDict[str, Mapping[str, Any]] = OrderedDict()
        self._limit = limit

    def __len__(self) -> int:
        return len(self._claims)

    def issue(self, claims: Mapping[str, Any]) -> str:
        """A new token that stands for these claims."""
        token = PREFIX + secrets.token_urlsafe(32)
        self._claims[token] = dict(claims)
        if len(self._claims) > self._limit:
            self._claims.popitem(last=False)
        return token

    def claims(self, token: str) -> Mapping[str, Any] | None:
        """What the token stands for; None where it is none of ours, or no longer one."""
        return self._claims.get(token)

    def revoke(self, token: str) -> None:
        """The token stands for nothing any more."""
        self._claims.pop(token, None)
