"""The pipeline: what refuses first, what costs a fetch, and whose key verifies whose token."""

import asyncio
import logging
from typing import Any

import pytest

from axioms_fastapi.core.claims import ClaimRules
from axioms_fastapi.core.errors import InvalidToken, Reason
from axioms_fastapi.core.issuers import Issuers, TrustedIssuer
from axioms_fastapi.core.jwk import Algorithms, VerificationKey
from axioms_fastapi.core.principal import ClaimMapping, Principal
from axioms_fastapi.core.verifier import Verifier
from axioms_fastapi.forge import Mint, SigningKey
from one_issuer import ALGORITHMS, NOW, GivenKeys


class CountedKeys(GivenKeys):
    """Keys that are never at hand, and count how often they are asked."""

    def __init__(self, key: SigningKey) -> None:
        super().__init__({"keys": [key.public_jwk()]})
        self.asked = 0

    def at_hand(self, kid: str | None, algorithm: str) -> tuple[VerificationKey, ...]:
        return ()

    async def find(self, kid: str | None, algorithm: str) -> tuple[VerificationKey, ...]:
        self.asked += 1
        return await super().find(kid, algorithm)


class World:
    """Two issuers with one key each, under the same kid, and a verifier that trusts both."""

    def __init__(self) -> None:
        self.now = NOW
        self.keys = {name: SigningKey.generate("ES256", kid="same") for name in ("a", "b")}
        self.sources = {name: CountedKeys(key) for name, key in self.keys.items()}
        self.mints = {name: Mint([key], f"https://{name}.test", "api", self.clock) for name, key in self.keys.items()}
        self.verifier = Verifier(
            Issuers(self.issuer(name) for name in self.keys), max_token_size=4096, clock=self.clock
        )

    def clock(self) -> float:
        return self.now

    def issuer(self, name: str, **changes: Any) -> TrustedIssuer:
        url = f"https://{name}.test"
        values: dict[str, Any] = {
            "url": url,
            "algorithms": ALGORITHMS,
            "keys": self.sources[name],
            "rules": ClaimRules(url, frozenset({"api"}), leeway=0),
            "mapping": ClaimMapping(),
            "jwks_url": f"{url}/keys",
        }
        return TrustedIssuer(**values | changes)

    def verify(self, token: str) -> Principal:
        return asyncio.run(self.verifier.verify(token.encode()))

    def refusal(self, token: str) -> InvalidToken:
        with pytest.raises(InvalidToken) as error:
            self.verify(token)
        return error.value


@pytest.fixture
def world() -> World:
    return World()


def test_each_issuer(world: World) -> None:
    """A token of each trusted issuer verifies, and its principal names the issuer."""
    for name, mint in world.mints.items():
        assert world.verify(mint.mint()).issuer == f"https://{name}.test"


def test_keys_belong_to_their_issuer(world: World) -> None:
    """A key of one issuer never verifies another's token, under the same kid either (RFC 8725, section 3.8)."""
    forged = world.mints["a"].mint(key=world.keys["b"])
    assert world.refusal(forged).reason is Reason.SIGNATURE


@pytest.mark.parametrize(
    "iss",
    [
        "https://evil.test",
        "https://a.test/",
        "https://A.test",
        "https://a.test.evil",
        "https://x@a.test",
        ["https://a.test"],
        None,
        {},
        7,
    ],
    ids=str,
)
def test_foreign_issuer_costs_nothing(world: World, iss: Any) -> None:
    """An issuer that is not configured, to the letter, is refused before any keys are asked for."""
    assert world.refusal(world.mints["a"].mint({"iss": iss})).reason is Reason.ISSUER
    assert [source.asked for source in world.sources.values()] == [0, 0]


def test_slash_is_named(world: World) -> None:
    """An issuer that differs by its last slash alone is the most common mistake, and the log says so."""
    assert "slash" in world.refusal(world.mints["a"].mint({"iss": "https://a.test/"})).detail


