"""What providers' tokens look like, after their own documentation: headers, claims, and where scopes and roles are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from axioms_fastapi import Issuer, providers

GUID = "11111111-2222-3333-4444-555555555555"
OTHER_GUID = "99999999-2222-3333-4444-555555555555"
API = "https://api.example.com"


@dataclass(frozen=True)
class Native:
    """Where a name lives in a provider's own tokens: the way to it, the value there of one that has it, and the name."""

    path: tuple[str, ...]
    value: Any
    name: str

    def put(self, claims: Mapping[str, Any], value: Any, depth: int = 0) -> dict[str, Any]:
        """The claims with this value in that place, or `depth` steps further out. What stands beside it stays."""
        *way, leaf = self.path[: len(self.path) - depth]
        changed = place = dict(claims)
        for step in way:
            inner = place.get(step)
            place[step] = place = dict(inner) if isinstance(inner, Mapping) else {}
        place[leaf] = value
        return changed


@dataclass(frozen=True)
class Profile:
    """One provider. `other_audience` replaces claims so that the token is for somebody else; None where nothing names one.

    `scope`, `role` and `permission` are None where its tokens have none. Its ID token is in `provider_id_tokens`.
    """

    name: str
    issuer: Issuer
    claims: Mapping[str, Any]
    iss: str = ""
    typ: str | None = "JWT"
    algorithm: str = "RS256"
    other_audience: Mapping[str, Any] | None = field(default_factory=lambda: {"aud": "https://other.example.com"})
    other_tenant: str = "https://other.example.com"
    scope: Native | None = None
    role: Native | None = None
    permission: Native | None = None
    omit: Sequence[str] = ()
    header: str = "Authorization"

    @property
    def url(self) -> str:
        """The iss of its tokens."""
        return self.iss or self.issuer.url


