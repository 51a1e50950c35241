"""A token taken apart, in any serialization: what an operation changes is written anew, all else keeps its bytes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ..errors import RequestError
from ..options import MAX_SIGNATURES, shown
from ..serialization import decode_object
from ..signing import segment, to_json

ENTRY_MEMBERS = ("protected", "header", "signature")


@dataclass(frozen=True, slots=True)
class Entry:
    """One signature with its headers, encoded; `extensions` are members that no standard knows."""

    signature: str
    protected: str | None = None
    header: Mapping[str, Any] | None = None
    extensions: Mapping[str, Any] = field(default_factory=dict)

    def members(self) -> dict[str, Any]:
        """What stands in the JSON serializations."""
        named = {"protected": self.protected, "header": self.header, "signature": self.signature}
        return {name: value for name, value in named.items() if value is not None} | dict(self.extensions)


@dataclass(frozen=True, slots=True)
class Jws:
    """A token in one of the three serializations."""

    format: str
    payload: str
    entries: tuple[Entry, ...]
    extensions: Mapping[str, Any] = field(default_factory=dict)

    @property
    def only(self) -> Entry:
        """The signature of a token that has one."""
        return self.entries[0]

    def token(self) -> str | dict[str, Any]:
        """The token in its serialization."""
        if self.format == "compact":
            only = self.only
            return f"{only.protected}.{self.payload}.{only.signature}"
        if self.format == "flattened":
            only = self.only
            return {"payload": self.payload, **only.members(), **self.extensions}
        return {
            "payload": self.payload,
            "signatures": [entry.members() for entry in self.entries],
            **self.extensions,
        }

    def with_entry(self, number: int, entry: Entry) -> Jws:
        """The same with another signature at this place."""
        return replace(self, entries=(*self.entries[:number], entry, *self.entries[number + 1 :]))

    def converted(self, wanted: str) -> Jws:
        """The same in another serialization. Raises RequestError for one that has no room for all of it."""
        if wanted == "general":
            return replace(self, format=wanted)
        if len(self.entries) > 1:
            raise RequestError(f'"format" cannot be "{wanted}": the token has {len(self.entries)} signatures.')
        if wanted == "flattened":
            return self._flattened()
        only = self.only
        if only.protected is None:
            raise RequestError('"format" cannot be "compact", which requires a protected header.')
        if only.header is not None or only.extensions or self.extensions:
            raise RequestError(
                '"format" cannot be "compact", which has no room for unprotected headers and extensions.'
            )
        return replace(self, format=wanted)

    def _flattened(self) -> Jws:
        only = self.only
        # What stood in two objects comes to stand in one.
        clash = set(only.extensions) & {*self.extensions, "payload", "signatures"}
        if clash:
            raise RequestError(f'"format" cannot be "flattened": {shown(min(clash))} would stand there twice.')
        entry = replace(only, extensions={})
        return Jws("flattened", self.payload, (entry,), {**self.extensions, **only.extensions})


def parse_jws(token: Any) -> Jws:
    """A token of any serialization, whose signatures are not verified. Raises RequestError for anything else."""
    if isinstance(token, str):
        parts = token.split(".")
        if len(parts) != 3:
            raise RequestError('"token" must have three segments, or be a JWS in JSON.')
        jws = Jws("compact", parts[1], (Entry(parts[2], parts[0]),))
    elif isinstance(token, dict):
        jws = _parse_json(token)
    else:
        raise RequestError(f'"token" must be a compact JWS or a JSON object, not {shown(token)}.')
    if decode_object(jws.payload) is None:
        raise RequestError('"token" must have a payload that is a JSON object in unpadded base64url.')
    for entry in jws.entries:
        _check_entry(entry)
    return jws


def _parse_json(token: Mapping[str, Any]) -> Jws:
    payload = token.get("payload")
    if not isinstance(payload, str):
        raise RequestError('"token.payload" must be a string.')
    if "signatures" not in token:
        own = {name: value for name, value in token.items() if name in ENTRY_MEMBERS}
        others = {name: value for name, value in token.items() if name not in {*ENTRY_MEMBERS, "payload"}}
        return Jws("flattened", payload, (_entry("token", own),), others)
    entries = token["signatures"]
    if not isinstance(entries, list) or not 1 <= len(entries) <= MAX_SIGNATURES:
        raise RequestError(f'"token.signatures" must be a list of 1 to {MAX_SIGNATURES} signatures.')
    if set(token) & set(ENTRY_MEMBERS):
        raise RequestError('"token" has "signatures", so "protected", "header" and "signature" belong into them.')
    others = {name: value for name, value in token.items() if name not in {"payload", "signatures"}}
    return Jws("general", payload, tuple(_entry(f"token.signatures[{n}]", e) for n, e in enumerate(entries)), others)


def _entry(where: str, members: Any) -> Entry:
    if not isinstance(members, dict):
        raise RequestError(f'"{where}" must be a JSON object, not {shown(members)}.')
    signature, protected, header = members.get("signature"), members.get("protected"), members.get("header")
    if not isinstance(signature, str):
        raise RequestError(f'"{where}.signature" must be a string, not {shown(signature)}.')
    if not isinstance(protected, str | None) or not isinstance(header, dict | None):
        raise RequestError(
            f'"{where}.protected" must be a string and "{where}.header" an object, where they are there.'
        )
    return Entry(signature, protected, header, {n: v for n, v in members.items() if n not in ENTRY_MEMBERS})


def _check_entry(entry: Entry) -> None:
    protected = {} if entry.protected is None else decode_object(entry.protected)
    if protected is None:
        raise RequestError('"token" must have headers that are JSON objects in unpadded base64url.')
    for header in (protected, entry.header or {}):
        if "enc" in header or header.get("b64") is False:
            raise RequestError('"token" is encrypted or has an unencoded payload, which is not supported.')


def edited(part: str | None, name: str, value: Any = None, *, remove: bool = False) -> str | None:
    """The segment with this member set or removed; the very same text where that changes nothing.

    Raises RequestError where the member that is to be removed is not there.
    """
    members = {} if part is None else (decode_object(part) or {})
    if remove:
        if name not in members:
            raise RequestError(f'"field" is {shown(name)}, which is not there to be removed.')
        del members[name]
    elif name in members and to_json(members[name]) == to_json(value):
        return part
    else:
        members[name] = value
    return segment(to_json(members).encode("ascii"))
