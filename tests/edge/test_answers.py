"""The error table: each refusal has its status, its challenge and its body, and nothing of the application runs before."""

from collections.abc import Callable

import pytest
from fastapi import Depends, FastAPI
from fastapi.testclient import TestClient

from axioms_fastapi import (
    Claims,
    check_object_ownership,
    init_axioms,
    require_auth,
    require_permissions,
    require_roles,
    require_scopes,
)
from axioms_fastapi.forge import Mint, SigningKey

MISSING = {"error": "unauthorized_access", "error_description": "Missing Authorization header"}
INVALID = {"error": "invalid_token", "error_description": "The access token is invalid"}
EXPIRED = {"error": "invalid_token", "error_description": "Token has expired"}
MALFORMED = {"error": "invalid_request", "error_description": "Malformed Authorization header"}
REPEATED = {"error": "invalid_request", "error_description": "More than one Authorization header"}


@pytest.fixture
def ran(app: FastAPI) -> list[str]:
    """What of the application ran."""
    ran: list[str] = []

    def load() -> dict[str, str]:
        ran.append("loader")
        return {"user": "alice"}

    @app.get("/protected")
    async def protected(payload: Claims = Depends(require_auth)) -> dict[str, str]:
        ran.append("handler")
        return {"sub": payload.sub}

    @app.get("/owned")
    async def owned(found: object = Depends(check_object_ownership(load))) -> None:
        ran.append("handler")

    @app.get("/scopes", dependencies=[Depends(require_scopes(["read:data", "admin"]))])
    async def scopes() -> None:
        ran.append("handler")

    @app.get("/roles", dependencies=[Depends(require_roles(["admin", "superuser"]))])
    async def roles() -> None:
        ran.append("handler")

    @app.get("/permissions", dependencies=[Depends(require_permissions(["resource:create"]))])
    async def permissions() -> None:
        ran.append("handler")

    return ran


def challenge(realm: str, error: str, description: str, scope: str | None = None) -> str:
    text = f'Bearer realm="{realm}", error="{error}", error_description="{description}"'
    return text if scope is None else f'{text}, scope="{scope}"'


