"""Broken object level authorization (OWASP API1:2023): whose row it is, and what a stranger can learn of it."""

import uuid
from typing import Annotated, Any

import pytest
from fastapi import Body, Depends, HTTPException

from axioms_fastapi import (
    Claims,
    ConfigurationError,
    Issuer,
    Principal,
    check_object_ownership,
    init_axioms,
    require,
    require_auth,
    roles,
)
from axioms_fastapi.forge import Mint, SigningKey
from conformance.door import Door, ask, bearer


class Thing:
    """An object of the application. `owner` may be absent."""

    def __init__(self, **fields: Any) -> None:
        self.__dict__.update(fields)


class Agreeable(str):
    """A text that says it equals everything."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        return True

    def __hash__(self) -> int:
        return 0


class Shelf:
    """A door with objects behind it, and how often one was loaded."""

    def __init__(self, door: Door, **options: Any) -> None:
        self.door = door
        self.things: dict[str, Any] = {}
        self.loaded: list[str] = []

        def load(name: str) -> Any:
            self.loaded.append(name)
            if name not in self.things and not options.get("conceal"):
                raise HTTPException(404, "Not Found")
            return self.things.get(name)

        guard = check_object_ownership(load, **options)

        @door.app.api_route("/things/{name}", methods=["GET", "HEAD", "DELETE", "OPTIONS"])
        async def thing(found: Annotated[Any, Depends(guard)]) -> str:
            door.ran.append("in")
            return "in"

    def status(self, name: str, method: str = "GET", **claims: Any) -> int:
        """The status of a request for that thing with a good token of these claims."""
        answer = ask(self.door.app, bearer(self.door.token(claims)), path=f"/things/{name}", method=method)
        self.door.tally["accepted" if answer.status == 200 else "refused"] += 1
        return answer.status


@pytest.fixture
def shelf(door: Door) -> Shelf:
    return Shelf(door)


@pytest.mark.conformance("A90")
@pytest.mark.parametrize("token", ["none", "bad", "expired", "other scheme"])
@pytest.mark.parametrize("method", ["GET", "HEAD", "DELETE", "OPTIONS"])
def test_nothing_is_loaded_for_a_stranger(shelf: Shelf, token: str, method: str) -> None:
    """Without a good token an existing, a missing and an impossible object are the same 401, and none is loaded."""
    shelf.things["mine"] = Thing(user="alice")
    headers = {
        "none": [],
        "bad": bearer("a.b.c"),
        "expired": bearer(shelf.door.token({"exp": 1})),
        "other scheme": [(b"authorization", b"Basic YTpi")],
    }[token]
    answers = [
        ask(shelf.door.app, headers, path=f"/things/{name}", method=method) for name in ("mine", "missing", "'--")
    ]
    assert len(set(answers)) == 1
    assert answers[0].status == 401
    assert (shelf.loaded, shelf.door.ran) == ([], [])
    shelf.door.tally["refused"] += 3


@pytest.mark.conformance("A91")
def test_concealed(door: Door) -> None:
    """With conceal somebody else's object is answered like one that does not exist, byte for byte."""
    shelf = Shelf(door, conceal=True)
    shelf.things["hers"] = Thing(user="bob")
    token = bearer(door.token({"sub": "alice"}))
    hers, missing = (ask(door.app, token, path=f"/things/{name}") for name in ("hers", "missing"))
    assert hers == missing
    assert hers.status == 404
    assert shelf.status("hers", sub="bob") == 200


@pytest.mark.conformance("A92", "A93", "A94")
@pytest.mark.parametrize(
    "owner",
    [
        None,
        "",
        " ",
        0,
        1,
        False,
        True,
        1.0,
        b"alice",
        ["alice"],
        {"alice": 1},
        {"alice"},
        Thing(sub="alice"),
        uuid.UUID(int=1),
        Agreeable("bob"),
        "Alice",
        "alice ",
        " alice",
        "alice\0",
        "ａlice",
        "al\u0131ce",
        "ali",
        "alice,bob",
        "*",
        "a" * 4096,
        "absent",
    ],
    ids=repr,
)
@pytest.mark.parametrize("subject", ["alice", "1", "True", "None", str(uuid.UUID(int=1)), "0"])
def test_only_two_equal_texts(shelf: Shelf, owner: Any, subject: str) -> None:
    """An owner is a text that equals the caller's by code point: nothing is converted, trimmed or folded, or a 500."""
    shelf.things["thing"] = Thing() if owner == "absent" else Thing(user=owner)
    assert shelf.status("thing", sub=subject) == 403
    shelf.things["thing"] = Thing(user=subject)
    assert shelf.status("thing", sub=subject) == 200


