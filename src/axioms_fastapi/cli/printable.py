"""Text of somebody else, as a terminal may show it: no character of it moves the cursor, turns the line or hides."""

import json
from typing import Any


def printable(text: str) -> str:
    """The text, with what is not printable written as an escape."""
    return "".join(character if character.isprintable() else f"\\u{ord(character):04x}" for character in text)


def dumped(value: Any) -> str:
    """The value as JSON on one line."""
    return printable(json.dumps(value, ensure_ascii=False))
