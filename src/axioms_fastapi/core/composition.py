"""How policies compose, and predicates of the application's own as policies."""

import inspect
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import ClassVar

from .errors import ConfigurationError, Reason
from .policy import Decision, Outline, Policy, SameYes
from .principal import Principal
from .server_side import builds_guards

Predicate = Callable[[Principal], bool] | Callable[[Principal], Awaitable[bool]]


@dataclass(frozen=True, slots=True, eq=False)
class _Test(Policy):
    """The application's own test of the principal says `True`. Equal to itself alone: two tests may only look alike."""

    test: Predicate

    async def decide(self, principal: Principal) -> Decision:
        answer = self.test(principal)
        if inspect.isawaitable(answer):
            answer = await answer
        if not isinstance(answer, bool):
            # A forgotten `return` or `await` must be seen, and must never be taken for a yes.
            raise ConfigurationError(
                f"the predicate {_name_of(self.test)} returned {type(answer).__name__}; return True or False"
            )
        return Decision(True, self) if answer else Decision(False, self, Reason.POLICY)

    @property
    def reads(self) -> frozenset[Reason]:
        """All three, for all that is known of it."""
        return frozenset({Reason.SCOPE, Reason.ROLE, Reason.PERMISSION})

    @property
    def outline(self) -> Outline:
        return {"test": getattr(self.test, "__name__", type(self.test).__name__)}


@dataclass(frozen=True, slots=True)
class _Composed(SameYes):
    word: ClassVar[str]

    policies: tuple[Policy, ...]

    @property
    def scopes(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(scope for policy in self.policies for scope in policy.scopes))

    @property
    def reads(self) -> frozenset[Reason]:
        return frozenset().union(*(policy.reads for policy in self.policies))

    @property
    def outline(self) -> Outline:
        return {self.word: [policy.outline for policy in self.policies]}


@dataclass(frozen=True, slots=True)
class _AllOf(_Composed):
    word = "all_of"

    async def decide(self, principal: Principal) -> Decision:
        for policy in self.policies:
            decision = await policy.decide(principal)
            if not decision.allowed:
                return decision
        return self._yes

    def decide_at_once(self, principal: Principal) -> Decision | None:
        for policy in self.policies:
            decision = policy.decide_at_once(principal)
            if decision is None or not decision.allowed:
                return decision
        return self._yes


@dataclass(frozen=True, slots=True)
class _AnyOf(_Composed):
    word = "any_of"

    async def decide(self, principal: Principal) -> Decision:
        refusals: list[Decision] = []
        for policy in self.policies:
            decision = await policy.decide(principal)
            if decision.allowed:
                return decision
            refusals.append(decision)
        return self._refused(refusals)

    def decide_at_once(self, principal: Principal) -> Decision | None:
        refusals: list[Decision] = []
        for policy in self.policies:
            decision = policy.decide_at_once(principal)
            if decision is None or decision.allowed:
                return decision
            refusals.append(decision)
        return self._refused(refusals)

    def _refused(self, refusals: list[Decision]) -> Decision:
        reasons = {decision.reason for decision in refusals}
        missing = dict.fromkeys(name for decision in refusals for name in decision.missing)
        return Decision(False, self, reasons.pop() if len(reasons) == 1 else Reason.POLICY, tuple(missing))


@dataclass(frozen=True, slots=True)
class _NoneOf(_Composed):
    word = "none_of"

    async def decide(self, principal: Principal) -> Decision:
        # A claim of the wrong type grants nothing, and proves no absence either: whoever cannot be read is not let by.
        if principal.unreadable & self.reads:
            return Decision(False, self, Reason.POLICY)
        for policy in self.policies:
            if (await policy.decide(principal)).allowed:
                return Decision(False, self, Reason.POLICY)
        return self._yes

    @property
    def scopes(self) -> tuple[str, ...]:
        return ()


@builds_guards('Depends(require(all_of(scopes("admin"), ...)))')
def all_of(*policies: Policy | Predicate) -> Policy:
    """A policy: every one of these holds. They are asked in order, up to the first that does not."""
    return _AllOf(_composed("all_of", policies))


@builds_guards('Depends(require(any_of(scopes("admin"), ...)))')
def any_of(*policies: Policy | Predicate) -> Policy:
    """A policy: at least one of these holds. They are asked in order, up to the first that does."""
    return _AnyOf(_composed("any_of", policies))


@builds_guards('Depends(require(none_of(scopes("admin"), ...)))')
def none_of(*policies: Policy | Predicate) -> Policy:
    """A policy: not one of these holds."""
    return _NoneOf(_composed("none_of", policies))


def as_policy(written: Policy | Predicate) -> Policy:
    """The policy that was written: itself, or a predicate of the application (`def f(principal) -> bool`, sync or async).

    A synchronous predicate runs in the event loop: it looks at the principal and does not wait for anything.
    """
    if isinstance(written, Policy):
        return written
    if not _is_predicate(written):
        raise ConfigurationError(
            f"{_name_of(written)} is not a policy; write scopes(...), roles(...), permissions(...), any_of(...), all_of(...), "
            "none_of(...), each policy as an argument of its own, or a function that takes the principal and returns True or "
            "False (a guard such as require_roles(...) is none: chain guards with Depends)"
        )
    return _Test(written)


def _is_predicate(written: object) -> bool:
    """Whether it can be called with the principal and nothing else: a class would only be made, and a guard asks for more."""
    if isinstance(written, type) or not callable(written):
        return False
    try:
        inspect.signature(written).bind(None)
    except ConfigurationError:  # of a builder that was not called, such as require(scopes)
        raise
    except TypeError:
        return False
    except ValueError:  # no signature to be had, as for some functions written in C
        return True
    return True


def _composed(name: str, policies: tuple[Policy | Predicate, ...]) -> tuple[Policy, ...]:
    if not policies:
        raise ConfigurationError(
            f"{name}() has nothing to ask; name at least one policy, such as {name}(scopes('admin'))"
        )
    return tuple(map(as_policy, policies))


def _name_of(function: object) -> str:
    return getattr(function, "__qualname__", type(function).__name__)
