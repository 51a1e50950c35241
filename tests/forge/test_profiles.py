"""The providers: exact paths and slashes, native claims, and what this library makes of their tokens."""

import httpx2
import pytest
from fastapi import Depends, FastAPI
from fastapi.testclient import TestClient

from axioms_fastapi import Issuer, init_axioms, require_auth
from axioms_fastapi.forge import create_app
from axioms_fastapi.forge.providers import PROFILES
from reading_tokens import claims_of, header_of, segments
from serving import serving

# What each token is held against: the preset and the audience of its documentation, and what it says of a scope and a role.
PRESETS = {
    "auth0": ("auth0", {"audience": "https://api.example.com"}),
    "auth0-9068": ("auth0", {"audience": "https://api.example.com"}),
    "auth0-m2m": ("auth0", {"audience": "https://api.example.com"}),
    "cognito": ("cognito", {"audience": "57cbishk4j24"}),
    "okta": ("okta", {"audience": "api://default"}),
    "entra-v2": ("entra", {"audience": "6e74172b-be56-4843-9ff4-e66a39bb12e3"}),
    "entra-v1": ("entra", {"audience": "api://ef1da9d4"}),
    "entra-app": ("entra", {"audience": "6e74172b-be56-4843-9ff4-e66a39bb12e3"}),
    "entra-over": ("entra", {"audience": "6e74172b-be56-4843-9ff4-e66a39bb12e3"}),
    "keycloak": ("keycloak", {"audience": "account"}),
    "google-id": ("google", {"audience": "1.apps.googleusercontent.com"}),
    "firebase": ("firebase", {"audience": "proj"}),
    "iap": ("iap", {"audience": "/projects/123/global/backendServices/456"}),
    "supabase": ("supabase", {"audience": "authenticated"}),
    "clerk-v2": ("clerk", {"audience": "https://app.example.com"}),
    "workos": ("workos", {"audience": "client_01"}),
    "hydra": ("hydra", {"audience": "https://api.example.com"}),
    "zitadel": ("zitadel", {"audience": "69234237810729019"}),
    "authentik": ("authentik", {"audience": "clientid"}),
    "pingfed": ("pingfederate", {"audience": "api"}),
    "k8s": ("kubernetes", {"audience": "https://my-api"}),
    "gha": ("github", {"audience": "https://github.com/octo-org"}),
}


@pytest.fixture(scope="module")
def forge():
    """A forge with all profiles, on a real socket."""
    with serving(create_app()) as url, httpx2.Client(base_url=url, trust_env=False) as client:
        yield client


def url(forge, profile):
    return str(forge.base_url).rstrip("/") + f"/{profile.name}"


