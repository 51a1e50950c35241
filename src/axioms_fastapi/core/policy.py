"""What a caller must have: scopes, roles, permissions, and the two ways to ask a policy: `enforce` and `decide`."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any, Final, NoReturn

from .errors import (
    AccessDenied,
    ConfigurationError,
    InsufficientPermission,
    InsufficientRole,
    InsufficientScope,
    Reason,
)
from .principal import Principal, names_of
from .server_side import builds_guards, never_a_dependency

_NO_GUARD: Final = (
    'a policy is no guard; write Depends(require(scopes("admin"))), or Depends(require_scopes(["admin"]))'
)

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

# Which setting says in which claims each kind is.
_SETTINGS: Final[Mapping[Reason, str]] = {
    Reason.SCOPE: "AXIOMS_SCOPE_CLAIMS",
    Reason.ROLE: "AXIOMS_ROLES_CLAIMS",
    Reason.PERMISSION: "AXIOMS_PERMISSIONS_CLAIMS",
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

    def __post_init__(self) -> None:
        """Refuse what is only truthy: a forgotten `await` would be a yes."""
        if not isinstance(self.allowed, bool):
            raise ConfigurationError(f"a Decision was made of {type(self.allowed).__name__}; allowed is True or False")


class Policy(ABC):
    """Something that a principal has or lacks."""

    __slots__ = ()

    def __bool__(self) -> NoReturn:
        """Refuse `scopes("a") and roles("b")`: Python would silently keep one of the two."""
        raise ConfigurationError(
            "policies do not compose with and, or, not; write all_of(a, b), any_of(a, b), none_of(a), and for a dependency "
            "Depends(require(policy))"
        )

    def __call__(self) -> NoReturn:
        """Refuse `Depends(scopes("a"))`, which FastAPI takes for a guard since it can be called."""
        raise ConfigurationError(_NO_GUARD)

    @abstractmethod
    async def decide(self, principal: Principal) -> Decision:
        """The decision on this principal. Raises nothing on account of the principal."""

    def decide_at_once(self, principal: Principal) -> Decision | None:
        """The same decision, where nobody has to be waited for; None where `decide` must be asked."""
        return None

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


never_a_dependency(Policy, _NO_GUARD)


class SameYes(Policy):
    """A policy whose decision for everybody who is allowed is one value, made with the policy.

    It is no field: a report of a decision, which names its policy, must come to an end.
    """

    __slots__ = ("_yes",)

    _yes: Decision

    def __post_init__(self) -> None:
        """Make the decision."""
        object.__setattr__(self, "_yes", Decision(True, self))

    def __reduce__(self) -> tuple[Any, ...]:
        """A copy makes its own."""
        return type(self), tuple(getattr(self, each.name) for each in fields(self))  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True, eq=False)
class _Names(SameYes):
    """The principal has at least one of these scopes, roles or permissions. The order of the names is for people alone."""

    reason: Reason
    names: tuple[str, ...]

    async def decide(self, principal: Principal) -> Decision:
        return self.decide_at_once(principal)

    def decide_at_once(self, principal: Principal) -> Decision:
        if names_of(principal, self.reason).isdisjoint(self.names):
            return Decision(False, self, self.reason, self.names)
        return self._yes

    def __eq__(self, other: object) -> bool:
        return type(other) is _Names and (other.reason, set(other.names)) == (self.reason, set(self.names))

    def __hash__(self) -> int:
        return hash((self.reason, frozenset(self.names)))

    @property
    def scopes(self) -> tuple[str, ...]:
        return self.names if self.reason is Reason.SCOPE else ()

    @property
    def reads(self) -> frozenset[Reason]:
        return frozenset({self.reason})

    @property
    def outline(self) -> Outline:
        return {f"{self.reason}s": list(self.names)}


@builds_guards('Depends(require(scopes("admin")))')
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


@builds_guards('Depends(require(roles("admin")))')
def roles(*names: str | Iterable[str]) -> Policy:
    """A policy: the caller has at least one of these roles."""
    return _Names(Reason.ROLE, _required_names("roles", names))


@builds_guards('Depends(require(permissions("admin")))')
def permissions(*names: str | Iterable[str]) -> Policy:
    """A policy: the caller has at least one of these permissions."""
    return _Names(Reason.PERMISSION, _required_names("permissions", names))


async def decide(policy: Policy, principal: Principal) -> Decision:
    """What the policy says of the principal, as a value: for reports. A guard uses `enforce`."""
    return await policy.decide(principal)


async def enforce(policy: Policy, principal: Principal) -> Principal:
    """The same principal, when the policy allows it. Raises AccessDenied."""
    decision = await policy.decide(principal)
    if decision.allowed:
        return principal
    raise denied(policy, decision, _explained(decision, principal))


def _explained(decision: Decision, principal: Principal) -> str:
    """Why somebody was denied who may have what was asked: for the log, which names claims, and nothing that they say."""
    unreadable = ", ".join(sorted(principal.unreadable & decision.policy.reads))
    if unreadable:
        return f"the token's claim for {unreadable} has the wrong type, or was left out for its size"
    if decision.reason is None:
        return ""
    absent = " or ".join(principal.absent(decision.reason))
    return f"the token has no claim {absent}; {_SETTINGS[decision.reason]} says where to look" if absent else ""


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
