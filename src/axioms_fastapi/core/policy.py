"""What a caller must have: policies, how they compose, and the two ways to ask one: `enforce` and `decide`."""

import inspect
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Final

from .errors import (
    AccessDenied,
    ConfigurationError,
    InsufficientPermission,
    InsufficientRole,
    InsufficientScope,
    Reason,
)
from .principal import Principal

Predicate = Callable[[Principal], bool] | Callable[[Principal], Awaitable[bool]]

# A policy as JSON: one name, which says what kind it is, and what it asks.
Outline = Mapping[str, Any]

# scope-token = 1*( %x21 / %x23-5B / %x5D-7E )      (RFC 6749, section 3.3)
_SCOPE_CHARACTERS: Final = frozenset(map(chr, range(0x21, 0x7F))) - {'"', "\\"}

_DENIALS: Final[Mapping[Reason, tuple[type[AccessDenied], str]]] = {
    Reason.SCOPE: (InsufficientScope, "Insufficient scope"),
    Reason.ROLE: (InsufficientRole, "Insufficient role"),
    Reason.PERMISSION: (InsufficientPermission, "Insufficient permission"),
    Reason.POLICY: (AccessDenied, "Access denied"),
}


@dataclass(frozen=True, slots=True)
class Decision:
    """What a policy says of a principal, for those who report it. `missing` names what would have sufficed.

    It grants nothing: a decision that nobody looks at must not open a door, so a guard uses `enforce`, which raises.
    """

    allowed: bool
    policy: "Policy"
    reason: Reason | None = None
    missing: tuple[str, ...] = ()


class Policy(ABC):
    """Something that a principal has or lacks."""

    __slots__ = ()

    @abstractmethod
    async def decide(self, principal: Principal) -> Decision:
        """The decision on this principal. Raises nothing on account of the principal."""

    @property
    def scopes(self) -> tuple[str, ...]:
        """The scopes that this policy asks for, in the order written: what a challenge names."""
        return ()

    @property
    def reads(self) -> frozenset[Reason]:
        """Which of scopes, roles and permissions this policy looks at."""
        return frozenset()

    @property
    def outline(self) -> Outline:
        """What this policy asks, for documents and reports: `{"roles": ["editor"]}`, `{"any_of": [...]}`."""
        return {"test": type(self).__name__}


@dataclass(frozen=True, slots=True)
class _Names(Policy):
    """The principal has at least one of these scopes, roles or permissions."""

    reason: Reason
    names: tuple[str, ...]

    async def decide(self, principal: Principal) -> Decision:
        if self._held_by(principal).isdisjoint(self.names):
            return Decision(False, self, self.reason, self.names)
        return Decision(True, self)

    def _held_by(self, principal: Principal) -> frozenset[str]:
        if self.reason is Reason.SCOPE:
            return principal.scopes
        return principal.roles if self.reason is Reason.ROLE else principal.permissions

    @property
    def scopes(self) -> tuple[str, ...]:
        return self.names if self.reason is Reason.SCOPE else ()

    @property
    def reads(self) -> frozenset[Reason]:
        return frozenset({self.reason})

    @property
    def outline(self) -> Outline:
        return {f"{self.reason}s": list(self.names)}


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
    def outline(self) -> Outline:
        return {"test": getattr(self.test, "__name__", type(self.test).__name__)}


@dataclass(frozen=True, slots=True)
class _Composed(Policy):
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
        return Decision(True, self)


@dataclass(frozen=True, slots=True)
class _AnyOf(_Composed):
    word = "any_of"

    async def decide(self, principal: Principal) -> Decision:
        reasons: set[Reason | None] = set()
        missing: list[str] = []
        for policy in self.policies:
            decision = await policy.decide(principal)
            if decision.allowed:
                return decision
            reasons.add(decision.reason)
            missing.extend(decision.missing)
        reason = reasons.pop() if len(reasons) == 1 else Reason.POLICY
        return Decision(False, self, reason, tuple(dict.fromkeys(missing)))


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
        return Decision(True, self)

    @property
    def scopes(self) -> tuple[str, ...]:
        return ()


