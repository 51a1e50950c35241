"""What an operation does to a token. Nothing is ever signed again, and `alg` changes only where it is the field."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from ..errors import RequestError
from ..options import FORMATS, known, one_of, shown
from ..serialization import decode_segment
from ..signing import segment
from .jws import Entry, Jws, edited

Operation = Mapping[str, Any]
Act = Callable[[Jws, Operation, int], Jws]
"""Does an operation, on the signature of this number where it is about one."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of operation: the members it needs, whether it is about one signature, and what it does."""

    act: Act
    members: tuple[str, ...]
    has_signature_index: bool = True


def _header_set(jws: Jws, operation: Operation, number: int) -> Jws:
    entry = jws.entries[number]
    return jws.with_entry(
        number, replace(entry, protected=edited(entry.protected, operation["field"], operation["value"]))
    )


def _header_remove(jws: Jws, operation: Operation, number: int) -> Jws:
    entry = jws.entries[number]
    return jws.with_entry(number, replace(entry, protected=edited(entry.protected, operation["field"], remove=True)))


def _body_set(jws: Jws, operation: Operation, number: int) -> Jws:
    return replace(jws, payload=edited(jws.payload, operation["field"], operation["value"]) or "")


def _body_remove(jws: Jws, operation: Operation, number: int) -> Jws:
    return replace(jws, payload=edited(jws.payload, operation["field"], remove=True) or "")


def _signed(jws: Jws, number: int, signature: str) -> Jws:
    return jws.with_entry(number, replace(jws.entries[number], signature=signature))


def _signature_remove(jws: Jws, operation: Operation, number: int) -> Jws:
    return _signed(jws, number, "")


def _signature_replace(jws: Jws, operation: Operation, number: int) -> Jws:
    return _signed(jws, number, operation["value"])


def _signature_truncate(jws: Jws, operation: Operation, number: int) -> Jws:
    proof, length = _bytes(jws.entries[number]), operation["length"]
    if length > len(proof):
        raise RequestError(f'"length" is {length}, and the signature has {len(proof)} bytes.')
    return _signed(jws, number, segment(proof[:length]))


def _signature_flip_bit(jws: Jws, operation: Operation, number: int) -> Jws:
    proof, place = bytearray(_bytes(jws.entries[number])), operation["byte_index"]
    if place >= len(proof):
        raise RequestError(f'"byte_index" is {place}, and the signature has {len(proof)} bytes, counted from 0.')
    proof[place] ^= 1 << operation["bit_index"]
    return _signed(jws, number, segment(bytes(proof)))


def _convert(jws: Jws, operation: Operation, number: int) -> Jws:
    return jws.converted(operation["format"])


def _bytes(entry: Entry) -> bytes:
    try:
        return decode_segment(entry.signature)
    except ValueError:
        raise RequestError("The signature is not unpadded base64url, so it has no bytes to change.") from None


KINDS: Mapping[tuple[str, str], Kind] = {
    ("header", "set"): Kind(_header_set, ("field", "value")),
    ("header", "remove"): Kind(_header_remove, ("field",)),
    ("body", "set"): Kind(_body_set, ("field", "value"), has_signature_index=False),
    ("body", "remove"): Kind(_body_remove, ("field",), has_signature_index=False),
    ("signature", "remove"): Kind(_signature_remove, ()),
    ("signature", "replace"): Kind(_signature_replace, ("value",)),
    ("signature", "truncate"): Kind(_signature_truncate, ("length",)),
    ("signature", "flip_bit"): Kind(_signature_flip_bit, ("byte_index", "bit_index")),
    ("format", "convert"): Kind(_convert, ("format",), has_signature_index=False),
}
"""Every operation there is."""


def check_operation(operation: Any) -> None:
    """The operation is one that there is, with its members and no others. Raises RequestError."""
    if not isinstance(operation, dict):
        raise RequestError(f"An operation must be a JSON object, not {shown(operation)}.")
    kind = _kind(operation)
    allowed = ("type", "operation", *kind.members, *(("signature_index",) if kind.has_signature_index else ()))
    known("this operation", operation, allowed)
    for name in kind.members:
        if name not in operation:
            raise RequestError(f'"{name}" is missing from the operation.')
    if operation["type"] == "signature" and not isinstance(operation.get("value", ""), str):
        raise RequestError(f'"value" must be a string, not {shown(operation["value"])}.')
    if not isinstance(operation.get("field", "-"), str) or not operation.get("field", "-"):
        raise RequestError(f'"field" must be the name of a member, not {shown(operation["field"])}.')
    for name, most in (("length", None), ("byte_index", None), ("bit_index", 7), ("signature_index", None)):
        _check_number(operation, name, most)
    if "format" in operation:
        one_of(FORMATS)("format", operation["format"])


def perform(jws: Jws, operation: Operation) -> tuple[Jws, dict[str, Any]]:
    """The token after the operation, and what changed. Raises RequestError for what cannot be done to it."""
    kind = _kind(operation)
    number = _signature_number(jws, operation, kind)
    after = kind.act(jws, operation, number)
    change = {"type": operation["type"], "operation": operation["operation"], "changed": after != jws}
    if "field" in operation:
        change["field"] = operation["field"]
    if kind.has_signature_index:
        change["signature_index"] = number
    return after, change


def _kind(operation: Operation) -> Kind:
    words = operation.get("type"), operation.get("operation")
    kind = KINDS.get(words) if all(isinstance(word, str) for word in words) else None  # type: ignore[arg-type]
    if kind is None:
        there = ", ".join(f"{each} {name}" for each, name in KINDS)
        raise RequestError(f'"type" and "operation" must be one of {there}.')
    return kind


def _signature_number(jws: Jws, operation: Operation, kind: Kind) -> int:
    number = operation.get("signature_index")
    if kind.has_signature_index and number is None and jws.format == "general":
        raise RequestError('"signature_index" is missing: a general JWS may have several signatures.')
    if number is not None and number >= len(jws.entries):
        raise RequestError(f'"signature_index" is {number}, and the signatures are {len(jws.entries)}, counted from 0.')
    return number or 0


def _check_number(operation: Operation, name: str, most: int | None) -> None:
    value = operation.get(name, 0)
    if not isinstance(value, int) or isinstance(value, bool) or value < 0 or (most is not None and value > most):
        raise RequestError(
            f'"{name}" must be a whole number from 0{f" to {most}" if most else ""}, not {shown(value)}.'
        )
