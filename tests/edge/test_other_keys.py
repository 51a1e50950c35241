"""`Axioms.with_keys`: an application's own trust, with the keys and the clock of a test."""

import time

import pytest
from fastapi import Depends, FastAPI
from fastapi.testclient import TestClient

from axioms_fastapi import Axioms, ConfigurationError, Issuer, init_axioms, require_auth, require_roles
from axioms_fastapi.forge import ForgeKeys, Mint

ISSUER = "https://auth.example.com/realms/acme"
AUDIENCE = "my-api"


@pytest.fixture(scope="module")
def keys() -> ForgeKeys:
    return ForgeKeys.generate("RS256")


def app_of(axioms: Axioms) -> TestClient:
    app = FastAPI()
    app.state.axioms = axioms
    app.get("/", dependencies=[Depends(require_auth)])(lambda: "in")
    app.get("/admin", dependencies=[Depends(require_roles("admin"))])(lambda: "in")
    return TestClient(app)


def status(client: TestClient, token: str, path: str = "/") -> int:
    return client.get(path, headers={"Authorization": f"Bearer {token}"}).status_code


def test_settings_are_kept(keys: ForgeKeys) -> None:
    """Issuer, audience and claim mapping stay the application's own: only whose keys sign is another matter."""
    axioms = init_axioms(
        FastAPI(), AXIOMS_AUDIENCE=AUDIENCE, AXIOMS_ISS_URL=ISSUER, AXIOMS_ROLES_CLAIMS="realm_access.roles"
    )
    client = app_of(axioms.with_keys(lambda _: keys.public_jwks()))
    mint = Mint(keys, ISSUER, AUDIENCE)
    assert status(client, mint.mint()) == 200
    assert status(client, mint.mint({"realm_access": {"roles": ["admin"]}}), "/admin") == 200
    assert status(client, mint.mint({"roles": ["admin"]}), "/admin") == 403
    assert status(client, mint.mint({"iss": f"{ISSUER}/"})) == 401
    assert status(client, mint.mint({"aud": "other"})) == 401
    assert status(client, Mint(ForgeKeys.generate("RS256"), ISSUER, AUDIENCE).mint()) == 401


def test_original_is_untouched(keys: ForgeKeys) -> None:
    """The Axioms that was copied trusts what it trusted before."""
    axioms = init_axioms(FastAPI(), issuers=[Issuer(ISSUER, AUDIENCE, keys=keys.public_jwks())])
    others = ForgeKeys.generate("RS256")
    axioms.with_keys(lambda _: others.public_jwks())
    assert status(app_of(axioms), Mint(keys, ISSUER, AUDIENCE).mint()) == 200
    assert status(app_of(axioms), Mint(others, ISSUER, AUDIENCE).mint()) == 401


def test_each_issuer_has_its_own(keys: ForgeKeys) -> None:
    """Several issuers, tenants and resolvers keep their keys apart."""
    tenants = "https://login.example.com/{tenantid}/v2"

    async def find(iss: str) -> Issuer | None:
        return Issuer(iss, AUDIENCE) if iss == "https://found.example.com" else None

    axioms = init_axioms(
        FastAPI(),
        issuers=[Issuer(ISSUER, AUDIENCE), Issuer(tenants, AUDIENCE, tenants=["acme"])],
        issuer_resolver=find,
    )
    own = {ISSUER: ForgeKeys.generate("RS256")}
    client = app_of(axioms.with_keys(lambda url: own.get(url, keys).public_jwks()))
    acme, found = "https://login.example.com/acme/v2", "https://found.example.com"
    assert status(client, Mint(own[ISSUER], ISSUER, AUDIENCE).mint()) == 200
    assert status(client, Mint(keys, ISSUER, AUDIENCE).mint()) == 401
    for url in (acme, found):
        assert status(client, Mint(keys, url, AUDIENCE).mint()) == 200
        assert status(client, Mint(own[ISSUER], url, AUDIENCE).mint()) == 401
    assert status(client, Mint(keys, "https://login.example.com/globex/v2", AUDIENCE).mint()) == 401


def test_clock(keys: ForgeKeys) -> None:
    """The verifier's time is that of the given clock."""
    axioms = init_axioms(FastAPI(), AXIOMS_AUDIENCE=AUDIENCE, AXIOMS_ISS_URL=ISSUER)
    token = Mint(keys, ISSUER, AUDIENCE).mint()
    later = axioms.with_keys(lambda _: keys.public_jwks(), clock=lambda: time.time() + 7200)
    assert status(app_of(axioms.with_keys(lambda _: keys.public_jwks())), token) == 200
    assert status(app_of(later), token) == 401


def test_unsuitable_keys(keys: ForgeKeys) -> None:
    """Keys that an issuer's algorithms exclude are one sentence that names issuer and algorithms."""
    axioms = init_axioms(FastAPI(), AXIOMS_AUDIENCE=AUDIENCE, AXIOMS_ISS_URL=ISSUER, AXIOMS_ALGORITHMS="ES256")
    with pytest.raises(ConfigurationError, match=rf"the keys for {ISSUER} cannot be used: .*that it allows: ES256"):
        axioms.with_keys(lambda _: keys.public_jwks())
