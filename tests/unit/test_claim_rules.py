"""The rules of one issuer: what each field of them demands, and what the log is told."""

from typing import Any

import pytest

from axioms_fastapi.core.claims import ClaimRules
from axioms_fastapi.core.errors import InvalidToken, Reason

NOW = 1_700_000_000
GOOD = {"iss": "https://i", "aud": "api", "sub": "alice", "exp": NOW + 60}


def rules(**fields: Any) -> ClaimRules:
    return ClaimRules("https://i", frozenset({"api", "api2"}), **{"leeway": 0, **fields})


def refusal(rules: ClaimRules, claims: dict[str, Any], typ: str = "") -> tuple[Reason, str] | None:
    """Why the claims are refused, for metrics and for the log."""
    try:
        assert rules.check(typ, claims, NOW) == claims
    except InvalidToken as error:
        return error.reason, error.detail
    return None


def test_defaults() -> None:
    """Nothing is relaxed unless it is said."""
    assert rules(leeway=30.0) == ClaimRules("https://i", frozenset({"api2", "api"}))
    default = ClaimRules("https://i", frozenset({"api"}))
    assert (default.audience_claim, default.required, dict(default.exact), default.one_of) == ("aud", ("sub",), {}, ())
    assert (default.token_types, default.leeway) == ({"at+jwt", "jwt", ""}, 30.0)
    assert (default.may_lack_audience, default.are_id_tokens) == (False, False)


@pytest.mark.parametrize(
    ("change", "reason", "detail"),
    [
        ({"at_hash": "x"}, Reason.KIND, "it has claims of an ID token, a logout token or a security event"),
        ({"token_use": "id"}, Reason.KIND, "its token_use is not access"),
        ({"typ": "ID"}, Reason.KIND, "its typ claim says that it is no access token"),
        ({"cnf": {}}, Reason.SENDER_CONSTRAINED, "it is bound to a key and was sent as a bearer token"),
        ({"iss": "https://secret"}, Reason.ISSUER, ""),
        ({"aud": "secret"}, Reason.AUDIENCE, "its aud names none of api, api2"),
        ({"sub": None}, Reason.MISSING_CLAIM, "sub is required"),
        ({"sub": 7}, Reason.INVALID_CLAIM, "sub is not a text"),
        ({"jti": ""}, Reason.INVALID_CLAIM, "jti is not a text"),
        ({"exp": "secret"}, Reason.INVALID_CLAIM, "exp is not a date"),
        ({"nbf": "secret"}, Reason.INVALID_CLAIM, "nbf is not a date"),
        ({"iat": "secret"}, Reason.INVALID_CLAIM, "iat is not a date"),
        ({"nbf": NOW + 1}, Reason.NOT_YET_VALID, "nbf lies in the future"),
        ({"iat": NOW + 1}, Reason.NOT_YET_VALID, "iat lies in the future"),
        ({"exp": NOW}, Reason.EXPIRED, ""),
    ],
    ids=str,
)
def test_why_a_token_is_refused(change: dict[str, Any], reason: Reason, detail: str) -> None:
    """The log is told what is wrong with a token, in our words and the configuration's."""
    assert refusal(rules(), GOOD | change) == (reason, detail)


def test_why_a_type_or_an_expiry_is_refused() -> None:
    """So it is of what is missing, and of the header's type."""
    without = {name: value for name, value in GOOD.items() if name != "exp"}
    assert refusal(rules(), without) == (Reason.MISSING_CLAIM, "exp is required")
    assert refusal(rules(), GOOD, "logout+jwt") == (Reason.TYPE, "the header's typ is not an accepted one")


@pytest.mark.parametrize("claim", ["at_hash", "c_hash", "s_hash", "events"])
def test_claims_of_id_tokens(claim: str) -> None:
    """What ID tokens alone have is allowed where a preset says that they are the credential, and nowhere else."""
    assert refusal(rules(are_id_tokens=True), GOOD | {claim: "x"}) is None
    assert (refusal(rules(), GOOD | {claim: "x"}) or [None])[0] is Reason.KIND