def scopes(*names: str | Iterable[str]) -> Policy:
    """A policy: the token has at least one of these scopes. Raises ConfigurationError for a name that RFC 6749 forbids."""
    wanted = _required_names("scopes", names)
    for name in wanted:
        if not _SCOPE_CHARACTERS.issuperset(name):
            raise ConfigurationError(
                f"the scope {name!r} holds a character that no scope may (RFC 6749, section 3.3); "
                'write each scope as a text of its own, such as ["read:data", "admin"]'
            )
    return _Names(Reason.SCOPE, wanted)


def roles(*names: str | Iterable[str]) -> Policy:
    """A policy: the caller has at least one of these roles."""
    return _Names(Reason.ROLE, _required_names("roles", names))


def permissions(*names: str | Iterable[str]) -> Policy:
    """A policy: the caller has at least one of these permissions."""
    return _Names(Reason.PERMISSION, _required_names("permissions", names))


def all_of(*policies: Policy | Predicate) -> Policy:
    """A policy: every one of these holds. They are asked in order, up to the first that does not."""
    return _AllOf(_composed("all_of", policies))


def any_of(*policies: Policy | Predicate) -> Policy:
    """A policy: at least one of these holds. They are asked in order, up to the first that does."""
    return _AnyOf(_composed("any_of", policies))


def none_of(*policies: Policy | Predicate) -> Policy:
    """A policy: not one of these holds."""
    return _NoneOf(_composed("none_of", policies))


def as_policy(written: Policy | Predicate) -> Policy:
    """The policy that was written: itself, or a predicate of the application (`def f(principal) -> bool`, sync or async).

    A synchronous predicate runs in the event loop: it looks at the principal and does not wait for anything.
    """
    if isinstance(written, Policy):
        return written
    if isinstance(written, type) or not callable(written):
        raise ConfigurationError(
            f"{written!r} is not a policy; write scopes(...), roles(...), permissions(...), any_of(...), all_of(...), "
            "none_of(...) or a function that takes the principal and returns True or False"
        )
    return _Test(written)


async def decide(policy: Policy, principal: Principal) -> Decision:
    """What the policy says of the principal, as a value: for reports. A guard uses `enforce`."""
    return await policy.decide(principal)


async def enforce(policy: Policy, principal: Principal) -> Principal:
    """The same principal, when the policy allows it. Raises AccessDenied."""
    decision = await policy.decide(principal)
    if decision.allowed:
        return principal
    unreadable = ", ".join(sorted(principal.unreadable & decision.policy.reads))
    detail = (
        f"the token's claim for {unreadable} has the wrong type, or was left out for its size" if unreadable else ""
    )
    raise denied(policy, decision, detail)


def denied(policy: Policy, decision: Decision, detail: str = "") -> AccessDenied:
    """The refusal that a decision against somebody becomes. It names the scopes of the whole policy."""
    reason = decision.reason or Reason.POLICY
    denial, words = _DENIALS[reason]
    if decision.missing:
        words += f": requires {'one of ' if len(decision.missing) > 1 else ''}{', '.join(decision.missing)}"
    return denial(words, reason=reason, detail=detail, required_scopes=policy.scopes)


def _required_names(kind: str, written: Iterable[str | Iterable[str]]) -> tuple[str, ...]:
    """The names, once each, in order. A bare text is one name, never its letters; nothing at all would allow everybody."""
    names: list[object] = []
    for item in written:
        if isinstance(item, str | bytes | Mapping) or not isinstance(item, Iterable):
            names.append(item)
        else:
            names.extend(item)
    if not names:
        raise ConfigurationError(
            f'no {kind} are named, which would mean nobody or everybody; name one, such as ["admin"]'
        )
    wanted: list[str] = []
    for name in names:
        if not isinstance(name, str) or not name.strip():
            raise ConfigurationError(f'{name!r} stands among the {kind}; each is a text, such as ["admin"]')
        wanted.append(name)
    return tuple(dict.fromkeys(wanted))


def _composed(name: str, policies: tuple[Policy | Predicate, ...]) -> tuple[Policy, ...]:
    if not policies:
        raise ConfigurationError(
            f"{name}() has nothing to ask; name at least one policy, such as {name}(scopes('admin'))"
        )
    return tuple(map(as_policy, policies))


def _name_of(function: object) -> str:
    return getattr(function, "__qualname__", type(function).__qualname__)
