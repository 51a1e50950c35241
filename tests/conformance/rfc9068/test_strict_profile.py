"""RFC 9068, sections 2.2 and 4: the strict profile, which the settings can ask for."""

from collections.abc import Callable

import pytest

from axioms_fastapi import Reason
from conformance.door import Door

PROFILE = {"token_typs": "at+jwt", "required_claims": "sub,client_id,iat,jti"}


@pytest.mark.conformance("46")
@pytest.mark.parametrize("name", ["iss", "exp", "aud", "sub", "client_id", "iat", "jti"])
def test_required(make_door: Callable[..., Door], name: str) -> None:
    """Each claim that section 2.2 requires is required where the settings name them; null is not a value."""
    door = make_door(**PROFILE)
    at = {"typ": "at+jwt"}
    door.lets_in(door.token(header=at))
    door.turns_away(door.token(header=at, omit=[name]))
    door.turns_away(door.token({name: None}, header=at))


@pytest.mark.conformance("46")
@pytest.mark.parametrize("name", ["client_id", "iat", "jti"])
def test_lenient(door: Door, name: str) -> None:
    """By default a token may go without what many providers leave out."""
    door.lets_in(door.token(omit=[name]))


@pytest.mark.conformance("41")
def test_rs256(door: Door) -> None:
    """RS256 is supported, as section 2.1 demands of every resource server."""
    door.lets_in(door.token(key=door.keys["rsa"]))
    door.turns_away(door.token(key=door.keys["rsa"], header={"alg": "none"}), Reason.ALGORITHM)
