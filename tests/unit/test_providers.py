"""Providers by name: an argument that cannot be right is refused, where a wrong issuer would refuse every token."""

from collections.abc import Callable
from typing import Any

import pytest

from axioms_fastapi import ConfigurationError, Issuer, providers
from axioms_fastapi.core.claims import ClaimRules, VerifiedClaims
from axioms_fastapi.core.errors import InvalidToken, Reason
from axioms_fastapi.core.principal import ClaimMapping
from axioms_fastapi.core.remote_keys import KeyTimes
from axioms_fastapi.presets import PRESETS, preset_for
from axioms_fastapi.settings import load_settings
from axioms_fastapi.trust import KeyFetching, trusted_issuer

GUID = "11111111-2222-3333-4444-555555555555"


@pytest.mark.parametrize(
    ("build", "sentence"),
    [
        (lambda: providers.auth0("https://acme.auth0.com/", "a"), "auth0's domain is 'https://acme.auth0.com/'"),
        (lambda: providers.auth0("acme.auth0.com/", "a"), "auth0's domain"),
        (lambda: providers.okta("https://acme.okta.com", "a"), "okta's domain"),
        (lambda: providers.okta("acme.okta.com/oauth2/default", "a"), "okta's domain"),
        (lambda: providers.okta("acme.okta.com", "a", server="oauth2/default"), "okta's server"),
        (lambda: providers.zitadel("https://acme.zitadel.cloud", "a"), "zitadel's domain"),
        (lambda: providers.supabase("https://abcd.supabase.co"), "supabase's project"),
        (lambda: providers.keycloak("https://kc.example.com/realms/acme", "acme", "a"), "keycloak's base_url"),
        (lambda: providers.keycloak("https://kc.example.com", "realms/acme", "a"), "keycloak's realm"),
        (lambda: providers.authentik("https://a.example.com/application/o/x", "x", "a"), "authentik's base_url"),
        (lambda: providers.cognito("eu-west-1_AbC", "eu-west-1", "a"), "cognito's region"),
        (lambda: providers.cognito("eu-west-1", "us-east-1_AbC", "a"), "cognito's pool"),
        (lambda: providers.entra("common", "a"), "entra's tenant is 'common'"),
        (lambda: providers.entra("acme.onmicrosoft.com", "a"), "entra's tenant"),
        (lambda: providers.entra(GUID, "a", version=3), "entra's version is 3"),
        (lambda: providers.entra(GUID, "a", version="v1"), "entra's version is 'v1'"),  # type: ignore[arg-type]
        (lambda: providers.firebase("https://securetoken.google.com/x"), "firebase's project"),
    ],
)
def test_wrong_argument(build: Callable[[], Issuer], sentence: str) -> None:
    """The sentence names the argument, what was read and what to write."""
    with pytest.raises(ConfigurationError) as error:
        build()
    assert str(error.value).startswith(sentence)
    assert "; write " in str(error.value)


@pytest.mark.parametrize(
    ("issuer", "url"),
    [
        (providers.auth0("login.example.com", "a"), "https://login.example.com/"),
        (providers.okta("acme.okta.com", "a", server="aus1"), "https://acme.okta.com/oauth2/aus1"),
        (providers.keycloak("https://kc.example.com/auth/", "acme", "a"), "https://kc.example.com/auth/realms/acme"),
        (
            providers.cognito("us-gov-west-1", "us-gov-west-1_AbC9", "a"),
            "https://cognito-idp.us-gov-west-1.amazonaws.com/us-gov-west-1_AbC9",
        ),
        (providers.entra(GUID, "a", version=1), f"https://sts.windows.net/{GUID}/"),
    ],
)
def test_right_argument(issuer: Issuer, url: str) -> None:
    """The issuer has the URL that the provider's tokens name."""
    assert issuer.url == url


@pytest.mark.parametrize(
    ("claims", "accepted"),
    [
        ({"azp": "c"}, True),
        ({"appid": "c"}, True),
        ({"azp": "", "appid": "c"}, True),
        ({}, False),
        ({"azp": ""}, False),
        ({"azp": None, "appid": []}, False),
        ({"azp": ["c"]}, True),
        ({"client_id": "c"}, False),
    ],
    ids=str,
)
def test_one_of(claims: dict[str, Any], accepted: bool) -> None:
    """Of the claims that access tokens have and ID tokens lack, at least one must be there and not be empty."""
    rules = ClaimRules("https://i", frozenset({"api"}), one_of=("azp", "appid"))
    token = {"iss": "https://i", "aud": "api", "sub": "s", "exp": 2, **claims}
    if accepted:
        assert rules.check("", token, 1.0) == token
    else:
        with pytest.raises(InvalidToken) as refusal:
            rules.check("", token, 1.0)
        assert (refusal.value.reason, refusal.value.detail.endswith("azp or appid")) == (Reason.KIND, True)


