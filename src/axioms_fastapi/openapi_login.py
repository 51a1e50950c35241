"""How a person logs in from `/docs`: where its Authorize button leads to, and as which client.

The token is asked for by a browser, so that client is public: it has no secret, and PKCE (RFC 7636) in its place.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal
from urllib.parse import urlsplit

from pydantic import Field

from .core.discovery import discovery_urls
from .core.errors import ConfigurationError
from .core.policy import scopes as scope_policy
from .issuer import TENANT, Issuer, IssuerFields, Names, is_loopback
from .trust import preset_of

# Where a provider's authorization and token endpoints are; `{}` is the issuer without a slash at its end. Whoever is not listed
# has a discovery document, which a browser can read as well.
_ENDPOINTS: Final[Mapping[str, tuple[str, str]]] = {
    "auth0": ("{}/authorize", "{}/oauth/token"),
    "hydra": ("{}/oauth2/auth", "{}/oauth2/token"),
    "keycloak": ("{}/protocol/openid-connect/auth", "{}/protocol/openid-connect/token"),
    "okta": ("{}/v1/authorize", "{}/v1/token"),
    "pingfederate": ("{}/as/authorization.oauth2", "{}/as/token.oauth2"),
    "zitadel": ("{}/oauth/v2/authorize", "{}/oauth/v2/token"),
}
_ENTRA: Final = "https://login.microsoftonline.com/{}/oauth2/v2.0/{}"

# These must be told which API the token is for. The generic one may be anybody, and ignores what it does not know (RFC 6749,
# section 3.1).
_TOLD_THE_AUDIENCE: Final = frozenset({"auth0", "generic", "hydra"})

_ABOUT: Final = "Log in at the issuer that this API trusts. The client is a public one: leave client_secret empty."


class LoginFields(IssuerFields):
    """The settings of the login from `/docs`, beside those of the issuer."""

    docs_client_id: str | None = Field(
        None,
        pattern=r"^[\x21-\x7e]+$",
        description="the id of a public client of your authorization server",
        examples=["my-api-docs"],
    )
    docs_login: Literal["oauth2", "openid", "none"] | None = Field(
        None, description="oauth2, openid or none", examples=["openid"]
    )
    docs_authorization_url: str | None = Field(
        None,
        description="the https URL of the authorization endpoint",
        examples=["https://auth.example.com/authorize"],
    )
    docs_token_url: str | None = Field(
        None, description="the https URL of the token endpoint", examples=["https://auth.example.com/token"]
    )
    docs_scopes: Names | None = Field(
        None, description="the scopes that are ticked from the start", examples=["openid,profile"]
    )


@dataclass(frozen=True, slots=True)
class Login:
    """Where the Authorize button leads to, and what Swagger UI is told of the client.

    `urls` are the authorization and the token endpoint; without them the discovery document is read by the browser.
    """

    urls: tuple[str, str] | None
    discovery_url: str
    init_oauth: Mapping[str, Any]

    def scheme(self, scopes: Mapping[str, str]) -> dict[str, Any]:
        """The security scheme of the OpenAPI document, with the API's scopes and what they are for."""
        if self.urls is None:
            return {"type": "openIdConnect", "description": _ABOUT, "openIdConnectUrl": self.discovery_url}
        flow = {"authorizationUrl": self.urls[0], "tokenUrl": self.urls[1], "scopes": dict(scopes)}
        return {"type": "oauth2", "description": _ABOUT, "flows": {"authorizationCode": flow}}


def login_of(settings: LoginFields, issuer_url: str, issuers: Sequence[Issuer]) -> Login | None:
    """The login that the settings choose, if any: at the first of several issuers, unless they name its URLs.

    Raises ConfigurationError with one sentence for a setting that means nothing.
    """
    urls = _written_urls(settings)
    if settings.docs_login == "none" or not (settings.docs_login or settings.docs_client_id or urls):
        return None
    doors = ((issuer, door) for issuer in issuers if (door := _door(issuer)))
    fields, url = next(doors, (settings, issuer_url))
    preset = preset_of(fields, url).name
    endpoints = urls or _known_urls(preset, url)
    if settings.docs_login == "openid":
        endpoints = None
    elif settings.docs_login == "oauth2" and endpoints is None:
        raise ConfigurationError(
            "AXIOMS_DOCS_LOGIN is 'oauth2', and where to log in is not known; write AXIOMS_DOCS_AUTHORIZATION_URL and "
            "AXIOMS_DOCS_TOKEN_URL, or AXIOMS_DOCS_LOGIN=openid to have it found by discovery"
        )
    if endpoints is None and not url:
        raise ConfigurationError(
            "there is no issuer to log in at from /docs; write AXIOMS_DOCS_AUTHORIZATION_URL and AXIOMS_DOCS_TOKEN_URL, "
            "or AXIOMS_DOCS_LOGIN=none"
        )
    return Login(endpoints, discovery_urls(url)[0], _init_oauth(settings, preset, fields.audience))


def _written_urls(settings: LoginFields) -> tuple[str, str] | None:
    for field in ("docs_authorization_url", "docs_token_url"):
        url = getattr(settings, field)
        if url is not None and not _is_safe(url):
            raise settings.wrong(field, url)
    login, token = settings.docs_authorization_url, settings.docs_token_url
    if (login is None) != (token is None):
        raise settings.wrong("docs_authorization_url" if login is None else "docs_token_url", "")
    return (login, token) if login is not None and token is not None else None


def _is_safe(url: str) -> bool:
    """Whether a code and a token may travel there: https, or plain http on this machine alone. Else anybody could read them."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return False
    return bool(
        host
        and url.isprintable()
        and not set(url) & set(' "<>\\#')
        and (parts.scheme == "https" or (parts.scheme == "http" and is_loopback(host)))
    )


def _door(issuer: Issuer) -> str:
    """The URL at which somebody of that issuer can log in. Of many tenants, Microsoft alone has a common door."""
    if issuer.tenants is None:
        return issuer.url
    return issuer.url.replace(TENANT, "organizations") if preset_of(issuer, issuer.url).name == "entra" else ""


def _known_urls(preset: str, issuer_url: str) -> tuple[str, str] | None:
    if preset == "entra":
        tenant = urlsplit(issuer_url).path.strip("/").partition("/")[0]
        return _ENTRA.format(tenant, "authorize"), _ENTRA.format(tenant, "token")
    if preset not in _ENDPOINTS:
        return None
    login, token = _ENDPOINTS[preset]
    return login.format(issuer_url.rstrip("/")), token.format(issuer_url.rstrip("/"))


def _init_oauth(settings: LoginFields, preset: str, audience: Sequence[str]) -> dict[str, Any]:
    told: dict[str, Any] = {"usePkceWithAuthorizationCodeGrant": True}
    if settings.docs_client_id is not None:
        told["clientId"] = settings.docs_client_id
    if settings.docs_scopes is not None:
        scope_policy(settings.docs_scopes)  # refuses a name that no scope may have
        told["scopes"] = list(settings.docs_scopes)
    if preset in _TOLD_THE_AUDIENCE and audience:
        told["additionalQueryStringParams"] = {"audience": audience[0]}
    return told
