"""Several issuers, tenants, resolvers, keys from elsewhere, and the start of an application."""

import asyncio
import json
import logging
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path
from typing import Annotated, Any

import httpx2
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from fastapi import APIRouter, Depends, FastAPI
from fastapi.testclient import TestClient
from starlette.responses import JSONResponse
from starlette.types import Receive, Scope, Send

from axioms_fastapi import (
    ConfigurationError,
    Issuer,
    KeysMissingAtStartup,
    Principal,
    ProviderUnavailable,
    current_principal,
    init_axioms,
    register_axioms_exception_handler,
    require_roles,
)
from axioms_fastapi.forge import ForgeKeys, Mint
from serving import KeyServer, serving

JWKS = "/.well-known/jwks.json"
GOOD = Issuer("https://good.test", "api", scope_claims="scp")


@pytest.fixture(scope="module")
def keys() -> dict[str, ForgeKeys]:
    """Two issuers' keys, under the same kids."""
    return {name: ForgeKeys.generate("RS256") for name in ("a", "b")}


def application(lifespan: Any = None, **settings: Any) -> FastAPI:
    app = FastAPI(lifespan=lifespan)
    init_axioms(app, **settings)
    register_axioms_exception_handler(app)

    @app.get("/me")
    async def me(principal: Annotated[Principal, Depends(current_principal)]) -> list[str]:
        return [principal.issuer, principal.subject]

    @app.get("/admin", dependencies=[Depends(require_roles("admin"))])
    async def admin() -> None: ...

    return app


def call(app: FastAPI, token: str, path: str = "/me") -> Any:
    return TestClient(app, raise_server_exceptions=False).get(path, headers={"Authorization": f"Bearer {token}"})


def self_signed(folder: Path) -> Path:
    """A PEM file with a key and its own certificate for 127.0.0.1."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "key server")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = folder / "server.pem"
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    pem.write_bytes(private + certificate.public_bytes(Encoding.PEM))
    return pem


class TestSeveral:
    @pytest.fixture
    def app(self, keys: dict[str, ForgeKeys]) -> FastAPI:
        return application(
            issuers=[
                Issuer("https://a.test", "api-a", keys=keys["a"].public_jwks()),
                Issuer(
                    "https://b.test/", ["api-b", "api-c"], keys=keys["b"].public_jwks(), roles_claims="groups", leeway=0
                ),
            ]
        )

    def test_each_its_own(self, app: FastAPI, keys: dict[str, ForgeKeys]) -> None:
        """Each issuer has its own audiences and claim mapping."""
        for name, url, audience in (("a", "https://a.test", "api-a"), ("b", "https://b.test/", "api-c")):
            assert call(app, Mint(keys[name], url, audience).mint({"sub": "x"})).json() == [url, "x"]
        assert call(app, Mint(keys["a"], "https://a.test", "api-b").mint()).status_code == 401
        assert (
            call(app, Mint(keys["a"], "https://a.test", "api-a").mint({"roles": ["admin"]}), "/admin").status_code
            == 200
        )
        assert (
            call(app, Mint(keys["b"], "https://b.test/", "api-b").mint({"roles": ["admin"]}), "/admin").status_code
            == 403
        )
        assert (
            call(app, Mint(keys["b"], "https://b.test/", "api-b").mint({"groups": ["admin"]}), "/admin").status_code
            == 200
        )

    def test_keys_stay_with_their_issuer(self, app: FastAPI, keys: dict[str, ForgeKeys]) -> None:
        """A key of one never verifies another's token, under the same kid either."""
        assert call(app, Mint(keys["b"], "https://a.test", "api-a").mint()).status_code == 401
        assert call(app, Mint(keys["a"], "https://b.test/", "api-b").mint()).status_code == 401

    @pytest.mark.parametrize("iss", ["https://b.test", "https://c.test", "https://a.test/", None])
    def test_strangers(self, app: FastAPI, keys: dict[str, ForgeKeys], iss: object) -> None:
        """No other issuer is trusted, to the letter."""
        assert call(app, Mint(keys["b"], "", "api-b").mint({"iss": iss})).status_code == 401

    def test_ready(self, app: FastAPI) -> None:
        """Readiness and counters are there for every issuer."""
        assert app.state.axioms.ready()
        assert {url: status.keys for url, status in app.state.axioms.key_status().items()} == {
            "https://a.test": 1,
            "https://b.test/": 1,
        }

    def test_realm(self, app: FastAPI, keys: dict[str, ForgeKeys]) -> None:
        """The realm of a denial names the caller's own issuer; where nobody is known, the first stands for all."""
        for name, url in (("a", "https://a.test"), ("b", "https://b.test/")):
            denied = call(app, Mint(keys[name], url, f"api-{name}").mint(), "/admin")
            assert (denied.status_code, f'realm="{url}"' in denied.headers["WWW-Authenticate"]) == (403, True)
        nobody = TestClient(app).get("/me")
        assert 'realm="https://a.test"' in nobody.headers["WWW-Authenticate"]


