"""RFC 8725, sections 3.8 and 3.9: whose token it is, and whom it is for, to the letter."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from axioms_fastapi import ConfigurationError, Issuer, Reason, init_axioms
from axioms_fastapi.forge import Mint, SigningKey
from conformance.door import AUDIENCE, Door, ask, bearer

URL = Door.URL


@pytest.mark.conformance("47", "A35", "A36")
@pytest.mark.parametrize(
    "iss",
    [
        f"{URL}/",
        f"{URL}//",
        URL.upper(),
        URL.replace("https", "HTTPS"),
        URL.replace("https", "http"),
        URL[:-1],
        URL[1:],
        "https",
        "issuer",
        "/",
        "",
        f"{URL}.evil.example.com",
        f"{URL}@evil.example.com",
        f"{URL}:443",
        f"{URL}:443/",
        f"{URL}.",
        f"{URL}?",
        f"{URL}#",
        f"{URL}/%2e",
        f"{URL}/.",
        f" {URL}",
        f"{URL} ",
        f"{URL}\0",
        f"{URL}\n",
        f"https://user@{URL.removeprefix('https://')}",
        URL.replace("//", "\\\\"),
        URL.replace("//", "/"),
        URL.replace("issuer", "%69ssuer"),
        URL.replace("issuer", "ıssuer"),
        URL.replace("issuer", "іssuer"),
        URL.replace("issuer", "ｉssuer"),
        URL.replace("example", "ex\u200bample"),
        [URL],
        [URL, "https://evil.example.com"],
        {URL: 1},
        {"iss": URL},
        None,
        True,
        0,
        "None",
        "__class__",
    ],
    ids=repr,
)
def test_issuer(door: Door, iss: Any) -> None:
    """The issuer is that very text: no prefix, no list, no other case, no other form of the same address."""
    door.turns_away(door.token({"iss": iss}), Reason.ISSUER)


@pytest.mark.conformance("47", "86", "A107")
def test_an_issuer_that_offers_its_keys(door: Door, foreign_keys: dict[str, SigningKey]) -> None:
    """A token that is good at a server of the attacker's own is refused, and that server is not asked."""
    evil = door.server.url
    door.server.answer("/.well-known/jwks.json", {"keys": [foreign_keys["ec"].public_jwk()]})
    door.server.answer(
        "/.well-known/openid-configuration", {"issuer": evil, "jwks_uri": f"{evil}/.well-known/jwks.json"}
    )
    door.turns_away(Mint(foreign_keys.values(), evil, AUDIENCE).mint(), Reason.ISSUER)


@pytest.mark.conformance("48", "A37", "A12")
def test_keys_belong_to_their_issuer(door: Door) -> None:
    """Of two trusted issuers with the same kid, the key of one never verifies a token of the other."""
    names = ("https://a.example.com", "https://b.example.com")
    keys = {name: SigningKey.generate("ES256", kid="same") for name in names}
    issuers = [Issuer(name, f"{name}/api", keys={"keys": [key.public_jwk()]}, leeway=0) for name, key in keys.items()]
    door.axioms = init_axioms(door.app, issuers=issuers)
    for own, other in (names, names[::-1]):
        door.lets_in(Mint([keys[own]], own, f"{own}/api").mint())
        door.turns_away(Mint([keys[other]], own, f"{own}/api").mint(), Reason.SIGNATURE)
        door.turns_away(Mint([keys[own]], own, f"{other}/api").mint(), Reason.AUDIENCE)
        door.turns_away(Mint([keys[own]], own, f"{own}/api").mint(omit=["iss"]), Reason.ISSUER)


@pytest.mark.conformance("49", "A38", "A39", "A41")
@pytest.mark.parametrize(
    "aud",
    [
        "https://other.example.com",
        ["https://other.example.com"],
        AUDIENCE[:-1],
        AUDIENCE + "/",
        AUDIENCE + "2",
        "x" + AUDIENCE,
        f"x {AUDIENCE}",
        f"{AUDIENCE} x",
        f"{AUDIENCE},x",
        AUDIENCE.upper(),
        AUDIENCE.replace("api", "ａpi"),
        f"{AUDIENCE}\0",
        "https",
        "h",
        "",
        [""],
        [],
        [[AUDIENCE]],
        [AUDIENCE, 1],
        [AUDIENCE, None],
        [AUDIENCE, ""],
        [AUDIENCE, [AUDIENCE]],
        {AUDIENCE: True},
        {"aud": AUDIENCE},
        True,
        1,
        None,
        "*",
    ],
    ids=repr,
)
def test_audience(door: Door, aud: Any) -> None:
    """The audience is this API's very name, or a list of names that has it: nothing like it, and nothing else in the list."""
    door.turns_away(door.token({"aud": aud}), Reason.AUDIENCE)


@pytest.mark.conformance("49")
def test_audience_among_others(make_door: Callable[..., Door]) -> None:
    """A token for several APIs is accepted by each of them; an API with several names takes each of its names."""
    door = make_door(audience=["https://api.example.com", "api"])
    for aud in ("api", ["api"], [AUDIENCE, "https://other.example.com"], ["x"] * 100 + ["api"]):
        door.lets_in(door.token({"aud": aud}))
    door.turns_away(door.token({"aud": "https://api.example.com,api"}), Reason.AUDIENCE)
    door.turns_away(door.token({"aud": "a"}), Reason.AUDIENCE)


@pytest.mark.conformance("49", "A39", "A114")
@pytest.mark.parametrize("audience", ["", [], (), [""], ["api", ""], [" "], None])
def test_empty_audience(make_door: Callable[..., Door], audience: Any) -> None:
    """An empty audience is no configuration: the start fails, and no token could be for nobody."""
    with pytest.raises(ConfigurationError, match="audience"):
        make_door(audience=audience)


@pytest.mark.conformance("A61")
def test_callers_at_the_same_time(door: Door) -> None:
    """Two hundred requests at the same time each see their own caller."""
    import json

    import httpx2

    async def everybody() -> list[str]:
        transport = httpx2.ASGITransport(app=door.app)
        async with httpx2.AsyncClient(transport=transport, base_url="http://api.example.com") as client:
            tokens = [door.token({"sub": f"user-{number}"}) for number in range(200)]
            answers = await asyncio.gather(
                *(client.get("/", headers={"Authorization": f"Bearer {token}"}) for token in tokens)
            )
            return [json.loads(answer.content) for answer in answers]

    assert asyncio.run(everybody()) == [f"user-{number}" for number in range(200)]


@pytest.mark.conformance("A111")
def test_one_signature_check_at_most(door: Door) -> None:
    """A token whose header or claims cannot be right costs no signature check, and one that is wrong costs one."""
    assert ask(door.app, bearer(door.token())).status == 200
    for token, reason in (
        (door.token(header={"kid": "unknown"}), Reason.UNKNOWN_KEY),
        (door.token({"iss": "https://other.example.com"}), Reason.ISSUER),
        (door.token(header={"alg": "HS256"}), Reason.ALGORITHM),
    ):
        door.turns_away(token, reason)
