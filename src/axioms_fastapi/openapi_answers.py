"""The refusals of a protected operation, as the OpenAPI document shows them: made by the code that makes the real ones."""

from collections.abc import Iterator, Mapping, Sequence
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
            for part in policy.outline.get("all_of", [policy.outline]):
                yield denied(policy, Decision(False, policy, *_missing(part)))
        if any("conceal" not in owner["owner"] for owner in requirements.owners):
            yield NotOwner()

    def _answer(self, description: str, refusals: Sequence[Refusal]) -> dict[str, Any]:
        schema: dict[str, Any] = {"$ref": f"#/components/schemas/{SCHEMA_NAME}"}
        if self.under_detail:
            schema = {"type": "object", "required": ["detail"], "properties": {"detail": schema}}
        bodies: dict[str, Any] = {}
        headers: dict[str, dict[str, Any]] = {}
        for number, refusal in enumerate(refusals, 1):
            answer = challenge(refusal, self.realm)
            key = f"{number}-{_slug(refusal.description)}"
            body = {"detail": dict(answer.body)} if self.under_detail else dict(answer.body)
            bodies[key] = {"summary": refusal.description, "value": body}
            for name, value in answer.headers.items():
                if name != "Cache-Control":
                    headers.setdefault(name, {})[key] = {"summary": refusal.description, "value": value}
        return {
            "description": description,
            "headers": {name: _header(examples) for name, examples in headers.items()},
            "content": {"application/json": {"schema": schema, "examples": bodies}},
        }


def _header(examples: Mapping[str, Any]) -> dict[str, Any]:
    """A header with its examples: a challenge, or Retry-After."""
    if not all(example["value"].isdecimal() for example in examples.values()):
        return {
            "description": "A challenge (RFC 6750, section 3).",
            "schema": {"type": "string"},
            "examples": dict(examples),
        }
    return {
        "description": "Seconds until another try may be worth it.",
        "schema": {"type": "integer"},
        "examples": {key: {**example, "value": int(example["value"])} for key, example in examples.items()},
    }


def _slug(text: str) -> str:
    """What a name in the document may be made of: ASCII letters, digits and hyphens."""
    return "-".join("".join(char if char.isalnum() and char.isascii() else " " for char in text).lower().split())


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