class TestTenants:
    URL = "https://login.test/{tenantid}/v2.0"

    def mint(self, keys: ForgeKeys, tenant: str) -> str:
        return Mint(keys, self.URL.replace("{tenantid}", tenant), "api").mint({"sub": tenant})

    def function(self, tenant: str) -> bool:
        return tenant.startswith("acme")

    async def coroutine(self, tenant: str) -> bool:
        return tenant.startswith("acme")

    @pytest.mark.parametrize("kind", ["list", "function", "coroutine"])
    def test_allowed(self, keys: dict[str, ForgeKeys], kind: str) -> None:
        """Tenants of a list, or of a function that says True, are trusted; no other is."""
        tenants = ["acme"] if kind == "list" else getattr(self, kind)
        app = application(issuers=[Issuer(self.URL, "api", keys=keys["a"].public_jwks(), tenants=tenants)])
        assert call(app, self.mint(keys["a"], "acme")).json()[1] == "acme"
        for tenant in ("evil", "", "acme/x", "acme?x", "{tenantid}", "acmé", "acme\n", "../acme", "a" * 200, "ACME"):
            assert call(app, self.mint(keys["a"], tenant)).status_code == 401
        assert call(app, self.mint(keys["b"], "acme")).status_code == 401

    def test_truthy_is_not_true(self, keys: dict[str, ForgeKeys]) -> None:
        """A function that returns anything but True trusts nobody."""
        app = application(issuers=[Issuer(self.URL, "api", keys=keys["a"].public_jwks(), tenants=lambda tenant: "yes")])  # type: ignore[arg-type,return-value]
        assert call(app, self.mint(keys["a"], "acme")).status_code == 401

    def test_entra_names_its_tenant(self, keys: dict[str, ForgeKeys]) -> None:
        """With Entra's preset the claim tid is the tenant of the issuer."""
        url = "https://login.microsoftonline.com/{tenantid}/v2.0"
        app = application(issuers=[Issuer(url, "api", keys=keys["a"].public_jwks(), tenants=["t1", "t2"])])
        mint = Mint(keys["a"], url.replace("{tenantid}", "t1"), "api")
        assert call(app, mint.mint({"azp": "client", "tid": "t1"})).status_code == 200
        assert call(app, mint.mint({"azp": "client", "tid": "t2"})).status_code == 401
        assert call(app, mint.mint({"azp": "client"})).status_code == 401

    def test_own_keys(self, keys: dict[str, ForgeKeys], key_server: KeyServer) -> None:
        """Without shared keys each tenant's are discovered, at the URL of the template and nowhere else."""
        for tenant, name in (("t1", "a"), ("t2", "b")):
            issuer = f"{key_server.url}/{tenant}"
            key_server.answer(
                f"/{tenant}/.well-known/openid-configuration", {"issuer": issuer, "jwks_uri": f"{issuer}/keys"}
            )
            key_server.answer(f"/{tenant}/keys", keys[name].public_jwks())
        app = application(issuers=[Issuer(key_server.url + "/{tenantid}", "api", tenants=["t1", "t2"])])
        for tenant, name, status in (("t1", "a", 200), ("t2", "b", 200), ("t1", "b", 401), ("t3", "a", 401)):
            token = Mint(keys[name], f"{key_server.url}/{tenant}", "api").mint()
            assert call(app, token).status_code == status
        assert not [path for path in key_server.requests if path.startswith("/t3")]


