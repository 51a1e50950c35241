"""Properly signed tokens that are another issuer's, for another API, not valid now, or nobody's."""

from collections.abc import Callable
from functools import partial
from typing import Any, Final
from urllib.parse import urlsplit

from .recipe import Category, Recipes
from .world import NotPossible, Rule, World

ISSUERS: Final = Recipes(Category.ISSUER, "RFC 9068, section 4; RFC 8725, section 3.8")
AUDIENCES: Final = Recipes(Category.AUDIENCE, "RFC 7519, section 4.1.3; RFC 9068, section 4")
TIMES: Final = Recipes(Category.TIME, "RFC 7519, sections 4.1.4 to 4.1.6")
IDENTITIES: Final = Recipes(Category.IDENTITY, "RFC 7519, sections 4.1.2 and 4.1.7; RFC 9068, section 2.2")

# Beyond any leeway that an API may allow.
_HOUR: Final = 3600

Of = Callable[[World], Any]


def _changed(world: World, name: str, value: Any) -> str:
    return world.token({name: value})


def _changed_to(world: World, name: str, value: Of) -> str:
    return world.token({name: value(world)})


def _issued_by(world: World, issuer: Of) -> str:
    other = issuer(world)
    if other == world.issuer:
        raise NotPossible("the issuer's URL has no such neighbour")
    return world.token({"iss": other})


def _slash_flipped(world: World) -> str:
    return world.issuer.removesuffix("/") if world.issuer.endswith("/") else f"{world.issuer}/"


def _with_port(world: World) -> str:
    parts = urlsplit(world.issuer)
    port = f":0{parts.port}" if parts.port else {"https": ":443", "http": ":80"}[parts.scheme]
    return world.issuer.replace(parts.netloc, f"{parts.hostname}{port}", 1)


def _host_replaced(world: World, form: str) -> str:
    host = urlsplit(world.issuer).netloc
    return world.issuer.replace(host, form.replace("HOST", host), 1)


for _name, _what, _issuer in (
    ("iss-of-a-stranger", "Another issuer's name stands in it", lambda _: "https://issuer.attacker.example.com"),
    ("iss-with-the-slash-flipped", "A slash at the end of the issuer's URL is one too many or too few", _slash_flipped),
    ("iss-in-capitals", "The issuer's URL is in capitals", lambda world: world.issuer.upper()),
    ("iss-cut-short", "The issuer's URL is cut short", lambda world: world.issuer[:-1]),
    ("iss-of-the-scheme-alone", "Only the beginning of the issuer's URL is there", lambda world: world.issuer.partition("/")[0]),
    ("iss-with-another-ending", "The issuer's URL goes on to another domain", lambda world: f"{world.issuer}.evil.example.com"),
    ("iss-with-a-path-behind", "The issuer's URL goes on with a path", lambda world: f"{world.issuer.rstrip('/')}/other-realm"),
    ("iss-with-a-port", "The issuer's URL has a port that does not change where it leads", _with_port),
    ("iss-with-userinfo", "The issuer's host stands before the host", partial(_host_replaced, form="HOST@attacker.example.com")),
    ("iss-with-a-dot-behind-the-host", "A dot stands behind the issuer's host", partial(_host_replaced, form="HOST.")),
    ("iss-with-a-query", "The issuer's URL has a query", lambda world: f"{world.issuer}?"),
    ("iss-with-a-fragment", "The issuer's URL has a fragment", lambda world: f"{world.issuer}#"),
    ("iss-percent-encoded", "A letter of the issuer's URL is percent-encoded", lambda world: world.issuer.replace("t", "%74", 1)),
    ("iss-with-a-backslash", "A slash of the issuer's URL is a backslash", lambda world: world.issuer.replace("//", "/\\", 1)),
    ("iss-with-a-space", "A space stands behind the issuer's URL", lambda world: f"{world.issuer} "),
    ("iss-with-an-invisible-letter", "An invisible letter stands behind the issuer's URL", lambda world: f"{world.issuer}\u200b"),
):  # fmt: skip
    ISSUERS.add(_name, f"{_what}, and issuers are compared by code point.", partial(_issued_by, issuer=_issuer))
ISSUERS.add(
    "iss-list", "The issuer stands in a list.", partial(_changed_to, name="iss", value=lambda world: [world.issuer])
)
ISSUERS.add(
    "iss-list-of-two",
    "It names two issuers, and it is not for the token to say which of them counts.",
    partial(_changed_to, name="iss", value=lambda world: ["https://attacker.example.com", world.issuer]),
)
ISSUERS.add(
    "iss-object",
    "The issuer is the name of a member.",
    partial(_changed_to, name="iss", value=lambda world: {world.issuer: 1}),
)
ISSUERS.add("iss-null", "The issuer is null.", partial(_changed, name="iss", value=None))
ISSUERS.add("iss-empty", "The issuer is an empty text.", partial(_changed, name="iss", value=""))
ISSUERS.add("iss-absent", "It does not say who issued it.", lambda world: world.token(omit=["iss"]))
ISSUERS.add(
    "another-issuers-token",
    "It is a good token of another issuer, for this API.",
    lambda world: world.forged(
        world.attacker.rsa, header={"kid": "attacker"}, changes={"iss": "https://issuer.attacker.example.com"}
    ),
)
ISSUERS.add(
    "iss-of-an-address-to-call",
    "Its issuer is an address of the attacker's, where the API would find his keys if it asked.",
    lambda world: world.forged(world.attacker.rsa, header={"kid": "attacker"}, changes={"iss": world.canary}),
    section="RFC 8725, section 3.10",
)


