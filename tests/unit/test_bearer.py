"""RFC 6750 both ways, without a server."""

from dataclasses import FrozenInstanceError
from typing import Any

import pytest

from axioms_fastapi.core.bearer import Challenge, bare_token, bearer_token, challenge
from axioms_fastapi.core.errors import (
    AccessDenied,
    AuthenticationRequired,
    InsufficientScope,
    InvalidRequest,
    InvalidToken,
    ProviderUnavailable,
    Reason,
    Refusal,
)


@pytest.mark.parametrize("value", [b"Bearer abc", b"bearer   abc", b" Bearer abc \t", b"BEARER abc"])
def test_token(value: bytes) -> None:
    """The token is what follows the scheme, without the white space around it."""
    assert bearer_token([value]) == b"abc"


@pytest.mark.parametrize("token", [b"X", b"XabcX", b"abc=", b"abc==", b"a.b-c_d~e+f/g=", b"0"])
def test_every_character_of_a_token(token: bytes) -> None:
    """Whatever characters a token may hold, padding at its end among them, it is handed on to the letter."""
    assert bearer_token([b"Bearer  " + token]) == token
    assert bare_token([token]) == token


@pytest.mark.parametrize(
    "value", [b"", b"Basic abc", b"Bearerabc", b"BearerX abc", b"BearerX:y abc", b"abc", b"Token Bearer"]
)
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
        b"Bearer abc\r\n",
        b"\x0bBearer abc",
        b"Basic a\x00b",
        b"Basic a\x1fb",
        b"Basic \x7f",
    ],
)
def test_malformed(value: bytes) -> None:
    """What is no b64token after Bearer, or no header text at all, is malformed (section 2.1)."""
    with pytest.raises(InvalidRequest):
        bearer_token([value])


@pytest.mark.parametrize(
    ("values", "refusal", "reason", "detail"),
    [
        ([], AuthenticationRequired, Reason.NO_CREDENTIALS, ""),
        (
            [b"Basic abc"],
            AuthenticationRequired,
            Reason.NO_CREDENTIALS,
            "the Authorization header is of another scheme",
        ),
        ([b"Bearer a"] * 2, InvalidRequest, Reason.REPEATED_HEADER, ""),
        (
            [b"Bearer \xe9"],
            InvalidRequest,
            Reason.MALFORMED_HEADER,
            "a character that no Authorization header may hold",
        ),
        ([b"Bearer:a"], InvalidRequest, Reason.MALFORMED_HEADER, "something else than a space after Bearer"),
        ([b"Bearer ="], InvalidRequest, Reason.MALFORMED_HEADER, "nothing after Bearer"),
        ([b"Bearer a b"], InvalidRequest, Reason.MALFORMED_HEADER, "a character that no bearer token may hold"),
    ],
    ids=str,
)
def test_why_there_is_no_token(values: list[bytes], refusal: type[Refusal], reason: Reason, detail: str) -> None:
    """The log is told in which way a header holds no token."""
    with pytest.raises(refusal) as error:
        bearer_token(values)
    assert (error.value.reason, error.value.detail) == (reason, detail)


def test_bare_token_of_two_headers() -> None:
    """A header that holds a token without a scheme is held against the same rules: once, and a token alone."""
    for values, refusal in (([b"a", b"b"], InvalidRequest), ([b"a b"], InvalidRequest), ([], AuthenticationRequired)):
        with pytest.raises(refusal):
            bare_token(values)


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


@pytest.mark.parametrize(("length", "carried"), [(400, "d" * 400), (401, "d" * 397 + "...")])
def test_description_is_cut(length: int, carried: str) -> None:
    """A description of up to 400 characters stands in the header as it is; a longer one is cut there, not in the body."""
    answer = challenge(AccessDenied("d" * length), "r")
    assert f'error_description="{carried}"' in answer.headers["WWW-Authenticate"]
    assert answer.body["error_description"] == "d" * length


@pytest.mark.parametrize(("last", "named"), [("l" * 99, 10), ("l" * 100, 9)])
def test_scopes_that_just_fit(last: str, named: int) -> None:
    """Scopes are named up to a thousand characters, a space for each among them, and never a part of one."""
    scopes = [*(letter * 99 for letter in "abcdefghi"), last]
    header = challenge(AccessDenied(required_scopes=scopes), "r").headers["WWW-Authenticate"]
    assert header.endswith(f'scope="{" ".join(scopes[:named])}"')


def test_delete_character() -> None:
    """U+007F is no printable character either."""
    answer = challenge(AccessDenied("a\x7fb", required_scopes=("a\x7fb",)), "r\x7f")
    assert answer.headers["WWW-Authenticate"] == (
        'Bearer realm="r?", error="insufficient_scope", error_description="a?b", scope="a?b"'
    )


def test_challenge_cannot_be_changed() -> None:
    """An answer that was checked is the answer that is sent: nobody changes it afterwards, nor what it was made of."""
    headers, body = {"X-A": "b"}, {"error": "e"}
    answer: Any = Challenge(401, headers, body)
    headers["X-A"] = body["error"] = "x\r\n"
    for change in (
        lambda: setattr(answer, "status", 200),
        lambda: answer.headers.update(a="b"),
        lambda: answer.body.update(a="b"),
    ):
        with pytest.raises((FrozenInstanceError, AttributeError)):
            change()
    assert (answer.status, dict(answer.headers), dict(answer.body)) == (401, {"X-A": "b"}, {"error": "e"})


def test_constructor_refuses_injection() -> None:
    """A challenge with a line end in a header cannot be made."""
    with pytest.raises(ValueError, match="WWW-Authenticate"):
        Challenge(401, {"WWW-Authenticate": "Bearer\r\nX: y"}, {})


@pytest.mark.parametrize(
    "written",
    [
        'Bearer realm="a", realm="b"',
        'Bearer realm="a\\"b"',
        'Bearer realm="a", scope="b", error="c", error_description="d"',
        'Bearer realm="a", Basic realm="b"',
        'Bearer realm="a", error="b"',
        "Bearer realm=a",
        "Bearer",
        'Basic realm="a"',
    ],
)
def test_constructor_refuses_what_is_no_challenge(written: str) -> None:
    """Nor can one whose values end early, or that has parameters of somebody else."""
    with pytest.raises(ValueError, match="none of RFC 6750"):
        Challenge(401, {"WWW-Authenticate": written}, {})
    assert Challenge(401, {"WWW-Authenticate": 'Bearer realm=""'}, {}).status == 401


def test_unavailable_has_no_challenge() -> None:
    """Missing keys ask the client to come back, not for another token."""
    answer = challenge(ProviderUnavailable(retry_after=3), "https://issuer")
    assert (answer.status, dict(answer.headers)) == (503, {"Cache-Control": "no-store", "Retry-After": "3"})


@pytest.mark.parametrize("reason", sorted(set(Reason) - {Reason.EXPIRED}))
def test_one_sentence_for_every_reason(reason: Reason) -> None:
    """But for expiry, a refused token is told nothing that depends on the reason."""
    assert challenge(InvalidToken(reason, detail="secret"), "r") == challenge(InvalidToken(Reason.SIGNATURE), "r")