@pytest.mark.parametrize("profile", PROFILES.values(), ids=lambda profile: profile.name)
class TestEach:
    def test_issuer(self, forge, profile):
        """The profile's name takes the host's place in the issuer, whose path and slash are the provider's own."""
        _, slash, path = profile.iss.partition("://")[2].partition("/")
        assert (slash + path) == profile.path
        claims = claims_of(forge.post("/token", json={"profile": profile.name, "body": {}}))
        assert claims["iss"] == url(forge, profile) + profile.path

    def test_header(self, forge, profile):
        """The header has the provider's typ, or none, and a kid of its key set, which is where the provider has it."""
        response = forge.post("/token", json={"profile": profile.name, "body": {}})
        header = header_of(response)
        assert (header["alg"], header.get("typ")) == (profile.alg, profile.typ)
        keys = forge.get(url(forge, profile) + profile.jwks).json()["keys"]
        assert header["kid"] in [key["kid"] for key in keys]
        assert header.keys() >= profile.header.keys()

    def test_discovery(self, forge, profile):
        """Discovery is under the issuer and leads to the keys; a provider that has none answers 404."""
        iss = url(forge, profile) + profile.path
        response = forge.get(iss.rstrip("/") + "/.well-known/openid-configuration")
        if profile.name == "iap":
            assert response.status_code == 404
        else:
            assert response.json()["issuer"] == iss
            assert response.json()["jwks_uri"] == url(forge, profile) + profile.jwks

    def test_no_claims_of_others(self, forge, profile):
        """The token has the provider's claims and none of JWTForge's defaults."""
        claims = claims_of(forge.post("/token", json={"profile": profile.name, "body": {}}))
        assert claims.keys() == {"iss", *profile.claims, *profile.times}

    def test_given_claims_win(self, forge, profile):
        """A claim by its native name is the request's own."""
        body = {"sub": "given", "custom": 1, "iss": profile.iss}
        claims = claims_of(forge.post("/token", json={"profile": profile.name, "body": body}))
        assert body.items() <= claims.items()

    def test_its_own_token_endpoint(self, forge, profile):
        """The issuer's own token endpoint issues the same kind of token."""
        claims = claims_of(forge.post(url(forge, profile) + profile.path.rstrip("/") + "/token", json={}))
        assert claims["iss"] == url(forge, profile) + profile.path

    def test_library(self, forge, profile):
        """The token passes the library with the provider's preset, and the provider's ID token does not."""
        preset, options = PRESETS[profile.name]
        iss = url(forge, profile) + profile.path
        aud = {"aud": ["https://api.example.com"]} if profile.name == "hydra" else {}
        # Providers whose keys are at a known address rather than where discovery says.
        jwks = {"jwks_url": f"{iss}/.well-known/jwks.json"} if preset in {"firebase", "iap", "workos"} else {}
        app = FastAPI()
        init_axioms(app, issuers=[Issuer(iss, provider=preset, **options, **jwks)])
        app.get("/", dependencies=[Depends(require_auth)])(lambda: "ok")
        request = {"profile": profile.name, "body": {"nonce": "n", **aud}, "response_type": "token id_token"}
        tokens = forge.post("/token", json=request).json()
        access = tokens.get("access_token") or token_of(forge, profile, aud)
        with TestClient(app) as api:
            name = "x-goog-iap-jwt-assertion" if profile.name == "iap" else "Authorization"

            def status(token):
                value = token if profile.name == "iap" else f"Bearer {token}"
                return api.get("/", headers={name: value}).status_code

            assert status(access) == 200
            if "id_token" in tokens and preset not in {"google", "firebase"}:
                assert status(tokens["id_token"]) == 401


def token_of(forge, profile, claims):
    return forge.post("/token", json={"profile": profile.name, "body": claims}).json()["access_token"]


@pytest.mark.parametrize(
    ("profile", "place"),
    [
        ("auth0", {"scope": "read write", "https://example.com/roles": ["admin"], "permissions": ["p"], "azp": "c1"}),
        ("cognito", {"scope": "read write", "cognito:groups": ["admin"], "client_id": "c1"}),
        ("okta", {"scp": ["read", "write"], "groups": ["admin"], "cid": "c1"}),
        ("entra-v2", {"scp": "read write", "roles": ["admin"], "azp": "c1"}),
        ("entra-v1", {"scp": "read write", "roles": ["admin"], "appid": "c1"}),
        ("keycloak", {"scope": "read write", "realm_access": {"roles": ["admin"]}, "azp": "c1"}),
        ("supabase", {"app_metadata": {"provider": "email", "roles": ["admin"]}, "role": "authenticated"}),
        ("workos", {"roles": ["admin"], "permissions": ["p"]}),
        ("hydra", {"scp": ["read", "write"], "ext": {"roles": ["admin"]}, "client_id": "c1"}),
        ("zitadel", {"urn:zitadel:iam:org:project:roles": {"admin": {"id1": "acme.zitadel.cloud"}}}),
        ("pingfed", {"scope": ["read", "write"], "roles": ["admin"]}),
    ],
)
def test_native_places(forge, profile, place):
    """Scopes, roles, permissions and the client go to where the provider keeps them, in its shape."""
    body = {"scope": "read write", "roles": ["admin"], "permissions": ["p"], "client_id": "c1"}
    claims = claims_of(forge.post("/token", json={"profile": profile, "body": body}))
    assert place.items() <= claims.items()


