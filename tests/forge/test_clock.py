"""The forge's own time."""

import pytest

from axioms_fastapi.forge.clock import ForgeClock
from reading_tokens import claims_of

NOW = 1_700_000_000.9


def iat(client):
    return claims_of(client.post("/token", json={}))["iat"]


def test_frozen_over_http(fresh):
    """Tokens are minted at the second that the clock was put to, until it is let go."""
    assert fresh.put("/clock", json={"now": 5}).json() == {"now": 5, "frozen": True}
    assert iat(fresh) == 5
    assert fresh.put("/clock", json={"advance": 60}).json() == {"now": 65, "frozen": True}
    assert fresh.get("/clock").json()["now"] == 65
    assert fresh.delete("/clock").json() == {"now": NOW, "frozen": False}
    assert iat(fresh) == 1_700_000_000


def test_moved_and_running(fresh):
    """A clock that was moved and not frozen goes on from there."""
    moved = fresh.put("/clock", json={"now": 100, "frozen": False}).json()
    assert moved == {"now": pytest.approx(100), "frozen": False}
    assert fresh.put("/clock", json={"frozen": True}).json() == {"now": pytest.approx(100), "frozen": True}


def test_in_process(fresh, forge):
    """The same in process."""
    forge.clock.freeze(1_000)
    assert iat(fresh) == 1_000
    forge.clock.advance(-1)
    assert iat(fresh) == 999


def test_source_goes_on():
    """A clock that is not frozen follows its source, also when it has been moved."""
    seconds = [10.0]
    clock = ForgeClock(lambda: seconds[0])
    clock.advance(5)
    seconds[0] = 20.0
    assert (clock(), clock.is_frozen) == (25.0, False)
    clock.freeze()
    seconds[0] = 30.0
    assert (clock(), clock.is_frozen) == (25.0, True)
    clock.follow()
    assert clock() == 30.0


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({}, "Send"),
        ({"now": "noon"}, '"now" must be a number of seconds'),
        ({"now": True}, '"now" must be a number of seconds'),
        ({"now": 1e13}, '"now" must be a number of seconds'),
        ({"frozen": "yes"}, '"frozen" must be true or false'),
        ({"advanced": 1}, 'Did you mean "advance"?'),
    ],
)
def test_refusal(fresh, body, said):
    """What is no time is refused, and the clock stays."""
    response = fresh.put("/clock", json=body)
    assert response.status_code == 400
    assert said in response.json()["error_description"]
    assert fresh.get("/clock").json() == {"now": NOW, "frozen": False}