def _for_audience(world: World, audience: Of) -> str:
    if world.audience_claim is None:
        raise NotPossible("this API reads no audience")
    other = audience(world)
    if other == world.audience:
        raise NotPossible("the audience has no such neighbour")
    return world.token({world.audience_claim: other})


def _without_audience(world: World) -> str:
    return world.token(omit=[world.audience_claim or "aud"])


for _name, _what, _audience in (
    ("aud-of-another-api", "It is for another API of the same issuer.", lambda _: "https://other.example.com"),
    ("aud-list-of-others", "It is for two APIs, and this is none of them.", lambda _: ["https://a.example.com", "https://b.example.com"]),
    ("aud-empty-list", "It is for a list of nobody.", lambda _: []),
    ("aud-empty", "Its audience is an empty text.", lambda _: ""),
    ("aud-list-of-empty", "Its audience is an empty text in a list.", lambda _: [""]),
    ("aud-null", "Its audience is null.", lambda _: None),
    ("aud-true", "Its audience is true, and that is not everybody.", lambda _: True),
    ("aud-number", "Its audience is a number.", lambda _: 0),
    ("aud-object", "This API is the name of a member of its audience.", lambda world: {world.audience: True}),
    ("aud-list-with-a-number", "A number stands among its audiences.", lambda world: [world.audience, 1]),
    ("aud-nested-list", "This API stands in a list within its audiences.", lambda world: [[world.audience]]),
    ("aud-cut-short", "Its audience is this API's name cut short.", lambda world: world.audience[:-1]),
    ("aud-first-letter", "Its audience is the first letter of this API's name.", lambda world: world.audience[0]),
    ("aud-continued", "Its audience begins like this API's and goes on.", lambda world: f"{world.audience}.evil.example.com"),
    ("aud-among-words", "This API's name is one of several words of its audience.", lambda world: f"other {world.audience}"),
    ("aud-in-capitals", "Its audience is this API's name in another case.", lambda world: world.audience.swapcase()),
    ("aud-with-the-slash-flipped", "A slash at the end of its audience is one too many or too few.",
     lambda world: world.audience[:-1] if world.audience.endswith("/") else f"{world.audience}/"),
    ("aud-with-a-wildcard", "Its audience is a star, and that is not everybody.", lambda _: "*"),
):  # fmt: skip
    AUDIENCES.add(_name, _what, partial(_for_audience, audience=_audience), rule=Rule.AUDIENCE)
AUDIENCES.add("aud-absent", "It does not say whom it is for.", _without_audience, rule=Rule.AUDIENCE)

_value: object
TIMES.add("exp-past", "It has expired an hour ago.", lambda world: world.token({"exp": world.now - _HOUR}))
TIMES.add("exp-long-past", "It has expired years ago.", partial(_changed, name="exp", value=1_000_000_000))
TIMES.add("exp-absent", "It never expires, because it does not say when.", lambda world: world.token(omit=["exp"]))
for _name, _what, _value in (
    ("exp-null", "It expires at null.", None),
    ("exp-zero", "It expired when time began.", 0),
    ("exp-negative", "It expired before time began.", -1),
    ("exp-true", "It expires at true, which Python takes for one.", True),
    ("exp-false", "It expires at false, which Python takes for nothing.", False),
    ("exp-list", "It expires at a list.", [9_999_999_999]),
    ("exp-object", "It expires at an object.", {"at": 9_999_999_999}),
    ("exp-word", "It expires at a word.", "never"),
    ("exp-date-in-words", "It expires at a date in words.", "2999-01-01T00:00:00Z"),
    ("exp-2-to-the-63", "It expires at a number that overflows where dates are computed.", 2**63),
):
    TIMES.add(_name, _what, partial(_changed, name="exp", value=_value))
TIMES.add(
    "exp-text",
    "It expires at a number in quotes.",
    partial(_changed_to, name="exp", value=lambda world: str(world.now + _HOUR)),
)
for _claim, _what in (("nbf", "valid"), ("iat", "issued")):
    TIMES.add(
        f"{_claim}-in-an-hour",
        f"It will be {_what} in an hour.",
        partial(_changed_to, name=_claim, value=lambda world: world.now + _HOUR),
    )
    for _kind, _value in (("text", "0"), ("true", True), ("null", None), ("list", [0]), ("negative", -1)):
        TIMES.add(
            f"{_claim}-{_kind}",
            f"The moment from which it is {_what} is no date: {_value!r}.",
            partial(_changed, name=_claim, value=_value),
        )

IDENTITIES.add("sub-absent", "It is about nobody.", lambda world: world.token(omit=["sub"]), rule=Rule.SUBJECT)
for _name, _what, _value in (
    ("sub-null", "Its subject is null, which owners that are null would equal.", None),
    ("sub-empty", "Its subject is an empty text, which empty owners would equal.", ""),
    ("sub-number", "Its subject is a number, which some comparisons take for a text.", 1),
    ("sub-true", "Its subject is true, which equals one.", True),
    ("sub-list", "Its subject is a list of people.", ["alice", "bob"]),
    ("sub-object", "Its subject is an object.", {"$ne": ""}),
):
    IDENTITIES.add(_name, _what, partial(_changed, name="sub", value=_value))
for _kind, _value in (("number", 7), ("list", ["a"]), ("empty", "")):
    IDENTITIES.add(f"jti-{_kind}", f"Its id is no text: {_value!r}.", partial(_changed, name="jti", value=_value))
