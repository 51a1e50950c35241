"""The refusals of a protected operation, as the OpenAPI document shows them: made by the code that makes the real ones."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from .core.bearer import challenge
from .core.errors import (
    AuthenticationRequired,
    InvalidToken,
    NotOwner,
    ProviderUnavailable,
    Reason,
    Refusal,
)
from .core.policy import Decision, Outline, denied
from .openapi_demands import Requirements

SCHEMA_NAME: Final = "AccessRefusal"
SCHEMA: Final[Mapping[str, Any]] = {
    "title": SCHEMA_NAME,
    "type": "object",
    "description": "Why a request was refused (RFC 6749, section 5.2).",
    "required": ["error", "error_description"],
    "properties": {
        "error": {"type": "string", "title": "Error", "description": "A code for programs."},
        "error_description": {"type": "string", "title": "Description", "description": "A sentence for developers."},
    },
}

_REASONS: Final = {"scopes": Reason.SCOPE, "roles": Reason.ROLE, "permissions": Reason.PERMISSION}


@dataclass(frozen=True, slots=True)
class Answers:
    """How one application answers. `under_detail` where no exception handler gives the body its RFC 6749 shape."""

    realm: str
    under_detail: bool

    def of(self, requirements: Requirements) -> dict[str, dict[str, Any]]:
        """The answers of an operation with these requirements, by status."""
        refused = [AuthenticationRequired(), InvalidToken(Reason.EXPIRED), InvalidToken(Reason.MALFORMED)]
        answers = {"401": self._answer("The access token is missing, expired or invalid", refused)}
        if requirements.optional:
            answers = {"401": self._answer("The access token that was sent is expired or invalid", refused[1:])}
        if denials := [*self._denials(requirements)]:
            answers["403"] = self._answer("The access token does not allow this", denials)
        if any("conceal" in owner["owner"] for owner in requirements.owners):
            answers["404"] = {"description": "Not found, or somebody else's"}
        unavailable = [ProviderUnavailable(retry_after=1)]
        answers["503"] = self._answer("The access token cannot be verified at the moment", unavailable)
        return answers

    def _denials(self, requirements: Requirements) -> Iterator[Refusal]:
        for policy in requirements.policies:
            parts = policy.outline.get("all_of", [policy.outline])
            yield from (denied(policy, Decision(False, policy, *_missing(part))) for part in parts)
        if any("conceal" not in owner["owner"] for owner in requirements.owners):
            yield NotOwner()

    def _answer(self, description: str, refusals: Sequence[Refusal]) -> dict[str, Any]:
        schema: dict[str, Any] = {"$ref": f"#/components/schemas/{SCHEMA_NAME}"}
        if self.under_detail:
            schema = {"type": "object", "required": ["detail"], "properties": {"detail": schema}}
        challenges = [challenge(refusal, self.realm) for refusal in refusals]
        bodies = [{"detail": dict(one.body)} if self.under_detail else dict(one.body) for one in challenges]
        summaries = [refusal.description for refusal in refusals]
        headers: dict[str, dict[str, str]] = {}
        for summary, one in zip(summaries, challenges, strict=True):
            for name, value in one.headers.items():
                if name != "Cache-Control":
                    headers.setdefault(name, {}).setdefault(summary, value)
        return {
            "description": description,
            "headers": {name: _header(examples) for name, examples in headers.items()},
            "content": {
                "application/json": {"schema": schema, "examples": _examples(zip(summaries, bodies, strict=True))}
            },
        }


def _header(examples: Mapping[str, str]) -> dict[str, Any]:
    numbers = all(value.isdecimal() for value in examples.values())
    schema = {"type": "integer" if numbers else "string"}
    return {
        "schema": schema,
        "examples": _examples((name, int(value) if numbers else value) for name, value in examples.items()),
    }


def _examples(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    return {_key(summary): {"summary": summary, "value": value} for summary, value in pairs}


def _key(summary: str) -> str:
    """A name that a component may have: letters, digits and hyphens."""
    return "-".join("".join(char if char.isalnum() and char.isascii() else " " for char in summary).lower().split())


def _missing(outline: Outline) -> tuple[Reason, tuple[str, ...]]:
    """Why a caller who has nothing is denied, and what would have sufficed: as `Policy.decide` has it."""
    match outline:
        case {"all_of": [first, *_]}:
            return _missing(first)
        case {"any_of": parts}:
            reasons, names = zip(*map(_missing, parts), strict=True)
            merged = tuple(dict.fromkeys(name for some in names for name in some))
            return (reasons[0] if len(set(reasons)) == 1 else Reason.POLICY), merged
    for kind, reason in _REASONS.items():
        if kind in outline:
            return reason, tuple(outline[kind])
    return Reason.POLICY, ()
