"""A JWS in its three serializations (RFC 7515 section 7): compact, flattened JSON, general JSON."""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .signing import SigningKey, segment, to_json
from .strict_json import parse_json


@dataclass(frozen=True, slots=True)
class Signed:
    """A payload and one signature over it, encoded."""

    protected: str
    payload: str
    signature: str

    @property
    def compact(self) -> str:
        """The three segments with dots between them."""
        return f"{self.protected}.{self.payload}.{self.signature}"


def sign(key: SigningKey, header: bytes, payload: bytes, signature: str | bool = True) -> Signed:
    """The bytes, encoded, with the key's signature over them; with an empty one, or with this very text, if so given."""
    protected, body = segment(header), segment(payload)
    if signature is True:
        return Signed(protected, body, key.signature(f"{protected}.{body}"))
    return Signed(protected, body, signature or "")


def flattened(signed: Signed, hint: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The flattened JSON serialization; the hint is a member that says what the payload is not."""
    token = {"payload": signed.payload, "protected": signed.protected, "signature": signed.signature}
    return token if hint is None else {**token, "payload_decoded": hint}


def general(
    key: SigningKey,
    header: Mapping[str, Any],
    payload: bytes,
    entries: Sequence[Mapping[str, Any]],
    hint: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The general JSON serialization, with a signature for each entry.

    An entry's `header` is added to the protected one, its `unprotected` stands beside it, and its `signature` is
    true, false or the text of one.
    """
    token: dict[str, Any] = {"payload": segment(payload), "signatures": []}
    for entry in entries:
        protected = to_json({**header, **entry.get("header", {})}).encode("ascii")
        one = sign(key, protected, payload, entry.get("signature", True))
        unprotected = {"header": entry["unprotected"]} if "unprotected" in entry else {}
        token["signatures"].append({"protected": one.protected, **unprotected, "signature": one.signature})
    return token if hint is None else {**token, "payload_decoded": hint}


def decode_object(part: str) -> dict[str, Any] | None:
    """The JSON object that a segment holds; None where it holds none."""
    try:
        value: Any = parse_json(decode_segment(part).decode("utf-8"))
    except ValueError:
        return None
    return value if isinstance(value, dict) else None


def decode_segment(part: str) -> bytes:
    """The bytes of a segment in canonical base64url without padding. Raises ValueError for anything else."""
    decoded = base64.b64decode(part + "=" * (-len(part) % 4), altchars=b"-_", validate=True)
    if segment(decoded) != part:
        raise ValueError("not canonical base64url")
    return decoded
