"""The local issuer: its wire shape, its tokens, and the mint that tests use in process."""

import base64
import hashlib
import json
import re
from collections.abc import Iterator

import pytest
from joserfc import jws
from joserfc.jwa import JWS_ALGORITHMS
from joserfc.jwk import KeySet, OctKey
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.testclient import TestClient

from axioms_fastapi.forge import ForgeKeys, Mint, SigningKey, create_app

NOW = 1_700_000_000.9
ALGORITHMS = {algorithm.name: algorithm for algorithm in JWS_ALGORITHMS}


@pytest.fixture(scope="module")
def keys() -> ForgeKeys:
    return ForgeKeys.generate()


@pytest.fixture
def client(keys) -> Iterator[TestClient]:
    with TestClient(create_app("https://issuer.test", keys, clock=lambda: NOW)) as client:
        yield client


def segments(token):
    header, payload, _ = (base64.urlsafe_b64decode(part + "==") for part in token.split("."))
    return json.loads(header), json.loads(payload)


def claims_of(response, name="access_token"):
    assert response.status_code == 200, response.text
    return segments(response.json()[name])[1]


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


class TestRefusal:
    @pytest.mark.parametrize(
        "body",
        [
            b"{",
            b"'sub'",
            b"\xff",
            b'{"a": NaN}',
            b'{"a": 1e999}',
            b'{"a": ' + b"9" * 5000 + b"}",
            b"[" * 100_000,
            b'{"a":' * 100_000,
            b"[]",
            b'"x"',
            b"null",
        ],
        ids=lambda body: body[:12].decode("latin-1"),
    )
    def test_unreadable_body(self, client, body):
        """A body that is not a JSON object is refused in one sentence, never read as an empty one."""
        response = client.post("/token", content=body, headers={"Content-Type": "application/json"})
        assert response.status_code == 400
        assert response.json()["error"] == "invalid_request"
        assert response.json()["error_description"].startswith("The request body")

    def test_integer_beyond_python_limits(self, client):
        """A number that can be read but not written back is a 400, not a 500."""
        body = b'{"exp": -' + b"9" * 4300 + b"}"
        response = client.post("/token", content=body)
        assert (response.status_code, response.json()["error"]) == (400, "invalid_request")

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            *((name, "x") for name in ("mode", "format", "alg", "header_alg", "header_kid", "vulnerability")),
            *((name, "x") for name in ("alg_none_variant", "malicious_category", "grammar_category", "version")),
            *((name, []) for name in ("exclude", "signatures", "header", "body", "confusion")),
            ("sig", False),
            ("sig", 1),
            ("signature", "x"),
            ("kty", "oct"),
            ("kty", ["RSA"]),
            ("response_type", "code"),
            ("response_type", []),
        ],
    )
    def test_unsupported_option_is_named(self, client, name, value):
        """An option that this version does not have is refused by name rather than ignored."""
        response = client.post("/token", json={name: value})
        assert (response.status_code, response.json()["error"]) == (400, "invalid_request")
        assert f'"{name}"' in response.json()["error_description"]

    def test_unsupported_grant_type(self, client):
        """Another grant type has its own error code (RFC 6749 section 5.2)."""
        response = client.post("/token", json={"grant_type": "password"})
        assert (response.status_code, response.json()["error"]) == (400, "unsupported_grant_type")

    def test_form_body(self, client):
        """A form, which is what curl -d sends by default, is refused with the header to add."""
        response = client.post("/token", data={"sub": "x"})
        assert (response.status_code, response.json()["error"]) == (400, "invalid_request")
        assert "Content-Type: application/json" in response.json()["error_description"]

    def test_body_limit(self, client):
        """1 MiB is accepted and one byte more is a 413, with a length announced or without."""
        body = b'{"a":"' + b"x" * (1024 * 1024 - 8) + b'"}'
        assert client.post("/token", content=body).status_code == 200
        for content in (body + b" ", iter([body, b" "])):
            response = client.post("/token", content=content)
            assert (response.status_code, response.json()["error"]) == (413, "invalid_request")

    @pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
    def test_method(self, client, method):
        """The token endpoint answers POST alone."""
        response = client.request(method, "/token")
        assert (response.status_code, response.headers["allow"]) == (405, "POST")
        assert response.json()["error"] == "Method not allowed. Use POST."

    @pytest.mark.parametrize("path", ["/nowhere", "/token/", "/.well-known"])
    def test_unknown_path(self, client, path):
        """An unknown path is a 404 in JSON."""
        response = client.get(path)
        assert response.status_code == 404
        assert response.json().keys() == {"error", "error_description"}


