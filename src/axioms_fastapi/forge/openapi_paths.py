"""The endpoints of the forge as data: what each is for, what it takes, and examples of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .odd_keys import ODD
from .options import FORMATS, GRAMMAR, MALICIOUS, MODES, PRESETS, RESPONSE_TYPES
from .providers import PROFILES
from .signing import ALGORITHMS

JSON, FORM = "application/json", "application/x-www-form-urlencoded"
_TEXT: Mapping[str, Any] = {"type": "string"}
_NUMBER: Mapping[str, Any] = {"type": "number"}
_TRUTH: Mapping[str, Any] = {"type": "boolean"}
_TEXTS: Mapping[str, Any] = {"type": "array", "items": {"type": "string"}}
_OBJECT: Mapping[str, Any] = {"type": "object"}


def _words(words: Any) -> Mapping[str, Any]:
    return {"type": "string", "enum": list(words)}


def _fields(_required: tuple[str, ...] = (), /, **fields: Mapping[str, Any]) -> Mapping[str, Any]:
    schema = {"type": "object", "properties": fields}
    return {**schema, "required": list(_required)} if _required else schema


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One endpoint. `body` is the schema of each media type that it takes."""

    name: str
    method: str
    path: str
    summary: str
    tag: str
    answer: str
    status: str = "200"
    body: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    is_for_clients: bool = False


_ANYWHERE: Mapping[str, Any] = {
    "response_type": _words(RESPONSE_TYPES),
    "kty": _words(("RSA", "EC", "OKP")),
    "format": _words(FORMATS),
    "signatures": {"type": "array", "items": {"type": "object"}, "maxItems": 8},
    "confusion": _fields(payload_hint=_OBJECT),
    "mode": _words(MODES),
    "exclude": _TEXTS,
    "malicious_category": _words(MALICIOUS),
    "grammar_category": _words(GRAMMAR),
    "vulnerability": _words(PRESETS),
    "alg_none_variant": _TEXT,
    "signature": {"oneOf": [_TRUTH, _TEXT]},
    "sig": {"oneOf": [_TRUTH, _TEXT]},
    "header_alg": _TEXT,
    "header_kid": _TEXT,
}
_BESIDE_BODY: Mapping[str, Any] = {
    "profile": _words(PROFILES),
    "omit": _TEXTS,
    "expires_in": {"type": "integer"},
    "algorithm": _words(ALGORITHMS),
    "key": _TEXT,
    "secret": _TEXT,
    "seed": {"type": "integer"},
    "opaque": _TRUTH,
    "raw_header": _TEXT,
    "raw_payload": _TEXT,
}
OPTIONS: Mapping[str, Any] = {**_ANYWHERE, **_BESIDE_BODY}
"""The options of a token request."""
_FAULT = _fields(
    status={"type": "integer"},
    delay=_NUMBER,
    drip=_NUMBER,
    redirect=_TEXT,
    body=_TEXT,
    repeat={"type": "integer"},
    content_type=_TEXT,
    etag=_TEXT,
    cache_control=_TEXT,
    headers=_OBJECT,
    times={"type": "integer"},
)
_GRANT = _fields(
    grant_type=_words(("client_credentials", "urn:ietf:params:oauth:grant-type:token-exchange", "authorization_code")),
    code=_TEXT,
    client_id=_TEXT,
    redirect_uri=_TEXT,
    code_verifier=_TEXT,
    scope=_TEXT,
    sub=_TEXT,
    subject_token=_TEXT,
    subject_token_type=_TEXT,
    resource=_TEXT,
    audience=_TEXT,
    requested_token_type=_TEXT,
    add_claims=_TEXT,
    remove_claims=_TEXT,
)

_ISSUER, _CONTROL = "Issuer", "Control"


def _read(name: str, path: str, summary: str, tag: str = _CONTROL) -> Operation:
    return Operation(name=name, method="get", path=path, summary=summary, tag=tag, answer="The document.")


def _change(name: str, method: str, path: str, summary: str, **members: Mapping[str, Any]) -> Operation:
    body = {JSON: _fields(**members)} if members else {}
    return Operation(
        name=name, method=method, path=path, summary=summary, tag=_CONTROL, answer="How it is now.", body=body
    )