@pytest.mark.parametrize(
    "header", [{"alg": "none"}, {"alg": "HS256"}, {"crit": ["x"]}, {"jwk": {}}, {"jku": "https://evil"}]
)
def test_cheap_refusals(world: World, header: dict[str, Any]) -> None:
    """A header that asks for what nobody may have is refused before any keys are asked for."""
    world.refusal(world.mints["a"].mint(header=header))
    assert world.sources["a"].asked == 0


def test_configured_jku(world: World) -> None:
    """A jku that names the configured key set is harmless; it is never fetched."""
    assert world.verify(world.mints["a"].mint(header={"jku": "https://a.test/keys"})).subject == "user123"


def test_issuers_own_algorithms(world: World) -> None:
    """An algorithm that this issuer may not use is refused, though we support it."""
    issuer = world.issuer("a", algorithms=Algorithms(frozenset({"RS256"})))
    world.verifier = Verifier(Issuers([issuer]), max_token_size=4096, clock=world.clock)
    assert world.refusal(world.mints["a"].mint()).reason is Reason.ALGORITHM


@pytest.mark.parametrize(
    ("header", "changes", "reason"),
    [
        ({"jku": "https://evil"}, {}, Reason.KEY_REFERENCE),
        ({}, {"algorithms": Algorithms(frozenset({"RS256"}))}, Reason.ALGORITHM),
    ],
    ids=str,
)
def test_header_of_a_tenants_token(world: World, header: dict[str, Any], changes: Any, reason: Reason) -> None:
    """An issuer that has to be looked for is as strict with a header, and no keys are asked for on account of a bad one."""
    tenant = world.issuer("a", **changes)

    async def resolver(url: str, known: TrustedIssuer | None) -> TrustedIssuer | None:
        return tenant if url == tenant.url else None

    world.verifier = Verifier(Issuers([], [resolver]), max_token_size=4096, clock=world.clock)
    for _ in range(2):  # when nobody knows the tenant yet, and when it is at hand
        assert world.refusal(world.mints["a"].mint(header=header)).reason is reason
    assert world.sources["a"].asked == 0


def test_source_without_keys(world: World) -> None:
    """A key source that gives no key, which it may not, lets nobody in."""

    async def find(kid: str | None, algorithm: str) -> tuple[VerificationKey, ...]:
        return ()

    world.sources["a"].find = find  # type: ignore[method-assign]
    assert world.refusal(world.mints["a"].mint()).reason is Reason.SIGNATURE


def test_signature_before_claims(world: World) -> None:
    """An unsigned token is told nothing of its claims: the signature speaks first."""
    forged = world.mints["a"].mint({"exp": 1}, key=world.keys["b"])
    assert world.refusal(forged).reason is Reason.SIGNATURE


def test_expiry_between_two_requests(world: World) -> None:
    """A token that was good expires with the clock."""
    token = world.mints["a"].mint({"exp": NOW + 10})
    assert world.verify(token)
    world.now += 10
    assert world.refusal(token).reason is Reason.EXPIRED


def test_every_bit_counts(world: World) -> None:
    """No single character of a token can be replaced by another."""
    token = world.mints["a"].mint({"sub": "alice"})
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    for position, char in enumerate(token):
        if char != ".":
            other = alphabet[(alphabet.index(char) + 1) % 64]
            world.refusal(token[:position] + other + token[position + 1 :])


def test_no_token_in_the_log(world: World, caplog: pytest.LogCaptureFixture) -> None:
    """Whatever happens, neither a token nor a claim is logged, at any level."""
    caplog.set_level(logging.DEBUG)
    token = world.mints["a"].mint({"sub": "alice@example.com"})
    world.verify(token)
    world.refusal(token[:-4] + "AAAA")
    assert token.rpartition(".")[2] not in caplog.text
    assert "alice" not in caplog.text