@pytest.mark.parametrize(
    ("value", "roles", "is_readable"),
    [
        ({"admin": {"id1": "acme"}}, {"admin"}, True),
        ({"admin": {}, "editor": {"id1": "acme"}}, {"admin", "editor"}, True),
        ([{"admin": {"id1": "acme"}}, {"editor": {"id1": "acme"}}], {"admin", "editor"}, True),
        ({}, set(), True),
        ([], set(), True),
        ({"admin": False}, set(), False),
        ({"admin": 7}, set(), False),
        ({"admin": None}, set(), False),
        ({"admin": "acme"}, set(), False),
        ({"admin": ["acme"]}, set(), False),
        ({"admin": {"id1": "acme"}, "editor": False}, set(), False),
        ([{"admin": {"id1": "acme"}}, 7], set(), False),
        ([{"admin": {"id1": "acme"}}, "editor"], set(), False),
        ([[{"admin": {"id1": "acme"}}]], set(), False),
        (7, set(), False),
        (None, set(), False),
    ],
    ids=str,
)
def test_keys_that_are_names(value: Any, roles: set[str], is_readable: bool) -> None:
    """An object's keys are roles where each stands for an object, in all of the claim; else the claim grants nothing."""
    principal = ClaimMapping(keys_are_names=True).apply(VerifiedClaims({"iss": "https://i", "roles": value}))
    assert (principal.roles, Reason.ROLE not in principal.unreadable) == (roles, is_readable)


# For each preset: its own issuer, where keys are for the audience "a b", who else may serve them, and the header of the token.
DATA = {
    "auth0": (None, None, set(), None),
    "authentik": (None, None, set(), None),
    "clerk": (None, None, set(), None),
    "cognito": (None, None, set(), None),
    "entra": (None, None, {"login.microsoftonline.com", "login.windows.net"}, None),
    "firebase": (
        None,
        "https://www.googleapis.com/service_accounts/v1/jwk/securetoken@system.gserviceaccount.com",
        set(),
        None,
    ),
    "github": ("https://token.actions.githubusercontent.com", None, set(), None),
    "google": ("https://accounts.google.com", None, {"www.googleapis.com"}, None),
    "hydra": (None, None, set(), None),
    "iap": (
        "https://cloud.google.com/iap",
        "https://www.gstatic.com/iap/verify/public_key-jwk",
        set(),
        "x-goog-iap-jwt-assertion",
    ),
    "keycloak": (None, None, set(), None),
    "kubernetes": (None, None, set(), None),
    "okta": (None, None, set(), None),
    "pingfederate": (None, None, set(), None),
    "supabase": (None, None, set(), None),
    "workos": ("https://api.workos.com", "https://api.workos.com/sso/jwks/a%20b", set(), None),
    "zitadel": (None, None, set(), None),
}


def test_data() -> None:
    """The URLs and hosts that the presets carry are the providers' own, to the letter: a wrong one would trust somebody else."""
    assert {
        name: (preset.issuer_url, preset.jwks_url_for(["a b", "c"]), set(preset.jwks_hosts), preset.token_header)
        for name, preset in PRESETS.items()
    } == DATA


HOSTS = {
    "auth0": ["acme.auth0.com", "acme-dev.eu.auth0.com", "acme.us.auth0.com"],
    "clerk": ["busy-bee-7.clerk.accounts.dev"],
    "cognito": ["cognito-idp.eu-west-1.amazonaws.com", "cognito-idp.cn-north-1.amazonaws.com.cn"],
    "entra": ["login.microsoftonline.com", "sts.windows.net"],
    "firebase": ["securetoken.google.com"],
    "github": ["token.actions.githubusercontent.com"],
    "google": ["accounts.google.com"],
    "iap": ["cloud.google.com"],
    "okta": ["acme.okta.com", "acme-1.oktapreview.com"],
    "supabase": ["abcdefghijklmnop.supabase.co"],
    "workos": ["api.workos.com"],
    "zitadel": ["acme-x1y2z3.zitadel.cloud"],
}


def test_hosts() -> None:
    """A provider that has hosts of its own is known by them."""
    assert HOSTS.keys() == {preset.name for preset in PRESETS.values() if preset.host}
    for name, hosts in HOSTS.items():
        assert [preset_for(f"https://{host}/x").name for host in hosts] == [name] * len(hosts)


