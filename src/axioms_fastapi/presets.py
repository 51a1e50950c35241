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

    `documentation` is the provider's own page on its tokens. `host` matches the hosts that belong to this provider alone: an
    issuer there selects the preset by itself. `issuer_url` is the issuer of a provider that has but one.

    Tokens `may_lack_audience` where the keys belong to one client. Access tokens have the claims `exact`, and at least one of
    `one_of`, which ID tokens lack; `are_id_tokens` where the service's credential is an ID token. `keys_are_names` where roles
    are the keys of an object, `comma_lists` where a text is a comma list.

    `jwks_hosts` may serve keys besides the issuer's own host; `jwks_url` where no discovery document names them. Keys of the
    issuers of `template`, which has {tenantid} for the tenant, may say whose tokens they sign: one tenant's, or every tenant's.
    """

    name: str
    documentation: str
    host: re.Pattern[str] | None = None
    issuer_url: str | None = None
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

    def roles_claims_for(self, audience: Sequence[str]) -> tuple[str, ...]:
        """The claims that hold roles, of which one may be named after each audience."""
        return tuple(
            claim.replace("{audience}", name)
            for claim in self.roles_claims
            for name in (audience if "{audience}" in claim else ("",))
        )


GENERIC: Final = Preset("generic", "https://www.rfc-editor.org/rfc/rfc9068")

_ALL: Final = (
    Preset(
        "auth0",
        "https://auth0.com/docs/secure/tokens/access-tokens/access-token-profiles",
        re.compile(r"[a-z0-9-]+(\.[a-z]{2})?\.auth0\.com"),
        one_of=("azp", "client_id", "scope", "permissions"),
    ),
    # The audience of both is the client: azp is all that an access token has and an ID token lacks.
    Preset(
        "authentik",
        "https://github.com/goauthentik/authentik/blob/main/website/docs/add-secure-apps/providers/oauth2/index.mdx",
        one_of=("azp", "scope"),
        roles_claims=("groups",),
        permissions_claims=("entitlements",),
    ),
    # Session tokens name no audience; azp is the origin of the front end that they were made for.
    Preset(
        "clerk",
        "https://clerk.com/docs/guides/sessions/session-tokens",
        re.compile(r"[a-z0-9-]+\.clerk\.accounts\.dev"),
        audience_claim="azp",
        roles_claims=("o.rol", "org_role"),
        permissions_claims=("o.per", "org_permissions"),
        comma_lists=True,
    ),
    # Access tokens have client_id in place of aud, and the pool signs its ID tokens as the same issuer.
    Preset(
        "cognito",
        "https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-access-token.html",
        re.compile(r"cognito-idp\.[a-z0-9-]+\.amazonaws\.com(\.cn)?"),
        audience_claim="client_id",
        exact=MappingProxyType({"token_use": "access"}),
        roles_claims=("cognito:groups",),
    ),
    Preset(
        "entra",
        "https://learn.microsoft.com/en-us/entra/identity-platform/access-tokens",
        re.compile(r"login\.microsoftonline\.com|sts\.windows\.net"),
        one_of=("azp", "appid", "scp"),
        tenant_claim="tid",
        jwks_hosts=frozenset({"login.microsoftonline.com", "login.windows.net"}),
        template="https://login.microsoftonline.com/{tenantid}/v2.0",
    ),
    Preset(
        "firebase",
        "https://firebase.google.com/docs/auth/admin/verify-id-tokens",
        re.compile(r"securetoken\.google\.com"),
        are_id_tokens=True,
        jwks_url="https://www.googleapis.com/service_accounts/v1/jwk/securetoken@system.gserviceaccount.com",
    ),
    Preset(
        "github",
        "https://docs.github.com/en/actions/reference/security/oidc",
        re.compile(r"token\.actions\.githubusercontent\.com"),
        "https://token.actions.githubusercontent.com",
    ),
    Preset(
        "google",
        "https://developers.google.com/identity/openid-connect/reference",
        re.compile(r"accounts\.google\.com"),
        "https://accounts.google.com",
        are_id_tokens=True,
        jwks_hosts=frozenset({"www.googleapis.com"}),
    ),
    Preset(
        "hydra",
        "https://github.com/ory/fosite/blob/master/token/jwt/claims_jwt.go",
        one_of=("client_id", "scp", "scope"),
        roles_claims=("ext.roles", "roles"),
    ),
    Preset(
        "iap",
        "https://docs.cloud.google.com/iap/docs/signed-headers-howto",
        re.compile(r"cloud\.google\.com"),
        "https://cloud.google.com/iap",
        are_id_tokens=True,
        jwks_url="https://www.gstatic.com/iap/verify/public_key-jwk",
        token_header="x-goog-iap-jwt-assertion",  # noqa: S106 - the name of a header
    ),
    Preset(
        "keycloak",
        "https://github.com/keycloak/keycloak/blob/main/docs/documentation/server_admin/topics/clients/oidc/con-audience.adoc",
        roles_claims=("realm_access.roles",),
    ),
    Preset("kubernetes", "https://kubernetes.io/docs/reference/access-authn-authz/service-accounts-admin/"),
    Preset(
        "okta",
        "https://developer.okta.com/docs/guides/validate-access-tokens/",
        re.compile(r"[a-z0-9-]+\.okta(preview)?\.com"),
        one_of=("cid", "scp"),
        roles_claims=("roles", "groups"),
    ),
    Preset(
        "pingfederate",
        "https://docs.pingidentity.com/pingfederate/latest/administrators_reference_guide/pf_configure_json_token_management.html",
    ),
    Preset(
        "supabase",
        "https://supabase.com/docs/guides/auth/jwt-fields",
        re.compile(r"[a-z0-9]+\.supabase\.co"),
        roles_claims=("app_metadata.roles", "role"),
    ),
    # Session tokens name no audience; each client has a key set of its own.
    Preset(
        "workos",
        "https://workos.com/docs/reference/authkit/session-tokens",
        re.compile(r"api\.workos\.com"),
        "https://api.workos.com",
        may_lack_audience=True,
        one_of=("sid",),
        roles_claims=("roles", "role"),
        jwks_url="https://api.workos.com/sso/jwks/{audience}",
    ),
    # The roles of the API's own project come first: the other claim is of the project that the client belongs to.
    Preset(
        "zitadel",
        "https://zitadel.com/docs/apis/openidoauth/claims",
        re.compile(r"[a-z0-9-]+\.zitadel\.cloud"),
        one_of=("jti",),
        roles_claims=("urn:zitadel:iam:org:project:{audience}:roles", "urn:zitadel:iam:org:project:roles"),
        keys_are_names=True,
    ),
)

PRESETS: Final[Mapping[str, Preset]] = MappingProxyType({preset.name: preset for preset in _ALL})


def preset_for(issuer_url: str) -> Preset:
    """The preset of the provider whose own host the issuer is on; the generic one for any other host."""
    host = urlsplit(issuer_url).hostname or ""
    return next((preset for preset in PRESETS.values() if preset.host and preset.host.fullmatch(host)), GENERIC)
