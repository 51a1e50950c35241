"""Beside two other libraries: a token that PyJWT and joserfc both refuse is never accepted here."""

import base64
import json
import time
import warnings
from collections.abc import Callable
from typing import Any

import jwt
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from joserfc import jws
from joserfc.errors import JoseError, SecurityWarning
from joserfc.jwk import KeySet as JoserfcKeySet
from joserfc.jws import JWSRegistry

from axioms_fastapi import InvalidToken
from axioms_fastapi.core.jose import verify_compact
from axioms_fastapi.forge import SigningKey

KEYS = {alg: SigningKey.generate(alg, kid=alg) for alg in ("ES256", "EdDSA", "PS256", "RS256", "ES384")}
JWKS = {"keys": [key.public_jwk() for key in KEYS.values()]}
ALGORITHMS = list(KEYS)

pytestmark = pytest.mark.conformance(
    "22", "23", "24", "26", "27", "28", "33", "35", "42", "A1", "A5", "A9", "A20", "A22"
)


def accepts_pyjwt(token: str) -> bool:
    """PyJWT's verdict on the signature, with the key that the header names."""
    try:
        header = jwt.get_unverified_header(token)
        key = jwt.PyJWKSet.from_dict(JWKS)[header["kid"]]
        jwt.PyJWS(options={"enforce_minimum_key_length": True}).decode(token, key, algorithms=ALGORITHMS)
    except (jwt.PyJWTError, KeyError, ValueError, TypeError, RecursionError, AttributeError):
        return False
    return True


def accepts_joserfc(token: str) -> bool:
    """Joserfc's verdict on the signature."""
    registry = JWSRegistry(algorithms=ALGORITHMS, strict_check_header=False)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SecurityWarning)  # it calls EdDSA by its newer name
            jws.deserialize_compact(token, JoserfcKeySet.import_key_set(JWKS), registry=registry)  # type: ignore[arg-type]
    except (JoseError, KeyError, ValueError, TypeError, RecursionError, AttributeError):
        return False
    return True


def accepts(token: str) -> bool:
    """Our verdict."""
    try:
        verify_compact(token, JWKS)
    except InvalidToken:
        return False
    return True


def encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)
header_names = st.sampled_from(
    ["alg", "kid", "typ", "crit", "b64", "jwk", "jku", "x5c", "x5t", "cty", "zip", "enc", "x"]
)
header_values = json_values | st.sampled_from([*ALGORITHMS, "none", "HS256", "JWT", "at+jwt", ["b64"], ["x"]])


@st.composite
def tokens(draw: st.DrawFn) -> str:
    """Tokens that are good, or good but for what was changed before or after they were signed."""
    key = KEYS[draw(st.sampled_from(ALGORITHMS))]
    header = {**key.header, **draw(st.dictionaries(header_names, header_values, max_size=2))}
    protected = json.dumps(header).encode()
    payload = json.dumps({"sub": "alice", "x": draw(json_values)}).encode()
    if draw(st.booleans()):
        protected, payload = draw(st.tuples(mangled(protected), mangled(payload)))
    token = key.sign_raw(protected, payload)
    return draw(st.just(token) | changed(token))


def mangled(text: bytes) -> st.SearchStrategy[bytes]:
    """JSON that is the same, not quite, or not at all."""
    return st.sampled_from(
        [
            text,
            b" " + text + b"\n",
            text[:-1] + b',"sub":"bob"}',
            text[:-1] + b',"alg":"none"}',
            text[:-1] + b',"x":NaN}',
            text + b"{}",
            b"[" + text + b"]",
            text.replace(b'"', b"'"),
            text[:-1],
            b"",
        ]
    )