@pytest.mark.conformance("A92", "A93")
@pytest.mark.parametrize("claim", ["absent", None, "", " ", 0, 1, True, ["alice"], {"alice": 1}, 1.5], ids=repr)
@pytest.mark.parametrize("owner", [None, "", " ", 0, 1, True, "None", "True"], ids=repr)
def test_nothing_owns_nothing(door: Door, claim: Any, owner: Any) -> None:
    """A claim that is missing, empty or no text owns no object, one without an owner included."""
    shelf = Shelf(door, claim_field="employee")
    shelf.things["thing"] = {"user": owner}
    claims = {} if claim == "absent" else {"employee": claim}
    assert shelf.status("thing", **claims) == 403


@pytest.mark.conformance("A45")
@pytest.mark.parametrize("field", ["__class__", "__doc__", "items", "keys", "__dict__"])
def test_field_names_of_python(door: Door, field: str) -> None:
    """An owner field or claim that is called like an attribute of Python's is data, or absent."""
    shelf = Shelf(door, owner_field=field, claim_field=field)
    shelf.things["thing"] = {"user": "alice"}
    assert shelf.status("thing") == 403
    shelf.things["thing"] = {field: "alice"}
    assert shelf.status("thing", **{field: "alice"}) == 200


@pytest.mark.conformance("A95")
@pytest.mark.parametrize(
    ("verified", "status"),
    [("absent", 200), (True, 200), (False, 403), ("true", 403), (1, 403), (None, 403), ([True], 403), ("", 403)],
)
def test_email(door: Door, verified: Any, status: int) -> None:
    """An email owns what it names, unless the token says of it anything but that it is verified."""
    shelf = Shelf(door, owner_field="email", claim_field="email")
    shelf.things["thing"] = Thing(email="a@example.com")
    extra = {} if verified == "absent" else {"email_verified": verified}
    assert shelf.status("thing", email="a@example.com", **extra) == status
    assert shelf.status("thing", email="A@example.com", **extra) == 403


@pytest.mark.conformance("A97")
@pytest.mark.parametrize(
    "body",
    [b'{"user": "bob"}', b'{"sub": "bob"}', b'{"payload": {"sub": "bob"}}', b'{"owner": {"user": "bob"}}', b"null"],
)
def test_mass_assignment(door: Door, body: bytes) -> None:
    """What a body says of an owner is no claim: the caller is who the token says."""

    @door.app.post("/create")
    async def create(
        payload: Annotated[Claims, Depends(require_auth)], fields: Annotated[Any, Body()] = None
    ) -> dict[str, Any]:
        return {**(fields if isinstance(fields, dict) else {}), "user": payload.sub}

    headers = [*bearer(door.token({"sub": "alice"})), (b"content-type", b"application/json")]
    answer = ask(door.app, headers, path="/create", method="POST", body=body)
    assert answer.json()["user"] == "alice"
    door.tally["accepted"] += 1


@pytest.mark.conformance("A99", "A54")
@pytest.mark.parametrize("method", ["GET", "HEAD", "DELETE", "OPTIONS"])
def test_every_method(shelf: Shelf, method: str) -> None:
    """Ownership is asked for every method of the route."""
    shelf.things["thing"] = Thing(user="alice")
    assert shelf.status("thing", method, sub="bob") == 403
    assert shelf.status("thing", method, sub="alice") == 200


@pytest.mark.conformance("A99")
def test_query_does_not_replace_the_path(shelf: Shelf) -> None:
    """The object of the path is the one that is checked and given; a query of the same name changes nothing."""
    shelf.things.update(mine=Thing(user="alice"), hers=Thing(user="bob"))
    token = bearer(shelf.door.token({"sub": "alice"}))
    assert ask(shelf.door.app, token, path="/things/hers", query=b"name=mine").status == 403
    assert ask(shelf.door.app, token, path="/things/mine", query=b"name=hers").status == 200
    assert shelf.loaded == ["hers", "mine"]


