"""The memory of verified tokens: nothing is believed because it was believed before (CVE-2026-35030, CVE-2026-107719)."""

import asyncio
from collections import Counter
from typing import Any

import pytest

from axioms_fastapi import InvalidToken, Principal, ProviderUnavailable, Reason, Refusal
from axioms_fastapi.core.claims import ClaimRules
from axioms_fastapi.core.discovery import FixedLocation
from axioms_fastapi.core.fetch import Certificates, Fetcher
from axioms_fastapi.core.issuers import Issuers, TrustedIssuer
from axioms_fastapi.core.jwk import Algorithms
from axioms_fastapi.core.keys import KeySource, StaticKeys
from axioms_fastapi.core.principal import ClaimMapping
from axioms_fastapi.core.remote_keys import KeyTimes, RemoteKeys
from axioms_fastapi.core.signatures import SUPPORTED_ALGORITHMS
from axioms_fastapi.core.token_cache import TokenCache
from axioms_fastapi.core.verifier import Verifier
from axioms_fastapi.forge import Mint, SigningKey
from serving import KeyServer

pytestmark = pytest.mark.conformance("18", "A110")

ALGORITHMS = Algorithms(SUPPORTED_ALGORITHMS)
NOW = 1_800_000_000.0


class Remembering:
    """A verifier with a memory, and clocks that the test moves."""

    def __init__(self, key: SigningKey, tally: Counter[str], size: int = 100, keys: KeySource | None = None) -> None:
        self.wall, self.monotonic = NOW, 0.0
        self.tally = tally
        self.mint = Mint([key], "https://i", "api", lambda: self.wall)
        self.cache = TokenCache(size, 60.0, monotonic=lambda: self.monotonic)
        self.issuer = TrustedIssuer(
            url="https://i",
            algorithms=ALGORITHMS,
            keys=keys or StaticKeys.parse({"keys": [key.public_jwk()]}, ALGORITHMS),
            rules=ClaimRules("https://i", frozenset({"api"}), leeway=0),
            mapping=ClaimMapping(),
        )
        self.verifier = self.verifier_of(Issuers([self.issuer]))

    def verifier_of(self, issuers: Issuers) -> Verifier:
        return Verifier(issuers, max_token_size=16384, clock=lambda: self.wall, cache=self.cache)

    def verify(self, token: str) -> Principal | Reason:
        """The principal, or why there is none."""

        async def verify() -> Principal:
            try:
                return await self.verifier.verify(token.encode())
            finally:
                # What goes on in the background has landed before the loop ends.
                others = asyncio.all_tasks() - {asyncio.current_task()}
                if others:
                    await asyncio.wait(others)

        try:
            principal = asyncio.run(verify())
        except Refusal as refusal:
            self.tally["refused"] += 1
            return refusal.reason
        self.tally["accepted"] += 1
        return principal

    def remember(self, token: str) -> Principal:
        """The principal of a token that has come twice, and is remembered."""
        assert isinstance(self.verify(token), Principal)
        principal = self.verify(token)
        assert isinstance(principal, Principal)
        assert self.cache.get(token.encode(), self.wall) is not None
        return principal


@pytest.fixture
def key(trusted_keys: dict[str, SigningKey]) -> SigningKey:
    return trusted_keys["ec"]


@pytest.fixture
def remembering(key: SigningKey, tally: Counter[str]) -> Remembering:
    return Remembering(key, tally)


def test_comes_again(remembering: Remembering) -> None:
    """A token that comes for the third time is the very principal of the second, for a minute; then it is verified anew."""
    token = remembering.mint.mint({"sub": "alice"})
    first = remembering.verify(token)
    assert isinstance(first, Principal)
    assert len(remembering.cache) == 0
    second = remembering.verify(token)
    assert second == first
    assert second is not first
    remembering.monotonic = 59.9
    assert remembering.verify(token) is second
    remembering.monotonic = 60.0
    again = remembering.verify(token)
    assert again == second
    assert again is not second
    assert remembering.verify(token) is again