@pytest.mark.parametrize("host", [host for hosts in HOSTS.values() for host in hosts])
def test_hosts_of_others(host: str) -> None:
    """A host that only looks like a provider's selects nothing: whoever owns it would choose the rules for its tokens."""
    for alike in (
        f"{host}.evil.test",
        f"evil{host}.test",
        f"{host}-evil.test",
        f"a.b.{host}",
        f"evil.test/{host}",
    ):
        assert preset_for(f"https://{alike}").name == "generic", alike
    *front, second, last = host.split(".")
    for alike in (".".join([*front, f"{second}x{last}"]), f"{'.'.join(front)}x{second}.{last}"):
        assert preset_for(f"https://{alike}").name == "generic", alike
    assert preset_for(f"https://{host}@evil.test/").name == "generic"


def test_functions_use_the_data() -> None:
    """What a provider's function gives is what its preset carries."""
    given = {
        "google": providers.google("a"),
        "github": providers.github_actions("a"),
        "iap": providers.iap("a"),
        "workos": providers.workos("a"),
    }
    assert {name: issuer.url for name, issuer in given.items()} == {
        name: preset.issuer_url for name, preset in PRESETS.items() if preset.issuer_url
    }
    assert providers.entra(GUID, "a").jwks_url is None
    assert providers.entra(GUID, "a", version=1).jwks_url == f"https://login.microsoftonline.com/{GUID}/discovery/keys"
    several = providers.entra_tenants([GUID], "a")
    assert (several.url, several.jwks_url) == (
        "https://login.microsoftonline.com/{tenantid}/v2.0",
        "https://login.microsoftonline.com/common/discovery/v2.0/keys",
    )
    assert PRESETS["entra"].template == several.url


@pytest.mark.parametrize("provider", ["google", "github", "iap", "workos"])
def test_provider_alone(provider: str) -> None:
    """A provider that has but one issuer needs no AXIOMS_ISS_URL; one that is set, or a domain, wins all the same."""
    keywords = {"AXIOMS_AUDIENCE": "api", "AXIOMS_PROVIDER": provider}
    assert load_settings(keywords).issuer_url == PRESETS[provider].issuer_url
    assert load_settings({**keywords, "AXIOMS_ISS_URL": "https://own.test"}).issuer_url == "https://own.test"
    with pytest.warns(DeprecationWarning, match="AXIOMS_DOMAIN"):
        assert load_settings({**keywords, "AXIOMS_DOMAIN": "own.test"}).issuer_url == "https://own.test"


@pytest.mark.parametrize("provider", sorted(PRESETS.keys() - {"google", "github", "iap", "workos"}))
def test_provider_alone_is_not_enough(provider: str) -> None:
    """A provider with an issuer for each tenant needs AXIOMS_ISS_URL, and the sentence says so."""
    with pytest.raises(ConfigurationError, match=r"^AXIOMS_ISS_URL is not set or empty; write the issuer's URL"):
        load_settings({"AXIOMS_AUDIENCE": "api", "AXIOMS_PROVIDER": provider})


PROJECT = "urn:zitadel:iam:org:project:69234:roles"
CLIENT = "urn:zitadel:iam:org:project:roles"


@pytest.mark.parametrize(
    ("claims", "roles"),
    [
        ({PROJECT: {"admin": {"id1": "acme"}}}, {"admin"}),
        ({CLIENT: {"admin": {"id1": "acme"}}}, {"admin"}),
        ({PROJECT: {"editor": {"id1": "acme"}}, CLIENT: {"admin": {"id1": "acme"}}}, {"editor"}),
        ({PROJECT: {"admin": False}, CLIENT: {"admin": {"id1": "acme"}}}, set()),
        ({PROJECT.replace("69234", "1"): {"admin": {"id1": "acme"}}}, set()),
        ({"urn:zitadel:iam:org:project:{audience}:roles": {"admin": {"id1": "acme"}}}, set()),
    ],
    ids=str,
)
def test_zitadels_projects(claims: dict[str, Any], roles: set[str]) -> None:
    """Roles are those of the API's own project; where the token has none of that, those of the client's project."""
    url = "https://acme.zitadel.cloud"
    settings = load_settings({"AXIOMS_AUDIENCE": "69234", "AXIOMS_ISS_URL": url})
    for fields in (settings, providers.zitadel("acme.zitadel.cloud", "69234")):
        mapping = trusted_issuer(fields, url, KeyFetching(KeyTimes())).mapping
        assert mapping.apply(VerifiedClaims({"iss": url, **claims})).roles == roles


def test_zitadels_several_projects() -> None:
    """Of several projects each has its claim."""
    issuer = providers.zitadel("acme.zitadel.cloud", ["1", "69234"])
    mapping = trusted_issuer(issuer, issuer.url, KeyFetching(KeyTimes())).mapping
    assert mapping.apply(VerifiedClaims({"iss": issuer.url, PROJECT: {"admin": {"id1": "acme"}}})).roles == {"admin"}
