"""Keys of Microsoft Entra say whose tokens they sign: a key of one tenant never verifies a token of another."""

from typing import Any

import pytest
from fastapi import Depends, FastAPI
from fastapi.testclient import TestClient

from axioms_fastapi import Issuer, init_axioms, providers, require_auth
from axioms_fastapi.core.jwk import Algorithms, parse_key_set
from axioms_fastapi.forge import ForgeKeys, Mint

TENANT = "11111111-2222-3333-4444-555555555555"
CONSUMERS = "9188040d-6c67-4c5b-b112-36a304b66dad"
TEMPLATE = "https://login.microsoftonline.com/{tenantid}/v2.0"
URL = TEMPLATE.replace("{tenantid}", TENANT)
V1 = f"https://sts.windows.net/{TENANT}/"

ENTRA = {
    "one tenant": lambda **fields: providers.entra(TENANT, "api", **fields),
    "several tenants": lambda **fields: providers.entra_tenants([TENANT, CONSUMERS], "api", **fields),
    "a template by hand": lambda **fields: Issuer(TEMPLATE, "api", tenants=[TENANT, CONSUMERS], **fields),
}


@pytest.fixture(scope="module")
def keys() -> ForgeKeys:
    return ForgeKeys.generate("RS256")


def status(issuer: Issuer, keys: ForgeKeys, iss: str = URL, tid: str = TENANT) -> int:
    app = FastAPI()
    init_axioms(app, issuers=[issuer])
    app.get("/", dependencies=[Depends(require_auth)])(lambda: "in")
    token = Mint(keys, iss, "api").mint({"tid": tid, "azp": "client", "appid": "client"})
    return TestClient(app).get("/", headers={"Authorization": f"Bearer {token}"}).status_code


def naming(keys: ForgeKeys, **member: Any) -> dict[str, Any]:
    """The key set, each of its keys with this member."""
    return {"keys": [{**jwk, **member} for jwk in keys.public_jwks()["keys"]]}


@pytest.mark.parametrize("kind", ENTRA)
@pytest.mark.parametrize(
    ("member", "expected"),
    [
        ({}, 200),
        ({"issuer": TEMPLATE}, 200),
        ({"issuer": URL}, 200),
        ({"issuer": TEMPLATE.replace("{tenantid}", CONSUMERS)}, 401),
        ({"issuer": URL + "/"}, 401),
        ({"issuer": V1}, 401),
        ({"issuer": "https://evil.example.com/{tenantid}/v2.0"}, 401),
        ({"issuer": "{tenantid}"}, 401),
        ({"issuer": ""}, 401),
        ({"issuer": None}, 401),
        ({"issuer": 7}, 401),
    ],
    ids=str,
)
def test_key_issuer(keys: ForgeKeys, kind: str, member: dict[str, Any], expected: int) -> None:
    """A key that names an issuer verifies tokens of that issuer alone, or of each tenant of its template."""
    assert status(ENTRA[kind](keys=naming(keys, **member)), keys) == expected


def test_consumers_key(keys: ForgeKeys) -> None:
    """The key of personal accounts verifies their tokens, and those of no organisation, both being trusted."""
    consumers = TEMPLATE.replace("{tenantid}", CONSUMERS)
    issuer = providers.entra_tenants([TENANT, CONSUMERS], "api", keys=naming(keys, issuer=consumers))
    assert status(issuer, keys, consumers, CONSUMERS) == 200
    assert status(issuer, keys) == 401


def test_one_key_of_several(keys: ForgeKeys) -> None:
    """Of two keys under one kid, that of the token's own issuer is taken, wherever it stands."""
    foreign = naming(ForgeKeys.generate("RS256"), issuer=TEMPLATE.replace("{tenantid}", CONSUMERS))["keys"]
    own = naming(keys, issuer=TEMPLATE)["keys"]
    for order in (foreign + own, own + foreign):
        assert status(providers.entra(TENANT, "api", keys={"keys": order}), keys) == 200


@pytest.mark.parametrize(
    ("issuer", "iss"),
    [
        (lambda **fields: providers.entra(TENANT, "api", version=1, **fields), V1),
        (lambda **fields: Issuer("https://auth.example.com", "api", **fields), "https://auth.example.com"),
        (lambda **fields: providers.okta("acme.okta.com", "api", **fields), "https://acme.okta.com/oauth2/default"),
    ],
    ids=["version 1", "any issuer", "okta"],
)
def test_elsewhere_the_member_says_nothing(keys: ForgeKeys, issuer: Any, iss: str) -> None:
    """Other issuers' keys may have a member of that name: it is none that JWK knows, and is ignored (RFC 7517, section 4)."""
    app = FastAPI()
    init_axioms(app, issuers=[issuer(keys=naming(keys, issuer="https://else.example.com"))])
    app.get("/", dependencies=[Depends(require_auth)])(lambda: "in")
    token = Mint(keys, iss, "api").mint({"appid": "client", "cid": "client"})
    assert TestClient(app).get("/", headers={"Authorization": f"Bearer {token}"}).status_code == 200


def test_parsed_member(keys: ForgeKeys) -> None:
    """A key without the member names nobody; one whose member is no text names no issuer that there is."""
    for member, read in (({}, None), ({"issuer": TEMPLATE}, TEMPLATE), ({"issuer": ["x"]}, "")):
        key_set = parse_key_set(naming(keys, **member), Algorithms(frozenset({"RS256"})))
        kid = keys.public_jwks()["keys"][0]["kid"]
        assert [key.issuer for key in key_set.candidates(kid, "RS256")] == [read]
