"""What the forge cannot do is refused in one sentence that names the field."""

import json

import pytest


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
        """A number as long as Python reads is written back or refused, never a 500."""
        body = b'{"exp": -' + b"9" * 4300 + b"}"
        assert client.post("/token", content=body).status_code in {200, 400}

    @pytest.mark.parametrize(
        ("name", "value", "said"),
        [
            ("mode", "mutation", "POST /mutation"),
            ("mode", "sad", 'one of "fake"'),
            ("mode", "fuz", 'Did you mean "fuzz"?'),
            ("format", "xml", 'one of "compact"'),
            ("format", 7, "not 7"),
            ("vulnerability", "alg_nun", 'Did you mean "alg_none"?'),
            ("alg_none_variant", "HS256", "in any case"),
            ("malicious_category", "sql", 'one of "sql_injection"'),
            ("grammar_category", "absent", 'one of "valid"'),
            ("exclude", "exp", "a list"),
            ("exclude", [7], "strings"),
            ("signatures", {}, "a list of 1 to 8"),
            ("signatures", [], "a list of 1 to 8"),
            ("signatures", [{}] * 9, "a list of 1 to 8"),
            ("signatures", [{}], '"format": "general"'),
            ("confusion", {"payload_hin": {}}, 'Did you mean "payload_hint"?'),
            ("confusion", {"payload_hint": {}}, '"flattened" or "general"'),
            ("header", [], "a JSON object"),
            ("body", "sub", "a JSON object"),
            ("sig", 1, "true, false or a string"),
            ("sig", {}, "true, false or a string"),
            ("signature", None, "true, false or a string"),
            ("kty", "oct", '"RSA"'),
            ("kty", ["RSA"], '"RSA"'),
            ("response_type", "code", '"token"'),
            ("response_type", [], '"token"'),
        ],
    )
    def test_option(self, client, name, value, said):
        """An option with a value that there is not is refused by name, with what to write."""
        response = client.post("/token", json={name: value})
        assert (response.status_code, response.json()["error"]) == (400, "invalid_request")
        assert name in response.json()["error_description"]
        assert said in response.json()["error_description"]

    def test_sentence_where_jwtforge_has_it(self, client):
        """The sentence is also the message that clients of JWTForge show."""
        refusal = client.post("/token", json={"format": "xml"}).json()
        assert refusal["message"] == refusal["error_description"]

    @pytest.mark.parametrize("name", ["x5u", "x5c", "x5t", "cusstom", "nonce"])
    def test_header_parameter(self, client, name):
        """A certificate or an unknown header parameter is refused; one that crit lists, or a raw header, is not."""
        response = client.post("/token", json={"header": {name: "x"}})
        assert response.status_code == 400
        assert f'"header.{name}"' in response.json()["error_description"]
        assert client.post("/token", json={"body": {}, "raw_header": {name: "x"}}).status_code == 200

    def test_crit_of_nothing(self, client):
        """A name that crit lists has to be in the header."""
        response = client.post("/token", json={"header": {"crit": ["policy"]}})
        assert '"policy", which the header does not have' in response.json()["error_description"]

    def test_claim_beside_body(self, client):
        """A claim that stands beside body would be lost, so it is refused."""
        response = client.post("/token", json={"body": {}, "subb": "alice"})
        assert '"subb" is no member of a structured request' in response.json()["error_description"]

    @pytest.mark.parametrize(
        ("query", "said"),
        [
            ("omitt=aud", 'Did you mean "omit"?'),
            ("seed=x", '"seed" must be a whole number, not "x"'),
            ("opaque=maybe", '"opaque" must be true or false'),
            ("signatures=[", '"signatures" must be JSON'),
            ("algorithm=RS1", '"algorithm" must be one of'),
            ("algorithm=none", '"algorithm" must be one of'),
            ("key=nobody", '"key" is not available'),
            ("profile=entra-v3", 'Did you mean "entra-v2"?'),
            ("secret=x", '"secret" needs an "algorithm"'),
            ("raw_payload=x&opaque=1", '"raw_payload" is for an access token'),
            ("opaque=1&format=general", '"opaque" is a token without parts'),
        ],
    )
    def test_query(self, client, query, said):
        """An option in the query is checked as one in the body."""
        response = client.post(f"/token?{query}", json={})
        assert response.status_code == 400
        assert said in response.json()["error_description"]

    def test_two_lifetimes(self, client):
        """Exp and expires_in cannot both be sent."""
        response = client.post("/token?expires_in=5", json={"exp": 7})
        assert '"expires_in" and "exp"' in response.json()["error_description"]

    def test_half_a_character(self, client):
        """Text that is no Unicode cannot be signed as it is, and says so."""
        for member in ("raw_payload", "raw_header"):
            body = json.dumps({"body": {}, member: "\ud800"})
            assert client.post("/token", content=body).status_code == 400

    def test_unsupported_grant_type(self, client):
        """Another grant type has its own error code (RFC 6749 section 5.2)."""
        response = client.post("/token", json={"grant_type": "password"})
        assert (response.status_code, response.json()["error"]) == (400, "unsupported_grant_type")

    def test_json_sent_as_a_form(self, client):
        """JSON that curl -d sends as a form is refused with the header to add."""
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        response = client.post("/token", content='{"sub": "x"}', headers=headers)
        assert (response.status_code, response.json()["error"]) == (400, "invalid_request")
        assert "Content-Type: application/json" in response.json()["error_description"]

    def test_other_content_type(self, client):
        """A body that is neither JSON nor a form is refused."""
        response = client.post("/token", content="sub=x", headers={"Content-Type": "text/plain"})
        assert (response.status_code, response.json()["error"]) == (400, "invalid_request")

    @pytest.mark.parametrize("form", ["scope=a&scope=b", "a=%ff", "&".join(f"f{n}=1" for n in range(101))])
    def test_unreadable_form(self, client, form):
        """A form with a field twice, with bytes that are no text, or with too many fields is refused."""
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        response = client.post("/token", content=form, headers=headers)
        assert (response.status_code, response.json()["error"]) == (400, "invalid_request")

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
