"""The authorization server is what the other tests take it for; nothing of the library takes part."""

import base64
import json
from typing import Any

import httpx2
import pytest

from interop_servers import AuthorizationServer


def parts(token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Header and payload, decoded by hand: the library must not vouch for the tokens that it is tested with."""
    header, payload, _signature = token.split(".")
    return _decoded(header), _decoded(payload)


def _decoded(part: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return document


def published_kids(server: AuthorizationServer) -> set[str]:
    with httpx2.Client(trust_env=False) as client:
        return {key["kid"] for key in client.get(f"{server.issuer}/jwks").raise_for_status().json()["keys"]}


def test_access_token(oidc_provider: AuthorizationServer) -> None:
    """A token has the type of RFC 9068, its issuer, one audience, the scopes that were asked for, and two roles."""
    header, claims = parts(oidc_provider.token(scope="read articles:publish"))
    assert (header["alg"], header["typ"]) == ("RS256", "at+jwt")
    assert header["kid"] in published_kids(oidc_provider)
    assert (claims["iss"], claims["aud"]) == (oidc_provider.issuer, "https://api.example.test")
    assert set(claims["scope"].split()) == {"read", "articles:publish"}
    assert claims["roles"] == ["service", "editor"]


@pytest.mark.parametrize(
    ("name", "algorithm"),
    [("es", "ES256"), ("ps", "PS256"), ("ed", "Ed25519"), ("eddsa", "EdDSA"), ("hs", "HS256")],
)
def test_audience_decides_algorithm(oidc_provider: AuthorizationServer, name: str, algorithm: str) -> None:
    """Each API has an algorithm of its own, Ed25519 under its fully specified name (RFC 9864) or its older one."""
    header, claims = parts(oidc_provider.token(resource=f"https://{name}.example.test"))
    assert (header["alg"], claims["aud"]) == (algorithm, f"https://{name}.example.test")


def test_tokens_nobody_can_read(oidc_provider: AuthorizationServer) -> None:
    """One API has encrypted tokens, of five parts, and one has opaque tokens, of one."""
    encrypted, opaque = (oidc_provider.token(resource=f"https://{name}.example.test") for name in ("enc", "opaque"))
    assert (encrypted.count("."), opaque.count(".")) == (4, 0)


def test_unknown_api(oidc_provider: AuthorizationServer) -> None:
    """There is no token for an API that the server does not know."""
    with pytest.raises(httpx2.HTTPStatusError) as refusal:
        oidc_provider.token(resource="https://unknown.example.test")
    assert refusal.value.response.json()["error"] == "invalid_target"


def test_rotation(oidc_provider: AuthorizationServer) -> None:
    """A rotation changes the key that signs; the old one stays published until it is dropped."""
    kids = []
    for drop in (False, False, True):
        oidc_provider.rotate(drop=drop)
        kids.append(parts(oidc_provider.token())[0]["kid"])
        assert (set(kids) & published_kids(oidc_provider)) == ({kids[-1]} if drop else set(kids))
    assert len(set(kids)) == 3
