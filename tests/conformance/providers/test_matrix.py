"""Every provider's tokens against the same eleven questions: its good token passes, and what is nearly one does not."""

import time
from collections.abc import Iterator
from typing import Annotated, Any

import pytest
from fastapi import Depends, FastAPI
from fastapi.testclient import TestClient

from axioms_fastapi import Principal, current_principal, init_axioms, register_axioms_exception_handler
from axioms_fastapi.forge import ForgeKeys, Mint, SigningKey
from provider_profiles import PROFILES, Profile
from serving import KeyServer, serving

JWKS = "/jwks"
WRONG_TYPES: tuple[Any, ...] = (7, True, None, {"x": 1}, [["admin"]], ["admin", 1], [{"roles": ["admin"]}], "x")


@pytest.fixture(scope="module")
def keys() -> ForgeKeys:
    return ForgeKeys.generate("RS256", "ES256")


@pytest.fixture(scope="module")
def new_keys() -> ForgeKeys:
    return ForgeKeys([SigningKey.generate("RS256", kid="new-rsa"), SigningKey.generate("ES256", kid="new-ec")])


@pytest.fixture(scope="module")
def foreign() -> ForgeKeys:
    return ForgeKeys.generate("RS256", "ES256")


@pytest.fixture(scope="module")
def jwks_server() -> Iterator[KeyServer]:
    server = KeyServer()
    with serving(server.app) as server.url:
        yield server


@pytest.fixture(params=PROFILES, ids=lambda profile: profile.name)
def profile(request: pytest.FixtureRequest) -> Profile:
    return request.param  # type: ignore[no-any-return]


class Provider:
    """A provider and an application that trusts it, its keys served by a local server."""

    def __init__(self, profile: Profile, keys: ForgeKeys, server: KeyServer) -> None:
        self.profile = profile
        self.keys = keys
        self.server = server
        server.answer(JWKS, keys.public_jwks())
        self.app = FastAPI()
        init_axioms(self.app, issuers=[profile.issuer.model_copy(update={"jwks_url": server.url + JWKS})])
        register_axioms_exception_handler(self.app)

        @self.app.get("/")
        async def root(principal: Annotated[Principal, Depends(current_principal)]) -> list[list[str]]:
            return [sorted(principal.scopes), sorted(principal.roles)]

        self.client = TestClient(self.app, raise_server_exceptions=False)

    def token(self, keys: ForgeKeys | None = None, header: dict[str, Any] | None = None, **changes: Any) -> str:
        mint = Mint(keys or self.keys, self.profile.url)
        key = (keys or self.keys).select("EC" if self.profile.algorithm == "ES256" else "RSA")
        claims = {**self.profile.claims, **changes}
        omitted = [name for name in (*self.profile.omit, "client_id") if name not in claims]
        typ = {"typ": self.profile.typ} if self.profile.typ else {}
        omit_header = [] if self.profile.typ else ["typ"]
        return mint.mint(claims, key=key, omit=omitted, header={**typ, **(header or {})}, omit_header=omit_header)

    def call(self, token: str) -> Any:
        value = token if self.profile.header != "Authorization" else f"Bearer {token}"
        return self.client.get("/", headers={self.profile.header: value})

    def status(self, **changes: Any) -> int:
        return int(self.call(self.token(**changes)).status_code)


@pytest.fixture
def provider(profile: Profile, keys: ForgeKeys, jwks_server: KeyServer) -> Provider:
    return Provider(profile, keys, jwks_server)


def test_good_token(provider: Provider) -> None:
    """1. Its good token is accepted with the documented preset."""
    assert provider.status() == 200


def test_id_token(provider: Provider) -> None:
    """2. Its own ID token is refused, where that is not the credential itself."""
    if provider.profile.id_token is None:
        pytest.skip("the provider has no ID token, or it is the credential")
    assert provider.status(**provider.profile.id_token) == 401


def test_other_audience(provider: Provider) -> None:
    """3. A token for another audience or client is refused."""
    if provider.profile.other_audience is None:
        pytest.skip("the provider's tokens name no audience: each client has keys of its own")
    assert provider.status(**provider.profile.other_audience) == 401


