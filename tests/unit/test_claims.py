"""Claims as a value, and the rules that prove them."""

import copy
import json
import pickle
from typing import Any

import pytest

from axioms_fastapi.core.claims import ClaimRules, Claims
from axioms_fastapi.core.errors import InvalidToken, Reason
from axioms_fastapi.core.jose import media_type

NOW = 1_700_000_000.0
GOOD = {"iss": "https://i", "aud": "api", "sub": "alice", "exp": NOW + 60}
RULES = ClaimRules("https://i", frozenset({"api", "api2"}), leeway=0)


class TestValue:
    """Claims read like a dict, cannot be changed, and never rewrite a name."""

    CLAIMS = Claims(
        {"sub": "alice", "roles": ["admin", {"deep": [1]}], "items": 1, "get": 2, "__class__": 3, "a-b": 4, "é": 5}
    )

    def test_reading(self) -> None:
        """Attributes, items, get, in and dict() give the token's own values."""
        claims = self.CLAIMS
        assert (claims.sub, claims["sub"], claims.get("sub"), "sub" in claims, dict(claims)["sub"]) == (
            "alice",
        ) * 3 + (True, "alice")
        assert (claims["items"], claims["get"], claims["__class__"], claims["a-b"], claims.é) == (1, 2, 3, 4, 5)
        assert claims.__class__ is Claims
        assert sorted(claims.keys()) == sorted(self.CLAIMS)

    def test_plain_twins(self) -> None:
        """Nested values equal plain lists and dicts, and are JSON."""
        assert self.CLAIMS.roles == ["admin", {"deep": [1]}]
        assert json.loads(json.dumps(self.CLAIMS))["roles"] == ["admin", {"deep": [1]}]

    @pytest.mark.parametrize(
        "change",
        [
            lambda c: c.update(sub="bob"),
            lambda c: c.__setitem__("sub", "bob"),
            lambda c: c.pop("sub"),
            lambda c: c.clear(),
            lambda c: c.setdefault("x", 1),
            lambda c: c.__delitem__("sub"),
            lambda c: c.__ior__({"x": 1}),
            lambda c: setattr(c, "sub", "bob"),
            lambda c: c.roles.append("root"),
            lambda c: c.roles.__setitem__(0, "root"),
            lambda c: c.roles.__iadd__(["root"]),
            lambda c: c.roles.sort(),
            lambda c: c.roles[1].update(x=1),
            lambda c: c.roles[1]["deep"].append(2),
        ],
    )
    def test_immutable(self, change: Any) -> None:
        """A change is refused at every depth."""
        before = json.dumps(self.CLAIMS)
        with pytest.raises(TypeError):
            change(self.CLAIMS)
        assert json.dumps(self.CLAIMS) == before

    @pytest.mark.parametrize("name", ["missing", "__html__", "__json__", "__class_getitem__x", "_repr_html_"])
    def test_missing(self, name: str) -> None:
        """A missing claim is an AttributeError, so that getattr has its default; dunder names are never claims."""
        claims = Claims({"__html__": "x", "__json__": "x"})
        assert getattr(claims, name, None) is None

    def test_copies(self) -> None:
        """Claims survive copying and pickling, and stay immutable."""
        for twin in (copy.copy(self.CLAIMS), copy.deepcopy(self.CLAIMS), pickle.loads(pickle.dumps(self.CLAIMS))):
            assert twin == self.CLAIMS
            assert type(twin) is Claims
            with pytest.raises(TypeError):
                twin.roles.append("root")

    def test_repr_has_no_values(self) -> None:
        """A log that prints claims prints their names alone."""
        assert repr(self.CLAIMS) == str(self.CLAIMS)
        assert "alice" not in repr(self.CLAIMS)
        assert "sub" in repr(self.CLAIMS)
        assert repr(Claims()) == "<Claims: none>"

    def test_hostile_name_in_a_log(self) -> None:
        """A claim's name with a line end in it cannot forge a line of a log."""
        assert "\n" not in repr(Claims({"a\nroot logged in": 1}))

    def test_second_construction(self) -> None:
        """Calling a constructor again changes nothing."""
        claims = Claims({"sub": "alice", "roles": ["a"], "nested": {"b": 1}})
        for value in (claims, claims["roles"], claims["nested"]):
            with pytest.raises(TypeError):
                value.__init__({"sub": "bob"})
        assert claims == {"sub": "alice", "roles": ["a"], "nested": {"b": 1}}

    def test_empty_is_false(self) -> None:
        """Empty claims are false, claims are true."""
        assert not Claims()
        assert self.CLAIMS


def refusal(claims: dict[str, Any], *, rules: ClaimRules = RULES, typ: str | None = None) -> Reason | None:
    try:
        assert rules.check(media_type(typ or ""), claims, NOW) == claims
    except InvalidToken as error:
        return error.reason
    return None


