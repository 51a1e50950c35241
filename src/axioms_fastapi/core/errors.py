"""The errors of this library: each one knows its HTTP status, its code and, for logs, its reason."""

from collections.abc import Sequence
from enum import StrEnum
from typing import ClassVar


class Reason(StrEnum):
    """Why a request was refused: a closed list, for logs and metrics. A client never sees it."""

    NO_CREDENTIALS = "no_credentials"
    MALFORMED_HEADER = "malformed_header"
    REPEATED_HEADER = "repeated_header"

    TOO_LARGE = "too_large"
    MALFORMED = "malformed"
    ALGORITHM = "algorithm"
    CRITICAL_HEADER = "critical_header"
    KEY_REFERENCE = "key_reference"
    TYPE = "type"
    KIND = "kind"
    ISSUER = "issuer"
    UNKNOWN_KEY = "unknown_key"
    SIGNATURE = "signature"
    AUDIENCE = "audience"
    EXPIRED = "expired"
    NOT_YET_VALID = "not_yet_valid"
    MISSING_CLAIM = "missing_claim"
    INVALID_CLAIM = "invalid_claim"
    SENDER_CONSTRAINED = "sender_constrained"

    SCOPE = "scope"
    ROLE = "role"
    PERMISSION = "permission"
    POLICY = "policy"
    OWNER = "owner"

    KEYS_UNAVAILABLE = "keys_unavailable"


class AxiomsError(Exception):
    """The base of everything that this library raises on purpose."""


class ConfigurationError(AxiomsError, ValueError):
    """The application is set up wrongly: says which setting, what was read and what to write.

    Raised at import or at start-up. Where it can only be seen later (an application without `init_axioms`),
    the request ends as a 500 and nothing is let through.
    """


class Refusal(AxiomsError):
    """A request is refused.

    `description` goes to the client; `reason` and `detail` go to the log. None of the three ever holds text from a token.
    """

    status: ClassVar[int]
    error: ClassVar[str]
    challenge_error: ClassVar[str | None] = None

    def __init__(self, description: str, *, reason: Reason, detail: str = "") -> None:
        super().__init__(description)
        self.description = description
        self.reason = reason
        self.detail = detail


class AuthenticationRequired(Refusal):
    """No bearer token was sent: no Authorization header, or one of another scheme.

    The challenge carries no error code (RFC 6750, section 3.1).
    """

    status = 401
    error = "unauthorized_access"

    def __init__(self, *, detail: str = "") -> None:
        super().__init__("Missing Authorization header", reason=Reason.NO_CREDENTIALS, detail=detail)


class InvalidRequest(Refusal):
    """The Authorization header is malformed or repeated (RFC 6750, section 3.1)."""

    status = 400
    error = challenge_error = "invalid_request"


class InvalidToken(Refusal):
    """The token that was sent is not acceptable (RFC 6750, section 3.1).

    The client learns that it has expired, or nothing: one sentence serves every other reason, so that an answer
    tells an attacker nothing about keys, audiences or rules.
    """

    status = 401
    error = challenge_error = "invalid_token"

    def __init__(self, reason: Reason, *, detail: str = "") -> None:
        description = "Token has expired" if reason is Reason.EXPIRED else "The access token is invalid"
        super().__init__(description, reason=reason, detail=detail)


class AccessDenied(Refusal):
    """The caller is known and may not do this (RFC 6750, section 3.1: insufficient_scope)."""

    status = 403
    error = "insufficient_permission"
    challenge_error = "insufficient_scope"

    def __init__(
        self,
        description: str = "Access denied",
        *,
        reason: Reason = Reason.POLICY,
        detail: str = "",
        required_scopes: Sequence[str] = (),
    ) -> None:
        super().__init__(description, reason=reason, detail=detail)
        self.required_scopes = tuple(required_scopes)


class InsufficientScope(AccessDenied):
    """The token lacks a scope that the guard requires."""

    error = "insufficient_scope"


class InsufficientRole(AccessDenied):
    """The token lacks a role that the guard requires."""


class InsufficientPermission(AccessDenied):
    """The token lacks a permission that the guard requires."""


class NotOwner(AccessDenied):
    """The object belongs to somebody else."""

    def __init__(self, *, detail: str = "") -> None:
        super().__init__("You don't have permission to access this resource", reason=Reason.OWNER, detail=detail)


class ProviderUnavailable(Refusal):
    """The issuer's keys cannot be had now: the token is neither accepted nor blamed. `retry_after` is in seconds."""

    status = 503
    error = "temporarily_unavailable"

    def __init__(self, *, retry_after: int, detail: str = "") -> None:
        super().__init__(
            "The access token cannot be verified at the moment", reason=Reason.KEYS_UNAVAILABLE, detail=detail
        )
        self.retry_after = retry_after
