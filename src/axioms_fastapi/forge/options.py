"""What may be asked of a token besides its claims: each option's name, kind and values.

JWTForge's own options are swallowed wherever they stand: they cannot be claims. The forge's own stand beside `body`
in the structured form or in the query, because in the flat form every other name is a claim.
"""

import difflib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from .errors import RequestError
from .signing import ALGORITHMS
from .strict_json import parse_json

Check = Callable[[str, Any], Any]
MAX_SIGNATURES = 8
MAX_NAMES = 100


@dataclass(frozen=True, slots=True)
class Option:
    """How an option's value is checked, and how it is read where it is text in a query."""

    check: Check
    from_text: Callable[[str], Any] = str


def one_of(values: Iterable[str], aliases: Mapping[str, str] | None = None) -> Check:
    """Accepts these words alone, and others that stand for one of them."""
    allowed = tuple(values)

    def check(name: str, value: Any) -> str:
        word = (aliases or {}).get(value, value) if isinstance(value, str) else value
        if isinstance(word, str) and word in allowed:
            return word
        near = difflib.get_close_matches(word, allowed, 1) if isinstance(word, str) else []
        hint = f" Did you mean {json.dumps(near[0])}?" if near else ""
        words = ", ".join(json.dumps(word) for word in allowed)
        raise RequestError(f'"{name}" must be one of {words}, not {shown(value)}.{hint}')

    return check


def text(name: str, value: Any) -> str:
    """Accepts a string that is not empty."""
    if isinstance(value, str) and value:
        return value
    raise RequestError(f'"{name}" must be a string with something in it, not {shown(value)}.')


def whole_number(name: str, value: Any) -> int:
    """Accepts a whole number of a size that time and seeds have."""
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) <= 10**15:
        return value
    raise RequestError(f'"{name}" must be a whole number, not {shown(value)}.')


def flag(name: str, value: Any) -> bool:
    """Accepts true and false."""
    if isinstance(value, bool):
        return value
    raise RequestError(f'"{name}" must be true or false, not {shown(value)}.')


def names(name: str, value: Any) -> frozenset[str]:
    """Accepts a list of strings."""
    if isinstance(value, list) and all(isinstance(each, str) for each in value) and len(value) <= MAX_NAMES:
        return frozenset(value)
    raise RequestError(f'"{name}" must be a list of at most {MAX_NAMES} strings, not {shown(value)}.')


def json_object(name: str, value: Any) -> dict[str, Any]:
    """Accepts a JSON object."""
    if isinstance(value, dict):
        return value
    raise RequestError(f'"{name}" must be a JSON object, not {shown(value)}.')


def json_text(name: str, value: Any) -> str:
    """Accepts text, which is used to the very character, and any other JSON, which is written as it was read."""
    return value if isinstance(value, str) else json.dumps(value)


def signatures(name: str, value: Any) -> tuple[dict[str, Any], ...]:
    """Accepts one to eight objects with `header`, `unprotected` and `signature`."""
    if not isinstance(value, list) or not 1 <= len(value) <= MAX_SIGNATURES:
        raise RequestError(f'"{name}" must be a list of 1 to {MAX_SIGNATURES} objects, not {shown(value)}.')
    for number, entry in enumerate(value):
        where = f"{name}[{number}]"
        known(where, json_object(where, entry), ("header", "unprotected", "signature"))
        for member in ("header", "unprotected"):
            json_object(f"{where}.{member}", entry.get(member, {}))
        signature(f"{where}.signature", entry.get("signature", True))
    return tuple(value)


def signature(name: str, value: Any) -> str | bool:
    """Accepts true for a real signature, false for an empty one, and text for that very text."""
    if isinstance(value, str | bool):
        return value
    raise RequestError(f'"{name}" must be true, false or a string, not {shown(value)}.')


def payload_hint(name: str, value: Any) -> dict[str, Any] | None:
    """Accepts an object with `payload_hint` in it, which is an object too."""
    known(name, json_object(name, value), ("payload_hint",))
    hint = value.get("payload_hint")
    return None if hint is None else json_object(f"{name}.payload_hint", hint)


