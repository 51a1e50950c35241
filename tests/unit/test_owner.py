"""Whose an object is: what is compared with what, and what the log is told."""

from dataclasses import dataclass
from typing import Any

import pytest

from axioms_fastapi.core.claims import Claims
from axioms_fastapi.core.errors import ConfigurationError, NotOwner
from axioms_fastapi.core.owner import Owner

CLAIMS = Claims({"iss": "https://i", "sub": "alice", "email": "a@x", "number": 7, "empty": "", "blank": " "})


@dataclass
class Article:
    """Something that belongs to somebody."""

    user: Any = "alice"
    issuer: Any = "https://i"


def refusal(owner: Owner, resource: object, claims: Claims = CLAIMS) -> str | None:
    """Why the caller does not own it, for the log."""
    try:
        owner.check(resource, claims)
    except NotOwner as error:
        return error.detail
    return None


def test_defaults() -> None:
    """The field `user` equals the claim `sub`, and no issuer is compared, unless it is said."""
    assert Owner() == Owner("user", "sub", None)
    assert refusal(Owner(), Article(issuer="https://other")) is None
    assert refusal(Owner(), {"user": "alice"}) is None
    assert refusal(Owner(), {"owner": "alice", "user": "bob"}) is not None


def test_rule_is_frozen() -> None:
    """The rule is not changed while requests are judged by it."""
    owner: Any = Owner()
    with pytest.raises(AttributeError):
        owner.claim_field = "nickname"


@pytest.mark.parametrize(
    ("value", "detail"),
    [
        ("bob", "Article.user is not the caller's sub"),
        ("Alice", "Article.user is not the caller's sub"),
        ("alice ", "Article.user is not the caller's sub"),
        ("", "Article.user is empty"),
        ("  ", "Article.user is empty"),
        (None, "Article.user is no text but NoneType"),
        (b"alice", "Article.user is no text but bytes"),
        (["alice"], "Article.user is no text but list"),
    ],
    ids=str,
)
def test_another_owner(value: Any, detail: str) -> None:
    """What is no equal text denies, and the log is told the type and the field, and no value of either side."""
    assert refusal(Owner(), Article(value)) == detail


def test_no_such_field() -> None:
    """A field that is not there is a mistake of the application's, and is named as one; of a mapping it is a key."""
    assert refusal(Owner("author"), Article()) == "Article has no field author"
    assert refusal(Owner("author"), {"user": "alice"}) == "dict has no field author"
    assert refusal(Owner("items"), {"user": "alice"}) == "dict has no field items"
    assert refusal(Owner("author"), {"author": None}) == "dict.author is no text but NoneType"


@pytest.mark.parametrize("claim", ["missing", "number", "__class__", "items"])
def test_claim_that_is_no_text(claim: str) -> None:
    """A claim that is not there, or no text, owns nothing, whatever the field holds."""
    for value in ("alice", "7", "None"):
        assert refusal(Owner(claim_field=claim), Article(value)) == f"the token has no text in its claim {claim}"


def test_empty_owns_nothing() -> None:
    """Nothing equals nothing, and that is nobody's."""
    assert refusal(Owner(claim_field="empty"), Article("")) == "Article.user is empty"
    assert refusal(Owner(claim_field="blank"), Article(" ")) == "Article.user is empty"


def test_issuer_field() -> None:
    """Where a field holds the owner's issuer, the same subject of another issuer is another person."""
    owner = Owner(issuer_field="issuer")
    assert refusal(owner, Article()) is None
    assert refusal(owner, Article(issuer="https://other")) == "Article.issuer is not the caller's iss"
    assert refusal(owner, Article("bob")) == "Article.user is not the caller's sub"
    assert refusal(owner, {"user": "alice"}) == "dict has no field issuer"


@pytest.mark.parametrize(
    ("verified", "owns"),
    [({}, True), ({"email_verified": True}, True), *(({"email_verified": v}, False) for v in (False, None, 1, "true"))],
)
def test_email(verified: dict[str, Any], owns: bool) -> None:
    """An address that the issuer says it has not verified owns nothing; of other claims that says nothing."""
    claims = Claims(dict(CLAIMS) | verified)
    assert refusal(Owner(claim_field="email"), Article("a@x"), claims) == (
        None if owns else "the token's email is not verified"
    )
    assert refusal(Owner(), Article(), claims) is None


def test_text_that_says_it_equals() -> None:
    """A text of a class of its own equals what its letters equal, whatever it says of itself."""

    class Anybody(str):
        """Equal to everybody."""

        def __eq__(self, other: object) -> bool:
            return True

        __hash__ = str.__hash__

    assert refusal(Owner(), Article(Anybody("bob"))) == "Article.user is not the caller's sub"
    assert refusal(Owner(), Article(Anybody("alice"))) is None


@pytest.mark.parametrize("name", ["", " ", 7, None, b"user"])
@pytest.mark.parametrize("option", ["owner_field", "claim_field", "issuer_field"])
def test_names_are_checked_where_they_are_written(option: str, name: Any) -> None:
    """What is no name of a field or a claim stops the import, in one sentence; no issuer field is the default."""
    if (option, name) == ("issuer_field", None):
        assert Owner(issuer_field=None) == Owner()
        return
    with pytest.raises(ConfigurationError, match=f"^{option} is .*; write a name, such as {option}='[a-z_]+'$"):
        Owner(**{option: name})
