"""How policies compose: who is asked, in which order, what is missing afterwards, and what is no policy at all."""

import asyncio
import copy
import pickle
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from typing import Any

import pytest
from fastapi.encoders import jsonable_encoder
from pydantic import TypeAdapter
from pydantic_core import to_json

from axioms_fastapi.core.composition import Predicate, all_of, any_of, as_policy, none_of
from axioms_fastapi.core.errors import AccessDenied, ConfigurationError, Reason
from axioms_fastapi.core.policy import Decision, Policy, enforce, permissions, roles, scopes
from axioms_fastapi.core.principal import Principal

CALLER = Principal("alice", scopes=frozenset({"s"}), roles=frozenset({"r"}), permissions=frozenset({"p"}))


def decided(policy: Policy, principal: Principal = CALLER) -> Decision:
    """The decision. One that can be had at once is the same."""
    decision = asyncio.run(policy.decide(principal))
    assert policy.decide_at_once(principal) in (None, decision)
    return decision


def asked(answers: str) -> tuple[list[int], list[Callable[[Principal], bool]]]:
    """Tests that answer yes (`y`) or no (`n`), one for each letter, and the list of those that were asked."""
    order: list[int] = []

    def test(number: int, answer: bool) -> Callable[[Principal], bool]:
        def answered(principal: Principal) -> bool:
            assert principal is CALLER
            order.append(number)
            return answer

        return answered

    return order, [test(number, letter == "y") for number, letter in enumerate(answers)]


@pytest.mark.parametrize(
    ("answers", "every", "some", "none"),
    [
        ("y", (True, 1), (True, 1), (False, 1)),
        ("n", (False, 1), (False, 1), (True, 1)),
        ("yy", (True, 2), (True, 1), (False, 1)),
        ("yn", (False, 2), (True, 1), (False, 1)),
        ("ny", (False, 1), (True, 2), (False, 2)),
        ("nn", (False, 1), (False, 2), (True, 2)),
        ("yyn", (False, 3), (True, 1), (False, 1)),
        ("nny", (False, 1), (True, 3), (False, 3)),
    ],
)
def test_who_is_asked(answers: str, every: tuple[bool, int], some: tuple[bool, int], none: tuple[bool, int]) -> None:
    """Each is asked in its turn, as far as it takes to know: all_of to the first no, any_of and none_of to the first yes."""
    for compose, (allowed, count) in ((all_of, every), (any_of, some), (none_of, none)):
        order, tests = asked(answers)
        decision = decided(compose(*tests))
        assert (decision.allowed, order) == (allowed, list(range(count)))


def test_decision_of_all() -> None:
    """All together decide as the first that says no: its reason, and what it misses; a yes is that of the whole."""
    both = all_of(roles("r"), scopes("s"))
    assert decided(both) == Decision(True, both)
    missing = roles("x", "y")
    assert decided(all_of(scopes("s"), missing, scopes("z"))) == Decision(False, missing, Reason.ROLE, ("x", "y"))


def test_decision_of_any() -> None:
    """Any decides as the one that says yes; where none does, by the reason that all share, and by all that is missing, once."""
    yes = roles("r")
    assert decided(any_of(scopes("x"), yes)) == Decision(True, yes)
    alike = any_of(roles("x", "y"), roles("y", "z"))
    assert decided(alike) == Decision(False, alike, Reason.ROLE, ("x", "y", "z"))
    mixed = any_of(roles("x"), scopes("y"), permissions("x"))
    assert decided(mixed) == Decision(False, mixed, Reason.POLICY, ("x", "y"))


def test_decision_of_none() -> None:
    """None decides by itself, and names nothing that would have sufficed."""
    neither = none_of(roles("x"), scopes("y"))
    assert decided(neither) == Decision(True, neither)
    not_him = none_of(scopes("x"), roles("r"))
    assert decided(not_him) == Decision(False, not_him, Reason.POLICY)


@pytest.mark.parametrize(
    ("unreadable", "allowed"),
    [({Reason.ROLE}, False), ({Reason.ROLE, Reason.SCOPE}, False), ({Reason.SCOPE}, True), (set(), True)],
    ids=str,
)
def test_none_of_what_cannot_be_read(unreadable: set[Reason], allowed: bool) -> None:
    """What cannot be read is not known to be absent: none_of denies where it reads that, and there alone."""
    caller = Principal("alice", unreadable=frozenset(unreadable))
    policy = none_of(roles("x"), permissions("y"))
    assert decided(policy, caller) == Decision(allowed, policy, None if allowed else Reason.POLICY)
    assert decided(none_of(lambda principal: False), caller).allowed is (not unreadable)
    assert decided(none_of(any_of(roles("x"), permissions("y"))), caller).allowed is allowed


