"""What a client asks of `/authorize`: the authorization code grant with PKCE (RFC 6749, section 4.1; RFC 7636; RFC 9700)."""

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

_CLIENT_ID: Final = re.compile(r"[\x21-\x7e]{1,200}")
_CHALLENGE: Final = re.compile(r"[A-Za-z0-9_-]{43}")
_SCOPE: Final = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]+( [\x21\x23-\x5b\x5d-\x7e]+)*")


class UntrustedRequest(Exception):
    """It is not known where to send the answer to, so a person is told: its text is for a page, and nothing is redirected."""


class AuthorizationError(Exception):
    """The answer to the client is an error (RFC 6749, section 4.1.2.1)."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(description)
        self.error = error
        self.description = description


@dataclass(frozen=True, slots=True)
class AuthorizationRequest:
    """A request whose client and redirect URI are sound; `check` says whether the rest is."""

    client_id: str
    redirect_uri: str
    parameters: Mapping[str, str] = field(repr=False)

    @classmethod
    def parse(cls, parameters: Mapping[str, str]) -> "AuthorizationRequest":
        """The request of these query parameters. Raises UntrustedRequest."""
        client_id = parameters.get("client_id", "")
        if not _CLIENT_ID.fullmatch(client_id):
            raise UntrustedRequest("client_id is missing, or is no plain text of at most 200 characters.")
        redirect_uri = parameters.get("redirect_uri", "")
        _check_redirect_uri(redirect_uri)
        return cls(client_id, redirect_uri, parameters)

    @property
    def scopes(self) -> tuple[str, ...]:
        """The scopes that are asked for, each once."""
        return tuple(dict.fromkeys(self.parameters.get("scope", "").split()))

    @property
    def code_challenge(self) -> str:
        """The challenge that the client's verifier has to meet."""
        return self.parameters.get("code_challenge", "")

    @property
    def nonce(self) -> str | None:
        """What the ID token repeats."""
        return self.parameters.get("nonce")

    @property
    def audience(self) -> str | None:
        """The API that the token is for: Auth0's `audience`, or `resource` (RFC 8707)."""
        return self.parameters.get("audience") or self.parameters.get("resource") or None

    def check(self) -> None:
        """All that was asked for can be done. Raises AuthorizationError."""
        asked = self.parameters
        if "request" in asked or "request_uri" in asked:
            raise AuthorizationError("request_not_supported", "Send the parameters themselves, not a request object")
        if asked.get("response_type") != "code":
            raise AuthorizationError("unsupported_response_type", "response_type must be code")
        if asked.get("response_mode", "query") != "query":
            raise AuthorizationError("invalid_request", "response_mode must be query")
        if not _CHALLENGE.fullmatch(self.code_challenge) or asked.get("code_challenge_method") != "S256":
            raise AuthorizationError(
                "invalid_request",
                "PKCE is required: send a code_challenge of 43 characters and code_challenge_method=S256",
            )
        if asked.get("scope") and not _SCOPE.fullmatch(asked["scope"]):
            raise AuthorizationError("invalid_scope", "scope must be names with single spaces between them")
        if "none" in asked.get("prompt", "").split():
            raise AuthorizationError("login_required", "Nobody stays logged in here, so prompt=none cannot be met")

    def answer(self, issuer: str, **members: str) -> str:
        """The redirect URI with these members, the client's state, and who answers (RFC 9207)."""
        state = {"state": self.parameters["state"]} if "state" in self.parameters else {}
        parts = urlsplit(self.redirect_uri)
        query = [*parse_qsl(parts.query, keep_blank_values=True), *{**members, **state, "iss": issuer}.items()]
        # A space as %20: pages that read their query by hand, Swagger UI's among them, know no other.
        return urlunsplit(parts._replace(query=urlencode(query, quote_via=quote)))

    @property
    def redirect_origin(self) -> str:
        """Where the answer goes, for people and for a Content-Security-Policy."""
        parts = urlsplit(self.redirect_uri)
        return f"{parts.scheme}://{parts.netloc}"


def _check_redirect_uri(uri: str) -> None:
    """The URI is absolute and on this machine: a code must not leave it, and nobody registers clients here."""
    try:
        parts = urlsplit(uri)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        host, parts = "", urlsplit("")
    # What is allowed in the host is decided here, before it stands in a header: no quotes, no semicolons, no user.
    if (
        parts.scheme not in {"http", "https"}
        or not re.fullmatch(r"(\[[0-9a-fA-F:]+\]|[A-Za-z0-9.-]+)(:[0-9]+)?", parts.netloc)
        or not uri.isascii()
        or not uri.isprintable()
        or set(uri) & set(' #"<>\\')
    ):
        raise UntrustedRequest("redirect_uri must be a whole http or https URL, without a fragment.")
    if not _is_loopback(host):
        raise UntrustedRequest(
            f"redirect_uri leads to {host}; this test issuer sends codes to this machine alone, such as http://127.0.0.1:8000/."
        )


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
