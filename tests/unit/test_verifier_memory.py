"""What a verifier has at hand, and what it remembers: headers within bounds, and tokens, of which whatever changes is asked."""

import asyncio
from dataclasses import replace

import pytest

from axioms_fastapi.core.errors import InvalidToken, Reason
from axioms_fastapi.core.issuers import Issuers, TrustedIssuer
from axioms_fastapi.core.jose import Header
from axioms_fastapi.core.principal import ClaimMapping, Principal
from axioms_fastapi.core.verifier import PendingToken, Verifier
from axioms_fastapi.forge import SigningKey
from one_issuer import NOW, OneIssuer


@pytest.fixture(scope="module")
def key() -> SigningKey:
    return SigningKey.generate("ES256", kid="k")


def at_hand(verifier: Verifier, token: str) -> Principal | PendingToken:
    return verifier.verify_at_hand(token.encode())


def verify(verifier: Verifier, token: str) -> Principal:
    return asyncio.run(verifier.verify(token.encode()))


def remembered(verifier: Verifier, token: str) -> Principal:
    """The caller of a token that has come twice, and is remembered by now."""
    verify(verifier, token)
    return verify(verifier, token)


def refusal(verifier: Verifier, token: str) -> InvalidToken:
    with pytest.raises(InvalidToken) as error:
        verify(verifier, token)
    return error.value


def test_asked_once_by_kid_and_algorithm(key: SigningKey) -> None:
    """Keys at hand are asked for once, by the header's kid and algorithm, when a token comes and when it comes again."""
    world = OneIssuer(key)
    verifier = world.verifier(cache=world.cache)
    token = world.mint.mint()
    verify(verifier, token)
    assert world.keys.asked == [("at hand", "k", "ES256")]
    second = verify(verifier, token)
    assert verify(verifier, token) is second
    assert world.keys.asked == [("at hand", "k", "ES256")] * 3


def test_tokens_that_come_once(key: SigningKey) -> None:
    """However many different tokens come, none of them is remembered before it has come again."""
    world = OneIssuer(key)
    verifier = world.verifier(cache=world.cache)
    tokens = [world.mint.mint({"jti": str(number)}) for number in range(5)]
    for token in tokens:
        verify(verifier, token)
    assert len(world.cache) == 0
    verify(verifier, tokens[2])
    assert len(world.cache) == 1


def test_found_again_by_kid_and_algorithm(key: SigningKey) -> None:
    """Keys that are no longer at hand, when a token comes again, are looked for under the same names."""
    world = OneIssuer(key)
    verifier = world.verifier(cache=world.cache)
    token = world.mint.mint()
    second = remembered(verifier, token)
    world.keys.are_at_hand = False
    world.keys.asked.clear()
    assert verify(verifier, token) is second
    assert world.keys.asked == [("at hand", "k", "ES256"), ("find", "k", "ES256")]


def test_recalled(key: SigningKey) -> None:
    """A remembered token is recalled, at its full size and by its whole text, while all of it is at hand; nobody is asked."""
    world = OneIssuer(key)
    token = world.mint.mint()
    verifier = world.verifier(max_token_size=len(token), cache=world.cache)
    first, second = at_hand(verifier, token), at_hand(verifier, token)
    assert second is not first
    world.keys.asked.clear()
    assert at_hand(verifier, token) is second
    assert world.keys.asked == [("at hand", "k", "ES256")]
    for other in (token[:-1], token + "A", ""):
        with pytest.raises(InvalidToken):
            at_hand(verifier, other)
    shorter = world.verifier(max_token_size=len(token) - 1, cache=world.cache)
    assert refusal(shorter, token).reason is Reason.TOO_LARGE
    assert at_hand(world.verifier(), token) is not second
    world.keys.are_at_hand = False
    assert isinstance(at_hand(verifier, token), PendingToken)
    assert verify(verifier, token) is second


def test_unknown_kid(key: SigningKey) -> None:
    """A kid that is not at hand is looked for, under that very name."""
    world = OneIssuer(key)
    assert refusal(world.verifier(), world.mint.mint(header={"kid": "other"})).reason is Reason.UNKNOWN_KEY
    assert world.keys.asked == [("at hand", "other", "ES256"), ("find", "other", "ES256")]


def test_key_of_another_issuer(key: SigningKey) -> None:
    """A key that names another issuer is no key of this one's, and the log says so."""
    world = OneIssuer(key, issuer="https://other")
    refused = refusal(world.verifier(), world.mint.mint())
    assert (refused.reason, refused.detail) == (
        Reason.UNKNOWN_KEY,
        "the key of this kid names another issuer than the token's",
    )
    assert verify(OneIssuer(key, issuer="https://i").verifier(), world.mint.mint()).issuer == "https://i"