class TestResolver:
    def test_answers_are_kept(self, keys: dict[str, ForgeKeys]) -> None:
        """The resolver is asked once for a tenant and once for a stranger, however many requests come."""
        asked: list[str] = []

        async def find(iss: str) -> Issuer | None:
            asked.append(iss)
            return Issuer(iss, "api", keys=keys["a"].public_jwks()) if iss == "https://known.test" else None

        app = application(issuer_resolver=find)
        for _ in range(3):
            assert call(app, Mint(keys["a"], "https://known.test", "api").mint()).status_code == 200
            assert call(app, Mint(keys["a"], "https://stranger.test", "api").mint()).status_code == 401
        assert asked == ["https://known.test", "https://stranger.test"]

    def test_configured_issuers_come_first(self, keys: dict[str, ForgeKeys]) -> None:
        """Nobody is asked about an issuer that the configuration names."""

        async def find(iss: str) -> Issuer | None:
            raise AssertionError("asked")

        app = application(issuers=[Issuer("https://a.test", "api", keys=keys["a"].public_jwks())], issuer_resolver=find)
        assert call(app, Mint(keys["a"], "https://a.test", "api").mint()).status_code == 200

    def test_answer_for_another(self, keys: dict[str, ForgeKeys]) -> None:
        """A resolver that gives another issuer than it was asked for trusts nobody."""

        async def find(iss: str) -> Issuer | None:
            return Issuer("https://a.test", "api", keys=keys["a"].public_jwks())

        app = application(issuer_resolver=find)
        assert call(app, Mint(keys["a"], "https://other.test", "api").mint()).status_code == 503

    def test_a_thousand_tenants(self, keys: dict[str, ForgeKeys]) -> None:
        """At most a thousand tenants are kept; one that was dropped is asked for again."""
        asked: list[str] = []
        jwks = keys["a"].public_jwks()

        async def find(iss: str) -> Issuer | None:
            asked.append(iss)
            return Issuer(iss, "api", keys=jwks)

        app = application(issuer_resolver=find)
        axioms = app.state.axioms

        async def visit(number: int) -> None:
            token = Mint(keys["a"], f"https://tenant-{number}.test", "api").mint()
            await axioms.authenticate({"headers": [(b"authorization", f"Bearer {token}".encode())]})

        async def scenario() -> None:
            for number in range(1005):
                await visit(number)
            await visit(1004)
            assert (len(axioms.key_status()), len(asked)) == (1000, 1005)
            await visit(0)
            assert (len(axioms.key_status()), len(asked)) == (1000, 1006)

        asyncio.run(scenario())

    def test_bounded(self) -> None:
        """Strangers and tenants are remembered up to a bound, the least recently used dropped first."""
        from axioms_fastapi.core.recent import Recent

        now = 0.0
        recent: Recent[int] = Recent(3, 10.0, lambda: now)
        for number in range(5):
            recent.put(str(number), number)
        recent.get("2")
        recent.put("5", 5)
        assert list(recent) == [4, 2, 5]
        assert recent.is_fresh("2")
        now = 10.0
        assert not recent.is_fresh("2")
        assert recent.get("2") == 2


