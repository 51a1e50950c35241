"""What providers do their own way, as data: where their access tokens keep things, and how to tell them from ID tokens."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final
from urllib.parse import quote, urlsplit

_NOTHING: Final[Mapping[str, str]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Preset:
    """Claim rules of one provider. A configured claim list replaces the preset's; the issuer URL carries tenant and realm.

    `host` matches the hosts that belong to this provider alone: an issuer there selects the preset by itself. Tokens
    `may_lack_audience` where the keys belong to one client. Access tokens have the claims `exact`, and at least one of
    `one_of`, which ID tokens lack; `are_id_tokens` where the service's credential is an ID token. `keys_are_names` where roles
    are the keys of an object, `comma_lists` where a text is a comma list. `jwks_hosts` may serve keys besides the issuer's own
    host; `jwks_url` where no discovery document names them. Keys of the issuers of `template`, which has {tenantid} for the
    tenant, may say whose tokens they sign: one tenant's, or every tenant's.
    """

    name: str
    host: re.Pattern[str] | None = None
    audience_claim: str = "aud"
    may_lack_audience: bool = False
    exact: Mapping[str, str] = field(default_factory=lambda: _NOTHING)
    one_of: tuple[str, ...] = ()
    scope_claims: tuple[str, ...] = ("scope", "scp")
    roles_claims: tuple[str, ...] = ("roles",)
    permissions_claims: tuple[str, ...] = ("permissions",)
    tenant_claim: str | None = None
    are_id_tokens: bool = False
    keys_are_names: bool = False
    comma_lists: bool = False
    jwks_hosts: frozenset[str] = frozenset()
    jwks_url: str | None = None
    token_header: str | None = None
    template: str | None = None

    def jwks_url_for(self, audience: Sequence[str]) -> str | None:
        """The preset's key set, which may be one for each client."""
        return self.jwks_url and self.jwks_url.replace("{audience}", quote(audience[0] if audience else "", safe=""))


GENERIC: Final = Preset("generic")

_ALL: Final = (
    Preset("auth0", re.compile(r"[a-z0-9-]+(\.[a-z]{2})?\.auth0\.com"), one_of=("azp", "client_id")),
    # The audience of both is the client: azp is all that an access token has and an ID token lacks.
    Preset("authentik", one_of=("azp",), roles_claims=("groups",), permissions_claims=("entitlements",)),
    # Session tokens name no audience; azp is the origin of the front end that they were made for.
    Preset(
        "clerk",
        re.compile(r"[a-z0-9-]+\.clerk\.accounts\.dev"),
        audience_claim="azp",
        roles_claims=("o.rol", "org_role"),
        permissions_claims=("o.per", "org_permissions"),
        comma_lists=True,
    ),
    # Access tokens have client_id in place of aud, and the pool signs its ID tokens as the same issuer.
    Preset(
        "cognito",
        re.compile(r"cognito-idp\.[a-z0-9-]+\.amazonaws\.com(\.cn)?"),
        audience_claim="client_id",
        exact=MappingProxyType({"token_use": "access"}),
        roles_claims=("cognito:groups",),
    ),
    Preset(
        "entra",
        re.compile(r"login\.microsoftonline\.com|sts\.windows\.net"),
        one_of=("azp", "appid"),
        tenant_claim="tid",
        jwks_hosts=frozenset({"login.microsoftonline.com", "login.windows.net"}),
        template="https://login.microsoftonline.com/{tenantid}/v2.0",
    ),
    Preset(
        "firebase",
        re.compile(r"securetoken\.google\.com"),
        are_id_tokens=True,
        jwks_url="https://www.googleapis.com/service_accounts/v1/jwk/securetoken@system.gserviceaccount.com",
    ),
    Preset("github", re.compile(r"token\.actions\.githubusercontent\.com")),
    Preset(
        "google", re.compile(r"accounts\.google\.com"), are_id_tokens=True, jwks_hosts=frozenset({"www.googleapis.com"})
    ),
    Preset("hydra", one_of=("client_id",), roles_claims=("ext.roles", "roles")),
    Preset(
        "iap",
        re.compile(r"cloud\.google\.com"),
        are_id_tokens=True,
        jwks_url="https://www.gstatic.com/iap/verify/public_key-jwk",
        token_header="x-goog-iap-jwt-assertion",  # noqa: S106 - the name of a header
    ),
    Preset("keycloak", roles_claims=("realm_access.roles",)),
    Preset("kubernetes"),
    Preset("okta", re.compile(r"[a-z0-9-]+\.okta(preview)?\.com"), one_of=("cid",), roles_claims=("roles", "groups")),
    Preset("pingfederate"),
    Preset("supabase", re.compile(r"[a-z0-9]+\.supabase\.co"), roles_claims=("app_metadata.roles", "role")),
    # Session tokens name no audience; each client has a key set of its own.
    Preset(
        "workos",
        re.compile(r"api\.workos\.com"),
        may_lack_audience=True,
        one_of=("sid",),
        roles_claims=("roles", "role"),
        jwks_url="https://api.workos.com/sso/jwks/{audience}",
    ),
    Preset(
        "zitadel",
        re.compile(r"[a-z0-9-]+\.zitadel\.cloud"),
        one_of=("jti",),
        roles_claims=("urn:zitadel:iam:org:project:roles",),
        keys_are_names=True,
    ),
)

PRESETS: Final[Mapping[str, Preset]] = MappingProxyType({preset.name: preset for preset in _ALL})


def preset_for(issuer_url: str) -> Preset:
    """The preset of the provider whose own host the issuer is on; the generic one for any other host."""
    host = urlsplit(issuer_url).hostname or ""
    return next((preset for preset in PRESETS.values() if preset.host and preset.host.fullmatch(host)), GENERIC)
