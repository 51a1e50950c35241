"""What an answer proves: whether an API did what it had to, and did it the way that RFC 6750 describes."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from ..forge.hostile import Hostile
from .challenge import problems_of

_SUCCESS: Final = frozenset(range(200, 300))
# What a handler answers for reasons of its own: the guards may have been passed, or never been asked.
_HANDLERS_OWN: Final = frozenset({*range(300, 400), 400, 404, 405, 406, 409, 410, 412, 413, 415, 422, 423, 428, 429})

_ANY_ERROR: Final = frozenset({None, "invalid_token", "invalid_request"})


class Outcome(StrEnum):
    """What a shot came to."""

    HELD = "held"
    FAULT = "fault"
    UNCLEAR = "unclear"
    NOT_FIRED = "not fired"


@dataclass(frozen=True, slots=True)
class Answer:
    """What of an HTTP answer is judged: `challenges` are the values of WWW-Authenticate, `text` is all that was sent back."""

    status: int
    challenges: tuple[str, ...] = ()
    has_retry_after: bool = False
    text: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Verdict:
    """An outcome, and the sentence for it where it is not that all was well."""

    outcome: Outcome
    text: str = ""


@dataclass(frozen=True, slots=True)
class Expectation:
    """The answers that are right. `errors` says which codes a challenge may have, by status.

    `unclear` are answers that prove nothing: the guards may have been passed, or never been asked.
    """

    words: str
    statuses: frozenset[int]
    errors: Mapping[int, frozenset[str | None]] = field(default_factory=lambda: MappingProxyType({}))
    unclear: frozenset[int] = frozenset()


ADMITTED: Final = Expectation("let in", _SUCCESS, unclear=_HANDLERS_OWN)
UNAUTHENTICATED: Final = Expectation(
    "401 without an error code", frozenset({401}), MappingProxyType({401: frozenset({None})})
)
DENIED: Final = Expectation(
    "403", frozenset({403}), MappingProxyType({403: frozenset({"insufficient_scope"})}), unclear=_HANDLERS_OWN
)
NOT_THE_OWNER: Final = Expectation(
    "403 or 404",
    frozenset({403, 404}),
    MappingProxyType({403: frozenset({"insufficient_scope"})}),
    unclear=_HANDLERS_OWN - {404},
)
# Where nobody has said which rights are demanded, or whose the object is, a 403 may be right.
PERHAPS_ADMITTED: Final = Expectation(ADMITTED.words, ADMITTED.statuses, unclear=_HANDLERS_OWN | {403})
SURVIVED: Final = Expectation("no server error", frozenset(range(200, 500)))


def expected_of(hostile: Hostile) -> Expectation:
    """The answers that are right for a hostile token: 401 with invalid_token, or 400 where the header itself is malformed."""
    # A header that is no bearer token may be read as none at all, or as a malformed one (RFC 6750, section 3.1).
    codes = _ANY_ERROR if 400 in hostile.statuses else frozenset({"invalid_token"})
    words = " or ".join(map(str, sorted(hostile.statuses)))
    return Expectation(words, hostile.statuses, MappingProxyType({401: codes}))


def or_nobody(refused: Expectation) -> Expectation:
    """The answers that are right for a header of another scheme, where a token is optional: it may be served as none."""
    served = refused.statuses | ADMITTED.statuses
    return replace(
        refused, words=f"{refused.words}, or served as nobody", statuses=served, unclear=ADMITTED.unclear - served
    )


def judge(expectation: Expectation, answer: Answer, *, secret: str | None = None) -> Verdict:
    """The verdict on an answer. `secret` is the token that was sent, no part of which may come back."""
    if answer.status == 503 and answer.has_retry_after:
        return Verdict(Outcome.UNCLEAR, "the API cannot have the issuer's keys at the moment (503 with Retry-After)")
    if answer.status in expectation.statuses:
        problems = list(_problems(expectation, answer, secret))
        return Verdict(Outcome.FAULT, "; ".join(problems)) if problems else Verdict(Outcome.HELD)
    if answer.status in expectation.unclear:
        return Verdict(Outcome.UNCLEAR, _doubt(answer.status))
    return Verdict(Outcome.FAULT, _difference(expectation, answer.status))


def _problems(expectation: Expectation, answer: Answer, secret: str | None) -> list[str]:
    problems: list[str] = []
    if answer.status in expectation.errors:
        problems.extend(problems_of(answer.challenges, expectation.errors[answer.status]))
    elif answer.challenges and answer.status >= 400:
        problems.extend(problems_of(answer.challenges, _ANY_ERROR | {"insufficient_scope"}))
    if answer.status >= 400 and secret is not None and _is_echoed(secret, answer.text):
        problems.append("the answer repeats a part of the token")
    return problems


def _is_echoed(secret: str, text: str) -> bool:
    """Whether the answer has the token's payload or signature in it. Short segments stand in many texts by chance."""
    return any(segment[:40] in text for segment in secret.split(".")[1:] if len(segment) >= 40)


def _doubt(status: int) -> str:
    if status == 403:
        return "answered 403: it demands more than is known, or the object is somebody else's; say so in the file of --config"
    return f"answered {status}, which does not tell whether the guards were asked"


def _difference(expectation: Expectation, status: int) -> str:
    found = f"expected {expectation.words}, got {status}"
    if status in _SUCCESS:
        return f"{found}: it was let in"
    if status >= 500:
        return f"{found}: what a caller sends must not make a server fail"
    if status == 401 and 403 in expectation.statuses:
        return f"{found}: the caller is known and lacks a right, which is 403 (RFC 6750, section 3.1)"
    if status == 403 and 401 in expectation.statuses:
        return f"{found}: nobody knows who the caller is, which is 401 (RFC 6750, section 3.1)"
    if 401 in expectation.statuses:
        return f"{found}: it was answered before anybody asked who the caller is"
    return found