class TestKeysFromElsewhere:
    def test_internal_url_headers_and_ca(self, keys: dict[str, ForgeKeys], key_server: KeyServer) -> None:
        """Keys come from an internal URL beside a public issuer, fetched with the configured headers."""
        key_server.answer("/keys", keys["a"].public_jwks(), needs_header=("Authorization", "Bearer secret"))
        issuer = Issuer(
            "https://public.test",
            "api",
            jwks_url=f"{key_server.url}/keys",
            jwks_headers={"Authorization": "Bearer secret"},
        )
        assert (
            call(application(issuers=[issuer]), Mint(keys["a"], "https://public.test", "api").mint()).status_code == 200
        )
        bare = Issuer("https://public.test", "api", jwks_url=f"{key_server.url}/keys")
        assert (
            call(application(issuers=[bare]), Mint(keys["a"], "https://public.test", "api").mint()).status_code == 503
        )

    def test_private_authority(self, keys: dict[str, ForgeKeys], tmp_path: Path) -> None:
        """A key server's certificate is verified: a private authority's is accepted where it is named, and refused elsewhere."""
        pem = self_signed(tmp_path)
        server = KeyServer()
        server.answer("/keys", keys["a"].public_jwks())
        token = Mint(keys["a"], "https://a.test", "api").mint()
        with serving(server.app, certificate=pem) as url:
            trusting = Issuer("https://a.test", "api", jwks_url=f"{url}/keys", jwks_ca_file=pem)
            assert call(application(issuers=[trusting]), token).status_code == 200
            wary = Issuer("https://a.test", "api", jwks_url=f"{url}/keys")
            assert call(application(issuers=[wary]), token).status_code == 503
        assert server.count("/keys") == 1

    def test_file_and_pem(self, keys: dict[str, ForgeKeys], tmp_path: Path) -> None:
        """Keys come from a file, or from a PEM text."""
        (tmp_path / "keys.json").write_text(json.dumps(keys["a"].public_jwks()))
        pem = next(iter(keys["a"])).private_key.as_pem(private=False).decode()
        for given, omitted in ((tmp_path / "keys.json", []), (pem, ["kid"])):
            app = application(issuers=[Issuer("https://a.test", "api", keys=given)])
            assert call(app, Mint(keys["a"], "https://a.test", "api").mint(omit_header=omitted)).status_code == 200

    def test_token_header(self, keys: dict[str, ForgeKeys], key_server: KeyServer) -> None:
        """A token may come bare in a header of its own; then no other header counts."""
        key_server.answer("/keys", keys["a"].public_jwks())
        app = application(
            AXIOMS_AUDIENCE="api",
            AXIOMS_ISS_URL="https://cloud.google.com/iap",
            AXIOMS_JWKS_URL=f"{key_server.url}/keys",
        )
        token = Mint(keys["a"], "https://cloud.google.com/iap", "api").mint({"sub": "x", "at_hash": "ID token"})
        client = TestClient(app)
        assert client.get("/me", headers={"X-Goog-IAP-JWT-Assertion": token}).status_code == 200
        assert client.get("/me", headers={"Authorization": f"Bearer {token}"}).status_code == 401
        assert client.get("/me", headers={"X-Goog-IAP-JWT-Assertion": f"Bearer {token}"}).status_code == 400
        assert client.get("/me", headers={"X-Goog-IAP-JWT-Assertion": "a.b.c"}).status_code == 401