@pytest.mark.parametrize("kind", ["id", "ID", "refresh", "Offline", "logout"])
def test_kinds_in_the_payload(kind: str) -> None:
    """A token that says of itself that it is of another kind is one, in whatever letters."""
    assert (refusal(rules(), GOOD | {"typ": kind}) or [None])[0] is Reason.KIND


def test_one_of() -> None:
    """Of the claims that access tokens of an issuer have, one is there and not empty; which, does not matter."""
    either = rules(one_of=("client_id", "scp"))
    for claims in ({"client_id": "c"}, {"scp": ["a"]}, {"client_id": "", "scp": "a"}, {"client_id": "c", "scp": "a"}):
        assert refusal(either, GOOD | claims) is None
    for claims in ({}, {"client_id": ""}, {"scp": []}, {"client_id": None, "scp": 0}, {"Client_id": "c"}):
        assert refusal(either, GOOD | claims) == (
            Reason.KIND,
            "it lacks what access tokens of its issuer have: client_id or scp",
        )


def test_exact() -> None:
    """A claim that must have one value has that value, and no other, and is not missing."""
    exact = rules(exact={"use": "access", "ver": "2.0"})
    assert refusal(exact, GOOD | {"use": "access", "ver": "2.0"}) is None
    for claims in ({}, {"use": "id", "ver": "2.0"}, {"use": "Access", "ver": "2.0"}, {"ver": "2.0"}):
        assert refusal(exact, GOOD | claims) == (Reason.KIND, "use is not access")
    assert refusal(exact, GOOD | {"use": "access", "ver": 2.0}) == (Reason.KIND, "ver is not 2.0")


def test_audience_that_may_be_missing() -> None:
    """Where a token may lack its audience, one that is there is right all the same; elsewhere it is never missing."""
    without = {name: value for name, value in GOOD.items() if name != "aud"}
    refused = (Reason.AUDIENCE, "its aud names none of api, api2")
    assert refusal(rules(may_lack_audience=True), without) is None
    assert refusal(rules(may_lack_audience=True), GOOD) is None
    for audience in ("other", None, [], {}, 7, ["api", 7]):
        assert refusal(rules(may_lack_audience=True), GOOD | {"aud": audience}) == refused
    assert refusal(rules(), without) == refused


@pytest.mark.parametrize(
    ("configured", "audience", "detail"),
    [
        ("https://api/", "https://api", "its aud differs from https://api/ by a slash at its end alone"),
        ("https://api", "https://api/", "its aud differs from https://api by a slash at its end alone"),
        ("https://api", ["x", "https://api/"], "its aud differs from https://api by a slash at its end alone"),
        ("https://api", "https://api//", "its aud names none of b, https://api"),
        ("https://api", ["https://api", 7], "its aud names none of b, https://api"),
        ("https://api", None, "its aud names none of b, https://api"),
    ],
    ids=str,
)
def test_audience_but_for_a_slash(configured: str, audience: object, detail: str) -> None:
    """A slash makes another audience, and the log says so: it is the first thing that people get wrong."""
    strict = ClaimRules("https://i", frozenset({configured, "b"}), leeway=0)
    assert refusal(strict, GOOD | {"aud": audience}) == (Reason.AUDIENCE, detail)


def test_audience_in_another_claim() -> None:
    """An audience claim of another name is the one that counts, and the log names it."""
    client = rules(audience_claim="client_id")
    assert refusal(client, GOOD | {"aud": "other", "client_id": "api"}) is None
    assert refusal(client, GOOD) == (Reason.AUDIENCE, "its client_id names none of api, api2")


@pytest.mark.parametrize(
    ("claims", "begins"),
    [
        ({}, 0),
        ({"nbf": 900}, 900),
        ({"iat": 800}, 800),
        ({"nbf": 900, "iat": 800}, 900),
        ({"nbf": 700, "iat": 800}, 800),
        ({"nbf": 0}, 0),
        ({"iat": 0}, 0),
    ],
    ids=str,
)
def test_validity(claims: dict[str, Any], begins: int) -> None:
    """Proven claims hold from the later of nbf and iat until exp, the leeway added at both ends."""
    lenient = rules(leeway=30)
    proven = lenient.check("", GOOD | claims, NOW)
    assert lenient.validity(proven) == (begins - 30, NOW + 90)
    assert rules().validity(proven) == (begins, NOW + 60)