def test_clerk_places(forge):
    """Clerk has one role and a comma list inside an object whose other members stay."""
    body = {"roles": "admin", "permissions": ["read", "manage"]}
    claims = claims_of(forge.post("/token", json={"profile": "clerk-v2", "body": body}))
    assert claims["o"] == {"id": "org_1", "slg": "acme", "rol": "admin", "per": "read,manage", "fpm": "3"}


@pytest.mark.parametrize("profile", ["k8s", "gha", "iap", "entra-app", "auth0-m2m"])
def test_without_an_id_token(forge, profile):
    """A provider that issues no ID token says so."""
    response = forge.post("/token", json={"profile": profile, "response_type": "id_token", "body": {}})
    assert response.status_code == 400
    assert f"{profile} issues no ID token" in response.json()["error_description"]


@pytest.mark.parametrize("profile", [name for name, profile in PROFILES.items() if profile.id_token])
def test_id_token(forge, profile):
    """The ID token is for the client and says nothing that the provider's says in access tokens alone."""
    request = {"profile": profile, "response_type": "token id_token", "body": {"scope": "openid", "nonce": "n-1"}}
    tokens = forge.post("/token", json=request).json()
    access, identity = segments(tokens["access_token"])[1], segments(tokens["id_token"])[1]
    assert identity["nonce"] == "n-1"
    assert (identity.get("aud"), identity.get("typ")) != (access.get("aud"), "Bearer")
    assert ("at_hash" in identity) is PROFILES[profile].has_at_hash
    assert not {"scp", "scope"} & identity.keys()


def test_times(forge):
    """Lifetimes are the provider's: GitHub's nbf lies before its iat, Clerk's tokens live a minute."""
    gha = claims_of(forge.post("/token", json={"profile": "gha", "body": {}}))
    assert (gha["iat"] - gha["nbf"], gha["exp"] - gha["iat"]) == (600, 300)
    clerk = claims_of(forge.post("/token", json={"profile": "clerk-v2", "body": {}}))
    assert clerk["exp"] - clerk["iat"] == 60


def test_keycloak_publishes_an_encryption_key(forge):
    """Keycloak's key set holds a key for encryption too."""
    keys = forge.get("/keycloak/realms/acme/protocol/openid-connect/certs").json()["keys"]
    assert [key["use"] for key in keys].count("enc") == 1


def test_main_issuer():
    """A forge can be a provider at its root: the path is the provider's own, without a name before it."""
    client = TestClient(create_app(profile="entra-v1"))
    claims = claims_of(client.post("/token", json={}))
    assert claims["iss"] == "http://testserver/11111111-2222-3333-4444-555555555555/"
    discovery = client.get(claims["iss"].removesuffix("/") + "/.well-known/openid-configuration").json()
    assert discovery["issuer"] == claims["iss"]
    assert header_of(client.post("/token", json={}))["x5t"] == "rsa-key-1"


def test_main_issuer_under_the_real_name():
    """Its iss can be the provider's real one, while keys and endpoints stay here."""
    iss = "https://acme.auth0.com/"
    client = TestClient(create_app(iss, profile="auth0"))
    claims = claims_of(client.post("/token", json={}))
    assert (claims["iss"], claims["aud"][1]) == (iss, "https://acme.auth0.com/userinfo")
    assert client.get("/.well-known/openid-configuration").json()["issuer"] == iss


def test_unknown_profile():
    """A profile that there is not is refused with those that there are."""
    with pytest.raises(ValueError, match="entra-v2"):
        create_app(profile="entra")