PROFILES = (
    Profile(
        "auth0",
        providers.auth0("acme.auth0.com", API, namespace="https://example.com"),
        {
            "sub": "auth0|6553",
            "aud": [API, "https://acme.auth0.com/userinfo"],
            "azp": "cid0",
            "org_id": "o",
        },
        other_tenant="https://other.auth0.com/",
        scope=Native(("scope",), "openid read:data", "read:data"),
        role=Native(("https://example.com/roles",), ["admin"], "admin"),
        permission=Native(("permissions",), ["read:data"], "read:data"),
    ),
    Profile(
        "auth0, RFC 9068 profile",
        providers.auth0("acme.auth0.com", API, token_typs="at+jwt", required_claims="sub,client_id,iat,jti"),
        {"sub": "cid0@clients", "aud": API, "client_id": "cid0", "jti": "73Wa"},
        typ="at+jwt",
        scope=Native(("scope",), "read:data", "read:data"),
        role=Native(("roles",), ["admin"], "admin"),
    ),
    Profile(
        "cognito",
        providers.cognito("us-west-2", "us-west-2_example", "57cbishk4j24"),
        {
            "sub": "aaaaaaaa-bbbb",
            "client_id": "57cbishk4j24",
            "origin_jti": "o1",
            "token_use": "access",
            "username": "jane",
        },
        typ=None,
        other_audience={"client_id": "other", "aud": "57cbishk4j24"},
        other_tenant="https://cognito-idp.us-west-2.amazonaws.com/us-west-2_other",
        scope=Native(("scope",), f"{API}/read", f"{API}/read"),
        role=Native(("cognito:groups",), ["admin"], "admin"),
        omit=("aud",),
    ),
    Profile(
        "okta",
        providers.okta("acme.okta.com", "api://default"),
        {"ver": 1, "jti": "AT.x", "aud": "api://default", "cid": "0oa1", "uid": "00u1", "sub": "jane@example.com"},
        typ=None,
        other_tenant="https://acme.okta.com",
        scope=Native(("scp",), ["openid", "read:data"], "read:data"),
        role=Native(("groups",), ["Everyone"], "Everyone"),
    ),
    Profile(
        "entra v2",
        providers.entra(GUID, "6e74172b-be56"),
        {"aud": "6e74172b-be56", "azp": "75dbe77f", "oid": "690222be", "sub": "HKZpfa", "tid": GUID, "ver": "2.0"},
        other_tenant=f"https://login.microsoftonline.com/{OTHER_GUID}/v2.0",
        scope=Native(("scp",), "access_as_user read", "access_as_user"),
        role=Native(("roles",), ["Admin"], "Admin"),
    ),
    Profile(
        "entra v1",
        providers.entra(GUID, "api://ef1da9d4", version=1),
        {"aud": "api://ef1da9d4", "appid": "75dbe77f", "oid": "0222", "sub": "l3_r", "tid": GUID, "ver": "1.0"},
        other_tenant=f"https://sts.windows.net/{OTHER_GUID}/",
        scope=Native(("scp",), "user_impersonation", "user_impersonation"),
        role=Native(("roles",), ["Admin"], "Admin"),
    ),
    Profile(
        "entra, several tenants",
        providers.entra_tenants([GUID], "6e74172b-be56"),
        {"aud": "6e74172b-be56", "azp": "75dbe77f", "sub": "HKZpfa", "tid": GUID, "ver": "2.0"},
        iss=f"https://login.microsoftonline.com/{GUID}/v2.0",
        other_tenant=f"https://login.microsoftonline.com/{OTHER_GUID}/v2.0",
        scope=Native(("scp",), "access_as_user", "access_as_user"),
        role=Native(("roles",), ["Admin"], "Admin"),
    ),
    Profile(
        "entra, application only",
        providers.entra(GUID, "6e74172b-be56"),
        {"aud": "6e74172b-be56", "azp": "75db", "idtyp": "app", "oid": "sp1", "sub": "sp1", "tid": GUID, "ver": "2.0"},
        other_tenant=f"https://login.microsoftonline.com/{OTHER_GUID}/v2.0",
        role=Native(("roles",), ["Data.Read.All"], "Data.Read.All"),
    ),
    Profile(
        "entra, groups left out for their size",
        providers.entra(GUID, "6e74172b-be56", roles_claims="roles,groups"),
        {
            "aud": "6e74172b-be56",
            "azp": "75dbe77f",
            "sub": "HKZpfa",
            "tid": GUID,
            "ver": "2.0",
            "_claim_names": {"groups": "src1"},
            "_claim_sources": {"src1": {"endpoint": "https://graph.example/getMemberObjects"}},
        },
        other_tenant=f"https://login.microsoftonline.com/{OTHER_GUID}/v2.0",
        scope=Native(("scp",), "access_as_user", "access_as_user"),
        role=Native(("roles",), ["Admin"], "Admin"),
    ),
    Profile(
        "keycloak",
        providers.keycloak("https://kc.example.com", "acme", "account"),
        {"sub": "f3b1", "aud": "account", "typ": "Bearer", "azp": "frontend", "sid": "s", "preferred_username": "jane"},
        other_tenant="https://kc.example.com/realms/other",
        scope=Native(("scope",), "openid email", "email"),
        role=Native(("realm_access", "roles"), ["admin", "offline_access"], "admin"),
    ),
    Profile(
        "keycloak, roles of a client",
        providers.keycloak("https://kc.example.com/", "acme", "account", client="my.api"),
        {
            "sub": "f3b1",
            "aud": ["account", "my.api"],
            "typ": "Bearer",
            "realm_access": {"roles": ["editor"]},
            "resource_access": {"account": {"roles": ["x"]}},
        },
        other_tenant="https://kc.example.com/realms/other",
        scope=Native(("scope",), "openid email", "email"),
        role=Native(("resource_access", "my.api", "roles"), ["admin"], "admin"),
    ),
    Profile(
        "google",
        providers.google("1.apps.googleusercontent.com"),
        {
            "azp": "1.apps.googleusercontent.com",
            "aud": "1.apps.googleusercontent.com",
            "sub": "1078",
            "hd": "example.com",
            "at_hash": "x",
        },
        other_tenant="accounts.google.com",
    ),
    Profile(
        "firebase",
        providers.firebase("proj", roles_claims="role"),
        {"aud": "proj", "user_id": "u1", "sub": "u1", "admin": True, "firebase": {"sign_in_provider": "password"}},
        other_audience={"aud": "other-project"},
        other_tenant="https://securetoken.google.com/other",
        role=Native(("role",), "admin", "admin"),
    ),
    Profile(
        "iap",
        providers.iap("/projects/123/global/backendServices/456"),
        {
            "aud": "/projects/123/global/backendServices/456",
            "sub": "accounts.google.com:1078",
            "email": "j@example.com",
        },
        algorithm="ES256",
        other_audience={"aud": "/projects/123/global/backendServices/789"},
        header="x-goog-iap-jwt-assertion",
    ),
    Profile(
        "supabase",
        providers.supabase("abcd"),
        {
            "sub": "123e4567",
            "aud": "authenticated",
            "role": "authenticated",
            "aal": "aal1",
            "app_metadata": {"provider": "email"},
            "user_metadata": {"roles": ["root"]},
        },
        algorithm="ES256",
        other_audience={"aud": "anon"},
        other_tenant="https://other.supabase.co/auth/v1",
        role=Native(("app_metadata", "roles"), ["admin"], "admin"),
    ),
    Profile(
        "clerk",
        providers.clerk("https://clerk.example.com", "https://app.example.com"),
        {"sub": "user_123", "azp": "https://app.example.com", "sid": "sess_1", "v": 2, "o": {"id": "org_1"}},
        other_audience={"azp": "https://evil.example.com"},
        role=Native(("o", "rol"), "admin", "admin"),
        permission=Native(("o", "per"), "read,manage", "manage"),
        omit=("aud",),
    ),
    Profile(
        "workos",
        providers.workos("client_01"),
        {"sub": "user_01", "org_id": "org_01", "sid": "session_01", "jti": "01"},
        typ=None,
        other_audience=None,
        role=Native(("role",), "member", "member"),
        permission=Native(("permissions",), ["posts:read"], "posts:read"),
        omit=("aud",),
    ),
    Profile(
        "hydra",
        providers.hydra("https://hydra.example.com/", API),
        {"sub": "u", "client_id": "c", "aud": [API], "jti": "j"},
        other_audience={"aud": []},
        scope=Native(("scp",), ["read:data"], "read:data"),
        role=Native(("ext", "roles"), ["admin"], "admin"),
    ),
    Profile(
        "zitadel",
        providers.zitadel("acme.zitadel.cloud", "69234237810729019"),
        {"sub": "7777", "aud": ["69234@acme", "69234237810729019"], "azp": "69234@acme", "jti": "j"},
        typ=None,
        other_tenant="https://other.zitadel.cloud",
        role=Native(("urn:zitadel:iam:org:project:roles",), {"admin": {"id1": "acme.zitadel.cloud"}}, "admin"),
    ),
    Profile(
        "zitadel, roles of the project",
        providers.zitadel("acme.zitadel.cloud", "69234"),
        {"sub": "7777", "aud": ["69234@acme", "69234"], "azp": "69234@acme", "jti": "j"},
        typ=None,
        other_tenant="https://other.zitadel.cloud",
        role=Native(("urn:zitadel:iam:org:project:69234:roles",), {"admin": {"id1": "acme.zitadel.cloud"}}, "admin"),
    ),
    Profile(
        "authentik",
        providers.authentik("https://auth.example.com", "myapp", "clientid"),
        {"sub": "hash", "aud": "clientid", "azp": "clientid", "uid": "u", "acr": "a", "auth_time": 1, "sid": "s"},
        other_tenant="https://auth.example.com/application/o/other/",
        scope=Native(("scope",), "openid profile", "profile"),
        role=Native(("groups",), ["admins"], "admins"),
        permission=Native(("entitlements",), ["publish"], "publish"),
    ),
    Profile(
        "pingfederate",
        providers.pingfederate("https://pf.example.com:9031", "api"),
        {"client_id": "c", "aud": "api", "sub": "joe"},
        typ=None,
        scope=Native(("scope",), ["read"], "read"),
        role=Native(("roles",), "admin", "admin"),
    ),
    Profile(
        "kubernetes",
        providers.kubernetes("https://kubernetes.default.svc.cluster.local", "https://my-api"),
        {
            "aud": ["https://my-api"],
            "sub": "system:serviceaccount:default:sa",
            "kubernetes.io": {"namespace": "default"},
        },
        typ=None,
    ),
    Profile(
        "github actions",
        providers.github_actions("https://github.com/octo-org"),
        {
            "sub": "repo:octo-org/octo-repo:environment:prod",
            "aud": "https://github.com/octo-org",
            "repository": "octo-org/octo-repo",
        },
    ),
)
