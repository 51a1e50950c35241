"""Every provider's tokens against the same eleven questions: its good token passes, and what is nearly one does not."""

import time
from collections.abc import Iterator
from typing import Annotated, Any

import pytest
from fastapi import Depends, FastAPI
from fastapi.testclient import TestClient

from axioms_fastapi import (
    Principal,
    current_principal,
    init_axioms,
    register_axioms_exception_handler,
    require_permissions,
    require_roles,
    require_scopes,
)
from axioms_fastapi.forge import ForgeKeys, Mint, SigningKey
from axioms_fastapi.forge.hostile import HOSTILE, KeysAtHand, NotPossible, World
from axioms_fastapi.testing.trust import relaxed_by
from provider_id_tokens import ID_TOKENS, IdToken
from provider_profiles import PROFILES, Native, Profile
from reading_tokens import segments
from serving import KeyServer, serving

JWKS = "/jwks"
GUARDS = {"scope": require_scopes, "role": require_roles, "permission": require_permissions}
KINDS = tuple(GUARDS)
DEFAULTS = {
    "scope": Native(("scope",), "admin", "admin"),
    "role": Native(("roles",), ["admin"], "admin"),
    "permission": Native(("permissions",), ["admin"], "admin"),
}


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

    def __init__(self, profile: Profile, keys: ForgeKeys, server: KeyServer, **settings: Any) -> None:
        self.profile = profile
        self.keys = keys
        self.server = server
        server.answer(JWKS, keys.public_jwks())
        self.app = FastAPI()
        init_axioms(self.app, issuers=[profile.issuer.model_copy(update={"jwks_url": server.url + JWKS})], **settings)
        register_axioms_exception_handler(self.app)

        @self.app.get("/")
        async def root(principal: Annotated[Principal, Depends(current_principal)]) -> list[list[str]]:
            return [sorted(principal.scopes), sorted(principal.roles), sorted(principal.permissions)]

        for kind, guard in GUARDS.items():
            native: Native | None = getattr(profile, kind)
            if native is not None:
                self.app.get(f"/{kind}", dependencies=[Depends(guard(native.name))])(lambda: "in")

        self.client = TestClient(self.app, raise_server_exceptions=False)

    def token(self, keys: ForgeKeys | None = None, header: dict[str, Any] | None = None, **changes: Any) -> str:
        mint = Mint(keys or self.keys, self.profile.url)
        key = (keys or self.keys).select("EC" if self.profile.algorithm == "ES256" else "RSA")
        claims = {**self.profile.claims, **changes}
        omitted = [name for name in (*self.profile.omit, "client_id") if name not in claims]
        typ = {"typ": self.profile.typ} if self.profile.typ else {}
        omit_header = [] if self.profile.typ else ["typ"]
        return mint.mint(claims, key=key, omit=omitted, header={**typ, **(header or {})}, omit_header=omit_header)

    def id_token(self, id_token: IdToken, **changes: Any) -> str:
        """A token with these claims, its times and its issuer, and with no other that the mint would add."""
        mint = Mint(self.keys, self.profile.url)
        key = self.keys.select("EC" if self.profile.algorithm == "ES256" else "RSA")
        claims = {**id_token.claims, **changes}
        omitted = [name for name in mint.claims() if name not in {*claims, "iss", "iat", "exp"}]
        return mint.mint(claims, key=key, omit=omitted, omit_header=[] if self.profile.typ else ["typ"])

    def call(self, token: str, path: str = "/") -> Any:
        value = token if self.profile.header != "Authorization" else f"Bearer {token}"
        return self.client.get(path, headers={self.profile.header: value})

    def world(self) -> World:
        """What the forge's hostile tokens are made of: a good token of this provider, and what the provider leaves out."""
        rules = next(iter(self.app.state.axioms.issuers)).rules
        header, claims = segments(self.token())
        return World(
            issuer=self.profile.url,
            audience=min(rules.audiences, default=""),
            signer=KeysAtHand(self.keys),
            public_keys=self.keys.public_jwks()["keys"],
            header=header,
            claims=claims,
            audience_claim=rules.audience_claim,
            relaxed=relaxed_by(rules),
        )

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
    id_token = ID_TOKENS[provider.profile.name]
    if isinstance(id_token, str):
        pytest.skip(id_token)
    assert provider.call(provider.id_token(id_token)).status_code == 401


def test_id_token_for_this_audience(provider: Provider) -> None:
    """2. Where API and front end share a client id, the ID token is refused all the same, unless the page says otherwise."""
    id_token = ID_TOKENS[provider.profile.name]
    if isinstance(id_token, str):
        pytest.skip(id_token)
    token = provider.id_token(id_token, aud=list(provider.profile.issuer.audience))
    assert provider.call(token).status_code == (200 if id_token.alike else 401)


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