OPERATIONS = (
    Operation(
        name="token",
        method="post",
        path="/token",
        summary="A token with any claims, or one for a grant.",
        tag=_ISSUER,
        answer="The token response.",
        body={JSON: {"$ref": "#/components/schemas/TokenRequest"}, FORM: _GRANT},
    ),
    Operation(
        name="mutation",
        method="post",
        path="/mutation",
        summary="Variants of one token, each by its own operations.",
        tag=_ISSUER,
        answer="The variants.",
        body={JSON: _fields(("mutations",), token={}, source=_OBJECT, mutations={"type": "array", "items": _OBJECT})},
    ),
    Operation(
        name="introspect",
        method="post",
        path="/introspect",
        summary="Whether a token is active (RFC 7662).",
        tag=_ISSUER,
        answer="active, and the claims of an active token.",
        body={FORM: _fields(("token",), token=_TEXT, token_type_hint=_TEXT)},
        is_for_clients=True,
    ),
    Operation(
        name="revoke",
        method="post",
        path="/revoke",
        summary="Makes a token inactive (RFC 7009).",
        tag=_ISSUER,
        answer="It is inactive.",
        body={FORM: _fields(("token",), token=_TEXT, token_type_hint=_TEXT)},
        is_for_clients=True,
    ),
    _read(
        "authorize", "/authorize", "The login page, for a request of RFC 6749 (code) with PKCE in the query.", _ISSUER
    ),
    Operation(
        name="logIn",
        method="post",
        path="/authorize",
        summary="Somebody was picked at the login page.",
        tag=_ISSUER,
        answer="Back to the client, with a code.",
        status="303",
        body={FORM: _fields(pick=_TEXT, sub=_TEXT, scope=_TEXT, roles=_TEXT, permissions=_TEXT, more=_TEXT)},
    ),
    _read("jwks", "/.well-known/jwks.json", "The public keys.", _ISSUER),
    _read("discovery", "/.well-known/openid-configuration", "The discovery document.", _ISSUER),
    _read("oddNames", "/odd", "What can be odd about a key set.", _ISSUER),
    _read("oddJwks", "/odd/{names}/jwks.json", "A key set with these oddities, separated by commas.", _ISSUER),
    _read("attackerJwks", "/attacker/jwks.json", "The key set of somebody whom nobody should trust.", _ISSUER),
    _read("keys", "/keys", "The keys and which of them sign."),
    _change("rotate", "post", "/keys/rotate", "New keys sign from now on.", alg=_TEXT, kid=_TEXT, keep_old=_TRUTH),
    _change("retire", "post", "/keys/retire", "A key is gone.", kid=_TEXT),
    _change(
        "putOdd", "put", "/keys/odd", "The key set is odd in these ways.", odd={"type": "array", "items": _words(ODD)}
    ),
    _change("deleteOdd", "delete", "/keys/odd", "The key set is as it should be."),
    _read("clock", "/clock", "The forge's time."),
    _change("putClock", "put", "/clock", "It is another time.", now=_NUMBER, advance=_NUMBER, frozen=_TRUTH),
    _change("deleteClock", "delete", "/clock", "It is the real time."),
    _read("faults", "/faults", "What goes wrong with the documents."),
    _change("clearFaults", "delete", "/faults", "Nothing goes wrong."),
    Operation(
        name="putFault",
        method="put",
        path="/faults/{document}",
        summary="This goes wrong with the document: jwks or openid-configuration.",
        tag=_CONTROL,
        answer="How it is now.",
        body={JSON: _FAULT},
    ),
    _change("deleteFault", "delete", "/faults/{document}", "Nothing goes wrong with the document."),
    _read("requests", "/requests", "What the forge was asked."),
    Operation(
        name="clearRequests",
        method="delete",
        path="/requests",
        summary="Forgets what it was asked.",
        tag=_CONTROL,
        answer="Forgotten.",
        status="204",
    ),
)

EXAMPLES: Mapping[str, Mapping[str, Any]] = {
    "token": {
        "flat": {"sub": "user123", "scope": "read:data", "roles": ["admin"]},
        "structured": {"header": {"typ": "at+jwt"}, "body": {"sub": "user123", "scope": "openid profile"}},
        "both tokens": {"response_type": "token id_token", "sub": "user123", "nonce": "n-1"},
        "no signature": {"vulnerability": "alg_none", "sub": "admin"},
        "fuzzed": {"mode": "fuzz", "sub": "user123", "roles": ["user"], "exclude": ["exp"]},
        "of a provider": {"profile": "entra-v2", "body": {"scope": "read:data", "roles": ["Admin"]}},
        "without a claim": {"omit": ["aud"], "expires_in": 60, "body": {}},
    },
    "mutation": {
        "unsigned and flattened": {
            "source": {"body": {"sub": "user123"}},
            "mutations": [
                {"id": "unsigned", "operations": [{"type": "signature", "operation": "remove"}]},
                {"id": "flat", "operations": [{"type": "format", "operation": "convert", "format": "flattened"}]},
            ],
        }
    },
    "putFault": {"an outage": {"status": 503, "times": 2}, "slow": {"delay": 10}, "not JSON": {"body": "<html>"}},
    "putClock": {"frozen": {"now": 1700000000}, "a minute later": {"advance": 60}},
}
