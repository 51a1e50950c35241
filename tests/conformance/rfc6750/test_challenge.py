"""RFC 6750, section 3: what a refused request is told, and in which words."""

import logging
from collections.abc import Callable
from typing import Annotated, Any

import pytest
from fastapi import Depends, FastAPI

from axioms_fastapi import (
    Issuer,
    init_axioms,
    register_axioms_exception_handler,
    require_auth,
    require_permissions,
    require_roles,
    require_scopes,
)
from axioms_fastapi.forge import SigningKey
from conformance.door import Door, ask, bearer
from conformance.strict_parser import parse_challenges


@pytest.fixture
def guarded(door: Door) -> Door:
    """The door with a route for each kind of guard."""
    for path, guard in {
        "/scope": require_scopes(["admin", "articles:write"]),
        "/role": require_roles(["admin"]),
        "/permission": require_permissions(["users:read"]),
        "/hostile": require_roles(['a", error="x', "Ä\r\nSet-Cookie: a=b", "中"]),
    }.items():
        door.app.add_api_route(path, lambda: "in", dependencies=[Depends(guard)])
    return door


@pytest.mark.conformance("9", "10", "11", "14", "15", "16", "17")
@pytest.mark.parametrize(
    ("path", "token", "status", "error", "scope"),
    [
        ("/", None, 401, None, None),
        ("/", "", 400, "invalid_request", None),
        ("/", "bad", 401, "invalid_token", None),
        ("/scope", "good", 403, "insufficient_scope", "admin articles:write"),
        ("/role", "good", 403, "insufficient_scope", None),
        ("/permission", "good", 403, "insufficient_scope", None),
    ],
)
def test_status_and_error(
    guarded: Door, path: str, token: str | None, status: int, error: str | None, scope: str | None
) -> None:
    """Each kind of refusal has its status and its error code, and a scope that is missing is named."""
    sent = {None: [], "": bearer(""), "bad": bearer("bad"), "good": bearer(guarded.token())}[token]
    answer = guarded.refuses(sent, status=status, error=error, path=path)
    assert answer.challenge.parameters.get("scope") == scope


@pytest.mark.conformance("12", "A56")
def test_hostile_words_of_the_application(guarded: Door) -> None:
    """A role that no header can carry is replaced in the header, and the status stays what it is."""
    answer = guarded.refuses(bearer(guarded.token()), status=403, error="insufficient_scope", path="/hostile")
    assert answer.challenge.parameters.keys() == {"realm", "error", "error_description"}
    assert '"' not in answer.challenge.parameters["error_description"]


@pytest.mark.conformance("12", "A56")
@pytest.mark.parametrize(
    "text", ['"', "\\", '", error="insufficient_scope', "a\r\nX-Evil: 1", "é", "中" * 50, "A" * 9000, "\0"]
)
@pytest.mark.parametrize("place", ["alg", "kid", "typ", "iss", "aud", "sub", "scope", "jti"])
def test_hostile_words_of_a_token(door: Door, foreign_keys: dict[str, SigningKey], place: str, text: str) -> None:
    """Nothing of a token reaches the answer, whatever it holds and wherever."""
    in_header = place in {"alg", "kid", "typ"}
    token = door.token(
        {} if in_header else {place: text}, key=foreign_keys["ec"], header={place: text} if in_header else {}
    )
    answer = door.turns_away(token)
    assert answer.json() == {"error": "invalid_token", "error_description": "The access token is invalid"}


@pytest.mark.conformance("16", "A78")
def test_required_scope_not_the_tokens(guarded: Door) -> None:
    """The scope of the challenge is what the route requires, never what the token has."""
    token = guarded.token({"scope": "read:secret"})
    answer = guarded.refuses(bearer(token), status=403, error="insufficient_scope", path="/scope")
    assert answer.challenge.parameters["scope"] == "admin articles:write"
    assert "read:secret" not in answer.body.decode() + str(answer.headers)


@pytest.mark.conformance("15", "A57")
def test_one_answer_for_every_reason(door: Door, foreign_keys: dict[str, SigningKey]) -> None:
    """But for expiry, every refused token gets the same bytes: they tell nothing of keys, rules or libraries."""
    tokens = [
        "a.b.c",
        "garbage",
        door.token(header={"kid": "unknown"}),
        door.token(key=foreign_keys["ec"]),
        door.token({"aud": "other"}),
        door.token({"iss": "https://other.example.com"}),
        door.token({"nbf": 2**40}),
        door.token(omit=["exp"]),
        door.token(header={"alg": "none"}),
        door.token(header={"alg": "HS256"}),
        door.token({"at_hash": "x"}),
    ]
    answers = {(answer.status, answer.headers, answer.body) for answer in map(door.turns_away, tokens)}
    assert len(answers) == 1
    expired = door.turns_away(door.token({"exp": 1}))
    assert expired.json() == {"error": "invalid_token", "error_description": "Token has expired"}
    body = answers.pop()[2].decode().lower()
    assert not any(word in body for word in ("jose", "rs256", "jwks", "audience", "issuer", "signature", "claim"))