class TestRefusals:
    @pytest.mark.parametrize(
        ("build", "sentence"),
        [
            (lambda: Issuer("https://a.test"), "Issuer.audience is not set or empty"),
            (lambda: Issuer("https://a.test", ""), "Issuer.audience is not set or empty"),
            (lambda: Issuer("a.test", "api"), "Issuer.url is 'a.test'"),
            (lambda: Issuer("http://a.test", "api"), "Issuer.url is 'http://a.test': over plain http"),
            (lambda: Issuer("https://a.test", "api", algorithms="HS256"), "Issuer.algorithms has 'HS256'"),
            (lambda: Issuer("https://a.test", "api", leeway=500), "Issuer.leeway is 500"),
            (lambda: Issuer("https://a.test", "api", provider="nobody"), "Issuer.provider is 'nobody'"),
            (lambda: Issuer("https://a.test", "api", jwks="x"), "Issuer has no field jwks"),
            (
                lambda: Issuer("https://a.test", "api", tenants=["x"]),
                "Issuer.url is 'https://a.test' and Issuer.tenants is ['x']",
            ),
            (lambda: Issuer("https://a.test/{tenantid}", "api"), "Issuer.url is 'https://a.test/{tenantid}'"),
            (lambda: Issuer("https://a.test/{tenantid}", "api", tenants="acme"), "Issuer.tenants is 'acme'"),
            (lambda: Issuer("https://a.test/{tenantid}", "api", tenants=b"acme"), "Issuer.tenants is b'acme'"),
            (lambda: Issuer("https://a.test/{tenantid}", "api", tenants=[1]), "Issuer.tenants is [1]"),
            (
                lambda: Issuer("https://{tenantid}.test", "api", tenants=["a"]),
                "Issuer.url is 'https://{tenantid}.test'",
            ),
            (lambda: Issuer("https://{tenantid}", "api", tenants=["a"]), "Issuer.url is 'https://{tenantid}'"),
            (
                lambda: Issuer("https://a.test/{tenant_id}", "api"),
                "Issuer.url is 'https://a.test/{tenant_id}', and no token",
            ),
            (
                lambda: Issuer("https://a.test/.well-known/openid-configuration", "api"),
                "Issuer.url is 'https://a.test/.well-known/openid-configuration'; write the issuer itself",
            ),
            (lambda: Issuer("https://a.test", "api", roles_claims=[1]), "Issuer.roles_claims is [1]"),
            (lambda: Issuer("https://user:s3cret@a.test", "api"), "Issuer.url is not usable"),
            (lambda: Issuer("https://a.test", "api", keys=["s3cret"]), "Issuer.keys is not usable"),
            (lambda: Issuer("https://a.test", "api", jwks_headers=["s3cret"]), "Issuer.jwks_headers is not usable"),
            (lambda: GOOD.model_copy(update={"audience": ""}), "Issuer.audience is not set or empty"),
            (lambda: GOOD.model_copy(update={"url": "http://remote.test"}), "Issuer.url is 'http://remote.test'"),
            (lambda: GOOD.model_copy(update={"nothing": 1}), "Issuer has no field nothing"),
            (lambda: application(issuers=[GOOD, GOOD]), "two issuers have the url https://good.test"),
            (lambda: application(issuers=GOOD), "issuers is not a list of Issuer"),
            (lambda: application(issuers=[]), "issuers is empty, which trusts nobody"),
            (lambda: application(issuers=["https://good.test"]), "issuers is not a list of Issuer"),
            (lambda: application(issuers=[{"url": "https://good.test"}]), "issuers is not a list of Issuer"),
            (lambda: application(issuer_resolver="x"), "issuer_resolver is a str"),
            (lambda: init_axioms(APIRouter(), issuers=[GOOD]), "init_axioms was given a APIRouter"),  # type: ignore[arg-type]
            (
                lambda: application(issuers=[Issuer("https://a.test", "api", keys={})]),
                "Issuer.keys of https://a.test cannot be used",
            ),
            (
                lambda: application(issuers=[Issuer("https://a.test", "api", keys=Path("x"))]),
                "Issuer.keys of https://a.test",
            ),
            (
                lambda: application(issuers=[Issuer("https://a.test", "api", jwks_ca_file="x")]),
                "Issuer.jwks_ca_file is 'x'",
            ),
            (
                lambda: application(issuers=[Issuer("https://a.test", "api")], AXIOMS_AUDIENCE="api"),
                "AXIOMS_AUDIENCE stands beside issuers=[...]",
            ),
        ],
    )
    def test_wrong(self, build: Callable[[], object], sentence: str) -> None:
        """What is wrong with an issuer is one sentence at start-up."""
        with pytest.raises(ConfigurationError) as error:
            build()
        assert str(error.value).startswith(sentence)
        assert "s3cret" not in str(error.value)

    def test_copy(self) -> None:
        """A copy with other fields is checked and read like a new issuer: a text is one audience, never its letters."""
        copy = GOOD.model_copy(update={"audience": "other", "roles_claims": "groups"})
        assert (copy.url, copy.audience) == (GOOD.url, ("other",))
        assert copy == Issuer("https://good.test", "other", scope_claims="scp", roles_claims="groups")

    def test_proxy(self, keys: dict[str, ForgeKeys]) -> None:
        """AXIOMS_JWKS_PROXY is the proxy through which keys are fetched, and the only one."""
        asked: list[str] = []

        async def proxy(scope: Scope, receive: Receive, send: Send) -> None:
            asked.extend(value.decode() for name, value in scope["headers"] if name == b"host")
            await JSONResponse(keys["a"].public_jwks())(scope, receive, send)

        with serving(proxy) as url:
            issuer = Issuer("https://a.test", "api", jwks_url="http://127.0.0.1:9/keys")
            app = application(issuers=[issuer], AXIOMS_JWKS_PROXY=url)
            assert call(app, Mint(keys["a"], "https://a.test", "api").mint()).status_code == 200
        assert asked == ["127.0.0.1:9"]

    def test_secrets_are_not_shown(self) -> None:
        """The repr of an issuer holds neither its keys nor the headers of its fetches."""
        shown = repr(Issuer("https://a.test", "api", keys="s3cret", jwks_headers={"Authorization": "s3cret"}))
        assert "s3cret" not in shown


