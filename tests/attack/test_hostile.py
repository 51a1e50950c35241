"""The hostile set: names, reasons, and that each token is hostile in the one way that it says."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import Depends, FastAPI
from fastapi.testclient import TestClient
from joserfc import jws
from joserfc.jwa import JWS_ALGORITHMS
from joserfc.jwk import KeySet

from axioms_fastapi import Issuer, init_axioms, register_axioms_exception_handler, require_auth
from axioms_fastapi.forge import ForgeKeys, Mint
from axioms_fastapi.forge.hostile import (
    BY_NAME,
    HOSTILE,
    Category,
    Credentials,
    Hostile,
    KeysAtHand,
    NotPossible,
    Rule,
    World,
)

ISSUER = "https://issuer.test"
AUDIENCE = "https://api.example.com"

# Categories whose tokens the issuer itself has signed properly: what is wrong is what they say.
SIGNED = (Category.AUDIENCE, Category.TIME, Category.IDENTITY)


@pytest.fixture(scope="module")
def keys() -> ForgeKeys:
    return ForgeKeys.generate("RS256", "ES256", "EdDSA")


@pytest.fixture(scope="module")
def world(keys: ForgeKeys) -> World:
    return world_of(keys)


def world_of(keys: ForgeKeys, **fields: Any) -> World:
    return World(
        issuer=ISSUER,
        audience=AUDIENCE,
        signer=KeysAtHand(keys),
        public_keys=keys.public_jwks()["keys"],
        header=keys.select().header,
        claims=Mint(keys, ISSUER, AUDIENCE).claims(),
        **fields,
    )


@pytest.fixture(scope="module")
def api(keys: ForgeKeys) -> Iterator[TestClient]:
    app = FastAPI()
    init_axioms(app, issuers=[Issuer(ISSUER, AUDIENCE, keys=keys.public_jwks())])
    register_axioms_exception_handler(app)
    app.get("/", dependencies=[Depends(require_auth)])(lambda: "in")
    with TestClient(app, raise_server_exceptions=False) as client:
        yield client


def status(api: TestClient, credentials: Credentials) -> int:
    return api.get("/", headers=[(b"authorization", value) for value in credentials.values]).status_code  # type: ignore[arg-type]


def test_good_token_of_the_world(api: TestClient, world: World) -> None:
    """The token that all hostile ones are made of is accepted: what is refused is refused for its change alone."""
    assert status(api, Credentials.bearing(world.good)) == 200
    for kty in ("RSA", "EC", "OKP"):
        assert status(api, Credentials.bearing(world.signed_by(world.public_key(kty)))) == 200


@pytest.mark.parametrize("hostile", HOSTILE, ids=str)
def test_refused(api: TestClient, world: World, hostile: Hostile) -> None:
    """An API that this library protects refuses it, with one of the answers that are right."""
    assert status(api, hostile.credentials(world)) in hostile.statuses


def test_names() -> None:
    """Every name is a test's id: kebab-case, once, and every hostile token says why and where the rule stands."""
    assert len(HOSTILE) == len(BY_NAME) >= 100
    for hostile in HOSTILE:
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", hostile.name), hostile.name
        assert hostile.why.endswith("."), hostile.name
        assert re.match(r"RFC \d{4}, sections? \d", hostile.section), hostile.name
    assert Counter(hostile.category for hostile in HOSTILE).keys() == set(Category)


def test_no_two_are_alike(world: World) -> None:
    """Each is another token than the good one, and than every other one."""
    seen: dict[tuple[bytes, ...], str] = {Credentials.bearing(world.good).values: "the good token"}
    for hostile in HOSTILE:
        values = hostile.credentials(world).values
        assert values not in seen, (hostile.name, seen[values])
        seen[values] = hostile.name


@pytest.mark.parametrize("hostile", [one for one in HOSTILE if one.category in SIGNED], ids=str)
def test_properly_signed(keys: ForgeKeys, world: World, hostile: Hostile) -> None:
    """Where claims are what is wrong, another library verifies the signature: nothing else can be the reason."""
    token = hostile.credentials(world).token
    assert token is not None
    jwks = KeySet.import_key_set(keys.public_jwks())
    signed = jws.deserialize_compact(token, jwks, [algorithm.name for algorithm in JWS_ALGORITHMS])
    assert isinstance(json.loads(signed.payload), dict)


def test_relaxed_rule(keys: ForgeKeys, world: World) -> None:
    """What an API allows on purpose is not held against it, and the reason is told."""
    relaxed = world_of(keys, audience_claim=None, relaxed=frozenset({Rule.AUDIENCE}))
    with pytest.raises(NotPossible, match="does not ask for the audience"):
        BY_NAME["aud-absent"].credentials(relaxed)
    assert BY_NAME["aud-absent"].credentials(world)


def test_missing_key(world: World) -> None:
    """A recipe for a key that the issuer does not have is not possible, and says so."""
    poor = world_of(ForgeKeys.generate("RS256"))
    with pytest.raises(NotPossible, match="publishes no EC key"):
        BY_NAME["ecdsa-of-zeros"].credentials(poor)


def test_another_audience_claim(keys: ForgeKeys) -> None:
    """Where an API reads its audience from another claim, that claim is attacked."""
    token = BY_NAME["aud-of-another-api"].credentials(world_of(keys, audience_claim="client_id")).token
    assert token is not None
    assert '"client_id":"https://other.example.com"' in jws.extract_compact(token.encode()).payload.decode()
