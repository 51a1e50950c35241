"""Several issuers on one forge: by path, with and without a slash at the end, and for any tenant."""

import pytest
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.testclient import TestClient

from axioms_fastapi.forge import create_app
from reading_tokens import claims_of, is_signed_by, signing_jwk

DISCOVERY, JWKS = "/.well-known/openid-configuration", "/.well-known/jwks.json"


@pytest.fixture(scope="module")
def client():
    app = create_app(issuers=["/a", "/b/", "/a/inner"], tenants="/t/{tenant}/v2.0")
    with TestClient(app, base_url="http://forge.test") as client:
        yield client


@pytest.mark.parametrize(
    ("path", "iss"),
    [
        ("", "http://forge.test"),
        ("/a", "http://forge.test/a"),
        ("/b", "http://forge.test/b/"),
        ("/a/inner", "http://forge.test/a/inner"),
        ("/t/acme/v2.0", "http://forge.test/t/acme/v2.0"),
    ],
)
def test_each_stands_for_itself(client, path, iss):
    """Each issuer has its exact iss, its own discovery and key set under its path, and signs with its own keys."""
    discovery = client.get(path + DISCOVERY).json()
    assert discovery["issuer"] == iss
    assert discovery["token_endpoint"] == f"http://forge.test{path}/token"
    body = client.post(discovery["token_endpoint"], json={})
    assert claims_of(body)["iss"] == iss
    jwks = client.get(discovery["jwks_uri"]).json()
    token = body.json()["access_token"]
    assert is_signed_by(token, signing_jwk(jwks, token), "RS256")


def test_no_shared_keys(client):
    """No two issuers have a key in common, though the names are alike."""
    sets = [client.get(path + JWKS).json()["keys"] for path in ("", "/a", "/b", "/a/inner", "/t/acme/v2.0")]
    assert len({keys[0]["n"] for keys in sets}) == len(sets)
    assert {keys[0]["kid"] for keys in sets} == {"rsa-key-1"}


def test_tenants_share_keys(client):
    """Tenants of one template share its keys, as Entra's do; each has an iss of its own."""
    one, two = (client.get(f"/t/{tenant}/v2.0{JWKS}").json() for tenant in ("acme", "globex"))
    assert one == two


@pytest.mark.parametrize("tenant", ["common", "organizations"])
def test_discovery_of_every_tenant(client, tenant):
    """The document that is nobody's own names the template."""
    document = client.get(f"/t/{tenant}/v2.0{DISCOVERY}").json()
    assert document["issuer"] == "http://forge.test/t/{tenantid}/v2.0"
    assert document["jwks_uri"] == f"http://forge.test/t/{tenant}/v2.0{JWKS}"


def test_control_is_by_issuer(client):
    """A fault or a rotation under one issuer's path is that issuer's alone."""
    client.put("/a/faults/jwks", json={"status": 500})
    client.post("/a/keys/rotate", json={"alg": "ES256"})
    assert client.get(f"/a{JWKS}").status_code == 500
    assert client.get(JWKS).status_code == client.get(f"/b{JWKS}").status_code == 200
    client.delete("/a/faults")
    assert len(client.get(f"/a{JWKS}").json()["keys"]) == 3
    assert len(client.get(JWKS).json()["keys"]) == 2


@pytest.mark.parametrize("path", ["/ab/token", "/t/acme/token", "/t//v2.0/token", "/t/a%2Fb/v2.0/token", "/c/token"])
def test_no_issuer(client, path):
    """A path that is no issuer's has no endpoints."""
    assert client.post(path, json={}).status_code == 404


def test_index_of_an_issuer(client):
    """Each issuer has a first page, and the root's lists them."""
    assert client.get("/b").json()["issuer"] == client.get("/b/").json()["issuer"] == "http://forge.test/b/"
    assert {"http://forge.test", "http://forge.test/a", "http://forge.test/b/"} <= set(
        client.get("/").json()["issuers"]
    )


def test_below_a_mount():
    """All of it works below a mount."""
    app = Starlette(routes=[Mount("/forge", create_app(issuers=["/a/"]))])
    with TestClient(app, base_url="http://forge.test") as client:
        assert claims_of(client.post("/forge/a/token", json={}))["iss"] == "http://forge.test/forge/a/"
        assert client.get(f"/forge/a{DISCOVERY}").json()["jwks_uri"] == f"http://forge.test/forge/a{JWKS}"


def test_two_names(client):
    """A forge that is reached under two names is two issuers: each token names the one that it came from."""
    response = client.post("/a/token", json={}, headers={"Host": "forge:8787"})
    assert claims_of(response)["iss"] == "http://forge:8787/a"


@pytest.mark.parametrize("path", ["a", "/", "", "/a//b", "/a?b", "/a b", "//a"])
def test_bad_path(path):
    """What is no path of plain segments is refused."""
    with pytest.raises(ValueError, match="An issuer's path is like /a"):
        create_app(issuers=[path])


@pytest.mark.parametrize("template", ["/t", "{tenant}", "/a?{tenant}", "/a{tenant}", "/{tenant}/{tenant}"])
def test_bad_template(template):
    """What is no template is refused."""
    with pytest.raises(ValueError, match="A tenant template is a path"):
        create_app(tenants=template)
