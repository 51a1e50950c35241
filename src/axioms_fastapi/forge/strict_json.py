"""JSON as the forge reads and answers it: whatever was read can be written again."""

import json
import math
from collections.abc import Iterable
from typing import Any, NoReturn

from starlette.responses import Response

MAX_DEPTH = 200
"""Levels of JSON that is read. Python reads deeper than it writes, by how much depends on who calls it."""


def parse_json(text: str) -> Any:
    """The value of a JSON text. Raises ValueError for any other text, and for nesting deeper than MAX_DEPTH."""
    try:
        value = json.loads(text, parse_constant=_refuse, parse_float=_finite)
    except RecursionError:
        raise _too_deep() from None
    _check_depth(value)
    return value


class JsonResponse(Response):
    """A value as JSON in UTF-8. Half a character, which somebody's claim may have, goes out as the escape it came as."""

    media_type = "application/json"

    def render(self, content: Any) -> bytes:
        """The bytes of the body."""
        return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "backslashreplace")


def _check_depth(value: object) -> None:
    level = _containers([value])
    for _ in range(MAX_DEPTH):
        level = _containers(part for one in level for part in (one.values() if isinstance(one, dict) else one))
        if not level:
            return
    raise _too_deep()


def _containers(values: Iterable[Any]) -> list[dict[str, Any] | list[Any]]:
    return [value for value in values if isinstance(value, dict | list)]


def _too_deep() -> ValueError:
    return ValueError(f"nested deeper than {MAX_DEPTH} levels")


def _finite(digits: str) -> float:
    # 1e999 is legal JSON, but as a float it is an infinity, which no token could carry.
    number = float(digits)
    return number if math.isfinite(number) else _refuse(digits)


def _refuse(text: str) -> NoReturn:
    raise ValueError(f"{text} is not a JSON number")
