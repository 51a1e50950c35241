"""Authorization codes: each good for one exchange within a minute."""

import secrets
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

LIFETIME: Final = 60.0
"""Seconds (RFC 6749, section 4.1.2, wants no more than ten minutes)."""

_MOST: Final = 1000


@dataclass(frozen=True, slots=True)
class Grant:
    """What somebody allowed a client by logging in at the issuer `iss`. `claims` are those of the access token."""

    iss: str
    client_id: str
    redirect_uri: str
    code_challenge: str
    nonce: str | None
    audience: str | None
    auth_time: int
    claims: Mapping[str, Any] = field(repr=False)

    @property
    def scopes(self) -> tuple[str, ...]:
        """What was granted."""
        scope = self.claims.get("scope")
        return tuple(scope.split()) if isinstance(scope, str) else ()


class Codes:
    """The codes of one forge that were not exchanged yet; of too many, the oldest go first."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._grants: OrderedDict[str, tuple[float, Grant]] = OrderedDict()

    def issue(self, grant: Grant) -> str:
        """A fresh code for this grant."""
        code = secrets.token_urlsafe(32)
        self._grants[code] = (self._clock() + LIFETIME, grant)
        while len(self._grants) > _MOST:
            self._grants.popitem(last=False)
        return code

    def redeem(self, code: str) -> Grant | None:
        """The grant, once: whoever asks with the code takes it, also when the rest of the request is wrong."""
        until, grant = self._grants.pop(code, (0.0, None))
        return grant if grant is not None and self._clock() <= until else None