class TestDocuments:
    def test_jwks(self, client, keys):
        """The key set holds both public keys with their metadata and no private member."""
        response = client.get("/.well-known/jwks.json")
        rsa, ec = response.json()["keys"]
        assert response.headers["cache-control"] == "public, max-age=1800"
        assert rsa.keys() == {"kty", "n", "e", "use", "alg", "kid", "key_ops"}
        assert ec.keys() == {"kty", "crv", "x", "y", "use", "alg", "kid", "key_ops"}
        assert (rsa["kid"], rsa["alg"], ec["kid"], ec["alg"]) == ("rsa-key-1", "RS256", "ec-key-1", "ES256")
        assert rsa["use"] == ec["use"] == "sig"
        assert rsa["key_ops"] == ec["key_ops"] == ["verify"]
        assert response.json() == keys.public_jwks()

    def test_discovery(self, client):
        """The discovery document names the issuer, and endpoints that can be reached."""
        response = client.get("/.well-known/openid-configuration")
        assert response.headers["cache-control"] == "public, max-age=3600"
        document = response.json()
        assert document["issuer"] == "https://issuer.test"
        assert document["jwks_uri"] == "http://testserver/.well-known/jwks.json"
        assert document["token_endpoint"] == "http://testserver/token"
        assert document["id_token_signing_alg_values_supported"] == ["RS256", "ES256"]
        assert document["grant_types_supported"] == ["client_credentials", "authorization_code"]

    def test_index(self, client):
        """The root says that this is a test issuer, and how to ask it."""
        text = client.get("/").text
        assert "TEST ISSUER" in text
        assert "curl -X POST http://testserver/token" in text

    @pytest.mark.parametrize("path", ["/token", "/.well-known/jwks.json", "/nowhere"])
    def test_cors(self, client, path):
        """Every answer may be read by any page, and OPTIONS is a 200 on every path."""
        preflight = client.options(path)
        assert preflight.status_code == 200
        assert preflight.headers["access-control-allow-methods"] == "GET, POST, OPTIONS"
        allowed = preflight.headers["access-control-allow-headers"]
        assert allowed == "Content-Type, Authorization, X-Requested-With"
        assert client.get(path).headers["access-control-allow-origin"] == "*"

    def test_two_forges_share_nothing(self):
        """Each application has keys of its own."""
        one, two = (TestClient(create_app()).get("/.well-known/jwks.json").json() for _ in range(2))
        assert one["keys"][0]["n"] != two["keys"][0]["n"]


