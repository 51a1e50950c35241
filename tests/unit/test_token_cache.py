"""The memory of verified tokens: what it holds, for how long, and what goes first."""

from typing import Any

import pytest

from axioms_fastapi.core.principal import Principal
from axioms_fastapi.core.token_cache import TokenCache, VerifiedToken
from clocks import Clock

LENGTH = 100
NOW = 0.5


def verified(name: str) -> VerifiedToken:
    nothing: Any = None
    return VerifiedToken(Principal(name), nothing, nothing, nothing, 0.0, 1.0)


def sent(name: str, length: int = LENGTH) -> bytes:
    """The token of that name."""
    return name.encode() * length


def held(cache: TokenCache, names: str, length: int = LENGTH) -> str:
    """Those of the names whose token is remembered, and as its own."""
    known = {name: cache.get(sent(name, length), NOW) for name in names}
    return "".join(name for name, token in known.items() if token is not None and token.principal.subject == name)


def put(cache: TokenCache, names: str, length: int = LENGTH) -> None:
    """A token of each name, of that length, was met before and is remembered now."""
    for name in names:
        cache.admits(sent(name, length))
        cache.put(sent(name, length), verified(name))


def test_for_so_long(clock: Clock) -> None:
    """What was verified is remembered for the time that was said, not a moment longer."""
    cache = TokenCache(3, 60.0, monotonic=clock)
    put(cache, "a")
    clock.now += 59.5
    assert held(cache, "ab") == "a"
    clock.now += 0.5
    assert held(cache, "ab") == ""


@pytest.mark.parametrize(("now", "holds"), [(-0.1, False), (0.0, True), (0.9, True), (1.0, False)])
def test_in_its_time(clock: Clock, now: float, holds: bool) -> None:
    """What is remembered holds from the token's beginning to its end, and is forgotten when it is found outside of that."""
    cache = TokenCache(3, 60.0, monotonic=clock)
    put(cache, "ab")
    assert (cache.get(sent("a"), now) is not None) is holds
    assert held(cache, "ab") == ("ab" if holds else "b")
    assert len(cache) == (2 if holds else 1)


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


@pytest.mark.parametrize(("length", "weight"), [(1, 1), (2047, 1), (2048, 2), (4095, 2), (4096, 3)])
def test_a_long_token_counts_as_several(clock: Clock, length: int, weight: int) -> None:
    """Each 2048 characters of a token take the place of one more: the bound is one of memory."""
    cache = TokenCache(5, 60.0, monotonic=clock)
    put(cache, "abcde")
    put(cache, "f", length)
    assert held(cache, "abcde") + held(cache, "f", length) == "abcdef"[weight:]
    cache.drop(sent("f", length))
    put(cache, "vwxyz"[:weight])
    assert len(cache) == 5


def test_what_does_not_fit(clock: Clock) -> None:
    """A token that takes more than there is at all is not remembered; nothing is, where there is no room."""
    cache = TokenCache(2, 60.0, monotonic=clock)
    put(cache, "a", 3 * 2048)
    assert len(cache) == 0
    put(cache, "b", 2047 + 2048)
    assert held(cache, "ab", 2047 + 2048) == "b"
    put(cache, "c", 3 * 2048)
    assert held(cache, "b", 2047 + 2048) == "b"
    nothing = TokenCache(0, 60.0, monotonic=clock)
    put(nothing, "a")
    assert len(nothing) == 0


def test_drop(clock: Clock) -> None:
    """What is dropped is forgotten, and leaves its room; dropping it again changes nothing."""
    cache = TokenCache(2, 60.0, monotonic=clock)
    put(cache, "a", 2048)
    assert held(cache, "a", 2048) == "a"
    for _ in range(2):
        cache.drop(sent("a", 2048))
        assert held(cache, "a", 2048) == ""
    put(cache, "bcd")
    assert held(cache, "bcd") == "cd"


def test_drop_gives_room_back(clock: Clock) -> None:
    """The room of what is dropped comes to what there was."""
    cache = TokenCache(5, 60.0, monotonic=clock)
    put(cache, "abc")
    cache.drop(sent("a"))
    put(cache, "def")
    assert held(cache, "abcdef") == "bcdef"


def test_admitted_when_it_comes_again(clock: Clock) -> None:
    """A token is worth a memory from the second time on, and each token for itself."""
    cache = TokenCache(6, 60.0, monotonic=clock)
    assert [cache.admits(sent(name)) for name in "abaab"] == [False, False, True, True, True]
    assert len(cache) == 0


@pytest.mark.parametrize("half", [1, 3, 10])
def test_met_within_bounds(clock: Clock, half: int) -> None:
    """Of the tokens that came once half as many as may be remembered are known again, and never more than may be."""
    size = 2 * half
    tokens = [f"token {number}".encode() for number in range(5 * half)]
    for position, token in enumerate(tokens):
        cache = TokenCache(size, 60.0, monotonic=clock)
        for each in tokens:
            assert not cache.admits(each)
            assert len(cache._met) + len(cache._met_earlier) <= size
        # Those in between may be known still.
        if not 3 * half <= position < 4 * half:
            assert cache.admits(token) == (position >= 4 * half)


def test_what_comes_often_stays_known(clock: Clock) -> None:
    """A token that is verified again and again is worth its memory however many others come in between."""
    cache = TokenCache(8, 60.0, monotonic=clock)
    cache.admits(b"often")
    for number in range(50):
        cache.admits(f"once {number}".encode())
        if number % 3 == 0:
            assert cache.admits(b"often")


def test_named_by_the_whole_text(clock: Clock) -> None:
    """Two tokens are one only where they are the same to the last octet."""
    tokens = [b"a.b.c", b"a.b.d", b"A.b.c", b"a.b.c\n", "é".encode(), b"\xe9", b""]
    cache = TokenCache(100, 60.0, monotonic=clock)
    for token in tokens:
        cache.admits(token)
        cache.put(token, verified(token.hex()))
    assert len(cache) == len(tokens)
    for token in tokens:
        known = cache.get(token, NOW)
        assert known is not None
        assert known.principal.subject == token.hex()


def test_named_by_its_sha_256(clock: Clock) -> None:
    """What decides is the SHA-256 of the whole token; of its text the memory holds no word."""
    cache = TokenCache(1, 60.0, monotonic=clock)
    cache.put(b"abc", verified("alice"))
    (kept,) = cache._entries.values()
    assert kept.name.hex() == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


class Colliding(bytes):
    """A token that has the hash of every other: Python's own hash finds, and must not decide."""

    __slots__ = ()

    def __hash__(self) -> int:
        return 7


def test_one_hash_for_two_tokens(clock: Clock) -> None:
    """Of two tokens that share a hash of Python, one is never taken for the other."""
    cache = TokenCache(3, 60.0, monotonic=clock)
    one, other = Colliding(b"one"), Colliding(b"other")
    cache.put(one, verified("alice"))
    assert cache.get(other, NOW) is None
    assert cache.get(one, NOW) is not None
    cache.put(other, verified("bob"))
    assert cache.get(one, NOW) is None
    found = cache.get(other, NOW)
    assert found is not None
    assert found.principal.subject == "bob"
    assert len(cache) == 1
    for name in "abcd":
        cache.put(sent(name, 1), verified(name))
    assert held(cache, "abcd", 1) == "bcd"