@pytest.mark.parametrize("kind", KINDS)
def test_native_claims(provider: Provider, kind: str) -> None:
    """6. A name is found in the provider's own place and type and lets in; where it is absent, it is absent and a 403."""
    native: Native | None = getattr(provider.profile, kind)
    if native is None:
        pytest.skip(f"the provider's tokens have no {kind}")
    place = KINDS.index(kind)
    with_it = provider.token(**native.put(provider.profile.claims, native.value))
    assert native.name in provider.call(with_it).json()[place]
    assert native.name not in provider.call(provider.token()).json()[place]
    statuses = [provider.call(token, f"/{kind}").status_code for token in (with_it, provider.token())]
    assert statuses == [200, 403]


def wrong_values(name: str, *, keys_are_names: bool) -> Iterator[Any]:
    """Values of the wrong type that have the name in them, and some that have none."""
    yield from (7, 1.5, True, False, None, {}, [])
    yield from ([name, 1], [1, name], [name, None], [name, True], [name, ""], [name, [name]], [name, {name: {}}])
    yield from ([[name]], [{"name": name}], {"name": name}, {"names": [name]}, {"0": name})
    yield from ({name: value} for value in (False, True, None, 1, "", name, [], [name], [{}]))
    yield from ([{name: value}] for value in (False, True, None, 1, name, [name]))
    yield from ({name: {"id1": "x"}, "other": value} for value in (False, None, 7, "x"))
    if not keys_are_names:
        yield from ({name: {"id1": "x"}}, [{name: {}}])


def test_wrong_types(provider: Provider) -> None:
    """7. Values of the wrong type, in the provider's own places or further out, are never a 500 and never grant the name."""
    natives: list[Native] = [getattr(provider.profile, kind) or DEFAULTS[kind] for kind in KINDS]
    keys_are_names = any(isinstance(native.value, dict) for native in natives)
    values = zip(*(wrong_values(native.name, keys_are_names=keys_are_names) for native in natives), strict=True)
    for wrong in values:
        for depth in range(max(len(native.path) for native in natives)):
            claims = provider.profile.claims
            for native, value in zip(natives, wrong, strict=True):
                claims = native.put(claims, value, min(depth, len(native.path) - 1))
            response = provider.call(provider.token(**claims))
            assert response.status_code == 200
            for native, names in zip(natives, response.json(), strict=True):
                assert native.name not in names, (native, wrong, depth)


def test_rotation(provider: Provider, new_keys: ForgeKeys) -> None:
    """8. A token of a rotated key is accepted with one refetch."""
    assert provider.status() == 200
    provider.server.answer(JWKS, new_keys.public_jwks())
    before = provider.server.count(JWKS)
    assert provider.call(provider.token(new_keys)).status_code == 200
    assert provider.call(provider.token(new_keys)).status_code == 200
    assert provider.server.count(JWKS) == before + 1


@pytest.mark.parametrize(
    "answer",
    [{"status": 500}, {"delay": 10.0}, {"body": b" ", "drip": 0.02}],
    ids=["an error", "no answer in time", "an answer without end"],
)
def test_key_server_down(profile: Profile, keys: ForgeKeys, jwks_server: KeyServer, answer: dict[str, Any]) -> None:
    """9. Keys that cannot be had are a 503, not a 401, and nobody waits longer than the timeout for them."""
    provider = Provider(profile, keys, jwks_server, AXIOMS_JWKS_TIMEOUT=0.1)
    jwks_server.answer(JWKS, keys.public_jwks(), **answer)
    asked_at = time.monotonic()
    response = provider.call(provider.token())
    assert (response.status_code, "Retry-After" in response.headers) == (503, True)
    assert time.monotonic() - asked_at < 5


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


def test_hostile_set(provider: Provider) -> None:
    """11. Each of the forge's hostile tokens, made of the provider's own good one, is refused."""
    world, tried = provider.world(), 0
    assert provider.call(world.good).status_code == 200
    for hostile in HOSTILE:
        try:
            credentials = hostile.credentials(world)
        except NotPossible:
            continue
        if provider.profile.header == "Authorization":
            sent = [(b"authorization", value) for value in credentials.values]
        elif credentials.token is not None:
            sent = [(provider.profile.header.encode(), credentials.token.encode())]
        else:
            continue
        response = provider.client.get("/", headers=sent)
        assert response.status_code in hostile.statuses, (hostile.name, response.text)
        tried += 1
    assert tried > 250


def test_every_preset_has_a_profile() -> None:
    """A preset without a profile would be a preset that nobody holds against anything."""
    from axioms_fastapi.presets import PRESETS

    assert {profile.issuer.provider for profile in PROFILES} == PRESETS.keys()