def test_expires_while_it_is_remembered(remembering: Remembering) -> None:
    """A remembered token is refused from its very expiry on, and told so."""
    token = remembering.mint.mint({"exp": NOW + 10})
    remembering.remember(token)
    remembering.wall = NOW + 9.999
    assert isinstance(remembering.verify(token), Principal)
    remembering.wall = NOW + 10
    assert remembering.verify(token) is Reason.EXPIRED
    assert len(remembering.cache) == 0


@pytest.mark.parametrize("name", ["nbf", "iat"])
def test_clock_that_is_set_back(remembering: Remembering, name: str) -> None:
    """A clock that is set back behind a token's beginning refuses it, remembered or not."""
    token = remembering.mint.mint({name: NOW - 5, **({"iat": NOW - 5, "nbf": NOW - 5} | {name: NOW - 5})})
    remembering.remember(token)
    remembering.wall = NOW - 10
    assert remembering.verify(token) is Reason.NOT_YET_VALID


def test_only_successes(remembering: Remembering, foreign_keys: dict[str, SigningKey]) -> None:
    """Nothing of a refused token is kept, however often it comes: strangers cannot fill the memory, and no refusal lasts."""
    foreign = Mint([foreign_keys["ec"]], "https://i", "api", lambda: remembering.wall)
    forged = [foreign.mint({"sub": str(number)}) for number in range(50)]
    early = remembering.mint.mint({"nbf": NOW + 5})
    for _ in range(3):
        for token in forged:
            assert remembering.verify(token) is Reason.SIGNATURE
        assert remembering.verify("a.b.c") is Reason.MALFORMED
        assert remembering.verify(early) is Reason.NOT_YET_VALID
    assert len(remembering.cache) == 0
    assert not any(remembering.cache.admits(token.encode()) for token in [*forged, "a.b.c", early])
    remembering.wall = NOW + 5
    assert isinstance(remembering.verify(early), Principal)


def test_nearly_the_same_token(remembering: Remembering) -> None:
    """A token that shares all but a character with a remembered one is verified by itself."""
    token = remembering.mint.mint({"sub": "alice"})
    remembering.remember(token)
    for position in (*range(0, len(token), 7), len(token) - 1):
        other = token[:position] + ("A" if token[position] != "A" else "B") + token[position + 1 :]
        assert isinstance(remembering.verify(other), Reason)
    for other in (token[:-1], token + "A", token + "=", " " + token, token.upper(), token[:20]):
        assert isinstance(remembering.verify(other), Reason)
    assert len(remembering.cache) == 1


@pytest.mark.parametrize("size", [1, 3, 100])
def test_bounded(key: SigningKey, tally: Counter[str], size: int) -> None:
    """There are never more than so many, and the oldest goes first."""
    remembering = Remembering(key, tally, size)
    tokens = [remembering.mint.mint({"sub": str(number)}) for number in range(size + 5)]
    remembered = [remembering.remember(token) for token in tokens]
    assert len(remembering.cache) == size
    kept = [remembering.cache.get(token.encode(), NOW) is not None for token in tokens]
    assert kept == [False] * 5 + [True] * size
    assert remembering.verify(tokens[-1]) is remembered[-1]


def test_long_tokens_count_as_several(key: SigningKey, tally: Counter[str]) -> None:
    """A token of 10 KB takes the room of several, and one that has no room at all is not remembered."""
    remembering = Remembering(key, tally, 8)
    small = [remembering.mint.mint({"sub": str(number)}) for number in range(8)]
    for token in small:
        remembering.remember(token)
    long = remembering.mint.mint({"x": "a" * 7000})
    assert 4 * 2048 < len(long) < 5 * 2048
    remembering.remember(long)
    assert len(remembering.cache) == 8 - 5 + 1
    tiny = Remembering(key, tally, 2)
    for _ in range(3):
        assert isinstance(tiny.verify(long), Principal)
    assert len(tiny.cache) == 0
    tiny.remember(small[0])
    assert len(tiny.cache) == 1


