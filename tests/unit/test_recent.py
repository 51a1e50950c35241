"""A bounded memory: what is fresh, and what goes first."""

import math

import pytest

from axioms_fastapi.core.recent import Recent
from clocks import Clock


@pytest.fixture
def recent(clock: Clock) -> Recent[str]:
    return Recent(3, 10.0, clock)


def test_fresh_for_a_while(recent: Recent[str], clock: Clock) -> None:
    """A value is fresh for as long as it was said, not a moment longer, and can be had afterwards all the same."""
    recent.put("a", "first")
    clock.now += 9.5
    assert (recent.is_fresh("a"), recent.fresh("a"), recent.age("a")) == (True, "first", 9.5)
    clock.now += 0.5
    assert (recent.is_fresh("a"), recent.fresh("a"), recent.age("a"), recent.get("a")) == (False, None, 10.0, "first")
    recent.put("a", "second")
    assert (recent.is_fresh("a"), recent.age("a"), recent.get("a")) == (True, 0.0, "second")


def test_never_put(recent: Recent[str]) -> None:
    """What was never put here is infinitely old, and nothing."""
    recent.put("a", "x")
    assert (recent.is_fresh("b"), recent.fresh("b"), recent.age("b"), recent.get("b")) == (False, None, math.inf, None)


def test_bound(recent: Recent[str]) -> None:
    """There are never more values than the bound; the first that was put goes first."""
    for name in "abcd":
        recent.put(name, name.upper())
    assert (len(recent), list(recent)) == (3, ["B", "C", "D"])
    assert recent.get("a") is None


def test_reading_counts_as_use(recent: Recent[str]) -> None:
    """What is read stays longer than what is not: a tenant with traffic is not pushed out."""
    for name in "abc":
        recent.put(name, name.upper())
    assert recent.get("a") == "A"
    recent.put("d", "D")
    assert list(recent) == ["C", "A", "D"]


def test_reading_what_is_fresh_counts_as_use(recent: Recent[str], clock: Clock) -> None:
    """So does what is read while it is fresh; what is past that is no longer in use."""
    recent.put("a", "A")
    clock.now += 9.5
    for name in "bc":
        recent.put(name, name.upper())
    assert recent.fresh("a") == "A"
    assert list(recent) == ["B", "C", "A"]
    clock.now += 9.5
    assert recent.fresh("a") is None
    recent.put("d", "D")
    assert list(recent) == ["C", "A", "D"]


def test_writing_counts_as_use(recent: Recent[str]) -> None:
    """So does what is put again."""
    for name in "abca":
        recent.put(name, name.upper())
    recent.put("d", "D")
    assert list(recent) == ["C", "A", "D"]


def test_drop(recent: Recent[str]) -> None:
    """What is dropped is gone, and dropping it again is no error."""
    for name in "ab":
        recent.put(name, name.upper())
    for _ in range(2):
        recent.drop("a")
        assert (list(recent), recent.is_fresh("a")) == (["B"], False)