def test_longest_token(key: SigningKey) -> None:
    """The longest token that is let in is remembered like any other; one that is a character longer is let in nowhere."""
    world = OneIssuer(key)
    token = world.mint.mint()
    verifier = world.verifier(max_token_size=len(token), cache=world.cache)
    verify(verifier, token)
    assert verify(verifier, token) is verify(verifier, token)
    assert len(world.cache) == 1
    assert refusal(verifier, token + "A").reason is Reason.TOO_LARGE
    assert refusal(world.verifier(max_token_size=len(token) - 1, cache=world.cache), token).reason is Reason.TOO_LARGE


def test_verified_at_hand(key: SigningKey) -> None:
    """With its issuer and its keys at hand a token is verified at once, and remembered as any other when it comes again."""
    world = OneIssuer(key)
    verifier = world.verifier(cache=world.cache)
    token = world.mint.mint()
    caller = at_hand(verifier, token)
    assert isinstance(caller, Principal)
    assert (caller.issuer, caller.subject, len(world.cache)) == ("https://i", "user123", 0)
    assert world.keys.asked == [("at hand", "k", "ES256")]
    again = at_hand(verifier, token)
    assert again is not caller
    assert at_hand(verifier, token) is again
    assert len(world.cache) == 1


def test_not_at_hand(key: SigningKey) -> None:
    """Where the issuer is not known yet, or the keys are not, nobody is asked and nothing is said of the token but its header."""
    world = OneIssuer(key)
    verifier = world.verifier(cache=world.cache)
    for unknown in ("https://other", "https://i/", 7, None):
        pending = at_hand(verifier, world.mint.mint({"iss": unknown}))
        assert isinstance(pending, PendingToken)
        assert pending.unverified_iss == unknown
        with pytest.raises(InvalidToken) as error:
            asyncio.run(verifier.finish(pending))
        assert error.value.reason is Reason.ISSUER
    assert world.keys.asked == []
    world.keys.are_at_hand = False
    pending = at_hand(verifier, world.mint.mint())
    assert isinstance(pending, PendingToken)
    assert repr(pending) == "<PendingToken Header(algorithm='ES256', kid='k', media_type='jwt', jku=None)>"
    assert world.keys.asked == [("at hand", "k", "ES256")]
    assert asyncio.run(verifier.finish(pending)).subject == "user123"
    assert world.keys.asked == [("at hand", "k", "ES256"), ("find", "k", "ES256")]


def test_parsed_once(key: SigningKey) -> None:
    """A token that waits is parsed once, and one that is remembered not at all: strangers choose how long that takes."""
    world = OneIssuer(key)
    verifier = world.verifier(cache=world.cache)
    token = world.mint.mint()
    remembered(verifier, token)
    world.keys.are_at_hand = False
    for waiting, is_known in ((token, True), (world.mint.mint({"sub": "bob"}), False)):
        pending = at_hand(verifier, waiting)
        assert isinstance(pending, PendingToken)
        assert (pending.known is not None, pending.unverified is None) == (is_known, is_known)


def test_remembered_and_rotated(key: SigningKey) -> None:
    """A remembered token whose key is another by the time that it was asked for is verified anew, and refused."""
    world = OneIssuer(key)
    verifier = world.verifier(cache=world.cache)
    token = world.mint.mint()
    second = remembered(verifier, token)
    world.keys.are_at_hand = False
    pending = at_hand(verifier, token)
    assert isinstance(pending, PendingToken)
    assert pending.known is not None
    assert asyncio.run(verifier.finish(pending)) is second
    world.keys.replace({"keys": [key.public_jwk()]})
    assert asyncio.run(verifier.finish(pending)) is second
    world.keys.replace({"keys": [SigningKey.generate("ES256", kid="k").public_jwk()]})
    with pytest.raises(InvalidToken) as error:
        asyncio.run(verifier.finish(pending))
    assert error.value.reason is Reason.SIGNATURE
    world.keys.are_at_hand = True
    assert refusal(verifier, token).reason is Reason.SIGNATURE
    assert len(world.cache) == 0  # its place is for others


@pytest.mark.parametrize(("begins", "ends"), [(-1, 0), (1, 2)])
def test_remembered_and_out_of_time(key: SigningKey, begins: int, ends: int) -> None:
    """A remembered token that expires while its keys are asked for, or whose time a clock is set back before, is refused."""
    world, now = OneIssuer(key), [NOW + begins]
    verifier = Verifier(Issuers([world.issuer]), max_token_size=4096, clock=lambda: now[0], cache=world.cache)
    token = world.mint.mint(dict.fromkeys(("iat", "nbf"), NOW + begins) | {"exp": NOW + ends})
    remembered(verifier, token)
    world.keys.are_at_hand = False
    pending = at_hand(verifier, token)
    assert isinstance(pending, PendingToken)
    assert pending.known is not None
    now[0] = NOW
    with pytest.raises(InvalidToken) as error:
        asyncio.run(verifier.finish(pending))
    assert error.value.reason is (Reason.EXPIRED if ends == 0 else Reason.NOT_YET_VALID)


