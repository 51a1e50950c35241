"""Providers by name: an argument that cannot be right is refused, where a wrong issuer would refuse every token."""

from collections.abc import Callable
from typing import Any

import pytest

from axioms_fastapi import ConfigurationError, Issuer, providers
from axioms_fastapi.core.claims import ClaimRules, Claims
from axioms_fastapi.core.errors import InvalidToken, Reason
from axioms_fastapi.core.principal import ClaimMapping

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
        ({"azp": None, "appid": 7}, False),
        ({"azp": ["c"]}, False),
        ({"client_id": "c"}, False),
    ],
    ids=str,
)
def test_one_of(claims: dict[str, Any], accepted: bool) -> None:
    """Of the claims that access tokens have and ID tokens lack, at least one must be there, as a text that is not empty."""
    rules = ClaimRules("https://i", frozenset({"api"}), one_of=("azp", "appid"))
    token = {"iss": "https://i", "aud": "api", "sub": "s", "exp": 2, **claims}
    if accepted:
        assert rules.check(None, token, 1.0) == token
    else:
        with pytest.raises(InvalidToken) as refusal:
            rules.check(None, token, 1.0)
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
    principal = ClaimMapping(keys_are_names=True).apply(Claims({"iss": "https://i", "roles": value}))
    assert (principal.roles, Reason.ROLE not in principal.unreadable) == (roles, is_readable)