def test_issuer_that_is_taken_away(remembering: Remembering) -> None:
    """A token whose issuer is trusted no more, or in another way, is refused or verified anew."""
    token = remembering.mint.mint()
    remembering.remember(token)
    remembering.verifier = remembering.verifier_of(Issuers([]))
    assert remembering.verify(token) is Reason.ISSUER
    stricter = TrustedIssuer(
        url="https://i",
        algorithms=ALGORITHMS,
        keys=remembering.issuer.keys,
        rules=ClaimRules("https://i", frozenset({"other"}), leeway=0),
        mapping=ClaimMapping(),
    )
    remembering.verifier = remembering.verifier_of(Issuers([remembering.issuer]))
    remembering.remember(token)
    remembering.verifier = remembering.verifier_of(Issuers([stricter]))
    assert remembering.verify(token) is Reason.AUDIENCE


def test_tenant_that_is_taken_away(key: SigningKey, tally: Counter[str]) -> None:
    """A tenant that a resolver does not know any more is refused when the resolver's answer is asked anew, remembered or not."""
    remembering = Remembering(key, tally)
    known = {"https://i"}

    async def resolve(url: str, _: TrustedIssuer | None) -> TrustedIssuer | None:
        return remembering.issuer if url in known else None

    issuers = Issuers([], [resolve], monotonic=lambda: remembering.monotonic)
    remembering.verifier = remembering.verifier_of(issuers)
    token = remembering.mint.mint()
    remembering.remember(token)
    known.clear()
    remembering.monotonic = 290.0
    assert isinstance(remembering.verify(token), Principal)
    remembering.monotonic = 300.0
    assert remembering.verify(token) is Reason.ISSUER


def remote(server: KeyServer, remembering: Remembering, **times: float) -> Remembering:
    """The same, with keys from a server."""
    location = FixedLocation(server.url + "/keys")
    keys = RemoteKeys(
        "https://i",
        location,
        Fetcher(5, Certificates()),
        ALGORITHMS,
        KeyTimes(**times),
        monotonic=lambda: remembering.monotonic,
    )
    issuer = TrustedIssuer("https://i", ALGORITHMS, keys, remembering.issuer.rules, ClaimMapping())
    remembering.verifier = remembering.verifier_of(Issuers([issuer]))
    return remembering


def test_key_that_is_removed(remembering: Remembering, jwks_server: KeyServer, key: SigningKey) -> None:
    """A token of a key that the issuer has removed is refused from the next refresh on, remembered or not."""
    jwks_server.answer("/keys", {"keys": [key.public_jwk()]})
    remote(jwks_server, remembering, max_age=60)
    token = remembering.mint.mint()
    remembering.remember(token)
    jwks_server.answer("/keys", {"keys": [SigningKey.generate("ES256", kid="ec").public_jwk()]})
    assert isinstance(remembering.verify(token), Principal)
    unknown = remembering.mint.mint(header={"kid": "another"})
    assert remembering.verify(unknown) is Reason.UNKNOWN_KEY
    assert remembering.verify(token) is Reason.SIGNATURE


def test_keys_that_are_too_old(remembering: Remembering, jwks_server: KeyServer, key: SigningKey) -> None:
    """A remembered token is served through an outage as long as its key is, and not a moment longer."""
    jwks_server.answer("/keys", {"keys": [key.public_jwk()]})
    remote(jwks_server, remembering, max_age=60, max_stale=30)
    token = remembering.mint.mint()
    remembered = remembering.remember(token)
    jwks_server.answer("/keys", status=500)
    remembering.monotonic = 59.0
    assert remembering.verify(token) is remembered
    remembering.monotonic = 91.0
    assert remembering.verify(token) is Reason.KEYS_UNAVAILABLE