def test_refused_at_hand(key: SigningKey) -> None:
    """What is at hand refuses for the same reasons: size, form, header, signature and claims."""
    world = OneIssuer(key)
    good = world.mint.mint()
    segments = good.split(".")
    stranger = SigningKey.generate("ES256", kid="k")
    for token, reason in (
        ("a" * 16385, Reason.TOO_LARGE),
        ("a.b", Reason.MALFORMED),
        (f"{segments[0]}..{segments[2]}", Reason.MALFORMED),
        (world.mint.mint(header={"jku": "https://evil.test"}), Reason.KEY_REFERENCE),
        (world.mint.mint(key=stranger), Reason.SIGNATURE),
        (world.mint.mint({"exp": 1}), Reason.EXPIRED),
        (world.mint.mint({"aud": "other"}), Reason.AUDIENCE),
    ):
        verifier = world.verifier()
        with pytest.raises(InvalidToken) as error:
            at_hand(verifier, token)
        assert error.value.reason is reason
        assert refusal(verifier, token).reason is reason


def test_remembered_of_a_tenant_that_was_described_anew(key: SigningKey) -> None:
    """A remembered token of a tenant that is another by the time that it was asked for is verified anew, and remembered so."""
    world = OneIssuer(key)
    tenants, now = [world.issuer, replace(world.issuer, mapping=ClaimMapping(keys_are_names=True))], [0.0]

    async def resolver(url: str, known: TrustedIssuer | None) -> TrustedIssuer:
        return tenants[0]

    issuers = Issuers([], [resolver], monotonic=lambda: now[0])
    verifier = Verifier(issuers, max_token_size=4096, clock=lambda: NOW, cache=world.cache)
    token = world.mint.mint()
    second = remembered(verifier, token)
    assert verify(verifier, token) is second
    tenants.pop(0)
    assert verify(verifier, token) is second
    now[0] = 301.0
    third = verify(verifier, token)
    assert third is not second
    assert third.claims == second.claims
    assert at_hand(verifier, token) is third
    assert len(world.cache) == 1


def test_claims_that_are_left_out(key: SigningKey) -> None:
    """Each verification of a token that leaves claims out is told of, with its principal; recalling it is none."""
    world = OneIssuer(key)
    told: list[Principal] = []
    verifier = Verifier(
        Issuers([world.issuer]), max_token_size=4096, clock=lambda: NOW, cache=world.cache, on_left_out=told.append
    )
    for claims in ({}, {"_claim_names": {}}, {"_claim_names": None}):
        verify(verifier, world.mint.mint(claims))
    assert told == []
    for claims in ({"_claim_names": {"groups": "src1"}}, {"hasgroups": True}):
        token = world.mint.mint(claims)
        callers = [verify(verifier, token) for _ in range(4)]
        assert [id(caller) for caller in told] == [id(callers[0]), id(callers[1])]
        told.clear()
    assert verify(world.verifier(), token).left_out == {"groups"}


def test_headers_of_what_was_signed(key: SigningKey) -> None:
    """A header is remembered once it was signed, under its very text; that of a forged token never is."""
    world = OneIssuer(key)
    verifier = world.verifier()
    token = world.mint.mint(header={"typ": "JWT"})
    segment, _, rest = token.partition(".")
    refusal(verifier, f"{segment}.{rest[:-4]}AAAA")
    assert verifier._headers == {}
    for _ in range(2):
        verify(verifier, token)
        assert verifier._headers == {segment.encode(): Header("ES256", "k", "jwt", None)}


@pytest.mark.parametrize(("length", "remembered"), [(1000, 1), (1002, 0)])
def test_longest_header(key: SigningKey, length: int, remembered: int) -> None:
    """A header of more than a thousand characters is read each time: what is remembered is bounded in size."""
    world = OneIssuer(key)
    verifier = world.verifier()
    plain = len(world.mint.mint(header={"x": ""}).partition(".")[0])
    token = next(
        token
        for more in range(3 * (length - plain) // 4 - 3, length)
        if len((token := world.mint.mint(header={"x": "a" * more})).partition(".")[0]) == length
    )
    assert verify(verifier, token)
    assert len(verifier._headers) == remembered


def test_most_headers(key: SigningKey) -> None:
    """A hundred headers are remembered; with one more, all are forgotten but that one: the memory is bounded."""
    world = OneIssuer(key)
    verifier = world.verifier()
    for number in range(100):
        verify(verifier, world.mint.mint(header={"x": number}))
        assert len(verifier._headers) == number + 1
    token = world.mint.mint(header={"x": "last"})
    verify(verifier, token)
    assert list(verifier._headers) == [token.partition(".")[0].encode()]