class TestMint:
    @pytest.mark.parametrize(
        "alg",
        [
            *(family + size for family in ("RS", "PS", "ES", "HS") for size in ("256", "384", "512")),
            "EdDSA",
            "Ed25519",
        ],
    )
    def test_every_algorithm_verifies(self, alg):
        """A token of each algorithm verifies with joserfc and the key's public half."""
        key = SigningKey.generate(alg, kid="k1")
        token = Mint([key], "https://issuer.test").mint()
        signing_input, _, signature = token.rpartition(".")
        public = key.private_key if key.kty == "oct" else KeySet.import_key_set({"keys": [key.public_jwk()]}).keys[0]
        assert ALGORITHMS[alg].verify(signing_input.encode(), base64.urlsafe_b64decode(signature + "=="), public)
        assert segments(token)[0] == {"alg": alg, "typ": "JWT", "kid": "k1"}

    def test_clock_audience_and_overrides(self):
        """Times follow the clock in whole seconds; given claims win with any value; omitted ones are absent."""
        key = SigningKey.generate("ES256", kid="k1")
        mint = Mint(issuer="https://issuer.test", audience=["a", "b"], keys=[key], clock=lambda: NOW)
        claims = segments(mint.mint({"iss": "", "roles": 7}, omit=["sub", "jti", "client_id", "absent"]))[1]
        assert claims == {
            "iss": "",
            "aud": ["a", "b"],
            "exp": 1_700_003_600,
            "nbf": 1_700_000_000,
            "iat": 1_700_000_000,
            "roles": 7,
        }

    def test_header_changes_the_text_and_not_the_signature(self):
        """Header parameters of any kind are written as given; the key's own algorithm still signs."""
        key = SigningKey.generate("ES256", kid="k1")
        token = Mint([key], "i").mint(header={"alg": "none", "crit": 5, "jku": None}, omit_header=["kid", "typ"])
        assert segments(token)[0] == {"alg": "none", "crit": 5, "jku": None}
        signing_input, _, signature = token.rpartition(".")
        raw = base64.urlsafe_b64decode(signature + "==")
        assert ALGORITHMS["ES256"].verify(signing_input.encode(), raw, key.private_key)

    def test_foreign_key(self, keys):
        """A token of a foreign key under a known kid does not verify with the published key."""
        foreign = SigningKey.generate("RS256", kid="rsa-key-1")
        jwks = KeySet.import_key_set(keys.public_jwks())
        with pytest.raises(jws.BadSignatureError):
            jws.deserialize_compact(Mint(keys, "i").mint(key=foreign), jwks, ["RS256"])

    def test_public_key_as_hmac_secret(self, keys):
        """The algorithm confusion of RFC 8725 section 2.1 can be minted: HS256 keyed with a public key."""
        pem = keys.select("RSA").private_key.as_pem(private=False)
        token = SigningKey.from_secret(pem).sign_claims({"sub": "x"})
        signing_input, _, signature = token.rpartition(".")
        raw = base64.urlsafe_b64decode(signature + "==")
        assert ALGORITHMS["HS256"].verify(signing_input.encode(), raw, OctKey(pem, pem))

    def test_raw_payload(self):
        """Sign takes bytes that are no JSON object at all."""
        token = SigningKey.generate("ES256").sign({"alg": "ES256"}, b'{"a":1,"a":2}')
        assert base64.urlsafe_b64decode(token.split(".")[1] + "==") == b'{"a":1,"a":2}'

    def test_keys(self):
        """Keys of one type are numbered, HMAC keys are never published, and no private key is printed."""
        keys = ForgeKeys.generate("RS256", "PS256", "HS256")
        assert [key.kid for key in keys] == ["rsa-key-1", "rsa-key-2", "oct-key-1"]
        assert [jwk["kid"] for jwk in keys.public_jwks()["keys"]] == ["rsa-key-1", "rsa-key-2"]
        assert repr(keys.select()) == "SigningKey(kid='rsa-key-1', alg='RS256')"

    @pytest.mark.parametrize("alg", ["none", "RS1", ""])
    def test_unknown_algorithm(self, alg):
        """A name that is no signature algorithm is refused."""
        with pytest.raises(ValueError, match="not a signature algorithm"):
            SigningKey.generate(alg)

    def test_key_must_suit_its_algorithm(self, keys):
        """A key of another type or curve than its algorithm needs is refused when it is made."""
        with pytest.raises(ValueError, match="P-384"):
            SigningKey("k", "ES384", keys.select("EC").private_key)
        with pytest.raises(ValueError, match="requires 'RSA' key"):
            SigningKey("k", "RS256", keys.select("EC").private_key)
