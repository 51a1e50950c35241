"""Compact tokens as text: put together and taken apart without a word about what they say (RFC 7515, section 7.1)."""

import base64
import json
from collections.abc import Mapping
from typing import Any

# The base64url alphabet in the order of its values (RFC 4648, section 5).
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


def segment(data: bytes) -> str:
    """The bytes in base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def unsegment(text: str) -> bytes:
    """The bytes behind a segment."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def to_json(members: Mapping[str, Any]) -> bytes:
    """The object as the forge writes it: no spaces, ASCII alone."""
    return json.dumps(dict(members), separators=(",", ":")).encode("ascii")


def join(header: bytes, payload: bytes, signature: bytes) -> str:
    """A compact token of exactly these bytes."""
    return f"{segment(header)}.{segment(payload)}.{segment(signature)}"


def signing_input(token: str) -> str:
    """Everything up to the last dot."""
    return token.rpartition(".")[0]


def signature_of(token: str) -> bytes:
    """The bytes of the last segment."""
    return unsegment(token.rpartition(".")[2])


def with_signature(token: str, signature: bytes) -> str:
    """The same token under another signature."""
    return f"{signing_input(token)}.{segment(signature)}"


def with_stray_bits(text: str) -> str:
    """Another text of the same bytes, with the bits set that the last character does not need; unchanged where it has none."""
    spare = {2: 0b1111, 3: 0b11}.get(len(text) % 4, 0)
    return text[:-1] + ALPHABET[ALPHABET.index(text[-1]) | spare]
