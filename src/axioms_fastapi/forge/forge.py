"""The composition root: everything that one forge holds."""

import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from starlette.requests import Request

from .attacker import Attacker
from .clock import ForgeClock
from .faults import Faults
from .features import Discovery, Feature, Grant
from .issuers import ForgeIssuer, Here, IssuerDirectory, Tenants, path_issuer, profile_issuer
from .issuing import issue
from .keys import ForgeKeys
from .opaque import OpaqueTokens
from .providers import PROFILES
from .request_log import RequestLog
from .revocations import Revocations
from .token_request import TokenRequest, parse_token_request

ISSUER_IN_SCOPE = "axioms_fastapi.forge.issuer"
"""Where the ASGI scope keeps which issuer a request belongs to."""


class Forge:
    """One forge: its issuers with their keys and faults, its clock, its tokens, and the log of what it was asked.

    `issuer` is the `iss` of the main issuer, exactly as written; without it a token names the URL that its request was
    sent to. `keys` are the main issuer's, generated where none are given. `profile` makes it stand in for a provider.
    `issuers` are the paths of more of them, such as `/a` and `/b/`; `tenants` is a template such as `/{tenant}/v2.0`.
    `marker` puts a claim into every token that says that it is a test. `clock` returns seconds since the epoch.
    Raises ValueError for a profile, a path or a template that is none.
    """

    def __init__(
        self,
        issuer: str | None = None,
        keys: ForgeKeys | None = None,
        *,
        clock: Callable[[], float] = time.time,
        profile: str | None = None,
        issuers: Iterable[str] = (),
        tenants: str | None = None,
        marker: bool = False,
    ) -> None:
        self.clock = ForgeClock(clock)
        self.issuers = IssuerDirectory(
            _main_issuer(issuer, keys, profile),
            [path_issuer(path) for path in issuers],
            None if tenants is None else Tenants(tenants),
        )
        self.has_marker = marker
        self.attacker = Attacker()
        self.opaque = OpaqueTokens()
        self.revoked = Revocations()
        self.requests = RequestLog()
        self.grants: dict[str, Grant] = {}
        self.discovery: list[Discovery] = []

    @property
    def keys(self) -> ForgeKeys:
        """The keys of the main issuer."""
        return self.issuers.main.keys

    @property
    def faults(self) -> Faults:
        """What goes wrong with the documents of the main issuer."""
        return self.issuers.main.faults

    def here(self, request: Request) -> Here:
        """The issuer that a request belongs to, and the URL that the forge was reached at."""
        found: tuple[ForgeIssuer, str, str | None] = request.scope[ISSUER_IN_SCOPE]
        issuer, server_root, tenant = found
        # Not `request.url`, which takes the whole URL apart: a tenth of the time that a token takes.
        host = request.headers.get("host") or "{}:{}".format(*(request.scope.get("server") or ("localhost", 80)))
        return Here(f"{request.scope['scheme']}://{host}{server_root}".rstrip("/"), issuer, tenant)

    def at(self, server: str, *, profile: str | None = None, path: str = "") -> Here:
        """An issuer as somebody sees it who reaches the forge at this URL: the main one, a profile's, or one by path.

        Raises ValueError for a profile that is none, and where no issuer has this path.
        """
        if profile is not None and profile not in self.issuers.profiles:
            raise ValueError(f"{profile!r} is no profile; there are {', '.join(self.issuers.profiles)}")
        if profile is not None:
            return Here(server.rstrip("/"), self.issuers.profiles[profile])
        issuer, rest, tenant = self.issuers.find(path.rstrip("/"))
        if rest:
            raise ValueError(f"{path!r} is no issuer's path")
        return Here(server.rstrip("/"), issuer, tenant)

    def issue(self, here: Here, asked: TokenRequest | Mapping[str, Any]) -> dict[str, Any]:
        """The token response to what `POST /token` would be sent as JSON. Raises RequestError, as that would refuse."""
        return issue(self, here, asked if isinstance(asked, TokenRequest) else parse_token_request(asked))

    def add(self, feature: Feature) -> None:
        """The token endpoint has the grants of this feature, and discovery its members; its routes are the caller's.

        A grant that is there stays: as with routes, the feature that comes first has it.
        """
        self.grants = {
            **self.grants,
            **{name: feature.grants[name] for name in feature.grants if name not in self.grants},
        }
        if feature.discovery is not None:
            self.discovery.append(feature.discovery)


def _main_issuer(issuer: str | None, keys: ForgeKeys | None, profile: str | None) -> ForgeIssuer:
    if profile is None:
        return ForgeIssuer(url=issuer, keys=keys or ForgeKeys.generate())
    if profile not in PROFILES:
        raise ValueError(f"{profile!r} is no profile; there are {', '.join(PROFILES)}")
    return profile_issuer(PROFILES[profile], "", url=issuer, keys=keys)
