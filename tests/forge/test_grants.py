"""A1: what a form asks the token endpoint for."""

import base64

import pytest

from reading_tokens import claims_of, is_signed_by, segments

EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
JWT = "urn:ietf:params:oauth:token-type:jwt"


def basic(user, password=None):
    credentials = f"{user}:{user if password is None else password}"
    return {"Authorization": "Basic " + base64.b64encode(credentials.encode()).decode()}


class TestClientCredentials:
    def test_token(self, client):
        """A client whose password is its id gets a token with that client_id, scope and sub."""
        form = {"grant_type": "client_credentials", "scope": "read:data", "sub": "alice", "roles": "admin"}
        response = client.post("/token", data=form, headers=basic("web_app-1"))
        claims = claims_of(response)
        assert (claims["client_id"], claims["scope"], claims["sub"]) == ("web_app-1", "read:data", "alice")
        assert response.json()["scope"] == "read:data"
        assert "roles" not in claims

    @pytest.mark.parametrize("field", ["audience", "resource"])
    def test_audience(self, client, field):
        """Audience and resource name the API, which JWTForge ignores."""
        form = {"grant_type": "client_credentials", field: "https://a.test"}
        assert claims_of(client.post("/token", data=form, headers=basic("c")))["aud"] == "https://a.test"

    def test_options_in_the_query(self, client):
        """The forge's options go into the query."""
        form = {"grant_type": "client_credentials"}
        response = client.post("/token?omit=aud&expires_in=5", data=form, headers=basic("c"))
        assert "aud" not in claims_of(response)
        assert response.json()["expires_in"] == 5

    @pytest.mark.parametrize(
        ("headers", "sentence"),
        [
            ({}, "HTTP Basic is required"),
            ({"Authorization": "Bearer x"}, "HTTP Basic is required"),
            (basic("app", "other"), "client credentials are wrong"),
            (basic("a" * 51), "client id has 1 to 50"),
            (basic("a b"), "client id has 1 to 50"),
            (basic(""), "client id has 1 to 50"),
            ({"Authorization": "Basic !"}, "not base64"),
            ({"Authorization": "Basic /w=="}, "not base64"),
            ({"Authorization": "Basic YQ=="}, "no colon"),
        ],
    )
    def test_refusal(self, client, headers, sentence):
        """A client that does not authenticate is a 401 invalid_client with a challenge (RFC 6749 section 5.2)."""
        response = client.post("/token", data={"grant_type": "client_credentials"}, headers=headers)
        assert (response.status_code, response.json()["error"]) == (401, "invalid_client")
        assert sentence in response.json()["error_description"]
        assert response.headers["www-authenticate"] == 'Basic realm="axioms forge"'


class TestForm:
    def test_without_a_grant(self, client):
        """A form that names no grant gets a token without any authentication; scope and sub are honoured."""
        claims = claims_of(client.post("/token", data={"sub": "alice", "scope": "a b"}))
        assert (claims["sub"], claims["scope"]) == ("alice", "a b")
        assert claims["client_id"].startswith("client_")

    def test_unknown_grant(self, client):
        """Another grant type is named, with those that there are."""
        response = client.post("/token", data={"grant_type": "password"})
        assert (response.status_code, response.json()["error"]) == (400, "unsupported_grant_type")
        assert "client_credentials" in response.json()["error_description"]


class TestTokenExchange:
    def exchange(self, client, token, **form):
        form = {"grant_type": EXCHANGE, "subject_token": token, "subject_token_type": JWT, **form}
        return client.post("/token", data=form)

    def subject(self, client, **claims):
        return client.post("/token", json=claims).json()["access_token"]

    def test_response(self, client, keys):
        """The claims go into a fresh RS256 token; the answer's members are JWTForge's, expires_in a constant."""
        subject = self.subject(client, sub="alice", iss="https://old.test", exp=1_700_000_060, iat=5, scope="profile")
        response = self.exchange(client, subject)
        body = response.json()
        token = body.pop("access_token")
        assert body == {
            "token_type": "Bearer",
            "expires_in": 3600,
            "issued_token_type": "urn:ietf:params:oauth:token-type:access_token",
            "subject_token_type": JWT,
        }
        assert segments(token)[1] == segments(subject)[1]
        assert is_signed_by(token, keys.select("RSA").public_jwk(), "RS256")

    @pytest.mark.parametrize("kind", ["jwt", "id_token", "access_token"])
    def test_token_types(self, client, kind):
        """The three types of subject token are taken, and the requested type is echoed."""
        urn = f"urn:ietf:params:oauth:token-type:{kind}"
        response = self.exchange(client, self.subject(client), subject_token_type=urn, requested_token_type=urn)
        assert (response.json()["issued_token_type"], response.json()["subject_token_type"]) == (urn, urn)

    def test_signature_is_not_verified(self, client):
        """A subject token that nobody signed is taken: whoever can ask could mint it."""
        unsigned = client.post("/token", json={"vulnerability": "alg_none", "sub": "mallory"}).json()["access_token"]
        assert claims_of(self.exchange(client, unsigned))["sub"] == "mallory"

    @pytest.mark.parametrize(
        ("form", "aud"),
        [({"resource": "r"}, "r"), ({"audience": "a"}, "a"), ({"resource": "r", "audience": "a"}, "a")],
    )
    def test_audience_wins(self, client, form, aud):
        """Audience wins over resource."""
        assert claims_of(self.exchange(client, self.subject(client), **form))["aud"] == aud

    def test_claims(self, client):
        """Claims are removed and added as text, split at the first colon; a removed default comes back."""
        subject = self.subject(client, sub="alice", roles=["a"], email="x")
        response = self.exchange(
            client, subject, add_claims="url:https://a.test, level:2,broken", remove_claims="roles, sub,absent"
        )
        claims = claims_of(response)
        assert (claims["url"], claims["level"], claims["sub"], claims["email"]) == (
            "https://a.test",
            "2",
            "user123",
            "x",
        )
        assert "roles" not in claims

    @pytest.mark.parametrize(
        ("form", "error", "field"),
        [
            ({"subject_token": ""}, "invalid_request", "subject_token"),
            ({"subject_token": "a.b"}, "invalid_request", "subject_token"),
            ({"subject_token": "a.b.c"}, "invalid_request", "subject_token"),
            ({"subject_token_type": ""}, "invalid_request", "subject_token_type"),
            ({"subject_token_type": "saml2"}, "unsupported_token_type", "subject_token_type"),
        ],
    )
    def test_refusal(self, client, form, error, field):
        """What is missing or unreadable is named."""
        response = self.exchange(client, self.subject(client), **form)
        assert (response.status_code, response.json()["error"]) == (400, error)
        assert f'"{field}"' in response.json()["error_description"]
