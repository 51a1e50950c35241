"""The key set, the discovery document, the first page and the API's description."""

import pytest
from starlette.testclient import TestClient

from axioms_fastapi.forge import create_app


class TestDocuments:
    def test_jwks(self, client, keys):
        """The key set holds both public keys with their metadata and no private member."""
        response = client.get("/.well-known/jwks.json")
        rsa, ec = response.json()["keys"]
        assert response.headers["cache-control"] == "public, max-age=1800"
        assert rsa.keys() == {"kty", "n", "e", "use", "alg", "kid", "key_ops", "ext"}
        assert ec.keys() == {"kty", "crv", "x", "y", "use", "alg", "kid", "key_ops", "ext"}
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
        assert document["introspection_endpoint"] == "http://testserver/introspect"
        assert document["revocation_endpoint"] == "http://testserver/revoke"
        assert document["response_types_supported"][:4] == ["token", "id_token", "token id_token", "id_token token"]
        assert document["scopes_supported"] == ["openid", "profile", "email", "address", "phone"]
        exchange = "urn:ietf:params:oauth:grant-type:token-exchange"
        assert document["grant_types_supported"] == ["client_credentials", exchange, "authorization_code"]
        assert document["token_endpoint_auth_methods_supported"] == ["none", "client_secret_basic"]
        assert document["authorization_endpoint"] == "http://testserver/authorize"

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

    def test_attacker_key_set(self, client, keys):
        """The attacker's key set has one key, which is none of the issuer's."""
        (jwk,) = client.get("/attacker/jwks.json").json()["keys"]
        assert jwk["kid"] == "attacker-key-1"
        assert jwk["n"] not in {key.get("n") for key in keys.public_jwks()["keys"]}

    @pytest.mark.parametrize("path", ["/openapi.json", "/swagger.json"])
    def test_openapi(self, client, path):
        """The description is valid OpenAPI, names the server that was asked, and has every route of the forge."""
        validator = pytest.importorskip("openapi_spec_validator")
        document = client.get(path).json()
        validator.validate(document)
        assert document["servers"] == [{"url": "http://testserver"}]
        routes = {(route.path, method) for route in client.app.routes for method in route.methods - {"HEAD"}}
        described = {(path, method.upper()) for path, methods in document["paths"].items() for method in methods}
        of_documents = {("/", "GET"), ("/swagger", "GET"), ("/openapi.json", "GET"), ("/swagger.json", "GET")}
        assert routes - of_documents == described

    def test_openapi_examples(self, client):
        """Every example of the description is accepted."""
        document = client.get("/openapi.json").json()
        for path in ("/token", "/mutation"):
            examples = document["paths"][path]["post"]["requestBody"]["content"]["application/json"]["examples"]
            assert len(examples) >= 1
            for name, example in examples.items():
                response = client.post(path, json=example["value"])
                assert response.status_code == 200, (name, response.text)

    def test_swagger_page(self, client):
        """The page names every endpoint, and loads nothing from anywhere."""
        text = client.get("/swagger").text
        assert "POST /mutation" in text
        assert "<script" not in text
        assert "://" not in text.partition("<main>")[0]
