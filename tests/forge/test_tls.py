"""TLS: a certificate that a client can trust, and no client trusts by chance."""

import ssl

import httpx2
import pytest
from fastapi import Depends, FastAPI
from fastapi.testclient import TestClient

from axioms_fastapi import Issuer, init_axioms, require_auth
from axioms_fastapi.forge import create_app
from axioms_fastapi.forge.tls import Authority, publishes
from serving import serving


@pytest.fixture(scope="module")
def authority():
    return Authority.generate()


@pytest.fixture(scope="module")
def url(authority):
    app = create_app(features=[publishes(authority)])
    with serving(app, tls=authority.server_context("forge.test")) as url:
        yield url


def test_client_that_trusts_it(url, authority):
    """A client that trusts the authority gets tokens over https, whose iss is the https URL."""
    with httpx2.Client(verify=authority.client_context(), trust_env=False) as client:
        assert client.get(f"{url}/.well-known/openid-configuration").json()["issuer"] == url
        assert client.get(f"{url}/ca.pem").content == authority.ca_pem
    assert url.startswith("https://")


@pytest.mark.parametrize("other", ["system", "another"])
def test_client_that_does_not(url, other):
    """A client that trusts the system's authorities, or another forge's, refuses the certificate."""
    context = ssl.create_default_context() if other == "system" else Authority.generate().client_context()
    with httpx2.Client(verify=context, trust_env=False) as client, pytest.raises(httpx2.ConnectError):
        client.get(url)


def test_library(url, authority, tmp_path):
    """An application that is told of the authority fetches the keys over https."""
    (tmp_path / "ca.pem").write_bytes(authority.ca_pem)
    app = FastAPI()
    init_axioms(app, issuers=[Issuer(url, "https://api.example.com", jwks_ca_file=tmp_path / "ca.pem")])
    app.get("/", dependencies=[Depends(require_auth)])(lambda: "ok")
    with httpx2.Client(verify=authority.client_context(), trust_env=False) as client:
        token = client.post(f"{url}/token", json={}).json()["access_token"]
    with TestClient(app) as api:
        assert api.get("/", headers={"Authorization": f"Bearer {token}"}).status_code == 200


def test_authority_of_pem(authority):
    """An authority comes back from its PEM texts."""
    again = Authority.from_pem(authority.ca_pem, authority.private_key_pem)
    assert again.ca_pem == authority.ca_pem
