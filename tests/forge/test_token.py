"""`POST /token`: its wire shape, its defaults, and every field that JWTForge takes."""

import base64
import hashlib
import json
import re

import pytest
from joserfc import jws
from joserfc.jwk import KeySet, OctKey
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.testclient import TestClient

from axioms_fastapi.forge import create_app
from reading_tokens import claims_of, decoded, header_of, is_signed_by, segments, signing_jwk


class TestTokenRequest:
    def test_empty_request_gets_the_defaults(self, client):
        """A POST without a body and without a content type mints JWTForge's default claims."""
        response = client.post("/token")
        claims = claims_of(response)
        jti, client_id = claims.pop("jti"), claims.pop("client_id")
        assert claims == {
            "iss": "https://issuer.test",
            "sub": "user123",
            "aud": "https://api.example.com",
            "exp": 1_700_003_600,
            "nbf": 1_700_000_000,
            "iat": 1_700_000_000,
        }
        assert re.fullmatch(r"[0-9a-f-]{36}", jti)
        assert re.fullmatch(r"client_[0-9a-f]{8}", client_id)

    def test_response_shape(self, client):
        """The answer has the members that a client of JWTForge reads, and must not be stored."""
        response = client.post("/token", json={"scope": "read:data email"})
        body = response.json()
        assert response.headers["cache-control"] == "no-store"
        assert body.pop("access_token").count(".") == 2
        assert body == {
            "token_type": "Bearer",
            "expires_in": 3600,
            "algorithm": "RS256",
            "key_id": "rsa-key-1",
            "format": "compact",
            "scope": "read:data email",
        }

    def test_claims_are_emitted_as_given(self, client):
        """Wrong types, nulls, nesting and names with colons or URLs survive unchanged."""
        given = {
            "exp": None,
            "sub": 0,
            "aud": "",
            "jti": False,
            "roles": 7,
            "scope": ["a"],
            "cognito:groups": ["admin"],
            "https://example.com/roles": {"deep": [{"x": 1.5}, "\u00fc", "\ud800"]},
            "typ": "x",
            "kid": "y",
        }
        response = client.post("/token", content=json.dumps(given), headers={"Content-Type": "application/json"})
        assert given.items() <= claims_of(response).items()
        assert response.json()["expires_in"] == 3600
        assert "scope" not in response.json()

    @pytest.mark.parametrize("empty", [None, "", 0, []])
    def test_empty_iss_and_client_id_are_refilled(self, client, empty):
        """An empty iss or client_id means the issuer's own."""
        claims = claims_of(client.post("/token", json={"iss": empty, "client_id": empty}))
        assert claims["iss"] == "https://issuer.test"
        assert claims["client_id"].startswith("client_")

    def test_expires_in_follows_exp(self, client):
        """expires_in is what is left until the requested exp, negative for an expired token."""
        assert client.post("/token", json={"exp": 1_700_000_060}).json()["expires_in"] == 60
        assert client.post("/token", json={"exp": 1_699_999_999}).json()["expires_in"] == -1

    def test_options_are_not_claims(self, client):
        """Options and the harmless values of unsupported ones are swallowed."""
        options = {"mode": "fake", "format": "compact", "grant_type": "client_credentials", "sig": True}
        options |= {"signature": True, "kty": "RSA", "response_type": "token"}
        assert not options.keys() & claims_of(client.post("/token", json=options)).keys()

    def test_ec_key(self, client, keys):
        """Kty EC selects ES256, and the signature verifies with the published key."""
        body = client.post("/token", json={"kty": "EC"}).json()
        assert (body["algorithm"], body["key_id"]) == ("ES256", "ec-key-1")
        jwks = KeySet.import_key_set(client.get("/.well-known/jwks.json").json())
        jws.deserialize_compact(body["access_token"], jwks, ["ES256"])

    @pytest.mark.parametrize("response_type", ["token id_token", "id_token token"])
    def test_id_token_carries_the_hash_of_the_access_token(self, client, response_type):
        """at_hash is the left half of the access token's SHA-256 (OIDC Core 3.1.3.6); nonce and claims are shared."""
        response = client.post("/token", json={"response_type": response_type, "nonce": "n"})
        claims = claims_of(response, "id_token")
        digest = hashlib.sha256(response.json()["access_token"].encode()).digest()
        assert claims.pop("at_hash") == base64.urlsafe_b64encode(digest[:16]).rstrip(b"=").decode()
        assert claims == claims_of(response)
        assert claims["nonce"] == "n"

    def test_id_token_alone_is_still_recognisable(self, client):
        """An ID token asked for alone has an at_hash and comes without an access token."""
        response = client.post("/token", json={"response_type": "id_token"})
        assert "at_hash" in claims_of(response, "id_token")
        assert "access_token" not in response.json()

    def test_issuer_defaults_to_the_origin(self, keys):
        """Without an issuer, iss and discovery name the URL that the request was sent to, also below a mount."""
        app = Starlette(routes=[Mount("/forge", create_app(keys=keys))])
        with TestClient(app, base_url="http://localhost:8787") as client:
            assert claims_of(client.post("/forge/token"))["iss"] == "http://localhost:8787/forge"
            discovery = client.get("/forge/.well-known/openid-configuration").json()
            assert discovery["issuer"] == "http://localhost:8787/forge"
            assert discovery["token_endpoint"] == "http://localhost:8787/forge/token"


