"""Scopes, roles and permissions as policies: which names they take, what they say of a principal, and in which words."""

import asyncio
import inspect
from collections.abc import Callable
from typing import Any

import pytest
from pydantic import TypeAdapter

from axioms_fastapi.core.claims import VerifiedClaims
from axioms_fastapi.core.composition import all_of, any_of
from axioms_fastapi.core.errors import (
    AccessDenied,
    ConfigurationError,
    InsufficientPermission,
    InsufficientRole,
    InsufficientScope,
    Reason,
)
from axioms_fastapi.core.policy import (
    Decision,
    Outline,
    Policy,
    decide,
    denied,
    enforce,
    permissions,
    roles,
    scopes,
)
from axioms_fastapi.core.principal import ClaimMapping, ClaimPath, Principal

CALLER = Principal(
    "alice",
    "https://i",
    scopes=frozenset({"s1", "s2"}),
    roles=frozenset({"r1", "r2"}),
    permissions=frozenset({"p1", "p2"}),
)
KINDS = [(scopes, Reason.SCOPE, "s"), (roles, Reason.ROLE, "r"), (permissions, Reason.PERMISSION, "p")]


class Nobody(Policy):
    """A policy of somebody's own that lets nobody by, and says no more than it must."""

    async def decide(self, principal: Principal) -> Decision:
        return Decision(False, self)


@pytest.mark.parametrize(("build", "reason", "letter"), KINDS)
def test_each_kind(build: Callable[..., Policy], reason: Reason, letter: str) -> None:
    """One of the names is enough, and it is looked for among those of its kind alone."""
    for names in ([f"{letter}1"], [f"{letter}2"], ["x", f"{letter}2"], ["x", f"{letter}1", f"{letter}2"]):
        policy = build(names)
        assert asyncio.run(decide(policy, CALLER)) == Decision(True, policy)
    for names in (["x"], ["x", "y"], [f"{other}1" for _, _, other in KINDS if other != letter]):
        policy = build(names)
        assert asyncio.run(decide(policy, CALLER)) == Decision(False, policy, reason, tuple(names))


@pytest.mark.parametrize(("build", "reason", "letter"), KINDS)
def test_what_a_policy_says_of_itself(build: Callable[..., Policy], reason: Reason, letter: str) -> None:
    """A policy names its kind and its names in their order; scopes alone are named in a challenge."""
    policy = build(["b", "a"])
    assert policy.reads == {reason}
    assert policy.outline == {f"{reason}s": ["b", "a"]}
    assert policy.scopes == (("b", "a") if reason is Reason.SCOPE else ())


def test_policy_is_frozen() -> None:
    """What a guard asks is not changed after it was written."""
    policy: Any = scopes("a")
    with pytest.raises(AttributeError):
        policy.names = ("b",)


def test_policy_of_ones_own() -> None:
    """A policy that says no more than it must reads nothing, names no scope, and is called by its class."""
    policy = Nobody()
    assert (policy.scopes, policy.reads, policy.outline) == ((), frozenset(), {"test": "Nobody"})
    with pytest.raises(TypeError, match="decide"):
        Policy()  # type: ignore[abstract]


def test_equal_policies() -> None:
    """Policies of the same kind and names are equal and have one hash, whatever the order; no others are."""
    assert scopes("a", "b") == scopes(["b", "a"])
    assert hash(scopes("a", "b")) == hash(scopes(["b", "a"]))
    assert scopes("a") != roles("a")
    assert len({hash(scopes("a")), hash(roles("a")), hash(scopes("b")), hash(scopes("a", "b"))}) == 4
    assert scopes("a") != scopes("a", "b")
    assert scopes("a") != Nobody()
    assert scopes("a") != "a"


@pytest.mark.parametrize(
    ("written", "names"),
    [
        (("a",), ("a",)),
        (("a", "b"), ("a", "b")),
        ((["b", "a"],), ("b", "a")),
        ((["a"], "b", ("c", "a")), ("a", "b", "c")),
        (({"a": 1}.keys(),), ("a",)),
    ],
    ids=str,
)
def test_names(written: Any, names: tuple[str, ...]) -> None:
    """Names are given one by one, in lists, or both, and count once each; a text is one name, never its letters."""
    assert roles(*written) == roles(*names)
    assert roles(*written).outline == {"roles": list(names)}