class TestRules:
    """RFC 7519, section 4.1, at leeway 0."""

    @pytest.mark.parametrize(
        ("change", "reason"),
        [
            ({}, None),
            ({"iss": "https://i/"}, Reason.ISSUER),
            ({"iss": ["https://i"]}, Reason.ISSUER),
            ({"iss": "HTTPS://I"}, Reason.ISSUER),
            ({"iss": None}, Reason.ISSUER),
            ({"aud": ["other", "api2"]}, None),
            ({"aud": "api3"}, Reason.AUDIENCE),
            ({"aud": "ap"}, Reason.AUDIENCE),
            ({"aud": "x api"}, Reason.AUDIENCE),
            ({"aud": "API"}, Reason.AUDIENCE),
            ({"aud": []}, Reason.AUDIENCE),
            ({"aud": ["api", 1]}, Reason.AUDIENCE),
            ({"aud": ["api", ""]}, Reason.AUDIENCE),
            ({"aud": [["api"]]}, Reason.AUDIENCE),
            ({"aud": {"api": 1}}, Reason.AUDIENCE),
            ({"aud": None}, Reason.AUDIENCE),
            ({"aud": True}, Reason.AUDIENCE),
            ({"exp": NOW}, Reason.EXPIRED),
            ({"exp": NOW - 0.5}, Reason.EXPIRED),
            ({"exp": NOW + 0.5}, None),
            ({"exp": 0}, Reason.EXPIRED),
            ({"exp": -1}, Reason.INVALID_CLAIM),
            ({"exp": 2**53}, Reason.INVALID_CLAIM),
            ({"exp": 2**53 - 1}, None),
            ({"exp": 1e20}, Reason.INVALID_CLAIM),
            ({"exp": str(NOW + 60)}, Reason.INVALID_CLAIM),
            ({"exp": True}, Reason.INVALID_CLAIM),
            ({"exp": None}, Reason.INVALID_CLAIM),
            ({"exp": [NOW + 60]}, Reason.INVALID_CLAIM),
            ({"nbf": NOW}, None),
            ({"nbf": NOW + 1}, Reason.NOT_YET_VALID),
            ({"nbf": "0"}, Reason.INVALID_CLAIM),
            ({"nbf": False}, Reason.INVALID_CLAIM),
            ({"iat": NOW + 1}, Reason.NOT_YET_VALID),
            ({"iat": {}}, Reason.INVALID_CLAIM),
            ({"sub": ""}, Reason.INVALID_CLAIM),
            ({"sub": 1}, Reason.INVALID_CLAIM),
            ({"sub": None}, Reason.MISSING_CLAIM),
            ({"sub": ["alice"]}, Reason.INVALID_CLAIM),
            ({"jti": 1}, Reason.INVALID_CLAIM),
            ({"jti": "x"}, None),
            ({"nonce": "x"}, None),
            ({"at_hash": "x"}, Reason.KIND),
            ({"c_hash": None}, Reason.KIND),
            ({"events": {}}, Reason.KIND),
            ({"token_use": "id"}, Reason.KIND),
            ({"token_use": "access"}, None),
            ({"typ": "ID"}, Reason.KIND),
            ({"typ": "Refresh"}, Reason.KIND),
            ({"typ": "Bearer"}, None),
            ({"typ": 7}, None),
            ({"cnf": {"jkt": "x"}}, Reason.SENDER_CONSTRAINED),
            ({"cnf": None}, Reason.SENDER_CONSTRAINED),
        ],
        ids=str,
    )
    def test_change(self, change: dict[str, Any], reason: Reason | None) -> None:
        """One changed claim has its own reason."""
        assert refusal(GOOD | change) is reason

    @pytest.mark.parametrize(
        ("name", "reason"),
        [
            ("iss", Reason.ISSUER),
            ("aud", Reason.AUDIENCE),
            ("exp", Reason.MISSING_CLAIM),
            ("sub", Reason.MISSING_CLAIM),
        ],
    )
    def test_missing(self, name: str, reason: Reason) -> None:
        """Issuer, audience, expiry and subject are required."""
        assert refusal({key: value for key, value in GOOD.items() if key != name}) is reason

    @pytest.mark.parametrize(
        ("typ", "allowed"),
        [
            (None, True),
            ("JWT", True),
            ("jwt", True),
            ("at+jwt", True),
            ("AT+JWT", True),
            ("application/at+jwt", True),
            ("logout+jwt", False),
            ("dpop+jwt", False),
            ("secevent+jwt", False),
            ("JOSE", False),
            ("none", False),
            ("application/", False),
            ("application/application/jwt", False),
        ],
    )
    def test_types(self, typ: str | None, allowed: bool) -> None:
        """The usual types of access tokens pass, those of other tokens do not (RFC 8725, section 3.11)."""
        assert refusal(GOOD, typ=typ) is (None if allowed else Reason.TYPE)

    def test_strict_types(self) -> None:
        """at+jwt alone is RFC 9068, section 4."""
        strict = ClaimRules("https://i", frozenset({"api"}), token_types=frozenset({"at+jwt"}), leeway=0)
        assert refusal(GOOD, rules=strict, typ="application/at+jwt") is None
        assert refusal(GOOD, rules=strict, typ="JWT") is Reason.TYPE
        assert refusal(GOOD, rules=strict) is Reason.TYPE

    def test_leeway(self) -> None:
        """Leeway moves both edges."""
        lenient = ClaimRules("https://i", frozenset({"api"}), leeway=30)
        assert refusal(GOOD | {"exp": NOW - 29, "nbf": NOW + 30, "iat": NOW + 30}, rules=lenient) is None
        assert refusal(GOOD | {"exp": NOW - 30}, rules=lenient) is Reason.EXPIRED
        assert refusal(GOOD | {"nbf": NOW + 31}, rules=lenient) is Reason.NOT_YET_VALID

    def test_required_claims(self) -> None:
        """Other required claims replace sub, which must then only be a text where it is there."""
        rules = ClaimRules("https://i", frozenset({"api"}), required=("jti",), leeway=0)
        claims = {key: value for key, value in GOOD.items() if key != "sub"}
        assert refusal(claims, rules=rules) is Reason.MISSING_CLAIM
        assert refusal(claims | {"jti": "1"}, rules=rules) is None
        assert refusal(claims | {"jti": "1", "sub": 1}, rules=rules) is Reason.INVALID_CLAIM
