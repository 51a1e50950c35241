"""Issuers of known providers from what their consoles show: `issuers=[providers.cognito("eu-west-1", "eu-west-1_x", "id")]`.

Each gives an Issuer whose other fields (`scope_claims`, `leeway`, ...) may be given as keywords. The pages of docs/providers say
which of a provider's settings is which argument.
"""

import re
from collections.abc import Awaitable, Callable, Collection, Sequence
from pathlib import Path
from typing import Any, Final

from .core.errors import ConfigurationError
from .issuer import TENANT, Issuer

Audience = str | Sequence[str]

_HOST: Final = r"[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?(?::[0-9]+)?"
_NAME: Final = r"[A-Za-z0-9][A-Za-z0-9_.-]*"
_GUID: Final = r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"


def _check(argument: str, written: object, pattern: str, example: str) -> None:
    """What is put into a URL is the part that belongs there: a whole URL in its place would trust nobody, and say nothing."""
    if not isinstance(written, str) or not re.fullmatch(pattern, written):
        raise ConfigurationError(f"{argument} is {written!r}; write it as {example}")


def _check_base(argument: str, written: object, end: str) -> None:
    if not isinstance(written, str) or end in written:
        raise ConfigurationError(f"{argument} is {written!r}; write what stands before {end}, which is added here")


def auth0(domain: str, audience: Audience, *, namespace: str | None = None, **fields: Any) -> Issuer:
    """An Auth0 tenant, or its custom domain. Its issuer ends with a slash; `namespace` is that of the custom roles claim."""
    _check("auth0's domain", domain, _HOST, "the host alone, such as 'acme.auth0.com'")
    if namespace is not None:
        fields.setdefault("roles_claims", [f"{namespace.rstrip('/')}/roles"])
    return Issuer(f"https://{domain}/", audience, provider="auth0", **fields)


def authentik(base_url: str, application: str, client_id: Audience, **fields: Any) -> Issuer:
    """An Authentik application, by its slug, with an issuer for each provider. Its issuer ends with a slash."""
    _check_base("authentik's base_url", base_url, "/application/o/")
    _check("authentik's application", application, _NAME, "its slug, such as 'articles'")
    return Issuer(f"{base_url.rstrip('/')}/application/o/{application}/", client_id, provider="authentik", **fields)


def clerk(issuer_url: str, authorized_parties: Audience, **fields: Any) -> Issuer:
    """A Clerk instance by its Frontend API URL. Its tokens name no audience: `authorized_parties` are the origins in azp."""
    return Issuer(issuer_url, authorized_parties, provider="clerk", **fields)


def cognito(region: str, pool: str, client_id: Audience, **fields: Any) -> Issuer:
    """A Cognito user pool. Its access tokens have client_id in place of aud; its ID tokens are refused."""
    _check("cognito's region", region, r"[a-z]{2}(?:-[a-z]+)+-[0-9]", "the region's name, such as 'eu-west-1'")
    _check("cognito's pool", pool, rf"{re.escape(region)}_[A-Za-z0-9]+", f"the pool's id, such as '{region}_AbCdEfGhI'")
    china = ".cn" if region.startswith("cn-") else ""
    return Issuer(f"https://cognito-idp.{region}.amazonaws.com{china}/{pool}", client_id, provider="cognito", **fields)


def entra(tenant: str, audience: Audience, *, version: int = 2, **fields: Any) -> Issuer:
    """One tenant of Microsoft Entra, by its GUID. The API's manifest decides the version of its tokens, and so the issuer.

    The audience of version 2 is always the API's client id; version 1 may have its App ID URI.
    """
    _check(
        "entra's tenant", tenant, _GUID, "the tenant's GUID; tokens name no other, and several are entra_tenants([...])"
    )
    if version not in {1, 2}:
        raise ConfigurationError(f"entra's version is {version!r}; write 1 or 2, as the API's manifest has it")
    if version == 1:
        fields.setdefault("jwks_url", f"https://login.microsoftonline.com/{tenant}/discovery/keys")
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
    _check("firebase's project", project, r"[a-z0-9-]+", "the project's id, such as 'articles-4711'")
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
    _check_base("keycloak's base_url", base_url, "/realms")
    _check("keycloak's realm", realm, r"[^/?#\s]+", "the realm's name, such as 'acme'")
    if client is not None:
        fields.setdefault("roles_claims", [["resource_access", client, "roles"]])
    return Issuer(f"{base_url.rstrip('/')}/realms/{realm}", audience, provider="keycloak", **fields)


def kubernetes(issuer_url: str, audience: Audience, *, ca_file: str | Path | None = None, **fields: Any) -> Issuer:
    """Service accounts of a Kubernetes cluster. Its key set usually needs `ca_file`, and a token in `jwks_headers`."""
    return Issuer(issuer_url, audience, provider="kubernetes", jwks_ca_file=ca_file, **fields)


def okta(domain: str, audience: Audience, *, server: str = "default", **fields: Any) -> Issuer:
    """A custom authorization server of Okta. Tokens of the org's own server cannot be verified by others than Okta."""
    _check("okta's domain", domain, _HOST, "the host alone, such as 'acme.okta.com'")
    _check("okta's server", server, _NAME, "the authorization server's id, such as 'default'")
    return Issuer(f"https://{domain}/oauth2/{server}", audience, provider="okta", **fields)


def pingfederate(issuer_url: str, audience: Audience, **fields: Any) -> Issuer:
    """PingFederate, whose access token manager must be told to write iss and aud."""
    return Issuer(issuer_url, audience, provider="pingfederate", **fields)


def supabase(project: str, *, audience: Audience = "authenticated", **fields: Any) -> Issuer:
    """A Supabase project with asymmetric signing keys. Roles are app_metadata.roles, or the database role."""
    _check("supabase's project", project, r"[a-z0-9]+", "the project's reference, such as 'abcdefghijklmnop'")
    return Issuer(f"https://{project}.supabase.co/auth/v1", audience, provider="supabase", **fields)


def workos(client_id: str, *, issuer_url: str = "https://api.workos.com", **fields: Any) -> Issuer:
    """A WorkOS AuthKit client. Its tokens name no audience: the client's own key set binds them to it."""
    return Issuer(issuer_url, client_id, provider="workos", **fields)


def zitadel(domain: str, project_id: Audience, **fields: Any) -> Issuer:
    """A ZITADEL instance with JWT access tokens. Roles are the keys of the roles claim of that project, or of the client's."""
    _check("zitadel's domain", domain, _HOST, "the host alone, such as 'acme.zitadel.cloud'")
    return Issuer(f"https://{domain}", project_id, provider="zitadel", **fields)
