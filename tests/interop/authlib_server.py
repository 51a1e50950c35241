"""An authorization server of Authlib's, run as a process: `python authlib_server.py PORT ALG`. Signs RFC 9068 access tokens."""

import sys
from typing import Any

from authlib.integrations.flask_oauth2 import AuthorizationServer
from authlib.oauth2.rfc6749 import ClientMixin, grants
from authlib.oauth2.rfc9068 import JWTBearerTokenGenerator
from flask import Flask
from joserfc.jwk import ECKey, RSAKey

PORT, ALGORITHM = int(sys.argv[1]), sys.argv[2]
ISSUER = f"http://127.0.0.1:{PORT}"
PARAMETERS = {"kid": "authlib-1", "alg": ALGORITHM, "use": "sig"}
KEY = RSAKey.generate_key(2048, PARAMETERS) if ALGORITHM == "RS256" else ECKey.generate_key("P-256", PARAMETERS)


class Client(ClientMixin):
    """The one client, `svc` with the secret `svc-secret`."""

    def get_client_id(self) -> str:
        return "svc"

    def get_allowed_scope(self, scope: str) -> str:
        return scope

    def check_client_secret(self, secret: str) -> bool:
        return secret == "svc-secret"

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        return method == "client_secret_basic"

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type == "client_credentials"


class Generator(JWTBearerTokenGenerator):
    """Tokens for two audiences, with the authorization claims of RFC 9068, section 2.2.3.1."""

    def get_jwks(self) -> Any:
        return KEY.as_dict(private=True)

    def get_audiences(self, client: Any, user: Any, scope: str) -> list[str]:
        return ["https://api.example.test", client.get_client_id()]

    def get_extra_claims(self, client: Any, grant_type: str, user: Any, scope: str) -> dict[str, Any]:
        return {"roles": ["admin"], "groups": ["staff"], "entitlements": ["e1"]}


app = Flask(__name__)
server = AuthorizationServer(app, query_client=lambda client_id: Client(), save_token=lambda token, request: None)
server.register_grant(grants.ClientCredentialsGrant)
server.register_token_generator("default", Generator(issuer=ISSUER, alg=ALGORITHM))


@app.post("/token")
def token() -> Any:
    return server.create_token_response()


@app.get("/.well-known/oauth-authorization-server")
def metadata() -> dict[str, str]:
    return {"issuer": ISSUER, "jwks_uri": f"{ISSUER}/jwks"}


@app.get("/jwks")
def jwks() -> dict[str, Any]:
    return {"keys": [KEY.as_dict(private=False)]}


if __name__ == "__main__":
    app.run("127.0.0.1", PORT)
