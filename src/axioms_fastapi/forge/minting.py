"""From the claims that somebody asks for to a signed token."""

import time
import uuid
from collections.abc import Callable, Iterable, Mapping
from random import Random
from typing import Any

from .signing import SigningKey

DEFAULT_AUDIENCE = "https://api.example.com"
LIFETIME = 3600
"""Seconds between `iat` and the default `exp`."""


def _without(members: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
    left_out = frozenset(names)
    return {name: value for name, value in members.items() if name not in left_out}


class Mint:
    """Mints tokens of one issuer in process: the default claims, then whatever a test wants different or broken.

    `keys` are `SigningKey`s or a `ForgeKeys`; the first one signs. `clock` returns seconds since the epoch. `random`
    makes `jti` and `client_id` repeatable.
    """

    def __init__(
        self,
        keys: Iterable[SigningKey],
        issuer: str,
        audience: str | list[str] = DEFAULT_AUDIENCE,
        clock: Callable[[], float] = time.time,
        *,
        random: Random | None = None,
    ) -> None:
        self._keys = tuple(keys)
        if not self._keys:
            raise ValueError("A mint needs at least one signing key")
        self._issuer = issuer
        self._audience = audience
        self._clock = clock
        self._random = random

    def claims(self, given: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """The default claims, overridden by the given ones, whatever their values are."""
        now = int(self._clock())
        fresh = uuid.UUID(int=self._random.getrandbits(128), version=4) if self._random else uuid.uuid4()
        defaults = {
            "iss": self._issuer,
            "sub": "user123",
            "aud": self._audience,
            "exp": now + LIFETIME,
            "nbf": now,
            "iat": now,
            "jti": str(fresh),
            # Other digits than those of the jti, though not other chance.
            "client_id": f"client_{fresh.hex[-8:]}",
        }
        return {**defaults, **(given or {})}

    def mint(
        self,
        claims: Mapping[str, Any] | None = None,
        *,
        header: Mapping[str, Any] | None = None,
        key: SigningKey | None = None,
        omit: Iterable[str] = (),
        omit_header: Iterable[str] = (),
    ) -> str:
        """A token with the default claims and header, overridden by the given ones and without the omitted ones.

        `header` changes what the token says, never how it is signed: `key` does that. `omit` names claims,
        `omit_header` header parameters.
        """
        key = key or self._keys[0]
        protected = _without({**key.header, **(header or {})}, omit_header)
        return key.sign_claims(_without(self.claims(claims), omit), protected)