@pytest.mark.parametrize(
    ("policy", "allowed"),
    [
        (scopes("s"), True),
        (roles("r", "x"), True),
        (permissions("x"), False),
        (all_of(scopes("s"), roles("r"), permissions("p")), True),
        (all_of(scopes("s"), roles("x"), permissions("p")), False),
        (all_of(scopes("x"), lambda principal: True), False),
        (all_of(scopes("s"), lambda principal: True), None),
        (any_of(scopes("x"), roles("r"), lambda principal: True), True),
        (any_of(scopes("x"), roles("x")), False),
        (any_of(scopes("x"), lambda principal: True), None),
        (all_of(any_of(roles("x"), roles("r")), scopes("s")), True),
        (as_policy(lambda principal: True), None),
        (none_of(roles("x")), None),
        (all_of(none_of(roles("x"))), None),
    ],
    ids=str,
)
def test_at_once(policy: Policy, allowed: bool | None) -> None:
    """What asks for names alone is decided without waiting; a test of the application's own is called by `decide` alone."""
    decision = policy.decide_at_once(CALLER)
    assert (None if decision is None else decision.allowed) is allowed
    assert decision in (None, decided(policy))


def test_tests_are_asked_once() -> None:
    """Looking for a decision that is there at once calls no test: it may have effects, or wait."""
    order, tests = asked("yn")
    for compose in (all_of, any_of, none_of):
        assert compose(*tests).decide_at_once(CALLER) is None
    assert order == []


def test_what_a_composition_says_of_itself() -> None:
    """A composition names the scopes of its parts once each, reads what they read, and shows them in their order."""
    for word, compose in (("all_of", all_of), ("any_of", any_of)):
        policy = compose(scopes("a", "b"), roles("r"), scopes("b", "c"))
        assert policy.scopes == ("a", "b", "c")
        assert policy.reads == {Reason.SCOPE, Reason.ROLE}
        assert policy.outline == {word: [{"scopes": ["a", "b"]}, {"roles": ["r"]}, {"scopes": ["b", "c"]}]}
    neither = none_of(scopes("a"), roles("r"))
    assert neither.scopes == ()
    assert neither.reads == {Reason.SCOPE, Reason.ROLE}
    assert neither.outline == {"none_of": [{"scopes": ["a"]}, {"roles": ["r"]}]}


def test_equal_compositions() -> None:
    """Compositions of the same parts are equal, of the same kind alone, and cannot be changed."""
    assert all_of(scopes("a"), roles("b")) == all_of(scopes("a"), roles("b"))
    assert hash(any_of(scopes("a"))) == hash(any_of(scopes("a")))
    assert all_of(scopes("a")) != any_of(scopes("a"))
    for policy in (all_of(scopes("a")), any_of(scopes("a")), none_of(scopes("a"))):
        for name in ("policies", "word", "anything"):
            with pytest.raises((AttributeError, TypeError)):
                setattr(policy, name, ())


def test_predicate() -> None:
    """A test of the application's own is a policy: it may read everything, and is called by its name."""

    def is_alice(principal: Principal) -> bool:
        return principal.subject == "alice"

    policy = as_policy(is_alice)
    assert decided(policy) == Decision(True, policy)
    assert decided(policy, Principal("bob")) == Decision(False, policy, Reason.POLICY)
    assert policy.reads == {Reason.SCOPE, Reason.ROLE, Reason.PERMISSION}
    assert (policy.scopes, policy.outline) == ((), {"test": "is_alice"})
    assert policy == policy
    assert policy != as_policy(is_alice)
    changed: Any = policy
    with pytest.raises(AttributeError):
        changed.test = lambda principal: True


class IsAlice:
    """A test that is a value, and has no name of its own."""

    async def __call__(self, principal: Principal) -> bool:
        return principal.subject == "alice"


def test_predicate_that_waits() -> None:
    """A test may be asynchronous, and a value that can be called; it is called by its class then."""
    policy = as_policy(IsAlice())
    assert decided(policy) == Decision(True, policy)
    assert decided(policy, Principal("bob")) == Decision(False, policy, Reason.POLICY)
    assert policy.outline == {"test": "IsAlice"}


def forgets(principal: Principal) -> Any:
    """A test without a return."""


def half(principal: Principal) -> Any:
    """A test that answers with what is only truthy."""
    return [principal]


async def late(principal: Principal) -> Any:
    """A test that waits, and then answers so."""
    return 1


class Vague:
    """A test that is a value, and answers so."""

    def __call__(self, principal: Principal) -> Any:
        return "yes"


