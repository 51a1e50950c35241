"""The memory of verified tokens: what it holds, for how long, and what goes first."""

from typing import Any

import pytest

from axioms_fastapi.core.token_cache import TokenCache
from clocks import Clock


def held(cache: TokenCache, names: str) -> str:
    """Those of the names under which something is remembered."""
    return "".join(name for name in names if cache.get(name.encode()) is not None)


def put(cache: TokenCache, names: str, length: int = 100) -> None:
    for name in names:
        verified: Any = name.upper()
        cache.put(name.encode(), length, verified)


def test_for_so_long(clock: Clock) -> None:
    """What was verified is remembered for the time that was said, not a moment longer."""
    cache = TokenCache(3, 60.0, monotonic=clock)
    put(cache, "a")
    clock.now += 59.5
    assert cache.get(b"a") == "A"
    clock.now += 0.5
    assert cache.get(b"a") is None
    assert cache.get(b"b") is None


def test_the_oldest_goes_first(clock: Clock) -> None:
    """There are as many as fit; for one more, the one that was put first goes, whether it was read or not."""
    cache = TokenCache(3, 60.0, monotonic=clock)
    put(cache, "abc")
    assert (len(cache), held(cache, "abc")) == (3, "abc")
    put(cache, "d")
    assert (len(cache), held(cache, "abcd")) == (3, "bcd")


def test_put_again(clock: Clock) -> None:
    """What is put again takes no second place, is as young as if it were new, and goes when its turn comes anew."""
    cache = TokenCache(3, 60.0, monotonic=clock)
    put(cache, "abc")
    clock.now += 59
    put(cache, "a")
    assert (len(cache), held(cache, "abc")) == (3, "abc")
    clock.now += 2
    assert held(cache, "abc") == "a"
    put(cache, "de")
    assert held(cache, "abcde") == "ade"


def test_put_again_where_there_is_room(clock: Clock) -> None:
    """What is put again takes its room once, and its turn to go comes last."""
    cache = TokenCache(5, 60.0, monotonic=clock)
    put(cache, "abcade")
    assert (len(cache), held(cache, "abcde")) == (5, "abcde")
    put(cache, "f")
    assert held(cache, "abcdef") == "acdef"


@pytest.mark.parametrize(("length", "weight"), [(0, 1), (2047, 1), (2048, 2), (4095, 2), (4096, 3)])
def test_a_long_token_counts_as_several(clock: Clock, length: int, weight: int) -> None:
    """Each 2048 characters of a token take the place of one more: the bound is one of memory."""
    cache = TokenCache(5, 60.0, monotonic=clock)
    put(cache, "abcde")
    put(cache, "f", length)
    assert held(cache, "abcdef") == "abcdef"[weight:]
    cache.drop(b"f")
    put(cache, "vwxyz"[:weight])
    assert len(cache) == 5


def test_what_does_not_fit(clock: Clock) -> None:
    """A token that takes more than there is at all is not remembered; nothing is, where there is no room."""
    cache = TokenCache(2, 60.0, monotonic=clock)
    put(cache, "a", 3 * 2048)
    assert len(cache) == 0
    put(cache, "b", 2047 + 2048)
    assert held(cache, "ab") == "b"
    nothing = TokenCache(0, 60.0, monotonic=clock)
    put(nothing, "a")
    assert len(nothing) == 0


def test_drop(clock: Clock) -> None:
    """What is dropped is forgotten, and leaves its room; dropping it again changes nothing."""
    cache = TokenCache(2, 60.0, monotonic=clock)
    put(cache, "a", 2048)
    for _ in range(2):
        cache.drop(b"a")
        assert held(cache, "a") == ""
    put(cache, "bcd")
    assert held(cache, "bcd") == "cd"


def test_drop_gives_room_back(clock: Clock) -> None:
    """The room of what is dropped comes to what there was."""
    cache = TokenCache(5, 60.0, monotonic=clock)
    put(cache, "abc")
    cache.drop(b"a")
    put(cache, "def")
    assert held(cache, "abcdef") == "bcdef"


def test_named_by_the_whole_text() -> None:
    """Two tokens have one name only where they are the same to the last character, of whatever script."""
    tokens = ["a.b.c", "a.b.d", "A.b.c", "a.b.c\n", "é", "\ud800", ""]
    assert len({TokenCache.name_of(token) for token in tokens}) == len(tokens)
    assert TokenCache.name_of("abc").hex() == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