class TestStructured:
    """A2: claims in `body`, header parameters in `header`, the signature in `signature`."""

    @pytest.mark.parametrize("request_body", [{"header": {}}, {"body": {}}, {"signature": True}])
    def test_any_of_the_three_makes_it_structured(self, client, request_body):
        """header, body or signature alone gets the default claims and a header of alg, typ and kid."""
        response = client.post("/token", json=request_body)
        assert claims_of(response)["sub"] == "user123"
        assert header_of(response) == {"alg": "RS256", "typ": "JWT", "kid": "rsa-key-1"}

    def test_parts(self, client):
        """Claims of body and parameters of header are in the token as given."""
        header = {"alg": "none", "typ": "at+jwt", "cty": "x", "kid": 7, "jku": None, "jwk": {}, "crit": ["a"], "a": 1}
        response = client.post("/token", json={"header": header, "body": {"sub": "alice", "exp": 0}})
        assert header_of(response) == header
        assert claims_of(response)["sub"] == "alice"
        assert claims_of(response)["exp"] == 0

    def test_alg_changes_the_text_alone(self, client, keys):
        """Another alg in the header changes neither the key nor the signature."""
        body = client.post("/token", json={"header": {"alg": "HS256"}}).json()
        assert (body["algorithm"], body["key_id"]) == ("RS256", "rsa-key-1")
        assert is_signed_by(body["access_token"], keys.select().public_jwk(), "RS256")

    @pytest.mark.parametrize(("given", "segment"), [(False, ""), ("literal-signature", "literal-signature")])
    def test_signature(self, client, given, segment):
        """False is an empty segment after a dot, and a string is the segment itself, in both forms."""
        for request in ({"signature": given}, {"sig": given}, {"body": {}, "sig": given}):
            token = client.post("/token", json=request).json()["access_token"]
            assert token.split(".")[2] == segment

    def test_legacy_header(self, client):
        """header_alg and header_kid are header parameters of the flat form."""
        response = client.post("/token", json={"sub": "x", "header_alg": "nOne", "header_kid": "../x"})
        assert header_of(response) == {"alg": "nOne", "typ": "JWT", "kid": "../x"}
        assert not {"header_alg", "header_kid"} & claims_of(response).keys()

    @pytest.mark.parametrize("form", ["flat", "body"])
    def test_swallowed_names(self, client, form):
        """The names of JWTForge's options are never claims, not even inside body."""
        options = {
            "mode": "fake",
            "exclude": ["exp"],
            "malicious_category": "xss",
            "grammar_category": "valid",
            "kty": "RSA",
            "response_type": "token",
            "header_alg": "RS256",
            "header_kid": "k",
            "format": "compact",
            "vulnerability": "kid_traversal",
            "alg_none_variant": "None",
            "version": 1,
            "alg": "x",
        }
        request = options if form == "flat" else {"body": {**options, "grant_type": "x", "signatures": 1}}
        if form == "body":
            request["body"].pop("signatures")
        claims = claims_of(client.post("/token", json={**request}))
        assert claims.keys() == {"iss", "sub", "aud", "exp", "nbf", "iat", "jti", "client_id"}

    def test_options_inside_body_count(self, client):
        """An option inside body is one, as in JWTForge; beside body it wins."""
        assert client.post("/token", json={"body": {"kty": "EC"}}).json()["algorithm"] == "ES256"
        assert client.post("/token", json={"body": {"kty": "EC"}, "kty": "RSA"}).json()["algorithm"] == "RS256"

    def test_client_id_beside_body(self, client):
        """A client_id beside body is a claim, as in JWTForge."""
        assert claims_of(client.post("/token", json={"body": {}, "client_id": "c1"}))["client_id"] == "c1"

    @pytest.mark.parametrize("content_type", ["application/json", "application/json; charset=utf-8", ""])
    def test_content_type(self, client, content_type):
        """JSON with or without a charset, and a body without a content type, are read as JSON."""
        response = client.post("/token", content='{"sub": "alice"}', headers={"Content-Type": content_type})
        assert claims_of(response)["sub"] == "alice"


