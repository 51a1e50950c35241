"""A3: the modes, and that a seed repeats them."""

import json
import math

import pytest
from starlette.testclient import TestClient

from axioms_fastapi.forge import ForgeKeys, create_app
from axioms_fastapi.forge.modes.grammar_rules import CLAIM_RULES, HEADER_RULES
from axioms_fastapi.forge.modes.malicious import PAYLOADS
from axioms_fastapi.forge.options import GRAMMAR, MALICIOUS
from reading_tokens import claims_of, header_of


@pytest.fixture(scope="module")
def client():
    """A forge that signs fast, because these tests ask for many tokens."""
    keys = ForgeKeys.generate("EdDSA")
    with TestClient(create_app("https://issuer.test", keys, clock=lambda: 1_700_000_000)) as client:
        yield client


PERSON = {
    "profile": {
        *("name", "given_name", "family_name", "middle_name", "nickname", "preferred_username", "profile"),
        *("picture", "website", "gender", "birthdate", "zoneinfo", "locale", "updated_at"),
    },
    "email": {"email", "email_verified"},
    "address": {"address"},
    "phone": {"phone_number", "phone_number_verified"},
}
GIVEN = {"sub": "alice", "roles": ["user"], "scope": "read", "exp": 1_700_000_060, "email": "a@example.com"}


def ask(client, seed=None, **request):
    query = "" if seed is None else f"?seed={seed}"
    return client.post(f"/token{query}", json=request)


class TestFake:
    @pytest.mark.parametrize("scope", PERSON)
    def test_scope(self, client, scope):
        """Each scope adds the claims of a person that it asks for, and no others."""
        claims = claims_of(ask(client, scope=f"openid {scope}"))
        plain = claims_of(ask(client, scope="openid"))
        assert claims.keys() - plain.keys() == PERSON[scope]

    def test_values(self, client):
        """The person's claims have the types of OpenID Connect Core section 5.1."""
        claims = claims_of(ask(client, scope="PROFILE email address phone"))
        assert claims["name"] == f"{claims['given_name']} {claims['family_name']}"
        assert claims["updated_at"] == 1_700_000_000
        assert type(claims["email_verified"]) is type(claims["phone_number_verified"]) is bool
        assert claims["address"].keys() == {"street_address", "locality", "region", "postal_code", "country"}
        assert claims["phone_number"].startswith("+1")
        assert "@example." in claims["email"]

    def test_given_values_win(self, client):
        """A claim that the request gives is not made up."""
        claims = claims_of(ask(client, scope="email profile", email="given@example.com", name=None))
        assert (claims["email"], claims["name"]) == ("given@example.com", None)

    def test_plain(self, client):
        """Mode plain makes nobody up."""
        claims = claims_of(ask(client, mode="plain", scope="profile email"))
        assert not claims.keys() & (PERSON["profile"] | PERSON["email"])


class TestSeed:
    @pytest.mark.parametrize("mode", ["fake", "fuzz", "malicious", "grammar", "plain"])
    def test_same_seed_same_token(self, client, mode):
        """With a seed, header and payload are the same to the byte; with another they differ."""
        request = {"mode": mode, "scope": "profile email", "sub": "alice", "roles": ["a"], "header_kid": "k"}
        tokens = [ask(client, seed, **request).json()["access_token"].split(".")[:2] for seed in (7, 7, 8)]
        assert tokens[0] == tokens[1] != tokens[2]

    def test_without_a_seed(self, client):
        """Without a seed, no two people are the same."""
        names = {claims_of(ask(client, scope="profile"))["birthdate"] for _ in range(10)}
        assert len(names) > 1


