"""Values for parameters and bodies: what a schema gives as an example, or the plainest thing that it allows."""

from collections.abc import Mapping
from typing import Any, Final

_DEEPEST: Final = 12
_FORMATS: Final = {
    "date": "2030-01-01",
    "date-time": "2030-01-01T12:00:00Z",
    "time": "12:00:00",
    "uuid": "00000000-0000-4000-8000-000000000000",
    "email": "someone@example.com",
    "uri": "https://example.com/",
    "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1",
    "byte": "dGVzdA==",
}


class Samples:
    """Samples from the schemas of one OpenAPI document."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._document = document

    def resolved(self, written: object) -> Mapping[str, Any]:
        """The object behind a local reference, or the object itself; an empty one for anything else."""
        for _ in range(_DEEPEST):
            if not isinstance(written, Mapping):
                return {}
            reference = written.get("$ref")
            if not isinstance(reference, str):
                return written
            written = self._found(reference)
        return {}

    def parameter(self, written: Mapping[str, Any]) -> Any:
        """A value for a parameter."""
        given = _given(written)
        return given if given is not None else self.value(written.get("schema", {}))

    def body(self, written: object) -> Any:
        """A value for a JSON body."""
        return self.parameter(self.resolved(written))

    def value(self, written: object, depth: int = 0) -> Any:
        """A value that a schema allows."""
        schema = self.resolved(written)
        given = _given(schema)
        if given is not None:
            return given
        for combined in ("allOf", "oneOf", "anyOf"):
            parts = schema.get(combined)
            if isinstance(parts, list) and parts and depth < _DEEPEST:
                return self._combined(combined, parts, schema, depth)
        kind = schema.get("type")
        if isinstance(kind, list):
            kind = next((name for name in kind if name != "null"), None)
        match kind:
            case "object":
                return self._object(schema, depth)
            case "array":
                count = schema.get("minItems", 0) if depth < _DEEPEST else 0
                return [self.value(schema.get("items", {}), depth + 1)] * count if isinstance(count, int) else []
            case "integer" | "number":
                return _number(schema)
            case "boolean":
                return True
            case "null":
                return None
        return _text(schema) if kind == "string" or "properties" not in schema else self._object(schema, depth)

    def _combined(self, how: str, parts: list[Any], schema: Mapping[str, Any], depth: int) -> Any:
        if how != "allOf":
            likely = [part for part in parts if self.resolved(part).get("type") != "null"]
            return self.value((likely or parts)[0], depth + 1)
        values = [self.value(part, depth + 1) for part in parts]
        if all(isinstance(value, dict) for value in values):
            own = self._object(schema, depth) if "properties" in schema else {}
            return {name: value for members in [*values, own] for name, value in members.items()}
        return values[0]

    def _object(self, schema: Mapping[str, Any], depth: int) -> dict[str, Any]:
        properties = schema.get("properties", {})
        if depth >= _DEEPEST or not isinstance(properties, Mapping):
            return {}
        required = schema.get("required")
        names = [name for name in required if isinstance(name, str)] if isinstance(required, list) else []
        return {name: self.value(properties.get(name, {}), depth + 1) for name in names}

    def _found(self, reference: str) -> object:
        if not reference.startswith("#/"):
            return {}
        value: Any = self._document
        for step in reference[2:].split("/"):
            step = step.replace("~1", "/").replace("~0", "~")
            value = value.get(step) if isinstance(value, Mapping) else None
        return value


def _given(schema: Mapping[str, Any]) -> Any:
    """What the schema itself gives: an example, a default, a constant, the first of its values."""
    for name in ("example", "const", "default"):
        if schema.get(name) is not None:
            return schema[name]
    examples = schema.get("examples")
    if isinstance(examples, Mapping):
        examples = [one.get("value") for one in examples.values() if isinstance(one, Mapping)]
    for values in (examples, schema.get("enum")):
        if isinstance(values, list) and values and values[0] is not None:
            return values[0]
    return None


def _number(schema: Mapping[str, Any]) -> Any:
    lowest = schema.get("minimum", schema.get("exclusiveMinimum", 0))
    number = lowest if isinstance(lowest, int | float) and not isinstance(lowest, bool) else 0
    # Ids begin at one more often than at zero.
    value = max(number + ("exclusiveMinimum" in schema), 1)
    highest = schema.get("maximum", value)
    return min(value, highest) if isinstance(highest, int | float) else value


def _text(schema: Mapping[str, Any]) -> str:
    text = _FORMATS.get(str(schema.get("format")), "test")
    shortest, longest = schema.get("minLength", 0), schema.get("maxLength", len(text))
    if isinstance(shortest, int) and len(text) < shortest:
        return text.ljust(shortest, "x")
    return text[:longest] if isinstance(longest, int) and longest > 0 else text
