"""What each refusal is to a client, and what it is to a log."""

import pytest

from axioms_fastapi.core.errors import (
    AccessDenied,
    AuthenticationRequired,
    ConfigurationError,
    InsufficientPermission,
    InsufficientRole,
    InsufficientScope,
    InvalidRequest,
    InvalidToken,
    NotOwner,
    ProviderUnavailable,
    Reason,
    Refusal,
)

INVALID = "The access token is invalid"
NOT_YOURS = "You don't have permission to access this resource"
LATER = "The access token cannot be verified at the moment"


def test_reasons_are_their_names() -> None:
    """A reason is written as it is called, in small letters: dashboards and alarms count on these words."""
    assert [reason.value for reason in Reason] == [reason.name.lower() for reason in Reason]


@pytest.mark.parametrize(
    ("refusal", "status", "error", "challenge_error", "description", "reason"),
    [
        (
            AuthenticationRequired(),
            401,
            "unauthorized_access",
            None,
            "Missing Authorization header",
            Reason.NO_CREDENTIALS,
        ),
        (
            InvalidRequest("Malformed", reason=Reason.MALFORMED_HEADER),
            400,
            "invalid_request",
            "invalid_request",
            "Malformed",
            Reason.MALFORMED_HEADER,
        ),
        (InvalidToken(Reason.SIGNATURE), 401, "invalid_token", "invalid_token", INVALID, Reason.SIGNATURE),
        (InvalidToken(Reason.EXPIRED), 401, "invalid_token", "invalid_token", "Token has expired", Reason.EXPIRED),
        (AccessDenied(), 403, "insufficient_permission", "insufficient_scope", "Access denied", Reason.POLICY),
        (
            InsufficientScope("No scope", reason=Reason.SCOPE),
            403,
            "insufficient_scope",
            "insufficient_scope",
            "No scope",
            Reason.SCOPE,
        ),
        (
            InsufficientRole("No role", reason=Reason.ROLE),
            403,
            "insufficient_permission",
            "insufficient_scope",
            "No role",
            Reason.ROLE,
        ),
        (
            InsufficientPermission("None", reason=Reason.PERMISSION),
            403,
            "insufficient_permission",
            "insufficient_scope",
            "None",
            Reason.PERMISSION,
        ),
        (NotOwner(), 403, "insufficient_permission", "insufficient_scope", NOT_YOURS, Reason.OWNER),
        (ProviderUnavailable(retry_after=7), 503, "temporarily_unavailable", None, LATER, Reason.KEYS_UNAVAILABLE),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Refusal) else "",
)
def test_refusals(
    refusal: Refusal, status: int, error: str, challenge_error: str | None, description: str, reason: Reason
) -> None:
    """Each refusal has its own status and codes, is the sentence that a client reads, and has no detail unless one is given."""
    assert (refusal.status, refusal.error, refusal.challenge_error) == (status, error, challenge_error)
    assert (refusal.description, str(refusal), refusal.reason, refusal.detail) == (description, description, reason, "")


@pytest.mark.parametrize(
    "refusal",
    [
        AuthenticationRequired(detail="why"),
        InvalidRequest("Malformed", reason=Reason.MALFORMED_HEADER, detail="why"),
        InvalidToken(Reason.SIGNATURE, detail="why"),
        AccessDenied(detail="why"),
        NotOwner(detail="why"),
        ProviderUnavailable(retry_after=7, detail="why"),
    ],
    ids=lambda refusal: type(refusal).__name__,
)
def test_detail_is_for_the_log(refusal: Refusal) -> None:
    """What a refusal tells the log is no part of what it tells the client."""
    assert refusal.detail == "why"
    assert "why" not in refusal.description + str(refusal)


def test_scopes_that_would_have_sufficed() -> None:
    """A denial carries the scopes that were required, and none where a role was."""
    assert InsufficientScope(reason=Reason.SCOPE, required_scopes=["a", "b"]).required_scopes == ("a", "b")
    assert NotOwner().required_scopes == AccessDenied().required_scopes == ()


def test_configuration_error_is_a_value_error() -> None:
    """Whoever catches ValueError around a setting catches what this library says of it; a refusal is none."""
    assert issubclass(ConfigurationError, ValueError)
    assert not issubclass(Refusal, ValueError)