@pytest.mark.conformance("A98")
@pytest.mark.parametrize("names", [["mine", "hers"], ["hers", "mine"], ["mine", "mine"], []])
def test_several_objects_at_once(door: Door, names: list[str]) -> None:
    """A loader that gives a list, whoever owns what is in it, lets nobody in: a list has no owner."""
    shelf = Shelf(door)
    things = {"mine": Thing(user="alice"), "hers": Thing(user="bob")}
    shelf.things.update(many=[things[name] for name in names], one=things["mine"])
    assert shelf.status("many", sub="alice") == 403
    assert shelf.status("one", sub="alice") == 200


@pytest.mark.conformance("A98")
def test_the_object_that_was_checked_is_the_one_that_is_given(door: Door) -> None:
    """It is loaded once: what the route works on is what was checked, so a lock that the loader took holds for both."""
    shelf = Shelf(door)
    shelf.things["thing"] = Thing(user="alice")
    assert shelf.status("thing", "DELETE", sub="alice") == 200
    assert shelf.loaded == ["thing"]


@pytest.mark.conformance("A100")
@pytest.mark.parametrize("role", ["admin", "Admin", "admins", "superadmin", "admin ", "*", "owner"])
def test_no_role_owns(door: Door, role: str) -> None:
    """No role goes past ownership by itself; a way that an application opens is open to the role's very name."""
    shelf = Shelf(door)
    shelf.things["hers"] = Thing(user="bob")
    assert shelf.status("hers", sub="alice", roles=[role]) == 403
    door.app.add_api_route("/any/thing", lambda: "in", dependencies=[Depends(require(roles("admin")))])
    token = bearer(door.token({"sub": "alice", "roles": [role]}))
    assert ask(door.app, token, path="/any/thing").status == (200 if role == "admin" else 403)


class Federation:
    """A door that trusts two issuers, at each of which somebody is called alice."""

    NAMES = ("https://a.example.com", "https://b.example.com")

    def __init__(self, door: Door) -> None:
        keys = {name: SigningKey.generate("ES256", kid="k") for name in self.NAMES}
        issuers = [Issuer(name, "api", keys={"keys": [key.public_jwk()]}) for name, key in keys.items()]
        door.axioms = init_axioms(door.app, issuers=issuers)
        self.door = door
        self.alices = [bearer(Mint([keys[name]], name, "api").mint({"sub": "alice"})) for name in self.NAMES]

    def statuses(self, path: str) -> list[int]:
        """What each of the two gets."""
        answers = [ask(self.door.app, alice, path=path).status for alice in self.alices]
        self.door.tally.update("accepted" if status == 200 else "refused" for status in answers)
        return answers


@pytest.mark.conformance("54", "A95")
def test_equal_subjects_of_two_issuers(door: Door) -> None:
    """With several issuers an object belongs to a subject of one of them, which its issuer field names."""
    federation = Federation(door)
    shelf = Shelf(door, issuer_field="issuer")
    shelf.things["hers"] = {"user": "alice", "issuer": federation.NAMES[0]}
    assert federation.statuses("/things/hers") == [200, 403]
    for issuer in (None, "", "https://c.example.com", [federation.NAMES[0]]):
        shelf.things["hers"] = {"user": "alice", "issuer": issuer}
        assert federation.statuses("/things/hers") == [403, 403]


@pytest.mark.conformance("54", "A95")
def test_several_issuers_need_an_answer(door: Door) -> None:
    """Without an issuer field such an application is told so, and nobody gets an object, unless it says that all are one."""
    federation = Federation(door)
    shelf = Shelf(door)
    shelf.things["hers"] = {"user": "alice"}
    for alice in federation.alices:
        with pytest.raises(ConfigurationError, match="issuer_field"):
            ask(door.app, alice, path="/things/hers")
    assert door.ran == []
    door.app.router.routes.pop()
    shared = Shelf(door, any_issuer=True)
    shared.things["hers"] = {"user": "alice"}
    assert federation.statuses("/things/hers") == [200, 200]


@pytest.mark.conformance("A42", "54")
def test_a_client_is_no_user(door: Door) -> None:
    """A service whose subject looks like a user's is told apart by a predicate: its subject is its client (RFC 9700, 4.15)."""

    def is_user(principal: Principal) -> bool:
        return principal.subject != principal.client_id

    door.app.add_api_route("/users", lambda: "in", dependencies=[Depends(require(is_user))])
    for client, status in (("web", 200), ("alice", 403)):
        token = door.token({"sub": "alice", "client_id": client})
        assert ask(door.app, bearer(token), path="/users").status == status