@pytest.mark.parametrize(("build", "reason", "letter"), KINDS)
@pytest.mark.parametrize("written", [(), ([],), ([], ())], ids=str)
def test_no_names(build: Callable[..., Policy], reason: Reason, letter: str, written: Any) -> None:
    """No name at all is refused where it is written."""
    with pytest.raises(ConfigurationError) as error:
        build(*written)
    assert str(error.value) == (
        f'no {reason}s are named, which would mean nobody or everybody; name one, such as ["admin"]'
    )


@pytest.mark.parametrize(("build", "reason", "letter"), KINDS)
@pytest.mark.parametrize("name", ["", " ", None, 7, b"admin", {"admin": 1}, True], ids=repr)
@pytest.mark.parametrize("among", [lambda name: (name,), lambda name: (["good", name],)], ids=["alone", "listed"])
def test_what_is_no_name(
    build: Callable[..., Policy], reason: Reason, letter: str, name: Any, among: Callable[[Any], Any]
) -> None:
    """What is no text, or an empty one, is refused where it is written, and shown."""
    with pytest.raises(ConfigurationError) as error:
        build(*among(name))
    assert str(error.value) == f'{name!r} stands among the {reason}s; each is a text, such as ["admin"]'


def test_characters_of_scopes() -> None:
    """A scope is made of printable ASCII without space, quote and backslash (RFC 6749, section 3.3); roles are any text."""
    allowed = [chr(code) for code in range(0x21, 0x7F) if chr(code) not in '"\\']
    assert scopes(allowed).scopes == tuple(allowed)
    for char in (*map(chr, range(0x21)), '"', "\\", "\x7f", "\x80", "é", "中"):
        with pytest.raises(ConfigurationError) as error:
            scopes(f"a{char}b")
        assert str(error.value) == (
            f"the scope {f'a{char}b'!r} holds a character that no scope may (RFC 6749, section 3.3); "
            'write each scope as a text of its own, such as ["read:data", "admin"]'
        )
        assert roles(f"a{char}b") == roles([f"a{char}b"])


@pytest.mark.parametrize(
    "policy", [scopes("a"), all_of(roles("a")), Nobody()], ids=lambda policy: type(policy).__name__
)
def test_signature(policy: Policy) -> None:
    """Whoever looks how a policy is to be called, as FastAPI does, is told that it is no guard."""
    (parameter,) = inspect.signature(policy).parameters.values()
    with pytest.raises(ConfigurationError, match="a policy is no guard; write Depends"):
        TypeAdapter(parameter.annotation)


def test_operators_of_python() -> None:
    """A policy is neither true nor false."""
    with pytest.raises(ConfigurationError) as error:
        bool(scopes("a"))
    assert str(error.value) == (
        "policies do not compose with and, or, not; write all_of(a, b), any_of(a, b), none_of(a), and for a dependency "
        "Depends(require(policy))"
    )


def test_decision_is_yes_or_no() -> None:
    """A decision is made of True or False, and is not changed afterwards."""
    for allowed in (1, "no", None, [False]):
        with pytest.raises(ConfigurationError) as error:
            Decision(allowed, scopes("a"))  # type: ignore[arg-type]
        assert str(error.value) == (f"a Decision was made of {type(allowed).__name__}; allowed is True or False")
    decision: Any = Decision(False, scopes("a"))
    assert (decision.reason, decision.missing) == (None, ())
    with pytest.raises(AttributeError):
        decision.allowed = True


