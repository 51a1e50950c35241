"""WWW-Authenticate read strictly: what RFC 9110 allows is taken apart, and what it does not is called by its name."""

import pytest

from axioms_fastapi.attack.challenge import MalformedChallenge, parse_challenges, problems_of

INVALID_TOKEN = frozenset({"invalid_token"})


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("Bearer", [("Bearer", {})]),
        ('Bearer realm="x"', [("Bearer", {"realm": "x"})]),
        ('Bearer Realm="x", error=invalid_token', [("Bearer", {"realm": "x", "error": "invalid_token"})]),
        ('Bearer  realm = "x" ,\terror="y"', [("Bearer", {"realm": "x", "error": "y"})]),
        (r'Bearer realm="a, \"b\" \\ c"', [("Bearer", {"realm": 'a, "b" \\ c'})]),
        ('Basic realm="a", Bearer realm="b", error="c"', [("Basic", {"realm": "a"}), ("Bearer", {"realm": "b", "error": "c"})]),
        ("Negotiate abc==, Bearer realm=x", [("Negotiate", {}), ("Bearer", {"realm": "x"})]),
        ("Bearer, Basic", [("Bearer", {}), ("Basic", {})]),
        ('Newauth realm="apps", type=1, title="Login to \\"apps\\"", Basic realm="simple"',
         [("Newauth", {"realm": "apps", "type": "1", "title": 'Login to "apps"'}), ("Basic", {"realm": "simple"})]),
    ],
)  # fmt: skip
def test_parsed(value: str, found: list[tuple[str, dict[str, str]]]) -> None:
    """The forms of RFC 9110, section 11.6.1, its own example among them."""
    assert [(one.scheme, one.parameters) for one in parse_challenges(value)] == found


@pytest.mark.parametrize(
    "value",
    [
        "", " ", ",", 'realm="x"', 'Bearer realm="x" error="y"', 'Bearer realm="x",', ',Bearer realm="x"',
        'Bearer realm="x",,error="y"',
        'Bearer realm="x', 'Bearer realm=x"', 'Bearer realm="x"y', "Bearer realm=x y", "Bearer\trealm=x", 'Bearer realm="é"',
        'Bearer realm="x", realm="y"', 'Bearer error="a", Error="b"', 'Bearer realm="x\ny"', "Be(arer realm=x",
    ],
)  # fmt: skip
def test_malformed(value: str) -> None:
    """What a strict reader cannot take apart is malformed, and no reason quotes it."""
    with pytest.raises(MalformedChallenge) as error:
        parse_challenges(value)
    assert "é" not in str(error.value)


@pytest.mark.parametrize("value", ['Bearer a="' + "\\" * 50_000, "Bearer " + "a=" * 50_000, '"' * 50_000, "," * 50_000])
def test_long(value: str) -> None:
    """A hostile header is refused without much work."""
    with pytest.raises(MalformedChallenge):
        parse_challenges(value)


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        ([], "WWW-Authenticate is missing"),
        (['Bearer realm="x'], "WWW-Authenticate is malformed: a quote is not closed"),
        (['Basic realm="x"'], "no challenge of the scheme Bearer"),
        (['Bearer realm="x"', 'Bearer realm="y"'], "2 challenges of the scheme Bearer"),
        (["Bearer"], "has no parameter"),
        (['Bearer realm="x"'], 'has no error, and should have error="invalid_token"'),
        (['Bearer error="expired"'], 'has error="expired", and should have error="invalid_token"'),
        (['Bearer error="invalid_token", error_description="a\\"b"'], "error_description holds a character"),
        (['Bearer error="invalid_token", scope="a  b"'], "scope is no list of scopes"),
        (['Bearer error="invalid_token", scope=""'], "scope is no list of scopes"),
    ],
)
def test_problems(values: list[str], problem: str) -> None:
    """Each rule of RFC 6750, section 3, has its sentence."""
    assert problem in "; ".join(problems_of(values, INVALID_TOKEN))


@pytest.mark.parametrize(
    ("values", "errors"),
    [
        (['bearer realm="x", error="invalid_token"'], INVALID_TOKEN),
        (['DPoP algs="ES256"', 'Bearer realm="x", error="invalid_token", error_description="Token has expired"'], INVALID_TOKEN),
        (['Bearer realm="x"'], frozenset({None})),
        (['Bearer realm="x", error="insufficient_scope", scope="read:data admin"'], frozenset({"insufficient_scope"})),
    ],
)  # fmt: skip
def test_right(values: list[str], errors: frozenset[str | None]) -> None:
    """What is right has no problem, beside challenges of other schemes too."""
    assert list(problems_of(values, errors)) == []