def test_unrelated_routes_do_not_wait(keys: dict[str, ForgeKeys], key_server: KeyServer) -> None:
    """While the key server hangs, other routes of the application answer."""
    key_server.answer("/keys", keys["a"].public_jwks(), delay=1.0)
    app = application(AXIOMS_AUDIENCE="api", AXIOMS_ISS_URL="https://a.test", AXIOMS_JWKS_URL=f"{key_server.url}/keys")
    app.get("/open")(lambda: "open")

    async def scenario() -> None:
        async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://api") as client:
            token = Mint(keys["a"], "https://a.test", "api").mint()
            hanging = asyncio.create_task(client.get("/me", headers={"Authorization": f"Bearer {token}"}))
            await asyncio.sleep(0.1)
            for _ in range(20):
                assert (await client.get("/open")).status_code == 200
            assert not hanging.done()
            assert (await hanging).status_code == 200

    asyncio.run(scenario())


class TestStart:
    def test_prefetch(self, keys: dict[str, ForgeKeys], key_server: KeyServer) -> None:
        """Keys are there before the application's own lifespan begins, and the first request fetches nothing."""
        key_server.answer(JWKS, keys["a"].public_jwks())
        seen: list[tuple[str, bool]] = []

        @asynccontextmanager
        async def lifespan(app: FastAPI) -> AsyncIterator[dict[str, str]]:
            seen.append(("start", app.state.axioms.ready()))
            yield {"own": "state"}
            seen.append(("stop", app.state.axioms.ready()))

        app = application(lifespan, AXIOMS_AUDIENCE="api", AXIOMS_ISS_URL=key_server.url)
        init_axioms(app, AXIOMS_AUDIENCE="api2", AXIOMS_ISS_URL=key_server.url)
        with TestClient(app) as client:
            assert key_server.count(JWKS) == 1
            token = Mint(keys["a"], key_server.url, "api2").mint()
            assert client.get("/me", headers={"Authorization": f"Bearer {token}"}).status_code == 200
            assert client.app_state == {"own": "state"}
        assert seen == [("start", True), ("stop", True)]
        assert key_server.count(JWKS) == 1

    def test_issuer_down(self, key_server: KeyServer, caplog: pytest.LogCaptureFixture) -> None:
        """An issuer that is down is a warning at the start, and no reason not to start."""
        key_server.answer(JWKS, status=500)
        app = application(AXIOMS_AUDIENCE="api", AXIOMS_ISS_URL=key_server.url, AXIOMS_JWKS_URL=key_server.url + JWKS)
        with caplog.at_level(logging.WARNING), TestClient(app) as client:
            assert client.get("/me").status_code == 401
            assert not app.state.axioms.ready()
        assert "starting without the keys of" in caplog.text

    def test_required_keys(self, key_server: KeyServer, monkeypatch: pytest.MonkeyPatch) -> None:
        """With AXIOMS_REQUIRE_KEYS_AT_STARTUP the application does not start without keys."""
        monkeypatch.setenv("AXIOMS_REQUIRE_KEYS_AT_STARTUP", "true")
        app = application(AXIOMS_AUDIENCE="api", AXIOMS_ISS_URL=key_server.url)
        with pytest.raises(KeysMissingAtStartup, match="AXIOMS_REQUIRE_KEYS_AT_STARTUP"), TestClient(app):
            pass

    def test_required_keys_of_tenants(self, key_server: KeyServer) -> None:
        """The key set that tenants share is required like any other, and is there for the first of them."""
        url = f"{key_server.url}/{{tenantid}}"
        issuer = Issuer(url, "api", tenants=["acme"], jwks_url=key_server.url + JWKS)
        app = application(issuers=[issuer], AXIOMS_REQUIRE_KEYS_AT_STARTUP=True)
        with pytest.raises(KeysMissingAtStartup), TestClient(app):
            pass

    def test_issuers_are_asked_at_the_same_time(self, keys: dict[str, ForgeKeys], key_server: KeyServer) -> None:
        """Five key servers that take half a second each delay the start by half a second."""
        issuers = []
        for name in "abcde":
            key_server.answer(f"/{name}", keys["a"].public_jwks(), delay=0.5)
            issuers.append(Issuer(f"https://{name}.test", "api", jwks_url=f"{key_server.url}/{name}"))
        app = application(issuers=issuers)
        started = time.monotonic()
        with TestClient(app):
            assert app.state.axioms.ready()
        assert time.monotonic() - started < 2.0

    def test_a_stranger_does_not_end_readiness(self, keys: dict[str, ForgeKeys], key_server: KeyServer) -> None:
        """A token that names a tenant whose server is down leaves the application ready: the tenant is not configured."""
        issuers = [
            Issuer("https://main.test", "api", keys=keys["a"].public_jwks()),
            Issuer(f"{key_server.url}/{{tenantid}}", "api", tenants=["down"]),
        ]
        app = application(issuers=issuers)
        assert call(app, Mint(keys["b"], f"{key_server.url}/down", "api").mint()).status_code == 503
        assert app.state.axioms.ready()
        assert not app.state.axioms.key_status()[f"{key_server.url}/down"].ready

    @pytest.mark.parametrize("what", ["init_axioms", "handler"])
    def test_too_late(self, what: str) -> None:
        """What is called in the application's lifespan comes too late, and the start says so."""

        @asynccontextmanager
        async def lifespan(app: FastAPI) -> AsyncIterator[None]:
            if what == "init_axioms":
                init_axioms(app, issuers=[GOOD])
            else:
                register_axioms_exception_handler(app)
            yield

        with (
            pytest.raises(ConfigurationError, match="after the application started"),
            TestClient(FastAPI(lifespan=lifespan)),
        ):
            pass

    def test_stop_ends_what_is_under_way(self, keys: dict[str, ForgeKeys], key_server: KeyServer) -> None:
        """Stopping while a fetch is under way ends it, and the source can be used again."""
        key_server.answer(JWKS, keys["a"].public_jwks(), delay=0.5)
        app = application(AXIOMS_AUDIENCE="api", AXIOMS_ISS_URL=key_server.url, AXIOMS_JWKS_URL=key_server.url + JWKS)
        axioms = app.state.axioms
        token = Mint(keys["a"], key_server.url, "api").mint().encode()

        async def scenario() -> None:
            start = asyncio.create_task(axioms.start())
            await asyncio.sleep(0.1)
            waiting = asyncio.create_task(axioms.authenticate({"headers": [(b"authorization", b"Bearer " + token)]}))
            await asyncio.sleep(0)
            await axioms.stop()
            await start
            with pytest.raises(ProviderUnavailable):
                await waiting
            key_server.answer(JWKS, keys["a"].public_jwks())
            await axioms.start()
            assert axioms.ready()

        asyncio.run(scenario())


def test_preset_by_host_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    """Where an issuer's host alone selects a provider's claim rules, the log says so at the start; a named one is no news."""
    caplog.set_level(logging.INFO, "axioms_fastapi")
    url = "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_XXXXXXXXX"
    application(issuers=[Issuer(url, "client")])
    assert caplog.messages == [f"the issuer {url} selects the preset cognito; Issuer.provider chooses another"]
    application(issuers=[Issuer(url, "client", provider="cognito"), Issuer("https://auth.example.com", "client")])
    assert len(caplog.messages) == 1
