"""What providers do their own way, as data: where their access tokens keep things, and how to tell them from ID tokens."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final
from urllib.parse import urlsplit

_NOTHING: Final[Mapping[str, str]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Preset:
    """Claim rules of one provider. A configured claim list replaces the preset's; the issuer URL carries tenant and realm.

    `host` matches the hosts that belong to this provider alone: an issuer there selects the preset by itself.
    """

    name: str
    host: re.Pattern[str] | None = None
    audience_claim: str = "aud"
    exact: Mapping[str, str] = field(default_factory=lambda: _NOTHING)
    scope_claims: tuple[str, ...] = ("scope", "scp")
    roles_claims: tuple[str, ...] = ("roles",)
    permissions_claims: tuple[str, ...] = ("permissions",)


GENERIC: Final = Preset("generic")

PRESETS: Final[Mapping[str, Preset]] = MappingProxyType(
    {
        preset.name: preset
        for preset in (
            Preset("auth0", re.compile(r"[a-z0-9-]+(\.[a-z]{2})?\.auth0\.com")),
            # Access tokens have client_id in place of aud, and the pool signs its ID tokens with the same issuer.
            Preset(
                "cognito",
                re.compile(r"cognito-idp\.[a-z0-9-]+\.amazonaws\.com(\.cn)?"),
                audience_claim="client_id",
                exact=MappingProxyType({"token_use": "access"}),
                roles_claims=("cognito:groups",),
            ),
            Preset("entra", re.compile(r"login\.microsoftonline\.com|sts\.windows\.net")),
            Preset("keycloak", roles_claims=("realm_access.roles",)),
            Preset("okta", re.compile(r"[a-z0-9-]+\.okta(preview)?\.com"), roles_claims=("roles", "groups")),
        )
    }
)


def preset_for(issuer_url: str) -> Preset:
    """The preset of the provider whose own host the issuer is on; the generic one for any other host."""
    host = urlsplit(issuer_url).hostname or ""
    return next((preset for preset in PRESETS.values() if preset.host and preset.host.fullmatch(host)), GENERIC)
