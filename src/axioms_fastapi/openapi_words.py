"""What an operation demands, in words: CommonMark, as descriptions of the OpenAPI document are."""

from collections.abc import Iterable, Sequence
from typing import Final

from .core.policy import Outline

_NAMES: Final = {"scopes": "scope", "roles": "role", "permissions": "permission"}


def in_words(outlines: Sequence[Outline], *, optional: bool = False) -> str:
    """A paragraph, or a list, that says who may call: "**Requires an access token** with the scope `read`."."""
    if optional:
        return "**An access token is optional.** One that is sent must be valid."
    lines = [_lines(outline) for outline in outlines]
    if not lines:
        return "**Requires an access token.**"
    if len(lines) == 1 and len(lines[0]) == 1:
        return f"**Requires an access token** with {lines[0][0]}."
    return "\n".join(["**Requires an access token** with all of:", "", *_bullets(lines)])


def _lines(outline: Outline) -> list[str]:
    """One demand: a line, and the lines of a list below it."""
    match outline:
        case {"all_of": parts}:
            return ["all of:", *_bullets(map(_lines, parts))]
        case {"any_of": parts}:
            return ["at least one of:", *_bullets(map(_lines, parts))]
        case {"none_of": parts}:
            return ["none of:", *_bullets(map(_lines, parts))]
        case {"test": "<lambda>"}:
            return ["a rule of the application's own"]
        case {"test": name}:
            return [f"the application's own rule {_code(name)}"]
        case {"owner": {"field": field, "claim": claim}}:
            return [f"ownership of the object: its {_code(field)} is the caller's {_code(claim)}"]
    (kind, names), *_ = outline.items()
    word = _NAMES[kind]
    return [f"{f'the {word}' if len(names) == 1 else f'one of the {word}s'} {', '.join(map(_code, names))}"]


def _bullets(lists: Iterable[list[str]]) -> list[str]:
    return [f"{'  ' if index else '- '}{line}" for lines in lists for index, line in enumerate(lines)]


def _code(text: str) -> str:
    """The text as a code span, whatever it holds: a role may have any characters, a document is shown as HTML."""
    text = " ".join(text.split())
    fence = "`"
    while fence in text:
        fence += "`"
    return f"{fence} {text} {fence}" if "`" in text else f"{fence}{text}{fence}"