def none_in_any_case(name: str, value: Any) -> str:
    """Accepts the word none, however its letters are written."""
    if isinstance(value, str) and value.lower() == "none":
        return value
    raise RequestError(f'"{name}" must be the word "none" in any case, such as "nOnE", not {shown(value)}.')


def known(name: str, members: Mapping[str, Any], allowed: Iterable[str]) -> None:
    """Refuses a member that nobody would read. Raises RequestError, with the nearest name there is."""
    allowed = tuple(dict.fromkeys(allowed))
    for member in members:
        if member not in allowed:
            near = difflib.get_close_matches(member, allowed, 1)
            hint = f' Did you mean "{near[0]}"?' if near else f" There are {', '.join(allowed)}."
            raise RequestError(f'"{member[:50]}" is no member of {name}.{hint}')


def shown(value: Any) -> str:
    """The value as JSON for a sentence, no longer than 40 characters."""
    written = json.dumps(value) if not isinstance(value, list | dict) else type(value).__name__
    written = {"list": "a list", "dict": "an object"}.get(written, written)
    return written if len(written) <= 40 else f"{written[:37]}..."


def _split(written: str) -> list[str]:
    return [part.strip() for part in written.split(",") if part.strip()]


def _number(written: str) -> int | str:
    return int(written) if written.removeprefix("-").isdecimal() and len(written) < 20 else written


def _truth(written: str) -> bool | str:
    return {"true": True, "1": True, "false": False, "0": False}.get(written.lower(), written)


RESPONSE_TYPES: Mapping[str, frozenset[str]] = {
    "token": frozenset({"token"}),
    "id_token": frozenset({"id_token"}),
    "token id_token": frozenset({"token", "id_token"}),
    "id_token token": frozenset({"token", "id_token"}),
}
MODES = ("fake", "fuzz", "malicious", "grammar", "plain")
FORMATS = ("compact", "flattened", "general")
PRESETS = ("alg_none", "rs_hs_confusion", "kid_traversal", "jku_injection", "embedded_jwk", "format_confusion")
MALICIOUS = (
    "sql_injection",
    "xss",
    "path_traversal",
    "command_injection",
    "ldap_injection",
    "nosql_injection",
    "xml_injection",
    "template_injection",
    "header_injection",
    "buffer_overflow",
)
GRAMMAR = (
    "valid",
    "edge_cases",
    "type_variations",
    "injection",
    "invalid",
    "vulnerable",
    "variations",
    "single",
    "array",
    "single_string",
    "invalid_types",
)
"""The categories of grammar mode; without one, the first of these that a rule has is used."""


def _mode(name: str, value: Any) -> Any:
    if value == "mutation":
        raise RequestError(f'"{name}" cannot be "mutation": variants of a token are made by POST /mutation.')
    return one_of(MODES, {"malcious": "malicious", "grammer": "grammar"})(name, value)


JWTFORGE: Mapping[str, Option] = {
    "mode": Option(_mode),
    "format": Option(one_of(FORMATS)),
    "signatures": Option(signatures, parse_json),
    "confusion": Option(payload_hint, parse_json),
    "kty": Option(one_of(("RSA", "EC", "OKP"))),
    "response_type": Option(one_of(RESPONSE_TYPES)),
    "exclude": Option(names, _split),
    "malicious_category": Option(one_of(MALICIOUS)),
    "grammar_category": Option(one_of(GRAMMAR, {"typeVariations": "type_variations"})),
    "vulnerability": Option(one_of(PRESETS)),
    "alg_none_variant": Option(none_in_any_case),
}

OURS: Mapping[str, Option] = {
    "profile": Option(text),
    "omit": Option(names, _split),
    "expires_in": Option(whole_number, _number),
    "algorithm": Option(one_of(ALGORITHMS)),
    "key": Option(text),
    "secret": Option(text),
    "seed": Option(whole_number, _number),
    "opaque": Option(flag, _truth),
    "raw_header": Option(json_text),
    "raw_payload": Option(json_text),
}

ALL: Mapping[str, Option] = {**JWTFORGE, **OURS}
"""What a query may say."""

SWALLOWED = frozenset(JWTFORGE) | {
    "grant_type",
    "header_alg",
    "header_kid",
    "sig",
    "signature",
    "header",
    "body",
    "version",
    "alg",
}
"""Names that are never claims, wherever they stand."""
