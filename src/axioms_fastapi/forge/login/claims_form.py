"""Claims as a person types them: a few fields for the usual ones, and JSON for the rest."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from ..strict_json import parse_json
from .personas import Persona

LISTS: Final = ("roles", "permissions")
_LONGEST: Final = 16 * 1024


@dataclass(frozen=True, slots=True)
class TypedClaims:
    """What was typed, as it was typed; `errors` says for each field what is wrong with it, in a sentence."""

    sub: str = ""
    scope: str = ""
    roles: str = ""
    permissions: str = ""
    more: str = ""

    @classmethod
    def of(cls, form: Mapping[str, str]) -> "TypedClaims":
        """What a submitted form holds."""
        return cls(**{name: form.get(name, "").strip()[:_LONGEST] for name in cls.__dataclass_fields__})

    @classmethod
    def like(cls, persona: Persona) -> "TypedClaims":
        """The form filled in with somebody's claims."""
        rest = {name: value for name, value in persona.claims.items() if name not in {"sub", *LISTS}}
        roles, permissions = (", ".join(persona.claims.get(name, ())) for name in LISTS)
        more = json.dumps(rest, indent=2, ensure_ascii=False) if rest else ""
        return cls(persona.subject, " ".join(persona.scopes), roles, permissions, more)

    @property
    def errors(self) -> dict[str, str]:
        """What is wrong, by field."""
        found = {}
        try:
            more = _parse_object(self.more)
        except ValueError:
            more = {}
            found["more"] = 'This is no JSON object. Write one such as {"tenant": "acme"}, or nothing.'
        if not self.sub and "sub" not in more:
            found["sub"] = "Write who the token is for, such as alice."
        return found

    def claims(self) -> dict[str, Any]:
        """The claims: an empty field is no claim, and what is typed as JSON comes last. Where there are errors, this raises."""
        texts = {name: value for name, value in (("sub", self.sub), ("scope", " ".join(self.scope.split()))) if value}
        lists = {name: items for name in LISTS if (items := _items(getattr(self, name)))}
        return {**texts, **lists, **_parse_object(self.more)}


def _items(text: str) -> list[str]:
    return [item.strip() for item in text.split(",") if item.strip()]


def _parse_object(text: str) -> dict[str, Any]:
    typed = parse_json(text or "{}")
    if not isinstance(typed, dict):
        raise ValueError("no object")
    return typed
