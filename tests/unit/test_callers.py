"""Who calls: what one request is asked once, what its header says first, and what is known without waiting."""

import asyncio
from typing import Any

import pytest

from axioms_fastapi.callers import Callers
from axioms_fastapi.core.errors import AuthenticationRequired, InvalidRequest, InvalidToken, Reason, Refusal
from axioms_fastapi.core.principal import Principal
from axioms_fastapi.forge import SigningKey
from one_issuer import OneIssuer


class World(OneIssuer):
    """An application that trusts the issuer, and finds its callers by a header."""

    def __init__(self, header: bytes = b"authorization") -> None:
        super().__init__(SigningKey.generate("ES256", kid="k"))
        self.header = header
        self.callers = Callers(self.verifier(cache=self.cache), header)

    def scope(self, *values: str) -> dict[str, Any]:
        others = [(b"host", b"api.test"), (b"x-authorization", b"Bearer a")]
        return {"headers": [*others, *((self.header, value.encode("latin-1")) for value in values)]}

    def find(self, scope: dict[str, Any]) -> Principal:
        return asyncio.run(self.callers.find(scope))

    def refusal(self, scope: dict[str, Any]) -> Refusal:
        with pytest.raises(Refusal) as error:
            self.find(scope)
        return error.value


@pytest.fixture
def world() -> World:
    return World()


def test_at_hand(world: World) -> None:
    """A good token is verified without waiting, once for all who ask; who waits for it gets the same caller."""
    scope = world.scope(f"Bearer {world.mint.mint()}")
    caller = world.callers.at_hand(scope)
    assert caller is not None
    assert caller.subject == "user123"
    assert world.callers.at_hand(scope) is caller
    assert world.find(scope) is caller
    assert world.keys.asked == [("at hand", "k", "ES256")]


def test_found(world: World) -> None:
    """Where a key has to be asked for, nobody is at hand before it was; then the caller is, and is verified once."""
    world.keys.are_at_hand = False
    scope = world.scope(f"Bearer {world.mint.mint()}")
    assert world.callers.at_hand(scope) is None
    assert world.callers.at_hand(scope) is None
    caller = world.find(scope)
    assert world.callers.at_hand(scope) is caller
    assert world.find(scope) is caller
    assert [how for how, *_ in world.keys.asked] == ["at hand", "find"]


def test_recalled(world: World) -> None:
    """A token that was verified twice is remembered: the third request verifies nothing."""
    token = world.mint.mint()
    first, second, third, fourth = (world.callers.at_hand(world.scope(f"Bearer {token}")) for _ in range(4))
    assert first is not second
    assert second is third is fourth


@pytest.mark.parametrize("spelled", ["bearer {}", "BEARER {}", "Bearer  {}", " Bearer {} ", "\tBearer {}\t"])
def test_unusual_spellings(world: World, spelled: str) -> None:
    """Whatever RFC 9110 allows is found, though not at once."""
    scope = world.scope(spelled.format(world.mint.mint()))
    assert world.callers.at_hand(scope) is None
    assert world.find(scope).subject == "user123"


@pytest.mark.parametrize("header", [b"authorization", b"x-token"])
@pytest.mark.parametrize("before", ["", " "])
def test_octets_of_another_kind(header: bytes, before: str) -> None:
    """A server that hands over a bytearray, which ASGI does not allow, gets the same answers: no token makes an error of it."""
    world = World(header)
    scheme = "Bearer " if header == b"authorization" else ""
    good, *bad = (world.scope(before + scheme + token) for token in (world.mint.mint(), "a.b.c", "a.b.\xff", ""))

    def of_another_kind(scope: dict[str, Any]) -> dict[str, Any]:
        return {"headers": [(name, bytearray(value)) for name, value in scope["headers"]]}

    assert world.find(of_another_kind(good)) == world.find(good)
    for scope in bad:
        assert world.refusal(of_another_kind(scope)).reason is world.refusal(scope).reason