def test_other_tenant(provider: Provider) -> None:
    """4. A token of another tenant is refused, though the same key signed it."""
    assert provider.status(iss=provider.profile.other_tenant) == 401


def test_slash(provider: Provider) -> None:
    """5. An issuer with the slash at its end flipped is refused."""
    url = provider.profile.url
    assert provider.status(iss=url.removesuffix("/") if url.endswith("/") else f"{url}/") == 401


@pytest.mark.parametrize("kind", ["scope", "role"])
def test_native_claims(provider: Provider, kind: str) -> None:
    """6. A scope or role is found in the provider's own place and type, and absent where it is absent."""
    native = getattr(provider.profile, kind)
    if native is None:
        pytest.skip(f"the provider's tokens have no {kind}")
    claim, value, name = native
    place = 0 if kind == "scope" else 1
    assert name in provider.call(provider.token(**{claim: value})).json()[place]
    assert name not in provider.call(provider.token()).json()[place]


@pytest.mark.parametrize("kind", ["scope", "role"])
def test_wrong_types(provider: Provider, kind: str) -> None:
    """7. A scope or role of the wrong type is never a 500 and never grants the name."""
    claim, _, name = getattr(provider.profile, kind) or ("roles", None, "admin")
    for value in WRONG_TYPES:
        response = provider.call(provider.token(**{claim: value}))
        assert response.status_code == 200
        assert name not in response.json()[0] + response.json()[1]


def test_rotation(provider: Provider, new_keys: ForgeKeys) -> None:
    """8. A token of a rotated key is accepted with one refetch."""
    assert provider.status() == 200
    provider.server.answer(JWKS, new_keys.public_jwks())
    before = provider.server.count(JWKS)
    assert provider.call(provider.token(new_keys)).status_code == 200
    assert provider.call(provider.token(new_keys)).status_code == 200
    assert provider.server.count(JWKS) == before + 1


def test_key_server_down(provider: Provider) -> None:
    """9. Keys that cannot be had are a 503, not a 401."""
    provider.server.answer(JWKS, status=500)
    response = provider.call(provider.token())
    assert (response.status_code, "Retry-After" in response.headers) == (503, True)


def test_clock(provider: Provider) -> None:
    """10. A clock that is off by less than the leeway is forgiven, by more it is not."""
    now = time.time()
    assert provider.status(exp=now - 20, nbf=now + 20, iat=now + 20) == 200
    assert provider.status(exp=now - 40) == 401
    assert provider.status(nbf=now + 40) == 401


def test_hostile_tokens(provider: Provider, foreign: ForgeKeys) -> None:
    """11. Unsigned, re-signed, re-headed and mutilated tokens are refused, each with the same answer."""
    good = provider.token()
    head, payload, signature = good.split(".")
    public = next(iter(provider.keys)).private_key.as_pem(private=False)
    confused = SigningKey.from_secret(public, kid="rsa-key-1").sign_claims(
        {**provider.profile.claims, "iss": provider.profile.url}
    )
    hostile = [
        f"{head}.{payload}.AAAA",
        f"{payload}.{head}.{signature}",
        f"{head}.{payload[:-4]}AAAA.{signature}",
        good + "=",
        provider.token(header={"alg": "none"}),
        provider.token(header={"alg": "HS256"}),
        provider.token(header={"crit": ["x"]}),
        provider.token(header={"jwk": next(iter(foreign)).public_jwk()}),
        provider.token(header={"jku": "https://evil.example.com/keys"}),
        provider.token(header={"kid": "../../dev/null"}),
        provider.token(foreign),
        confused,
        provider.token(exp=None),
        provider.token(sub=None),
        provider.token(iss=None),
        provider.token(cnf={"jkt": "x"}),
    ]
    answers = {(response.status_code, response.text) for response in map(provider.call, hostile)}
    assert len(answers) == 1
    assert answers.pop()[0] == 401


def test_every_preset_has_a_profile() -> None:
    """A preset without a profile would be a preset that nobody holds against anything."""
    from axioms_fastapi.presets import PRESETS

    assert {profile.issuer.provider for profile in PROFILES} == PRESETS.keys()