def changed(token: str) -> st.SearchStrategy[str]:
    """The token with a character, a segment or its signature changed."""
    head, payload, signature = token.split(".")
    characters = st.sampled_from("AQgw0_-.=+/ \n\0é")
    replaced = st.tuples(st.integers(0, len(token) - 1), characters).map(
        lambda change: token[: change[0]] + change[1] + token[change[0] + 1 :]
    )
    inserted = st.tuples(st.integers(0, len(token)), characters).map(
        lambda change: token[: change[0]] + change[1] + token[change[0] :]
    )
    signatures = st.binary(max_size=132).map(lambda data: f"{head}.{payload}.{encode(data)}")
    whole = st.sampled_from(
        [
            f"{payload}.{head}.{signature}",
            f"{head}.{payload}.",
            f"{head}..{signature}",
            f"{head}.{payload}",
            f"{head}.{payload}.{signature}.",
            f"{head}.{payload}.{signature}.{signature}",
            json.dumps({"payload": payload, "protected": head, "signature": signature}),
        ]
    )
    return replaced | inserted | signatures | whole


@settings(max_examples=600, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(tokens())
def test_never_alone(token: str) -> None:
    """What is accepted here is accepted by PyJWT or by joserfc."""
    if accepts(token):
        assert accepts_pyjwt(token) or accepts_joserfc(token)


def test_good_tokens() -> None:
    """All three accept a good token of each algorithm: the comparison is of libraries that work."""
    for key in KEYS.values():
        token = key.sign_claims({"sub": "alice"})
        assert (accepts(token), accepts_pyjwt(token), accepts_joserfc(token)) == (True, True, True)


claim_names = st.sampled_from(["iss", "aud", "exp", "nbf", "iat", "sub", "jti"])
NOW = int(time.time())
claim_values = json_values | st.sampled_from(
    [NOW - 100, NOW + 1000, NOW + 0.5, -1, 0, "https://i", "api", ["api"], ["api", "x"], ["https://i"], "alice", True]
)


@settings(max_examples=600, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.dictionaries(claim_names, claim_values, max_size=3), st.sets(claim_names, max_size=2))
def test_claims_never_alone(changes: dict[str, Any], omitted: set[str]) -> None:
    """Claims that are accepted here are accepted by PyJWT, which checks the same registered claims."""
    claims = {
        "iss": "https://i",
        "aud": "api",
        "exp": NOW + 3600,
        "nbf": NOW,
        "iat": NOW,
        "sub": "a",
        "jti": "j",
    } | changes
    token = KEYS["ES256"].sign_claims({name: value for name, value in claims.items() if name not in omitted})
    if _accepts_claims(token):
        jwt.decode(
            token,
            jwt.PyJWK.from_dict(KEYS["ES256"].public_jwk()),
            algorithms=["ES256"],
            audience="api",
            issuer="https://i",
            leeway=1,
            options={"require": ["exp", "iss", "aud", "sub"]},
        )


def _verifier() -> Callable[[str], bool]:
    import asyncio

    from axioms_fastapi.core.claims import ClaimRules
    from axioms_fastapi.core.issuers import Issuers, TrustedIssuer
    from axioms_fastapi.core.jwk import Algorithms
    from axioms_fastapi.core.keys import StaticKeys
    from axioms_fastapi.core.principal import ClaimMapping
    from axioms_fastapi.core.signatures import SUPPORTED_ALGORITHMS
    from axioms_fastapi.core.verifier import Verifier

    algorithms = Algorithms(SUPPORTED_ALGORITHMS)
    issuer = TrustedIssuer(
        url="https://i",
        algorithms=algorithms,
        keys=StaticKeys.parse(JWKS, algorithms),
        rules=ClaimRules("https://i", frozenset({"api"}), leeway=0),
        mapping=ClaimMapping(),
    )
    verifier = Verifier(Issuers([issuer]), max_token_size=16384)

    def accepted(token: str) -> bool:
        try:
            asyncio.run(verifier.verify(token.encode()))
        except InvalidToken:
            return False
        return True

    return accepted


_accepts_claims = _verifier()
