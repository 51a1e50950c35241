"""RFC 6750 both ways, without a server."""

import pytest

from axioms_fastapi.core.bearer import Challenge, bearer_token, challenge
from axioms_fastapi.core.errors import (
    AuthenticationRequired,
    InsufficientScope,
    InvalidRequest,
    InvalidToken,
    ProviderUnavailable,
    Reason,
)


@pytest.mark.parametrize("value", [b"Bearer abc", b"bearer   abc", b" Bearer abc \t", b"BEARER abc"])
def test_token(value: bytes) -> None:
    """The token is what follows the scheme, without the white space around it."""
    assert bearer_token([value]) == "abc"


@pytest.mark.parametrize("value", [b"", b"Basic abc", b"Bearerabc", b"BearerX abc", b"abc", b"Token Bearer"])
def test_other_schemes(value: bytes) -> None:
    """Another scheme is no bearer token at all."""
    with pytest.raises(AuthenticationRequired):
        bearer_token([value])


@pytest.mark.parametrize(
    "value",
    [
        b"Bearer",
        b"Bearer  ",
        b"Bearer ===",
        b"Bearer a b",
        b"Bearer a,b",
        b"Bearer\tabc",
        b"Bearer:abc",
        b"Bearer,abc",
        b"Bearer a\tb",
        b"Bearer a\x00b",
        b"Bearer a\r\nb",
        b"Bearer \xc3\xa9",
        b"Bearer a=b",
        b"Bearer a%3D",
        b"Basic \xff",
        b'Bearer "abc"',
    ],
)
def test_malformed(value: bytes) -> None:
    """What is no b64token after Bearer, or no header text at all, is malformed (section 2.1)."""
    with pytest.raises(InvalidRequest):
        bearer_token([value])


def test_challenge_of_a_scope() -> None:
    """A challenge names realm, error, description and scope, once each."""
    answer = challenge(
        InsufficientScope("Insufficient scope", reason=Reason.SCOPE, required_scopes=("a", "b:c")), "https://issuer"
    )
    assert answer.headers["WWW-Authenticate"] == (
        'Bearer realm="https://issuer", error="insufficient_scope", error_description="Insufficient scope", scope="a b:c"'
    )


def test_nothing_leaves_the_quotes() -> None:
    """Quotes, backslashes, line ends and other scripts in a description are replaced in the header, and stay in the body."""
    hostile = 'a"\\\r\nX-Evil: é中\0'
    answer = challenge(InsufficientScope(hostile, reason=Reason.SCOPE, required_scopes=('x"y', "ü z")), 'r"ealm')
    assert answer.headers["WWW-Authenticate"] == (
        'Bearer realm="r?ealm", error="insufficient_scope", error_description="a????X-Evil: ???", scope="x?y ??z"'
    )
    assert answer.body["error_description"] == hostile


def test_long_lists_are_cut() -> None:
    """A header stays under 2 KB, however many scopes a guard names: proxies drop longer ones."""
    scopes = [f"resource{number}:read" for number in range(500)]
    answer = challenge(
        InsufficientScope(", ".join(scopes), reason=Reason.SCOPE, required_scopes=scopes), "https://issuer.example.com"
    )
    header = answer.headers["WWW-Authenticate"]
    assert len(header) < 2048
    assert set(header.partition('scope="')[2].rstrip('"').split(" ")) <= set(scopes)


def test_constructor_refuses_injection() -> None:
    """A challenge with a line end in a header cannot be made."""
    with pytest.raises(ValueError, match="WWW-Authenticate"):
        Challenge(401, {"WWW-Authenticate": "Bearer\r\nX: y"}, {})


def test_unavailable_has_no_challenge() -> None:
    """Missing keys ask the client to come back, not for another token."""
    answer = challenge(ProviderUnavailable(retry_after=3), "https://issuer")
    assert (answer.status, dict(answer.headers)) == (503, {"Cache-Control": "no-store", "Retry-After": "3"})


@pytest.mark.parametrize("reason", sorted(set(Reason) - {Reason.EXPIRED}))
def test_one_sentence_for_every_reason(reason: Reason) -> None:
    """But for expiry, a refused token is told nothing that depends on the reason."""
    assert challenge(InvalidToken(reason, detail="secret"), "r") == challenge(InvalidToken(Reason.SIGNATURE), "r")