@pytest.mark.parametrize(
    ("policy", "denial", "words"),
    [
        (scopes("x"), InsufficientScope, "Insufficient scope: requires x"),
        (scopes("x", "y"), InsufficientScope, "Insufficient scope: requires one of x, y"),
        (roles("x"), InsufficientRole, "Insufficient role: requires x"),
        (roles("x", "y", "z"), InsufficientRole, "Insufficient role: requires one of x, y, z"),
        (permissions("x"), InsufficientPermission, "Insufficient permission: requires x"),
        (Nobody(), AccessDenied, "Access denied"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_enforced(policy: Policy, denial: type[AccessDenied], words: str) -> None:
    """Who lacks what a policy asks is refused with the error of its kind, in words that name what would have sufficed."""
    with pytest.raises(AccessDenied) as error:
        asyncio.run(enforce(policy, CALLER))
    assert type(error.value) is denial
    assert (error.value.description, error.value.detail) == (words, "")
    assert error.value.required_scopes == policy.scopes
    assert error.value.reason is (next(iter(policy.reads), Reason.POLICY))


def test_enforced_and_allowed() -> None:
    """Who has what a policy asks is handed on, the very same."""
    assert asyncio.run(enforce(roles("r1"), CALLER)) is CALLER


def test_at_once() -> None:
    """What asks for names is decided at once; a policy of somebody's own waits, unless it says how not to."""

    class Everybody(Nobody):
        def decide_at_once(self, principal: Principal) -> Decision:
            return Decision(True, self)

    assert Nobody().decide_at_once(CALLER) is None
    for policy, allowed in ((roles("r1"), True), (roles("x"), False), (Everybody(), True)):
        decision = policy.decide_at_once(CALLER)
        assert decision is not None
        assert decision.allowed is allowed


def test_what_could_not_be_read() -> None:
    """Where a denial may come of a claim that could not be read, the log is told so, and only of what the policy reads."""
    caller = Principal("alice", unreadable=frozenset({Reason.ROLE, Reason.SCOPE}))
    for policy, detail in (
        (roles("a"), "the token's claim for role has the wrong type, or was left out for its size"),
        (scopes("a"), "the token's claim for scope has the wrong type, or was left out for its size"),
        (permissions("a"), ""),
    ):
        with pytest.raises(AccessDenied) as error:
            asyncio.run(enforce(policy, caller))
        assert error.value.detail == detail


NO_ROLES = "the token has no claim realm.roles or groups; AXIOMS_ROLES_CLAIMS says where to look"


@pytest.mark.parametrize(
    ("policy", "claims", "detail"),
    [
        (roles("a"), {}, NO_ROLES),
        (roles("a"), {"realm": {}}, NO_ROLES),
        (roles("a"), {"roles": ["a"]}, NO_ROLES),
        (roles("a"), {"realm": {"roles": ["b"]}}, ""),
        (roles("a"), {"groups": []}, ""),
        (
            scopes("a"),
            {"permissions": ["a"]},
            "the token has no claim scope or scp; AXIOMS_SCOPE_CLAIMS says where to look",
        ),
        (scopes("a"), {"scp": "b"}, ""),
        (permissions("a"), {}, "the token has no claim permissions; AXIOMS_PERMISSIONS_CLAIMS says where to look"),
        (all_of(scopes("a"), roles("x")), {"scope": "a"}, NO_ROLES),
        (any_of(scopes("a"), roles("x")), {}, ""),
        (Nobody(), {}, ""),
    ],
    ids=str,
)
def test_what_is_elsewhere(policy: Policy, claims: dict[str, Any], detail: str) -> None:
    """Where a token has no claim at all of the kind that was asked for, the log says where it was looked for."""
    mapping = ClaimMapping(roles=(ClaimPath.parse("realm.roles"), ClaimPath.parse("groups")))
    caller = mapping.apply(VerifiedClaims({"iss": "https://i", "sub": "alice", **claims}))
    with pytest.raises(AccessDenied) as error:
        asyncio.run(enforce(policy, caller))
    assert error.value.detail == detail


def test_principal_of_no_token() -> None:
    """Of a principal that a test has made nobody knows where anything was looked for."""
    with pytest.raises(AccessDenied) as error:
        asyncio.run(enforce(roles("a"), Principal("alice")))
    assert error.value.detail == ""


def test_refusal_of_a_decision() -> None:
    """A refusal names the scopes of the whole policy, and carries the detail that it is given."""

    class Both(Nobody):
        """It reads two kinds, and asks for a scope."""

        @property
        def scopes(self) -> tuple[str, ...]:
            return ("a",)

        @property
        def reads(self) -> frozenset[Reason]:
            return frozenset({Reason.SCOPE, Reason.ROLE})

        @property
        def outline(self) -> Outline:
            return {"both": []}

    refusal = denied(Both(), Decision(False, roles("x"), Reason.ROLE, ("x",)), "why")
    assert (type(refusal), refusal.required_scopes, refusal.detail) == (InsufficientRole, ("a",), "why")
    assert denied(Both(), Decision(False, Both())).detail == ""
    caller = Principal("alice", unreadable=frozenset({Reason.ROLE, Reason.SCOPE}))
    with pytest.raises(AccessDenied) as error:
        asyncio.run(enforce(Both(), caller))
    assert error.value.detail == "the token's claim for role, scope has the wrong type, or was left out for its size"