@pytest.mark.parametrize(
    ("predicate", "sentence"),
    [
        (forgets, "the predicate forgets returned NoneType; return True or False"),
        (half, "the predicate half returned list; return True or False"),
        (late, "the predicate late returned int; return True or False"),
        (Vague(), "the predicate Vague returned str; return True or False"),
    ],
    ids=str,
)
def test_predicate_that_is_only_truthy(predicate: Predicate, sentence: str) -> None:
    """An answer other than True or False is a mistake, never a yes, and is named."""
    with pytest.raises(ConfigurationError) as error:
        decided(as_policy(predicate))
    assert str(error.value) == sentence


@pytest.mark.parametrize("compose", [all_of, any_of, none_of])
def test_nothing_to_ask(compose: Callable[..., Policy]) -> None:
    """A composition of nothing is refused where it is written."""
    with pytest.raises(ConfigurationError) as error:
        compose()
    name = compose.__name__
    assert str(error.value) == f"{name}() has nothing to ask; name at least one policy, such as {name}(scopes('admin'))"


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("admin", "str"),
        (None, "NoneType"),
        (["admin"], "list"),
        (Principal, "Principal"),
        (lambda: True, "<lambda>"),
        (lambda a, b: True, "<lambda>"),
        (lambda *, principal: True, "<lambda>"),
    ],
    ids=str,
)
def test_what_is_no_policy(written: Any, name: str) -> None:
    """What cannot be called with the principal alone is refused where it is written, and named."""
    for compose in (as_policy, all_of, any_of, none_of):
        with pytest.raises(ConfigurationError) as error:
            compose(written)
        assert (
            str(error.value)
            .rpartition("test_what_is_no_policy.<locals>.")[2]
            .startswith(f"{name} is not a policy; write ")
        )


@pytest.mark.parametrize("written", [lambda principal: True, lambda *all: True, lambda a, b=1: True, min], ids=str)
def test_what_can_be_called_with_the_principal(written: Callable[[Any], bool | Awaitable[bool]]) -> None:
    """A function of one parameter is a test, and so is one of which nobody can say what it takes."""
    assert as_policy(written).reads


def test_policy_is_itself() -> None:
    """A policy is a policy already."""
    policy = scopes("a")
    assert as_policy(policy) is policy


def test_composed_in_depth() -> None:
    """Compositions compose, and a refusal names the scopes of the whole."""
    policy = all_of(any_of(scopes("s"), roles("x")), none_of(roles("banned")), any_of(scopes("t"), permissions("q")))
    with pytest.raises(AccessDenied) as error:
        asyncio.run(enforce(policy, CALLER))
    assert error.value.description == "Access denied: requires one of t, q"
    assert error.value.required_scopes == ("s", "t")


def test_shown() -> None:
    """A policy shows what it asks, and nothing of how it decides."""
    policy = all_of(scopes("a"), any_of(roles("b"), none_of(permissions("c"))))
    shown = repr(policy)
    assert shown.startswith("_AllOf(policies=(_Names(reason=<Reason.SCOPE: 'scope'>, names=('a',)), _AnyOf(")
    assert "Decision" not in shown
    assert "..." not in shown


@pytest.mark.parametrize("write", [jsonable_encoder, asdict, to_json, TypeAdapter(Any).dump_json, repr])
@pytest.mark.parametrize("name", ["alice", "mallory"])
def test_reported(write: Callable[[Any], object], name: str) -> None:
    """A decision can be written, for or against somebody, with the policy that it is of, and comes to an end."""
    policy = all_of(scopes("s"), any_of(roles("r"), none_of(permissions("x"))))
    decision = decided(policy, CALLER if name == "alice" else Principal(name))
    assert "roles" in repr(policy.outline)
    assert str(decision.allowed).lower() in str(write(decision)).lower()


@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy, lambda value: pickle.loads(pickle.dumps(value))])
def test_copies(duplicate: Callable[[Policy], Policy]) -> None:
    """A copy of a policy is the same policy, and decides for itself."""
    for policy in (scopes("s"), all_of(scopes("s"), roles("r")), none_of(roles("x")), any_of(scopes("s"))):
        made = duplicate(policy)
        assert made == policy
        assert (decided(made).allowed, decided(made, Principal("mallory")).allowed) == (
            decided(policy).allowed,
            decided(policy, Principal("mallory")).allowed,
        )


def test_a_yes_is_one_value() -> None:
    """Everybody who is allowed gets the same decision, which is of this policy."""
    for policy in (scopes("a"), all_of(scopes("a")), none_of(roles("b"))):
        first, second = (decided(policy, Principal(name, scopes=frozenset("a"))) for name in ("x", "y"))
        assert first is second
        assert (first.allowed, first.policy) == (True, policy)