@pytest.mark.parametrize("path", ["/protected", "/owned", "/scopes"])
class TestBadCredentials:
    """Every guard answers a bad header or token alike."""

    @pytest.mark.parametrize("headers", [{}, {"Authorization": "Basic dXNlcjpwYXNz"}, {"Authorization": "eyJ.eyJ.sig"}])
    def test_no_bearer_token(
        self, client: TestClient, ran: list[str], issuer: str, path: str, headers: dict[str, str]
    ) -> None:
        """A request without a bearer token is a 401 whose challenge has the realm alone (RFC 6750, section 3.1)."""
        response = client.get(path, headers=headers)
        assert (response.status_code, response.json()) == (401, MISSING)
        assert response.headers["WWW-Authenticate"] == f'Bearer realm="{issuer}"'
        assert response.headers["Cache-Control"] == "no-store"
        assert ran == []

    @pytest.mark.parametrize(
        "value", ["Bearer", "Bearer ", "Bearer a b", "Bearer a, Bearer b", "Bearer\ta", "Bearer=a", "Bearer é"]
    )
    def test_malformed_header(self, client: TestClient, ran: list[str], issuer: str, path: str, value: str) -> None:
        """A malformed Authorization header is a 400 invalid_request."""
        response = client.get(path, headers={"Authorization": value.encode("latin-1")})
        assert (response.status_code, response.json()) == (400, MALFORMED)
        assert response.headers["WWW-Authenticate"] == challenge(
            issuer, "invalid_request", "Malformed Authorization header"
        )
        assert ran == []

    def test_two_headers(self, client: TestClient, ran: list[str], mint: Mint, path: str) -> None:
        """Two Authorization headers are a 400, even when both are good: nobody can say which one counts."""
        good = f"Bearer {mint.mint({'sub': 'alice', 'scope': 'admin'})}"
        response = client.get(path, headers=[("Authorization", good), ("Authorization", good)])
        assert (response.status_code, response.json()) == (400, REPEATED)
        assert response.headers["WWW-Authenticate"].count("Bearer") == 1
        assert ran == []

    def test_expired(
        self, client: TestClient, ran: list[str], bearer: Callable[..., dict[str, str]], issuer: str, path: str
    ) -> None:
        """An expired token is told so."""
        response = client.get(path, headers=bearer(exp=1_700_000_000))
        assert (response.status_code, response.json()) == (401, EXPIRED)
        assert response.headers["WWW-Authenticate"] == challenge(issuer, "invalid_token", "Token has expired")
        assert response.headers["Cache-Control"] == "no-store"
        assert ran == []

    @pytest.mark.parametrize(
        "claims",
        [
            {"iss": "https://issuer.evil"},
            {"iss": None},
            {"aud": "https://other.example.com"},
            {"aud": []},
            {"exp": None},
            {"exp": "9999999999"},
            {"sub": None},
            {"sub": 7},
            {"sub": ""},
            {"nbf": 9_999_999_999},
            {"iat": 9_999_999_999},
            {"at_hash": "x"},
            {"token_use": "id"},
            {"cnf": {"jkt": "x"}},
        ],
        ids=str,
    )
    def test_wrong_claims(
        self,
        client: TestClient,
        ran: list[str],
        bearer: Callable[..., dict[str, str]],
        issuer: str,
        path: str,
        claims: dict[str, object],
    ) -> None:
        """A token whose claims are wrong is a 401 that does not say which."""
        response = client.get(path, headers=bearer(**claims))
        assert (response.status_code, response.json()) == (401, INVALID)
        assert response.headers["WWW-Authenticate"] == challenge(issuer, "invalid_token", "The access token is invalid")
        assert ran == []

    @pytest.mark.parametrize("omitted", ["iss", "aud", "exp", "sub"])
    def test_missing_claim(self, client: TestClient, ran: list[str], mint: Mint, path: str, omitted: str) -> None:
        """A token without issuer, audience, expiry or subject is a 401."""
        token = mint.mint({"sub": "alice"}, omit=[omitted])
        response = client.get(path, headers={"Authorization": f"Bearer {token}"})
        assert (response.status_code, response.json()) == (401, INVALID)
        assert ran == []

    def test_foreign_key(self, client: TestClient, ran: list[str], mint: Mint, path: str) -> None:
        """A token signed by a key of nobody we trust is a 401, under a trusted kid as well."""
        for kid in ("rsa-key-1", "foreign"):
            token = mint.mint({"sub": "alice"}, key=SigningKey.generate("RS256", kid=kid))
            response = client.get(path, headers={"Authorization": f"Bearer {token}"})
            assert (response.status_code, response.json()) == (401, INVALID)
        assert ran == []

    def test_unsigned(self, client: TestClient, ran: list[str], mint: Mint, path: str) -> None:
        """A token without its signature is a 401, whatever its header says."""
        signed = mint.mint({"sub": "alice"})
        unsigned = mint.mint({"sub": "alice"}, header={"alg": "none"})
        for token in (
            signed.rpartition(".")[0] + ".",
            signed.rpartition(".")[0],
            unsigned,
            unsigned.rpartition(".")[0] + ".",
        ):
            response = client.get(path, headers={"Authorization": f"Bearer {token}"})
            assert (response.status_code, response.json()) == (401, INVALID)
        assert ran == []


