"""Whatever is sent: a principal or one of our own errors, and never a principal for a token that nobody signed."""

import asyncio
import base64
import json
from dataclasses import fields
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from axioms_fastapi.core.bearer import bearer_token, challenge
from axioms_fastapi.core.claims import ClaimRules
from axioms_fastapi.core.errors import Refusal
from axioms_fastapi.core.issuers import Issuers, TrustedIssuer
from axioms_fastapi.core.jwk import Algorithms
from axioms_fastapi.core.keys import StaticKeys
from axioms_fastapi.core.principal import ClaimMapping, Principal
from axioms_fastapi.core.signatures import SUPPORTED_ALGORITHMS
from axioms_fastapi.core.token_cache import TokenCache
from axioms_fastapi.core.verifier import Verifier
from axioms_fastapi.forge import Mint, SigningKey
from conformance.oracle import is_lawful

ALGORITHMS = Algorithms(SUPPORTED_ALGORITHMS)
KEY = SigningKey.generate("ES256", kid="k")
ISSUER = TrustedIssuer(
    url="https://i",
    algorithms=ALGORITHMS,
    keys=StaticKeys.parse({"keys": [KEY.public_jwk()]}, ALGORITHMS),
    rules=ClaimRules("https://i", frozenset({"api"})),
    mapping=ClaimMapping(),
)
VERIFIER = Verifier(Issuers([ISSUER]), max_token_size=4096, cache=TokenCache(100, 60.0))
MINT = Mint([KEY], "https://i", "api")
GOOD = MINT.mint({"sub": "alice"})

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
claim_names = st.sampled_from(
    [
        "iss",
        "sub",
        "aud",
        "exp",
        "nbf",
        "iat",
        "jti",
        "scope",
        "scp",
        "roles",
        "permissions",
        "client_id",
        "typ",
        "cnf",
        "items",
    ]
)
header_names = st.sampled_from(["alg", "kid", "typ", "crit", "b64", "jwk", "jku", "x5c", "cty", "zip"])


def outcome(value: bytes) -> Principal | Refusal:
    """What a header value comes to; an answer can be made of every refusal. Anything else that is raised fails the test."""
    try:
        principal = asyncio.run(VERIFIER.verify(bearer_token([value])))
        assert is_lawful(value.partition(b" ")[2].strip(b" ").decode())
        # What is read when it is asked for can be read: a handler that asks must not be the first to find out.
        read = {field.name: getattr(principal, field.name) for field in fields(principal)}
        assert read["claims"]["iss"] == read["issuer"] == "https://i"
        return principal
    except Refusal as refusal:
        answer = challenge(refusal, "https://i")
        assert answer.status in {400, 401}
        assert all(text.isascii() and text.isprintable() and len(text) < 2048 for text in answer.headers.values())
        return refusal


def encode(value: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


# A loaded machine is slow, and that is no fault of a token.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")

pytestmark = pytest.mark.conformance("24", "26", "42", "43", "56", "A20", "A26", "A29", "A34", "A45", "A72", "A81")


def test_good_token() -> None:
    """The token that the others are variations of is good."""
    assert isinstance(outcome(f"Bearer {GOOD}".encode()), Principal)


@given(st.binary(max_size=300))
@example(b"Bearer " + b"." * 3000)
def test_any_header(value: bytes) -> None:
    """Any bytes as the header are refused."""
    assert isinstance(outcome(value), Refusal)


@given(st.text(alphabet="abcXYZ019-_.=+/ ", max_size=200))
def test_any_credentials(text: str) -> None:
    """Any text after Bearer is refused."""
    assert isinstance(outcome(b"Bearer " + text.encode()), Refusal)


@given(st.integers(0, len(GOOD) - 1), st.binary(min_size=1, max_size=3))
def test_any_change(position: int, other: bytes) -> None:
    """A good token with anything put in place of one of its characters is refused, unless it is the same token."""
    changed = GOOD.encode()[:position] + other + GOOD.encode()[position + 1 :]
    accepted = isinstance(outcome(b"Bearer " + changed), Principal)
    assert accepted == (changed.strip(b" \t") == GOOD.encode())


@given(st.dictionaries(header_names, json_values), json_values | st.dictionaries(claim_names, json_values))
def test_any_unsigned_parts(header: dict[str, Any], payload: Any) -> None:
    """Any header and payload without a signature are refused."""
    assert isinstance(outcome(f"Bearer {encode(header)}.{encode(payload)}.AAAA".encode()), Refusal)


@settings(max_examples=300)
@given(st.dictionaries(claim_names, json_values))
def test_any_signed_claims(claims: dict[str, Any]) -> None:
    """Any claims that the issuer signs are a principal with proper sets, or are refused."""
    result = outcome(f"Bearer {MINT.mint(claims)}".encode())
    if isinstance(result, Principal):
        assert result.issuer == "https://i"
        assert isinstance(result.subject, str)
        assert result.subject
        for names in (result.scopes, result.roles, result.permissions):
            assert isinstance(names, frozenset)
            assert all(isinstance(name, str) and name for name in names)
        json.dumps(result.claims)


@given(st.dictionaries(header_names, json_values))
def test_any_signed_header(header: dict[str, Any]) -> None:
    """Any header parameters under a good signature are accepted as the token's own, or refused."""
    result = outcome(f"Bearer {MINT.mint({'sub': 'alice'}, header=header)}".encode())
    if isinstance(result, Principal):
        assert header.get("alg", "ES256") == "ES256"
        assert not {"crit", "b64", "jwk", "x5c", "zip"} & header.keys()


@pytest.mark.parametrize("depth", [10, 31, 33, 200, 900, 5000])
def test_depth(depth: int) -> None:
    """Claims nested to any depth are accepted and can be written again, or refused."""
    deep: Any = "x"
    for _ in range(min(depth, 900)):
        deep = [deep]
    raw = json.dumps(MINT.claims({"deep": deep}))
    if depth > 900:
        raw = raw.replace('"x"', "[" * (depth - 900) + '"x"' + "]" * (depth - 900))
    token = KEY.sign({"alg": "ES256", "kid": "k"}, raw.encode())
    verifier = Verifier(Issuers([ISSUER]), max_token_size=100_000)
    try:
        json.dumps(asyncio.run(verifier.verify(token.encode())).claims)
        assert depth < 32
    except Refusal:
        assert depth >= 31
