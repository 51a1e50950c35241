"""RFC 6750 both ways: header values in, a token out; a refusal in, a challenge out."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from .errors import AccessDenied, AuthenticationRequired, InvalidRequest, ProviderUnavailable, Reason, Refusal

# b64token = 1*( ALPHA / DIGIT / "-" / "." / "_" / "~" / "+" / "/" ) *"="      (RFC 6750, section 2.1)
_B64TOKEN = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~+/"
# What a scheme's name is made of (RFC 9110, section 5.6.2): "Bearer" followed by anything else is a broken Bearer header.
_TCHAR = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!#$%&'*+-.^_`|~"
_PRINTABLE = bytes(range(0x20, 0x7F)) + b"\t"

# error and error_description: %x20-21 / %x23-5B / %x5D-7E; scope: the same without the space (RFC 6750, section 3).
_TEXT = frozenset(map(chr, range(0x20, 0x7F))) - {'"', "\\"}
_SCOPE = _TEXT - {" "}
# A whole challenge of ours: each parameter at most once, and no value that ends early.
_QUOTED = r'"[ !#-\[\]-~]*"'
_CHALLENGE = re.compile(rf"Bearer realm={_QUOTED}(, error={_QUOTED}, error_description={_QUOTED})?(, scope={_QUOTED})?")
_LONGEST_DESCRIPTION = 400
_LONGEST_SCOPE = 1000


def bearer_token(authorization: Sequence[bytes]) -> bytes:
    """The token of a request's Authorization header values (RFC 6750, section 2.1).

    Raises AuthenticationRequired where no bearer token was sent, InvalidRequest where a header is malformed or repeated.
    """
    if not authorization:
        raise AuthenticationRequired
    if len(authorization) > 1:
        raise InvalidRequest("More than one Authorization header", reason=Reason.REPEATED_HEADER)
    scheme, _, credentials = authorization[0].strip(b" \t").partition(b" ")
    token = credentials.lstrip(b" ")
    body = token.rstrip(b"=")
    if body and scheme.lower() == b"bearer" and not body.translate(None, _B64TOKEN):
        return token
    raise _refusal(authorization[0], scheme, body)


def _refusal(value: bytes, scheme: bytes, body: bytes) -> InvalidRequest | AuthenticationRequired:
    """Why there is no token in this header value."""
    if value.translate(None, _PRINTABLE):
        return _malformed("a character that no Authorization header may hold")
    if scheme.lower() != b"bearer":
        if scheme[:6].lower() == b"bearer" and scheme[6:7].translate(None, _TCHAR):
            return _malformed("something else than a space after Bearer")
        return AuthenticationRequired(detail="the Authorization header is of another scheme")
    if not body:
        return _malformed("nothing after Bearer")
    return _malformed("a character that no bearer token may hold")


def bare_token(values: Sequence[bytes]) -> bytes:
    """The token of a header that holds it without a scheme, such as Google's x-goog-iap-jwt-assertion. Raises as above."""
    return bearer_token([b"Bearer " + value for value in values])


def _malformed(detail: str) -> InvalidRequest:
    return InvalidRequest("Malformed Authorization header", reason=Reason.MALFORMED_HEADER, detail=detail)


@dataclass(frozen=True, slots=True)
class Challenge:
    """An answer to a refused request. Its headers hold printable ASCII, in our words; the constructor sees to that."""

    status: int
    headers: Mapping[str, str]
    body: Mapping[str, str]

    def __post_init__(self) -> None:
        """Refuse header text that could end a quoted string or a line: the attack is header injection."""
        for name, value in self.headers.items():
            if not (value.isascii() and value.isprintable()):
                raise ValueError(f"{name} of a challenge holds a character that no header may carry")
            if name == "WWW-Authenticate" and not _CHALLENGE.fullmatch(value):
                raise ValueError("a challenge that is none of RFC 6750, section 3")
        object.__setattr__(self, "headers", MappingProxyType(dict(self.headers)))
        object.__setattr__(self, "body", MappingProxyType(dict(self.body)))


def challenge(refusal: Refusal, realm: str) -> Challenge:
    """The answer that a refusal gets: status, headers and body of RFC 6750, section 3. `realm` names the issuer."""
    headers = {"Cache-Control": "no-store"}
    if isinstance(refusal, ProviderUnavailable):
        headers["Retry-After"] = str(refusal.retry_after)
    else:
        headers["WWW-Authenticate"] = _www_authenticate(refusal, realm)
    return Challenge(
        status=refusal.status,
        headers=headers,
        body={"error": refusal.error, "error_description": refusal.description},
    )


def _www_authenticate(refusal: Refusal, realm: str) -> str:
    parameters = [f'realm="{_quotable(realm)}"']
    if refusal.challenge_error is not None:
        parameters.append(f'error="{refusal.challenge_error}"')
        parameters.append(f'error_description="{_quotable(refusal.description)}"')
    scope = _scope_parameter(refusal.required_scopes) if isinstance(refusal, AccessDenied) else ""
    if scope:
        parameters.append(f'scope="{scope}"')
    return "Bearer " + ", ".join(parameters)


def _quotable(text: str) -> str:
    """The text with every character replaced that a quoted string of RFC 6750 cannot carry, and cut at a sane length."""
    carried = "".join(char if char in _TEXT else "?" for char in text)
    return carried if len(carried) <= _LONGEST_DESCRIPTION else carried[: _LONGEST_DESCRIPTION - 3] + "..."


def _scope_parameter(scopes: Sequence[str]) -> str:
    """As many whole scope names as fit: proxies drop answers whose headers are too long."""
    kept: list[str] = []
    length = 0
    for scope in scopes:
        length += len(scope) + 1
        if length > _LONGEST_SCOPE:
            break
        kept.append("".join(char if char in _SCOPE else "?" for char in scope))
    return " ".join(kept)
