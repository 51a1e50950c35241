"""What a client asks of `POST /token`: JWTForge's flat and structured forms, and what the forge adds to them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .errors import RequestError
from .options import ALL, JWTFORGE, OURS, RESPONSE_TYPES, SWALLOWED, Option, json_object, known, shown, signature

STRUCTURED = ("header", "body", "signature")
"""One of these makes a request structured: claims in `body`, options beside it."""
HEADERS = frozenset({"alg", "typ", "cty", "kid", "jku", "jwk", "crit"})
CERTIFICATES = frozenset({"x5u", "x5c", "x5t"})


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenRequest:
    """The claims and header parameters to put in the token, and every option; see docs/forge.md for what they do."""

    claims: Mapping[str, Any] = field(default_factory=dict)
    header: Mapping[str, Any] = field(default_factory=dict)
    signature: str | bool = True
    mode: str = "fake"
    format: str = "compact"
    signatures: tuple[Mapping[str, Any], ...] = ()
    confusion: Mapping[str, Any] | None = None
    kty: str | None = None
    response_type: str = "token"
    exclude: frozenset[str] = frozenset()
    malicious_category: str | None = None
    grammar_category: str | None = None
    vulnerability: str | None = None
    alg_none_variant: str | None = None
    profile: str | None = None
    omit: frozenset[str] = frozenset()
    expires_in: int | None = None
    algorithm: str | None = None
    key: str | None = None
    secret: str | None = None
    seed: int | None = None
    opaque: bool = False
    raw_header: str | None = None
    raw_payload: str | None = None

    @property
    def response_types(self) -> frozenset[str]:
        """The kinds of token to return."""
        return RESPONSE_TYPES[self.response_type]


def parse_token_request(members: Mapping[str, Any], query: Mapping[str, str] | None = None) -> TokenRequest:
    """The request that a JSON object and a query ask for. Raises RequestError, which names the member."""
    grant_type = members.get("grant_type")
    if grant_type not in (None, "", "client_credentials"):
        raise RequestError('"grant_type" supports only "client_credentials" in JSON.', error="unsupported_grant_type")
    options = parse_query(query or {})
    if any(name in members for name in STRUCTURED):
        claims, header = _structured(members, options)
    else:
        claims, header = members, {}
        _take(options, JWTFORGE, members)
    _legacy(header := dict(header), members)
    check_header(header)
    sign = signature(
        "signature" if "signature" in members else "sig", members.get("signature", members.get("sig", True))
    )
    return check_together(
        TokenRequest(
            claims={name: value for name, value in claims.items() if name not in SWALLOWED},
            header=header,
            signature=sign,
            **options,
        )
    )


def parse_query(query: Mapping[str, str]) -> dict[str, Any]:
    """The options that a query gives, JWTForge's and ours. Raises RequestError."""
    known("the query", query, ALL)
    options: dict[str, Any] = {}
    for name, written in query.items():
        option = ALL[name]
        try:
            value = option.from_text(written)
        except (ValueError, RecursionError):
            raise RequestError(f'"{name}" must be JSON, not {shown(written)}.') from None
        options[name] = option.check(name, value)
    return options


def _structured(members: Mapping[str, Any], options: dict[str, Any]) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    # A claim beside `body` would be lost without a word, so an unknown name there is refused.
    known("a structured request", members, (*STRUCTURED, *JWTFORGE, *OURS, *SWALLOWED, "client_id"))
    body = json_object("body", members.get("body", {}))
    _take(options, JWTFORGE, body)
    _take(options, JWTFORGE, members)
    _take(options, OURS, members)
    if members.get("client_id"):
        body = {"client_id": members["client_id"], **body}
    return body, json_object("header", members.get("header", {}))


def _take(options: dict[str, Any], wanted: Mapping[str, Option], members: Mapping[str, Any]) -> None:
    for name, option in wanted.items():
        value = members.get(name)
        # JWTForge's clients send null or "" for an option that they leave to the server; an empty raw text is one.
        if value is not None and (value != "" or wanted is OURS):
            options[name] = option.check(name, value)


def _legacy(header: dict[str, Any], members: Mapping[str, Any]) -> None:
    for name in ("alg", "kid"):
        if members.get(f"header_{name}") is not None:
            header[name] = members[f"header_{name}"]


def check_header(header: Mapping[str, Any]) -> None:
    """Header parameters are those of JWTForge; another one has to be listed in `crit`, and what `crit` lists be there.

    Raises RequestError. `raw_header` takes whatever this refuses.
    """
    listed = header.get("crit")
    critical = {name for name in listed if isinstance(name, str)} if isinstance(listed, list) else set()
    for name in header:
        if name in CERTIFICATES or name not in HEADERS | critical:
            raise RequestError(
                f'"header.{name[:50]}" is not supported: use one of {", ".join(sorted(HEADERS))}, list another name in '
                '"crit", or send the whole header as "raw_header".'
            )
    missing = sorted(critical - set(header))
    if missing:
        raise RequestError(f'"header.crit" lists {shown(missing[0])}, which the header does not have: add it.')


def check_together(request: TokenRequest) -> TokenRequest:
    """The request itself. Raises RequestError for what can be asked for alone and not together."""
    if request.signatures and request.format != "general":
        raise RequestError('"signatures" need "format": "general"; the other formats have one signature.')
    if request.confusion is not None and request.format == "compact":
        raise RequestError('"confusion" needs "format": "flattened" or "general"; a compact token has no room for it.')
    if request.expires_in is not None and "exp" in request.claims:
        raise RequestError('"expires_in" and "exp" say the same: send one of them.')
    if request.secret is not None and not (request.algorithm or "").startswith("HS"):
        raise RequestError('"secret" needs an "algorithm" of HS256, HS384 or HS512.')
    if request.raw_payload is not None and (request.opaque or "id_token" in request.response_types):
        raise RequestError('"raw_payload" is for an access token that is a JWT: leave out "opaque" and "id_token".')
    if request.opaque and (request.format != "compact" or request.vulnerability or request.raw_header is not None):
        raise RequestError('"opaque" is a token without parts: leave out "format", "vulnerability" and "raw_header".')
    return request