def test_without_a_memory(key: SigningKey, tally: Counter[str]) -> None:
    """AXIOMS_TOKEN_CACHE_SIZE=0 remembers nothing: each time the principal is made anew."""
    from fastapi import FastAPI

    from axioms_fastapi import Issuer, init_axioms

    def principals(**settings: Any) -> list[Principal]:
        axioms = init_axioms(
            FastAPI(), issuers=[Issuer("https://i", "api", keys={"keys": [key.public_jwk()]})], **settings
        )
        token = Mint([key], "https://i", "api").mint().encode()

        async def ask() -> Principal:
            return await axioms.authenticate({"headers": [(b"authorization", b"Bearer " + token)]})

        return [asyncio.run(ask()) for _ in range(3)]

    _, second, third = principals(AXIOMS_TOKEN_CACHE_SIZE=0)
    assert second is not third
    _, second, third = principals()
    assert second is third
    tally["accepted"] += 6


HEADERS = [
    *(
        [b"Bearer %s"],
        [b"bearer %s"],
        [b"Bearer  %s"],
        [b"Bearer %s "],
        [b" Bearer %s"],
        [b"\tBearer %s\t"],
        [b"BEARER %s"],
    ),
    *(
        [b"Bearer\t%s"],
        [b"Bearer %s="],
        [b"Bearer =%s"],
        [b"Bearer %s,"],
        [b'Bearer "%s"'],
        [b"Bearer %s.", b"Bearer %s"],
    ),
    *(
        [b"Bearer %s", b"Bearer %s"],
        [b"Bearer %s", b""],
        [b"Bearer Bearer %s"],
        [b"Bearer%s"],
        [b"%s"],
        [b" %s"],
        [b"%s "],
    ),
    *(
        [b"Basic %s"],
        [b"Bearer %s\xe9"],
        [b"Bearer %s\0"],
        [b"Bearer ", b"%s"],
        [b"Bearer %s\r\n"],
        [b"Bearer: %s"],
        [],
    ),
]


@pytest.mark.parametrize("headers", HEADERS, ids=str)
@pytest.mark.parametrize("name", ["authorization", "x-token"])
def test_spellings_of_the_header(key: SigningKey, tally: Counter[str], headers: list[bytes], name: str) -> None:
    """In whatever form of header a remembered token comes, the answer is the one of an application that remembers nothing."""
    from fastapi import FastAPI

    from axioms_fastapi import Issuer, init_axioms

    token = Mint([key], "https://i", "api").mint({"sub": "alice"}).encode()
    scope = {"headers": [(name.encode(), value.replace(b"%s", token)) for value in headers]}
    plain = {"headers": [(name.encode(), token if name == "x-token" else b"Bearer " + token)]}

    def answers(size: int) -> list[str]:
        issuer = Issuer("https://i", "api", keys={"keys": [key.public_jwk()]})
        axioms = init_axioms(FastAPI(), issuers=[issuer], AXIOMS_TOKEN_HEADER=name, AXIOMS_TOKEN_CACHE_SIZE=size)

        async def answer(headers: dict[str, Any]) -> str:
            try:
                return (await axioms.authenticate(dict(headers))).subject
            except Refusal as refusal:
                return f"{refusal.status} {refusal.reason} {refusal.detail}"

        return [asyncio.run(answer(each)) for each in (plain, plain, plain, scope, scope, scope)]

    with_memory, without = answers(10), answers(0)
    assert with_memory == without
    tally["accepted"] += with_memory.count("alice")
    tally["refused"] += 6 - with_memory.count("alice")


@pytest.mark.parametrize("token", [b"a" * 20000, "é".encode(), b"\xff.b.c", b"", b"."])
def test_texts_that_are_no_tokens(remembering: Remembering, token: bytes) -> None:
    """Whatever is asked for is refused as it is without a memory."""
    with pytest.raises((InvalidToken, ProviderUnavailable)):
        asyncio.run(remembering.verifier.verify(token))
    assert len(remembering.cache) == 0
