"""The seams: a feature of somebody else's adds routes, a grant, and members of discovery; and a forge in process."""

import pytest
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from axioms_fastapi.forge import Feature, Forge, ForgeKeys, create_app, serve_forge
from axioms_fastapi.forge.errors import RequestError
from reading_tokens import claims_of, header_of, segments


def login(forge):
    """A login page in miniature: a route, the exchange of its code, and what discovery says of both."""

    async def authorize(request):
        return PlainTextResponse(f"log in to {forge.here(request).iss}")

    async def exchange(request, form, here):
        if form.get("code") != "good":
            raise RequestError('"code" is not one of ours.', error="invalid_grant")
        return forge.issue(here, {"body": {"sub": "alice"}, "response_type": "token id_token"})

    return Feature(
        routes=[Route("/authorize", authorize), Route("/", lambda request: PlainTextResponse("start page"))],
        grants={"authorization_code": exchange},
        discovery=lambda here: {
            "authorization_endpoint": f"{here.url}/authorize",
            "response_types_supported": ["code"],
            "code_challenge_methods_supported": ["S256"],
        },
    )


@pytest.fixture(scope="module")
def client():
    app = create_app(keys=ForgeKeys.generate("EdDSA"), issuers=["/a/"], features=[login])
    with TestClient(app) as client:
        yield client


class TestFeature:
    @pytest.mark.parametrize(("path", "iss"), [("", "http://testserver"), ("/a", "http://testserver/a/")])
    def test_route(self, client, path, iss):
        """Its routes are those of every issuer."""
        assert client.get(f"{path}/authorize").text == f"log in to {iss}"

    def test_route_of_the_forge(self, client):
        """It comes first, so it may take a route of the forge."""
        assert client.get("/").text == "start page"

    @pytest.mark.parametrize(("path", "iss"), [("", "http://testserver"), ("/a", "http://testserver/a/")])
    def test_grant(self, client, path, iss):
        """Its grant is asked for at the token endpoint, and issues what any request can."""
        response = client.post(f"{path}/token", data={"grant_type": "authorization_code", "code": "good"})
        assert (claims_of(response)["iss"], claims_of(response, "id_token")["sub"]) == (iss, "alice")

    def test_refusal(self, client):
        """Its refusals have the shape of RFC 6749 section 5.2."""
        response = client.post("/token", data={"grant_type": "authorization_code", "code": "bad"})
        assert (response.status_code, response.json()["error"]) == (400, "invalid_grant")

    def test_discovery(self, client):
        """Its members are in the document, added to the lists that are there."""
        document = client.get("/a/.well-known/openid-configuration").json()
        assert document["authorization_endpoint"] == "http://testserver/a/authorize"
        assert document["code_challenge_methods_supported"] == ["S256"]
        assert set(document["response_types_supported"]) >= {"code", "token"}
        assert {"authorization_code", "client_credentials"} <= set(document["grant_types_supported"])


class TestForge:
    def test_in_process(self):
        """A forge issues without HTTP what POST /token would, for the URL that it is said to be reached at."""
        forge = Forge(keys=ForgeKeys.generate("ES256"), issuers=["/a/"])
        forge.clock.freeze(1_000)
        response = forge.issue(forge.at("https://forge.test"), {"sub": "alice"})
        assert segments(response["access_token"])[1]["iss"] == "https://forge.test"
        assert (response["expires_in"], segments(response["access_token"])[1]["iat"]) == (3600, 1_000)
        by_path = forge.issue(forge.at("https://forge.test/", path="/a"), {})
        assert segments(by_path["access_token"])[1]["iss"] == "https://forge.test/a/"
        of_profile = forge.issue(forge.at("https://forge.test", profile="okta"), {"scope": "read"})
        assert segments(of_profile["access_token"])[1]["scp"] == ["read"]

    def test_refusals(self):
        """It refuses what POST /token would, and a profile that there is not."""
        forge = Forge(keys=ForgeKeys.generate("ES256"))
        with pytest.raises(RequestError, match='"format" must be one of'):
            forge.issue(forge.at("https://forge.test"), {"format": "x"})
        with pytest.raises(ValueError, match="'x' is no profile"):
            forge.at("https://forge.test", profile="x")
        with pytest.raises(ValueError, match="'/x' is no issuer's path"):
            forge.at("https://forge.test", path="/x")

    def test_served_later(self):
        """The same forge can be served."""
        forge = Forge(keys=ForgeKeys.generate("ES256"), marker=True)
        client = TestClient(serve_forge(forge))
        assert claims_of(client.post("/token", json={}))["test_issuer"] is True
        assert header_of(client.post("/token", json={}))["kid"] == "ec-key-1"
        assert forge.requests.count("/token") == 2
