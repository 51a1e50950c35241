"""What an answer proves, status by status."""

import pytest

from axioms_fastapi.attack.verdict import (
    ADMITTED,
    DENIED,
    NOT_THE_OWNER,
    PERHAPS_ADMITTED,
    SURVIVED,
    UNAUTHENTICATED,
    Answer,
    Expectation,
    Outcome,
    expected_of,
    judge,
)
from axioms_fastapi.forge.hostile import BY_NAME

BARE = ('Bearer realm="x"',)
INVALID = ('Bearer realm="x", error="invalid_token"',)
REQUEST = ('Bearer realm="x", error="invalid_request"',)
SCOPE = ('Bearer realm="x", error="insufficient_scope"',)
EXPIRED = expected_of(BY_NAME["exp-past"])
TWO_HEADERS = expected_of(BY_NAME["two-headers-the-same"])


@pytest.mark.parametrize(
    ("expectation", "answer", "outcome"),
    [
        (ADMITTED, Answer(200), Outcome.HELD),
        (ADMITTED, Answer(204), Outcome.HELD),
        (ADMITTED, Answer(401, INVALID), Outcome.FAULT),
        (ADMITTED, Answer(403, SCOPE), Outcome.FAULT),
        (ADMITTED, Answer(500), Outcome.FAULT),
        (ADMITTED, Answer(404), Outcome.UNCLEAR),
        (ADMITTED, Answer(422), Outcome.UNCLEAR),
        (ADMITTED, Answer(307), Outcome.UNCLEAR),
        (ADMITTED, Answer(503, has_retry_after=True), Outcome.UNCLEAR),
        (ADMITTED, Answer(503), Outcome.FAULT),
        (PERHAPS_ADMITTED, Answer(403, SCOPE), Outcome.UNCLEAR),
        (UNAUTHENTICATED, Answer(401, BARE), Outcome.HELD),
        (UNAUTHENTICATED, Answer(401, INVALID), Outcome.FAULT),
        (UNAUTHENTICATED, Answer(401), Outcome.FAULT),
        (UNAUTHENTICATED, Answer(403, BARE), Outcome.FAULT),
        (UNAUTHENTICATED, Answer(404), Outcome.FAULT),
        (UNAUTHENTICATED, Answer(422), Outcome.FAULT),
        (UNAUTHENTICATED, Answer(200), Outcome.FAULT),
        (EXPIRED, Answer(401, INVALID), Outcome.HELD),
        (EXPIRED, Answer(401, BARE), Outcome.FAULT),
        (EXPIRED, Answer(400, REQUEST), Outcome.FAULT),
        (EXPIRED, Answer(200), Outcome.FAULT),
        (TWO_HEADERS, Answer(400, REQUEST), Outcome.HELD),
        (TWO_HEADERS, Answer(400), Outcome.HELD),
        (TWO_HEADERS, Answer(400, ("Bearer realm=",)), Outcome.FAULT),
        (TWO_HEADERS, Answer(401, BARE), Outcome.HELD),
        (TWO_HEADERS, Answer(401), Outcome.FAULT),
        (DENIED, Answer(403, SCOPE), Outcome.HELD),
        (DENIED, Answer(403), Outcome.FAULT),
        (DENIED, Answer(403, INVALID), Outcome.FAULT),
        (DENIED, Answer(401, INVALID), Outcome.FAULT),
        (DENIED, Answer(404), Outcome.UNCLEAR),
        (DENIED, Answer(200), Outcome.FAULT),
        (NOT_THE_OWNER, Answer(403, SCOPE), Outcome.HELD),
        (NOT_THE_OWNER, Answer(404), Outcome.HELD),
        (NOT_THE_OWNER, Answer(403), Outcome.FAULT),
        (NOT_THE_OWNER, Answer(200), Outcome.FAULT),
        (SURVIVED, Answer(200), Outcome.HELD),
        (SURVIVED, Answer(403), Outcome.HELD),
        (SURVIVED, Answer(502), Outcome.FAULT),
    ],
    ids=str,
)
def test_outcome(expectation: Expectation, answer: Answer, outcome: Outcome) -> None:
    """The outcome of each answer, with a sentence where not all is well."""
    verdict = judge(expectation, answer)
    assert verdict.outcome is outcome, verdict
    assert bool(verdict.text) == (outcome is not Outcome.HELD)


def test_echo() -> None:
    """A token that comes back in a refusal is a fault; in an answer to whoever was let in it is his own business."""
    token = f"eyJhbGciOiJSUzI1NiJ9.{'p' * 50}.{'s' * 50}"
    refused = Answer(401, INVALID, text=f"bad token: {token}")
    assert judge(EXPIRED, refused, secret=token).text == "the answer repeats a part of the token"
    assert (
        judge(EXPIRED, Answer(401, INVALID, text="bad token: eyJhbGciOiJSUzI1NiJ9."), secret=token).outcome
        is Outcome.HELD
    )
    assert judge(ADMITTED, Answer(200, text=token), secret=token).outcome is Outcome.HELD