class TestFuzz:
    def test_few_given_claims_change(self, client):
        """One to three of the given claims change, of each number some time; defaults never do."""
        counts = set()
        for seed in range(40):
            claims = claims_of(ask(client, seed, mode="fuzz", **GIVEN))
            changed = {name for name, value in GIVEN.items() if json.dumps(claims[name]) != json.dumps(value)}
            counts.add(len(changed))
            assert (claims["iss"], claims["aud"]) == ("https://issuer.test", "https://api.example.com")
        assert counts == {1, 2, 3}

    @pytest.mark.parametrize("protected", ["iss", "jti"])
    def test_always_protected(self, client, protected):
        """Iss and jti stay as they were given."""
        for seed in range(10):
            assert claims_of(ask(client, seed, mode="fuzz", **{protected: "given"}))[protected] == "given"

    def test_exclude(self, client):
        """Excluded claims and header parameters stay, these as header.alg or header_alg."""
        for seed in range(10):
            response = ask(
                client,
                seed,
                mode="fuzz",
                body={"sub": "alice", "exp": 1},
                header={"alg": "RS256", "kid": "k"},
                exclude=["exp", "sub", "header.alg", "header_kid"],
            )
            assert (claims_of(response)["sub"], claims_of(response)["exp"]) == ("alice", 1)
            assert header_of(response) == {"alg": "RS256", "typ": "JWT", "kid": "k"}

    def test_every_given_header_parameter(self, client):
        """All given parameters are fuzzed, with attacks for alg and a shape for jwk; those not given are not."""
        algs = set()
        for seed in range(60):
            header = header_of(ask(client, seed, mode="fuzz", header={"alg": "RS256", "jwk": {"kty": "RSA"}}))
            algs.add(header["alg"])
            assert header["jwk"].keys() == {"kty", "kid"}
            assert (header["typ"], header["kid"]) == ("JWT", "okp-key-1")
        assert {"none", "HS256"} <= algs

    def test_values_of_every_type(self, client):
        """Strings, numbers, truth values, null, lists, objects, infinities and NaN all come up."""
        values = [claims_of(ask(client, seed, mode="fuzz", sub="alice"))["sub"] for seed in range(400)]
        assert {type(value) for value in values} >= {str, int, float, bool, type(None), list, dict}
        assert any(isinstance(value, float) and math.isnan(value) for value in values)
        assert any(value == ["x"] * 1000 for value in values)

    def test_nothing_to_fuzz(self, client):
        """A request without claims gets the defaults."""
        assert claims_of(ask(client, mode="fuzz"))["sub"] == "user123"


class TestMalicious:
    @pytest.mark.parametrize(("category", "number"), list(zip(MALICIOUS, (5, 5, 3, 4, 2, 2, 1, 3, 1, 1), strict=True)))
    def test_category(self, client, category, number):
        """Each category has as many payloads as JWTForge's, and every one can come."""
        assert len(PAYLOADS[category]) == number
        came = {
            claims_of(ask(client, seed, mode="malicious", malicious_category=category, sub="alice"))["sub"]
            for seed in range(8 * number)
        }
        assert came == set(PAYLOADS[category])

    @pytest.mark.parametrize("mode", ["malicious", "malcious"])
    def test_any_category(self, client, mode):
        """Without a category payloads of several come; JWTForge's misspelling is understood."""
        payloads = {text: category for category, texts in PAYLOADS.items() for text in texts}
        came = {payloads[claims_of(ask(client, seed, mode=mode, sub="alice"))["sub"]] for seed in range(30)}
        assert len(came) > 3

    def test_header(self, client):
        """Alg is none about every other time, and jwk has the shape of a key."""
        headers = [
            header_of(ask(client, seed, mode="malicious", header={"alg": "RS256", "jwk": {}})) for seed in range(60)
        ]
        assert 10 < sum(header["alg"] == "none" for header in headers) < 50
        assert all(header["jwk"].keys() == {"kty", "kid", "use"} for header in headers)


class TestGrammar:
    @pytest.mark.parametrize("claim", CLAIM_RULES)
    def test_claim(self, client, claim):
        """Without a category, a claim with a rule has a value of the first category that its rule has."""
        rule = CLAIM_RULES[claim]
        first = next(name for name in GRAMMAR if name in rule)
        fixed = [value for value in rule[first] if isinstance(value, str | list | bool)]
        claims = claims_of(ask(client, 1, mode="grammar", body={claim: "trigger"}))
        assert claims[claim] != "trigger"
        if len(fixed) == len(rule[first]):
            assert claims[claim] in fixed

    @pytest.mark.parametrize("name", [name for name in HEADER_RULES if name != "crit"])
    def test_header(self, client, name):
        """A header parameter with a rule has a value of it, in the mode's misspelling too."""
        response = ask(client, 1, mode="grammer", header={name: "trigger"}, body={})
        assert header_of(response)[name] != "trigger"

    @pytest.mark.parametrize("category", GRAMMAR)
    def test_category(self, client, category):
        """A category is used where the rule has it; elsewhere the rule's first one."""
        response = ask(
            client, 1, mode="grammar", grammar_category=category, body={"sub": "x", "exp": 1, "roles": ["x"]}
        )
        assert response.status_code == 200

    def test_type_variations_of_typ(self, client):
        """type_variations reaches typ, which JWTForge's spelling of it does not."""
        types = {
            type(
                header_of(ask(client, seed, mode="grammar", grammar_category="typeVariations", header={"typ": "x"}))[
                    "typ"
                ]
            )
            for seed in range(40)
        }
        assert {int, bool, list, dict} <= types

    def test_others_stay(self, client):
        """Claims without a rule, protected ones and excluded ones stay as they were given."""
        given = {"custom": 1, "iss": "https://i.test", "jti": "j", "sub": "alice"}
        assert given.items() <= claims_of(ask(client, mode="grammar", exclude=["sub"], body=given)).items()

    def test_moments_follow_the_clock(self, client):
        """A valid exp is in the future of the forge's clock."""
        assert claims_of(ask(client, 3, mode="grammar", exp=0))["exp"] > 1_700_000_000