@pytest.mark.parametrize(
    ("values", "kind", "reason"),
    [
        ([], AuthenticationRequired, Reason.NO_CREDENTIALS),
        (["Basic YTpi"], AuthenticationRequired, Reason.NO_CREDENTIALS),
        (["Bearer"], InvalidRequest, Reason.MALFORMED_HEADER),
        (["Bearer "], InvalidRequest, Reason.MALFORMED_HEADER),
        (["Bearer a.b.c d"], InvalidRequest, Reason.MALFORMED_HEADER),
        (["Bearer a.b.ü"], InvalidRequest, Reason.MALFORMED_HEADER),
        (["Bearer a.b.c,"], InvalidRequest, Reason.MALFORMED_HEADER),
        (["Bearer a", "Bearer a"], InvalidRequest, Reason.REPEATED_HEADER),
        (["Bearer a.b.c"], InvalidToken, Reason.MALFORMED),
        (["Bearer a.b.c="], InvalidToken, Reason.MALFORMED),
        (["Bearer a~b"], InvalidToken, Reason.MALFORMED),
        (["Bearer  a.b.c"], InvalidToken, Reason.MALFORMED),
    ],
    ids=str,
)
def test_refused(world: World, values: list[str], kind: type[Refusal], reason: Reason) -> None:
    """Of a token that is not good the header has the first word. Nobody is at hand, before the refusal and after it."""
    scope = world.scope(*values)
    assert world.callers.at_hand(scope) is None
    refusal = world.refusal(scope)
    assert (type(refusal), refusal.reason) == (kind, reason)
    assert world.refusal(scope) is refusal
    assert world.callers.at_hand(scope) is None


def test_refused_once(world: World) -> None:
    """A token that is refused is verified once, however many ask, and its refusal carries no traceback of others."""
    forged = world.mint.mint(key=SigningKey.generate("ES256", kid="k"))
    scope = world.scope(f"Bearer {forged}")
    for _ in range(3):
        assert world.callers.at_hand(scope) is None
        assert world.refusal(scope).reason is Reason.SIGNATURE
    assert world.keys.asked == [("at hand", "k", "ES256")]
    depths = []
    for _ in range(3):
        traceback, depth = world.refusal(scope).__traceback__, 0
        while traceback is not None:
            traceback, depth = traceback.tb_next, depth + 1
        depths.append(depth)
    assert depths == [depths[0]] * 3


def test_changed_on_the_way(world: World) -> None:
    """Where the header changes within a request, the caller is who the new one proves, and nobody where it proves nobody."""
    scope = world.scope(f"Bearer {world.mint.mint()}")
    assert world.find(scope).subject == "user123"
    scope["headers"][-1] = (b"authorization", f"Bearer {world.mint.mint({'sub': 'bob'})}".encode())
    bob = world.callers.at_hand(scope)
    assert bob is not None
    assert (bob.subject, world.find(scope)) == ("bob", bob)
    scope["headers"].append((b"authorization", b"Bearer a"))
    assert world.callers.at_hand(scope) is None
    assert world.refusal(scope).reason is Reason.REPEATED_HEADER
    del scope["headers"][-2:]
    assert world.callers.at_hand(scope) is None
    assert world.refusal(scope).reason is Reason.NO_CREDENTIALS


def test_header_that_is_changed_in_place(world: World) -> None:
    """It is so too where a header is a list that somebody writes into, as ASGI allows."""
    scope = world.scope()
    header = [b"authorization", f"Bearer {world.mint.mint()}".encode()]
    scope["headers"].append(header)
    assert world.callers.at_hand(scope) is not None
    header[1] = b"Bearer a.b.c"
    assert world.callers.at_hand(scope) is None
    assert world.refusal(scope).reason is Reason.MALFORMED


def test_of_two_applications(world: World) -> None:
    """What one application knows of a request, another that handles it too does not believe."""
    other = World()
    scope = world.scope(f"Bearer {world.mint.mint()}")
    assert world.find(scope).subject == "user123"
    assert other.callers.at_hand(scope) is None
    assert other.refusal(scope).reason is Reason.SIGNATURE
    assert world.callers.at_hand(scope) is not None


def test_bare_header() -> None:
    """A header of another name holds the token without a scheme; the Authorization header says nothing there."""
    world = World(b"x-goog-iap-jwt-assertion")
    token = world.mint.mint()
    scope = world.scope(token)
    scope["headers"].append((b"authorization", b"Basic YTpi"))
    assert world.callers.at_hand(scope) is not None
    for value, reason in ((f"Bearer {token}", Reason.MALFORMED_HEADER), ("", Reason.MALFORMED_HEADER)):
        assert world.callers.at_hand(world.scope(value)) is None
        assert world.refusal(world.scope(value)).reason is reason
