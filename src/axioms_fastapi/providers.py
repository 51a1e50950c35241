"""Issuers of known providers from what their consoles show: `issuers=[providers.cognito("eu-west-1", "eu-west-1_x", "id")]`.

Each gives an Issuer whose other fields (`scope_claims`, `leeway`, ...) may be given as keywords. The pages of docs/providers say
which of a provider's settings is which argument.
"""

from collections.abc import Awaitable, Callable, Collection, Sequence
from pathlib import Path
from typing import Any

from .issuer import TENANT, Issuer

Audience = str | Sequence[str]


def auth0(domain: str, audience: Audience, *, namespace: str | None = None, **fields: Any) -> Issuer:
    """An Auth0 tenant, or its custom domain. Its issuer ends with a slash; `namespace` is that of the custom roles claim."""
    if namespace is not None:
        fields.setdefault("roles_claims", [f"{namespace.rstrip('/')}/roles"])
    return Issuer(f"https://{domain}/", audience, provider="auth0", **fields)


def authentik(base_url: str, application: str, client_id: Audience, **fields: Any) -> Issuer:
    """An Authentik application, by its slug, with an issuer for each provider. Its issuer ends with a slash."""
    return Issuer(f"{base_url.rstrip('/')}/application/o/{application}/", client_id, provider="authentik", **fields)


def clerk(issuer_url: str, authorized_parties: Audience, **fields: Any) -> Issuer:
    """A Clerk instance by its Frontend API URL. Its tokens name no audience: `authorized_parties` are the origins in azp."""
    return Issuer(issuer_url, authorized_parties, provider="clerk", **fields)


def cognito(region: str, pool: str, client_id: Audience, **fields: Any) -> Issuer:
    """A Cognito user pool. Its access tokens have client_id in place of aud; its ID tokens are refused."""
    return Issuer(f"https://cognito-idp.{region}.amazonaws.com/{pool}", client_id, provider="cognito", **fields)


def entra(tenant: str, audience: Audience, *, version: int = 2, **fields: Any) -> Issuer:
    """One tenant of Microsoft Entra, by its GUID. The API's manifest decides the version of its tokens, and so the issuer.

    The audience of version 2 is always the API's client id; version 1 may have its App ID URI.
    """
    if version == 1:
        return Issuer(f"https://sts.windows.net/{tenant}/", audience, provider="entra", **fields)
    return Issuer(f"https://login.microsoftonline.com/{tenant}/v2.0", audience, provider="entra", **fields)


def entra_tenants(
    tenants: Collection[str] | Callable[[str], bool | Awaitable[bool]], audience: Audience, **fields: Any
) -> Issuer:
    """Several tenants of Microsoft Entra (version 2): those listed, or those for whose GUID the function says True."""
    url = f"https://login.microsoftonline.com/{TENANT}/v2.0"
    fields.setdefault("jwks_url", "https://login.microsoftonline.com/common/discovery/v2.0/keys")
    return Issuer(url, audience, provider="entra", tenants=tenants, **fields)


def firebase(project: str, **fields: Any) -> Issuer:
    """A Firebase project. Its credential is an ID token, for the project's id."""
    return Issuer(f"https://securetoken.google.com/{project}", project, provider="firebase", **fields)


def github_actions(audience: Audience, **fields: Any) -> Issuer:
    """GitHub Actions. Every workflow of everybody gets its tokens: require a `sub` or `repository` by a predicate."""
    return Issuer("https://token.actions.githubusercontent.com", audience, provider="github", **fields)


def google(client_id: Audience, **fields: Any) -> Issuer:
    """Google sign-in. Its access tokens are opaque: the credential is the ID token."""
    return Issuer("https://accounts.google.com", client_id, provider="google", **fields)


def hydra(issuer_url: str, audience: Audience, **fields: Any) -> Issuer:
    """Ory Hydra with JWT access tokens. Whether its issuer ends with a slash depends on version and configuration."""
    return Issuer(issuer_url, audience, provider="hydra", **fields)


def iap(audience: Audience, **fields: Any) -> Issuer:
    """Google Cloud's Identity-Aware Proxy: `/projects/N/global/backendServices/ID`. Its token comes in a header of its own."""
    return Issuer("https://cloud.google.com/iap", audience, provider="iap", **{"algorithms": "ES256", **fields})


def keycloak(base_url: str, realm: str, audience: Audience, *, client: str | None = None, **fields: Any) -> Issuer:
    """A Keycloak realm. Roles are the realm's, or with `client` those of that client, whose name may hold dots."""
    if client is not None:
        fields.setdefault("roles_claims", [["resource_access", client, "roles"]])
    return Issuer(f"{base_url.rstrip('/')}/realms/{realm}", audience, provider="keycloak", **fields)


def kubernetes(issuer_url: str, audience: Audience, *, ca_file: str | Path | None = None, **fields: Any) -> Issuer:
    """Service accounts of a Kubernetes cluster. Its key set usually needs `ca_file`, and a token in `jwks_headers`."""
    return Issuer(issuer_url, audience, provider="kubernetes", jwks_ca_file=ca_file, **fields)


def okta(domain: str, audience: Audience, *, server: str = "default", **fields: Any) -> Issuer:
    """A custom authorization server of Okta. Tokens of the org's own server cannot be verified by others than Okta."""
    return Issuer(f"https://{domain}/oauth2/{server}", audience, provider="okta", **fields)


def pingfederate(issuer_url: str, audience: Audience, **fields: Any) -> Issuer:
    """PingFederate, whose access token manager must be told to write iss and aud."""
    return Issuer(issuer_url, audience, provider="pingfederate", **fields)


def supabase(project: str, *, audience: Audience = "authenticated", **fields: Any) -> Issuer:
    """A Supabase project with asymmetric signing keys. Roles are app_metadata.roles, or the database role."""
    return Issuer(f"https://{project}.supabase.co/auth/v1", audience, provider="supabase", **fields)


def workos(client_id: str, *, issuer_url: str = "https://api.workos.com", **fields: Any) -> Issuer:
    """A WorkOS AuthKit client. Its tokens name no audience: the client's own key set binds them to it."""
    return Issuer(issuer_url, client_id, provider="workos", **fields)


def zitadel(domain: str, project_id: Audience, **fields: Any) -> Issuer:
    """A ZITADEL instance with JWT access tokens. Roles are the keys of the project roles claim."""
    return Issuer(f"https://{domain}", project_id, provider="zitadel", **fields)
