"""RFC 7519, sections 4 and 7: what the claims of an access token must say, at leeway 0."""

import json
import math
import time
from collections.abc import Callable
from typing import Any

import pytest

from axioms_fastapi import ConfigurationError, Reason
from conformance.door import Door

# Neither a date that anybody could mean, nor one that a library may guess from it. `1e400` and the like are in RFC 7515's tests.
NO_DATES: tuple[Any, ...] = (
    "1700000000",
    "",
    True,
    False,
    [],
    [2**40],
    {},
    {"value": 2**40},
    None,
    -1,
    -0.5,
    -1e308,
    2**53,
    2**53 + 1,
    2**63,
    2**64,
    10**20,
    1e20,
    10**400,
)


@pytest.mark.conformance("50", "51", "52", "A29", "A30")
@pytest.mark.parametrize("name", ["exp", "nbf", "iat"])
@pytest.mark.parametrize("value", NO_DATES, ids=repr)
def test_dates(door: Door, name: str, value: Any) -> None:
    """A date is a finite number from 0 to 2**53: nothing is read from a text, a boolean, a list or null."""
    door.turns_away(door.token({name: value}))


@pytest.mark.conformance("50", "A30", "A44")
@pytest.mark.parametrize(
    ("distance", "accepted"),
    [(0, False), (-0.5, False), (-1, False), (-(10**9), False), (5, True), (5.5, True), (3600, True)],
)
def test_expiry(door: Door, distance: float, accepted: bool) -> None:
    """`exp` lies in the future: now is expired (section 4.1.4), and parts of a second count."""
    token = door.token({"exp": time.time() + distance})
    if accepted:
        door.lets_in(token)
    else:
        door.turns_away(token, Reason.EXPIRED)


@pytest.mark.conformance("50")
@pytest.mark.parametrize("value", [0, 0.0, 1])
def test_long_expired(door: Door, value: float) -> None:
    """The beginning of time is a date, and long past."""
    door.turns_away(door.token({"exp": value}), Reason.EXPIRED)


@pytest.mark.conformance("51", "52", "A44")
@pytest.mark.parametrize("name", ["nbf", "iat"])
@pytest.mark.parametrize(
    ("distance", "accepted"), [(-(10**9), True), (-1, True), (-0.5, True), (5, False), (60, False), (10**9, False)]
)
def test_beginnings(door: Door, name: str, distance: float, accepted: bool) -> None:
    """`nbf` and `iat` do not lie in the future (sections 4.1.5 and 4.1.6); they may be absent."""
    token = door.token({name: time.time() + distance})
    if accepted:
        door.lets_in(token)
        door.lets_in(door.token(omit=[name]))
    else:
        door.turns_away(token, Reason.NOT_YET_VALID)


@pytest.mark.conformance("53", "A44")
def test_leeway(make_door: Callable[..., Door]) -> None:
    """Leeway forgives that many seconds on both sides, and is 5 minutes at most: a larger one stops the start."""
    door = make_door(leeway=60)
    now = time.time()
    door.lets_in(door.token({"exp": now - 50, "nbf": now + 50, "iat": now + 50}))
    door.turns_away(door.token({"exp": now - 61}), Reason.EXPIRED)
    door.turns_away(door.token({"nbf": now + 70}), Reason.NOT_YET_VALID)
    for wrong in (301, 10**9, -1, math.inf, math.nan, "1h"):
        with pytest.raises(ConfigurationError, match="leeway"):
            make_door(leeway=wrong)


@pytest.mark.conformance("46", "50")
@pytest.mark.parametrize("name", ["exp", "iss", "aud", "sub"])
def test_required_claims(door: Door, name: str) -> None:
    """Without expiry, issuer, audience or subject there is no access token; null is no value of theirs."""
    door.turns_away(door.token(omit=[name]))
    door.turns_away(door.token({name: None}))


@pytest.mark.conformance("54", "55")
@pytest.mark.parametrize("name", ["sub", "jti"])
@pytest.mark.parametrize("value", ["", 0, 1, 1.5, True, [], ["alice"], {}, {"id": "alice"}], ids=repr)
def test_texts(door: Door, name: str, value: Any) -> None:
    """Subject and token id are texts, and not empty (sections 4.1.2 and 4.1.7)."""
    door.turns_away(door.token({name: value}), Reason.INVALID_CLAIM)


@pytest.mark.conformance("30", "56")
@pytest.mark.parametrize(
    "subject",
    [
        "alice",
        "Alice",
        " alice ",
        "ａlice",
        "al\u0069\u0301ce",
        "' OR 1=1 --",
        "../../etc/passwd",
        "a\r\nb",
        "\0",
        "中",
        "a" * 4000,
    ],
)
def test_a_subject_is_any_text(door: Door, subject: str) -> None:
    """A subject is given to the application as the token has it: not trimmed, not folded, not normalised (section 7.3)."""
    assert json.loads(door.lets_in(door.token({"sub": subject})).body) == subject


@pytest.mark.conformance("A45")
@pytest.mark.parametrize(
    "name",
    [
        "items",
        "keys",
        "values",
        "get",
        "pop",
        "copy",
        "update",
        "clear",
        "setdefault",
        "fromkeys",
        "to_dict",
        "__class__",
        "__dict__",
        "__init__",
        "__len__",
        "_box_config",
        "__proto__",
        "claims",
        "",
    ],
)
@pytest.mark.parametrize("value", ["x", 7, None, {"a": 1}, ["admin"]], ids=repr)
def test_names_of_methods(make_door: Callable[..., Door], name: str, value: Any) -> None:
    """A claim that is called like a method is data in the token, and the place of roles where the configuration says so."""
    door = make_door(roles_claims=[[name or "x"]])
    door.lets_in(door.token({name: value}))


@pytest.mark.conformance("A45")
def test_names_of_methods_are_no_roles(make_door: Callable[..., Door]) -> None:
    """Where the claim is absent, a method of the same name is not mistaken for it."""
    from conformance.door import ask, bearer

    for name in ("items", "keys", "__class__", "__doc__"):
        door = make_door(roles_claims=[[name]])
        from fastapi import Depends

        from axioms_fastapi import require_roles

        door.app.add_api_route("/role", lambda: "in", dependencies=[Depends(require_roles(["admin"]))])
        assert ask(door.app, bearer(door.token()), path="/role").status == 403
        assert ask(door.app, bearer(door.token({name: ["admin"]})), path="/role").status == 200
