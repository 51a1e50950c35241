"""A token taken apart, and not believed: what it says, and what strikes one about how it says it."""

import base64
import binascii
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from axioms_fastapi.core.errors import InvalidToken
from axioms_fastapi.core.jose import parse_claims, parse_compact

LARGEST = 1024 * 1024
"""Characters of a token that are looked at."""


class NoToken(Exception):
    """The text is no token that can be taken apart; the text of this error says why."""


@dataclass(frozen=True, slots=True)
class Anatomy:
    """The parts of a token. `claims` is None where they cannot be read, as those of an encrypted token cannot."""

    token: str = field(repr=False)
    header: Mapping[str, Any]
    claims: Mapping[str, Any] | None
    signature_size: int
    remarks: tuple[str, ...]


def taken_apart(text: str) -> Anatomy:
    """The parts of the token that somebody has pasted, with or without `Bearer` before it. Raises NoToken."""
    token = _bare(text)
    segments = token.split(".", 5)
    if len(segments) not in {3, 5}:
        raise NoToken(
            f"This is no JSON Web Token: it has {len(segments)} segment{'s' * (len(segments) > 1)}, and a signed one has "
            "three with dots between them. Opaque tokens say nothing to those who hold them."
        )
    header = _object(segments[0], "header")
    if len(segments) == 5:
        remark = "It is encrypted: its claims are for whoever has the key, and this API library accepts no such tokens."
        return Anatomy(token, header, None, 0, (remark,))
    claims, signature = _object(segments[1], "payload"), _bytes(segments[2], "signature")
    return Anatomy(token, header, claims, len(signature), tuple(_remarks(token, header)))


def _bare(text: str) -> str:
    token = text.strip()
    if token[:7].lower() == "bearer ":
        token = token[7:].strip()
    if not token:
        raise NoToken("There is nothing to decode: give a token, or - to read one from standard input.")
    if len(token) > LARGEST:
        raise NoToken(f"This is longer than {LARGEST} characters, and no token is.")
    return token


def _bytes(segment: str, name: str) -> bytes:
    try:
        return base64.b64decode(
            segment.rstrip("=") + "=" * (-len(segment.rstrip("=")) % 4), altchars=b"-_", validate=True
        )
    except (binascii.Error, ValueError):
        raise NoToken(f"Its {name} is no base64url text.") from None


def _object(segment: str, name: str) -> dict[str, Any]:
    try:
        # Leniently, because this is for looking: what the library would refuse is said in a remark.
        value = json.loads(_bytes(segment, name).decode("utf-8", "backslashreplace"), parse_constant=str)
    except (ValueError, RecursionError):
        raise NoToken(f"Its {name} is no JSON that can be read.") from None
    if not isinstance(value, dict):
        raise NoToken(f"Its {name} is no JSON object.")
    return value


def _remarks(token: str, header: Mapping[str, Any]) -> Iterator[str]:
    algorithm = header.get("alg")
    if isinstance(algorithm, str) and algorithm.lower() == "none":
        yield "It is not signed at all: anybody can have written it."
    elif isinstance(algorithm, str) and algorithm.startswith("HS"):
        yield "It is signed with a shared secret: whoever can verify it can also make it."
    for name in ("jwk", "jku", "x5u", "x5c"):
        if name in header:
            yield f"Its header brings a key, or says where to fetch one ({name}); no verifier may believe that."
    try:
        parse_claims(parse_compact(token.encode(errors="replace"), max_size=LARGEST))
    except InvalidToken as refusal:
        yield f"axioms-fastapi would refuse it unread: {refusal.reason}{f', {refusal.detail}' if refusal.detail else ''}."