class TestOwnOptions:
    """What the forge adds: beside `body` in the structured form, in the query of the flat one."""

    def test_flat_names_stay_claims(self, client):
        """In the flat form the names of the forge's own options are claims."""
        given = {"profile": "https://people.example.com/jane", "key": "k", "seed": 1, "omit": ["x"], "expires_in": 5}
        assert given.items() <= claims_of(client.post("/token", json=given)).items()

    def test_omit(self, client):
        """Claims and header parameters that are left out are absent, given or default."""
        for response in (
            client.post("/token", json={"body": {"roles": []}, "omit": ["aud", "roles", "jti", "header.kid"]}),
            client.post("/token?omit=aud,roles,jti,header.kid", json={"roles": []}),
        ):
            assert not {"aud", "roles", "jti"} & claims_of(response).keys()
            assert header_of(response) == {"alg": "RS256", "typ": "JWT"}

    @pytest.mark.parametrize("seconds", [60, 0, -60])
    def test_expires_in(self, client, seconds):
        """expires_in is the lifetime in seconds, negative for a token that has expired."""
        response = client.post(f"/token?expires_in={seconds}", json={})
        assert claims_of(response)["exp"] == 1_700_000_000 + seconds
        assert response.json()["expires_in"] == seconds

    def test_raw_payload(self, client, keys):
        """A raw payload is signed to the very byte, be it JSON or not, without any default."""
        raw = '{"sub": "a", "sub" : "b", "exp": 1e999}'
        token = client.post("/token", json={"body": {}, "raw_payload": raw}).json()["access_token"]
        assert decoded(token.split(".")[1]) == raw.encode()
        assert is_signed_by(token, keys.select().public_jwk(), "RS256")

    def test_raw_header(self, client, keys):
        """A raw header is signed to the very byte."""
        raw = '{"alg":"RS256","alg":"none"}'
        token = client.post("/token", json={"body": {}, "raw_header": raw}).json()["access_token"]
        assert decoded(token.split(".")[0]) == raw.encode()
        assert is_signed_by(token, keys.select().public_jwk(), "RS256")

    @pytest.mark.parametrize(
        "alg",
        [
            *(family + size for family in ("RS", "PS", "ES") for size in ("256", "384", "512")),
            "EdDSA",
            "Ed25519",
            "ES256K",
        ],
    )
    def test_algorithm(self, client_of_all, alg):
        """Every asymmetric algorithm signs, names itself in the header, and its key is in the key set."""
        body = client_of_all.post(f"/token?algorithm={alg}", json={}).json()
        jwks = client_of_all.get("/.well-known/jwks.json").json()
        assert (body["algorithm"], header(body)["alg"]) == (alg, alg)
        assert is_signed_by(body["access_token"], signing_jwk(jwks, body["access_token"]), alg)

    @pytest.mark.parametrize("alg", ["HS256", "HS384", "HS512"])
    def test_hmac(self, client, alg):
        """HMAC signs with a secret of the request, or with one that nobody knows; neither is published."""
        token = client.post(f"/token?algorithm={alg}&secret=s3cret", json={}).json()["access_token"]
        assert is_signed_by(token, OctKey(b"s3cret", b"s3cret"), alg)
        assert client.post(f"/token?algorithm={alg}", json={}).json()["key_id"].startswith("oct-key-")
        assert "oct" not in {jwk["kty"] for jwk in client.get("/.well-known/jwks.json").json()["keys"]}

    def test_marker(self, keys):
        """A forge that is told to marks every token as a test."""
        with TestClient(create_app(keys=keys, marker=True)) as client:
            assert claims_of(client.post("/token", json={"sub": "x"}))["test_issuer"] is True
            assert claims_of(client.post("/token", json={"profile": "okta", "body": {}}))["test_issuer"] is True


@pytest.fixture(scope="module")
def client_of_all():
    with TestClient(create_app()) as client:
        yield client


def header(body):
    return segments(body["access_token"])[0]