class TestDenials:
    """A caller who is known and lacks something gets a 403 that names what is required."""

    @pytest.mark.parametrize(
        ("path", "error", "description", "scope"),
        [
            (
                "/scopes",
                "insufficient_scope",
                "Insufficient scope: requires one of read:data, admin",
                "read:data admin",
            ),
            ("/roles", "insufficient_permission", "Insufficient role: requires one of admin, superuser", None),
            ("/permissions", "insufficient_permission", "Insufficient permission: requires resource:create", None),
        ],
    )
    def test_denied(
        self,
        client: TestClient,
        ran: list[str],
        bearer: Callable[..., dict[str, str]],
        issuer: str,
        path: str,
        error: str,
        description: str,
        scope: str | None,
    ) -> None:
        """The challenge says insufficient_scope, names the required scopes, and the body names the rest."""
        response = client.get(path, headers=bearer(sub="alice"))
        assert (response.status_code, response.json()) == (403, {"error": error, "error_description": description})
        assert response.headers["WWW-Authenticate"] == challenge(issuer, "insufficient_scope", description, scope)
        assert response.headers["Cache-Control"] == "no-store"
        assert ran == []

    def test_stranger(
        self, client: TestClient, ran: list[str], bearer: Callable[..., dict[str, str]], issuer: str
    ) -> None:
        """Who does not own the object gets the sentence of the tutorial."""
        description = "You don't have permission to access this resource"
        response = client.get("/owned", headers=bearer(sub="mallory"))
        assert (response.status_code, response.json()) == (
            403,
            {"error": "insufficient_permission", "error_description": description},
        )
        assert response.headers["WWW-Authenticate"] == challenge(issuer, "insufficient_scope", description)
        assert ran == ["loader"]

    @pytest.mark.parametrize(
        "value", [7, True, None, {"admin": 1}, [["admin"]], ["admin", 1], "xadmin", "admin,read:data", "admin\u00a0x"]
    )
    @pytest.mark.parametrize(
        ("path", "claim"), [("/scopes", "scope"), ("/roles", "roles"), ("/permissions", "permissions")]
    )
    def test_claim_of_the_wrong_type(
        self,
        client: TestClient,
        ran: list[str],
        bearer: Callable[..., dict[str, str]],
        path: str,
        claim: str,
        value: object,
    ) -> None:
        """A scope, role or permission claim of the wrong type denies: no 500, no grant."""
        assert client.get(path, headers=bearer(**{claim: value})).status_code == 403
        assert ran == []


class TestWithoutHandler:
    """Status and headers are right where no handler was registered."""

    def test_default_shape(self, issuer: str) -> None:
        """FastAPI puts the same object under `detail`."""
        app = FastAPI(dependencies=[Depends(require_auth)])
        init_axioms(app, AXIOMS_AUDIENCE="https://api.example.com", AXIOMS_ISS_URL=issuer)

        @app.get("/")
        async def root() -> None: ...

        response = TestClient(app).get("/")
        assert (response.status_code, response.json()) == (401, {"detail": MISSING})
        assert response.headers["WWW-Authenticate"] == f'Bearer realm="{issuer}"'


class TestUnavailable:
    """Keys that cannot be had are not the token's fault."""

    def test_503(self, mint: Mint) -> None:
        """The answer is a 503 with Retry-After and without a challenge, and nothing of the application runs."""
        app = FastAPI()
        init_axioms(app, AXIOMS_AUDIENCE="https://api.example.com", AXIOMS_ISS_URL="http://127.0.0.1:9")

        @app.get("/")
        async def root(payload: Claims = Depends(require_auth)) -> None:
            raise AssertionError("the handler ran")

        token = mint.mint({"iss": "http://127.0.0.1:9"})
        response = TestClient(app).get("/", headers={"Authorization": f"Bearer {token}"})
        assert response.status_code == 503
        assert response.json()["detail"]["error"] == "temporarily_unavailable"
        assert int(response.headers["Retry-After"]) >= 1
        assert "WWW-Authenticate" not in response.headers
        assert response.headers["Cache-Control"] == "no-store"


class TestRealm:
    """The realm names the authorization server."""

    def test_setting(self, issuer: str) -> None:
        """AXIOMS_REALM replaces the issuer's URL."""
        app = FastAPI(dependencies=[Depends(require_auth)])
        init_axioms(app, AXIOMS_AUDIENCE="https://api.example.com", AXIOMS_ISS_URL=issuer, AXIOMS_REALM="articles")

        @app.get("/")
        async def root() -> None: ...

        assert TestClient(app).get("/").headers["WWW-Authenticate"] == 'Bearer realm="articles"'