@pytest.mark.conformance("12")
@pytest.mark.parametrize("realm", ["articles", "a b c", "https://issuer.example.com/x?y=z", "%41;,="])
def test_realm(door: Door, realm: str) -> None:
    """A configured realm is carried as it is."""
    init_axioms(door.app, issuers=[Issuer(Door.URL, "x", jwks_url=door.server.url)], AXIOMS_REALM=realm)
    assert door.refuses(status=401, error=None).challenge.parameters == {"realm": realm}


@pytest.mark.conformance("9")
@pytest.mark.parametrize("registered", [True, False])
def test_mounted_application(door: Door, registered: bool) -> None:
    """A mounted application challenges as well, with a registered handler or without."""
    inner = FastAPI()
    init_axioms(inner, issuers=[Issuer("https://inner.example.com", "inner", jwks_url=door.server.url)])
    if registered:
        register_axioms_exception_handler(inner)
    inner.add_api_route("/", lambda: "in", dependencies=[Depends(require_auth)])
    door.app.mount("/inner", inner)
    answer = ask(door.app, path="/inner/")
    assert answer.status == 401
    assert answer.challenge.parameters == {"realm": "https://inner.example.com"}
    door.tally["refused"] += 1


@pytest.mark.conformance("19")
def test_not_cached(guarded: Door) -> None:
    """No refusal may be kept by a cache, and a 200 of the application is left alone (RFC 9111, section 3.5)."""
    guarded.refuses(status=401, error=None)
    answer = guarded.lets_in(guarded.token())
    assert answer.values("Cache-Control") == []


@pytest.mark.conformance("21")
def test_one_scheme_one_challenge(door: Door) -> None:
    """One scheme is offered, in one challenge that the strict parser reads to its end."""
    (value,) = door.refuses(status=401, error=None).values("WWW-Authenticate")
    assert [challenge.scheme for challenge in parse_challenges(value)] == ["Bearer"]


@pytest.mark.parametrize(
    "value",
    ['Bearer realm="a" error="b"', 'Bearer realm="a", realm="b"', 'Bearer realm="a', "Bearer ,", 'realm="a"', ""],
)
def test_the_parser_itself(value: str) -> None:
    """The parser that judges refuses what the grammar does not have."""
    with pytest.raises(ValueError, match=r"parameter|scheme|challenge|comma"):
        parse_challenges(value)


@pytest.mark.conformance("64", "A63")
@pytest.mark.parametrize("level", [logging.DEBUG, logging.INFO])
def test_nothing_of_a_token_is_logged(
    guarded: Door, foreign_keys: dict[str, SigningKey], caplog: pytest.LogCaptureFixture, level: int
) -> None:
    """No token, signature or claim is logged, at any level, accepted or refused (RFC 9700, section 4.9.2)."""
    secret = "s3cretclaimvalue"
    tokens = [
        guarded.token({"sub": secret, "email": secret}),
        guarded.token({"sub": secret, "scope": secret, "roles": [secret]}),
        guarded.token({"sub": secret}, key=foreign_keys["ec"]),
        guarded.token({"sub": secret, "aud": secret}),
        guarded.token({"iss": f"https://{secret}"}),
        guarded.token(header={"kid": secret}),
        guarded.token(header={"kid": "a\r\nrefused with 200: fine"}),
        guarded.token({"sub": secret, "exp": 1}),
        f"{secret}.{secret}.{secret}",
    ]
    with caplog.at_level(level):
        for token in tokens:
            for path in ("/", "/scope", "/role", "/permission"):
                ask(guarded.app, bearer(token), path=path)
    text = caplog.text + repr([record.args for record in caplog.records])
    assert secret not in text
    for token in tokens:
        assert not any(len(part) > 12 and part in text for part in token.split("."))
    assert all("\n" not in record.getMessage() and "\r" not in record.getMessage() for record in caplog.records)


@pytest.mark.conformance("18", "A44")
def test_every_request_is_asked_anew(make_door: Callable[..., Door]) -> None:
    """A token that expires between two requests is refused from that second on, however warm everything is."""
    import time

    door = make_door()
    token = door.token({"exp": int(time.time()) + 1})
    assert ask(door.app, bearer(token)).status == 200
    time.sleep(1.1)
    assert door.turns_away(token).json()["error_description"] == "Token has expired"


@pytest.mark.conformance("A60")
@pytest.mark.parametrize("failing", [KeyError("x"), RuntimeError("x"), TypeError("x")], ids=repr)
def test_failing_predicate_opens_nothing(door: Door, failing: Exception) -> None:
    """A predicate or dependency of the application that fails ends in a 500, and the handler does not run."""
    from axioms_fastapi import Principal, require

    def predicate(principal: Principal) -> bool:
        raise failing

    def after(payload: Annotated[Any, Depends(require(predicate))]) -> None:
        door.ran.append("loaded")

    door.app.add_api_route("/predicate", lambda: door.ran.append("in"), dependencies=[Depends(after)])
    with pytest.raises(type(failing)):
        ask(door.app, bearer(door.token()), path="/predicate")
    assert door.ran == []
