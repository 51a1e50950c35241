"""A2: the three serializations of a JWS, and what confuses those who read them."""

import json

import pytest

from reading_tokens import decoded, is_signed_by


def token(client, **request):
    response = client.post("/token", json=request)
    assert response.status_code == 200, response.text
    assert response.json()["format"] == request.get("format", "compact")
    return response.json()["access_token"]


def compact(entry, payload):
    return f"{entry['protected']}.{payload}.{entry['signature']}"


@pytest.mark.parametrize("form", [{"sub": "alice"}, {"body": {"sub": "alice"}}], ids=["flat", "structured"])
def test_flattened(client, keys, form):
    """A flattened token is an object with payload, protected and signature, which verifies."""
    flat = token(client, format="flattened", **form)
    assert flat.keys() == {"payload", "protected", "signature"}
    assert json.loads(decoded(flat["payload"]))["sub"] == "alice"
    assert is_signed_by(compact(flat, flat["payload"]), keys.select().public_jwk(), "RS256")


def test_general_with_one_signature(client, keys):
    """A general token without further wishes has one signature, which verifies."""
    general = token(client, format="general")
    assert general.keys() == {"payload", "signatures"}
    (entry,) = general["signatures"]
    assert is_signed_by(compact(entry, general["payload"]), keys.select().public_jwk(), "RS256")


def test_general_with_several_signatures(client, keys):
    """Each entry has its own protected and unprotected header and its own signature."""
    entries = [
        {},
        {"header": {"kid": "other"}, "unprotected": {"alg": "none"}},
        {"signature": "literal"},
        {"signature": False},
    ]
    general = token(client, format="general", body={"sub": "alice"}, signatures=entries)
    first, second, third, fourth = general["signatures"]
    assert json.loads(decoded(first["protected"])) == {"alg": "RS256", "typ": "JWT", "kid": "rsa-key-1"}
    assert json.loads(decoded(second["protected"]))["kid"] == "other"
    assert second["header"] == {"alg": "none"}
    for entry in (first, second):
        assert is_signed_by(compact(entry, general["payload"]), keys.select().public_jwk(), "RS256")
    assert (third["signature"], fourth["signature"]) == ("literal", "")


@pytest.mark.parametrize("form", ["flattened", "general"])
def test_payload_hint(client, form):
    """The hint stands beside a payload that says something else."""
    hinted = token(client, format=form, sub="alice", confusion={"payload_hint": {"sub": "admin"}})
    assert hinted["payload_decoded"] == {"sub": "admin"}
    assert json.loads(decoded(hinted["payload"]))["sub"] == "alice"


def test_id_token(client):
    """An ID token has the same serialization as the access token beside it."""
    body = client.post("/token", json={"format": "flattened", "response_type": "token id_token"}).json()
    assert body["id_token"].keys() == body["access_token"].keys()


def test_signature_false(client):
    """Without a signature, the member is there and empty."""
    assert token(client, format="flattened", sig=False)["signature"] == ""
    assert token(client, format="general", sig=False)["signatures"][0]["signature"] == ""
