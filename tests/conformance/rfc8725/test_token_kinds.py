"""RFC 8725, sections 3.11 and 3.12: an access token, and no other kind of token that the same issuer signs."""

from collections.abc import Callable
from typing import Any

import pytest

from axioms_fastapi import Reason
from conformance.door import Door

OTHER_TYPES = (
    "logout+jwt",
    "application/logout+jwt",
    "dpop+jwt",
    "secevent+jwt",
    "token-introspection+jwt",
    "oauth-authz-req+jwt",
    "client-authentication+jwt",
    "JOSE",
    "JOSE+JSON",
    "at+jwt2",
    "at+jwt ",
    " at+jwt",
    "at jwt",
    "application/at+jwt/x",
    "application/application/at+jwt",
    "text/at+jwt",
    "at+jwt;charset=utf-8",
    "ａt+jwt",
    "none",
    "*",
)


@pytest.mark.conformance("44", "A40")
@pytest.mark.parametrize("typ", OTHER_TYPES)
def test_other_types(door: Door, make_door: Callable[..., Door], typ: str) -> None:
    """A `typ` of another kind of token is refused, in the default profile and in the strict one."""
    door.turns_away(door.token(header={"typ": typ}), Reason.TYPE)
    strict = make_door(token_typs="at+jwt")
    strict.turns_away(strict.token(header={"typ": typ}), Reason.TYPE)


@pytest.mark.conformance("44")
@pytest.mark.parametrize("typ", ["at+jwt", "AT+JWT", "At+Jwt", "application/at+jwt", "APPLICATION/AT+JWT"])
def test_the_type_of_access_tokens(door: Door, make_door: Callable[..., Door], typ: str) -> None:
    """`at+jwt` is a media type: any case, with its prefix or without (RFC 9068, section 4; RFC 7515, section 4.1.9)."""
    door.lets_in(door.token(header={"typ": typ}))
    strict = make_door(token_typs="at+jwt")
    strict.lets_in(strict.token(header={"typ": typ}))


@pytest.mark.conformance("44")
def test_the_lenient_profile(door: Door, make_door: Callable[..., Door]) -> None:
    """`JWT` and no type at all are what most providers send: accepted by default, and refused by the strict profile."""
    strict = make_door(token_typs="at+jwt")
    for token in (
        door.token(header={"typ": "JWT"}),
        door.token(header={"typ": "jwt"}),
        door.token(omit_header=["typ"]),
    ):
        door.lets_in(token)
        strict.turns_away(token, Reason.TYPE)


@pytest.mark.conformance("45", "A40")
@pytest.mark.parametrize("typ", ["JWT", "at+jwt", None])
@pytest.mark.parametrize(
    "claims",
    [
        {"at_hash": "x"},
        {"at_hash": None},
        {"c_hash": "x", "nonce": "n"},
        {"s_hash": "x"},
        {"nonce": "n", "at_hash": "x", "auth_time": 1},
        {"events": {"http://schemas.openid.net/event/backchannel-logout": {}}},
        {"events": {}},
        {"token_use": "id"},
        {"token_use": ""},
        {"token_use": None},
        {"token_use": ["access"]},
        {"typ": "ID"},
        {"typ": "id"},
        {"typ": "Refresh"},
        {"typ": "Offline"},
        {"typ": "Logout"},
    ],
    ids=str,
)
def test_shapes_of_other_tokens(make_door: Callable[..., Door], claims: dict[str, Any], typ: str | None) -> None:
    """ID, logout and refresh tokens are refused by their shape, in every profile, whatever type their header has."""
    for door in (make_door(), make_door(token_typs="at+jwt")):
        token = door.token(claims, header={"typ": typ} if typ else {}, omit_header=[] if typ else ["typ"])
        door.turns_away(token)


@pytest.mark.conformance("45")
@pytest.mark.parametrize(
    "claims",
    [
        {"nonce": "n"},
        {"auth_time": 1},
        {"token_use": "access"},
        {"typ": "Bearer"},
        {"sid": "s"},
        {"azp": "c", "acr": "1"},
    ],
    ids=str,
)
def test_shapes_of_access_tokens(door: Door, claims: dict[str, Any]) -> None:
    """What access tokens of real providers have beside the usual refuses nothing, a nonce alone included."""
    door.lets_in(door.token(claims))


@pytest.mark.conformance("45", "A40")
@pytest.mark.parametrize(
    ("claims", "header"),
    [
        ({"aud": "client-1", "nonce": "n", "at_hash": "x"}, {}),
        ({"aud": ["client-1", "https://api.example.com"], "at_hash": "x"}, {}),
        (
            {"iss": "client-1", "sub": "client-1", "aud": "https://issuer.example.com"},
            {"typ": "client-authentication+jwt"},
        ),
        ({"htm": "GET", "htu": "https://api.example.com/"}, {"typ": "dpop+jwt"}),
        ({"token_introspection": {"active": True, "sub": "alice"}}, {"typ": "token-introspection+jwt"}),
        ({"response_type": "code", "client_id": "c"}, {"typ": "oauth-authz-req+jwt"}),
        ({"code": "x", "aud": "client-1"}, {}),
    ],
    ids=[
        "ID token",
        "ID token for the API too",
        "client assertion",
        "DPoP proof",
        "introspection",
        "request object",
        "JARM",
    ],
)
def test_whole_tokens_of_other_kinds(door: Door, claims: dict[str, Any], header: dict[str, Any]) -> None:
    """Each kind of token that the issuer signs for somebody else is refused as an access token."""
    door.turns_away(door.token(claims, header=header))


@pytest.mark.conformance("65")
@pytest.mark.parametrize(
    "cnf",
    [{"jkt": "x"}, {"x5t#S256": "x"}, {"jwk": {}}, {"kid": "x"}, {"unknown": 1}, {}, None, "x", [], True],
    ids=str,
)
def test_bound_tokens(door: Door, cnf: Any) -> None:
    """A token that is bound to a key is refused as a plain bearer token (RFC 9449, section 7.2; RFC 8705, section 3)."""
    door.turns_away(door.token({"cnf": cnf}), Reason.SENDER_CONSTRAINED)
