"""Properly signed tokens that are something else than access tokens (RFC 8725, section 3.12)."""

from collections.abc import Mapping
from functools import partial
from types import MappingProxyType
from typing import Any, Final

from ..id_token import at_hash
from .compact import to_json
from .recipe import Category, Recipes
from .world import Rule, World

KINDS: Final = Recipes(Category.KIND, "RFC 8725, sections 3.11 and 3.12; RFC 9068, section 4")

_BOUND: Final = "RFC 9449, section 7.2; RFC 8705, section 3"
_LOGOUT_EVENT: Final = "http://schemas.openid.net/event/backchannel-logout"


def _typed(world: World, typ: object) -> str:
    return world.token(header={"typ": typ})


def _id_token(world: World, *, client_is_audience: bool) -> str:
    """What a login gives the application: for its client, or for client and API at once."""
    claims = {"nonce": "n-0S6_WzA2Mj", "at_hash": at_hash(world.good, world.header["alg"]), "azp": "a-client"}
    audience: Any = "a-client" if client_is_audience else [world.audience, "a-client"]
    return world.token({**claims, world.audience_claim or "aud": audience}, header={"typ": "JWT"})


def _claiming(world: World, claims: Mapping[str, Any]) -> str:
    return world.token(claims, header={"typ": "JWT"})


def _logout_token(world: World, typ: str) -> str:
    return world.token({"events": {_LOGOUT_EVENT: {}}, "sid": "a-session"}, header={"typ": typ})


def _dpop_proof(world: World) -> str:
    own = world.attacker.ec
    header = {"typ": "dpop+jwt", "alg": own.alg, "jwk": own.private_key.as_dict(private=False)}
    claims = {"htm": "GET", "htu": world.audience, "iat": world.now, "jti": "a-proof"}
    return own.sign_raw(to_json(header), to_json(claims))


def _client_assertion(world: World) -> str:
    """How a client proves to the issuer who it is: about itself, by itself, for the issuer."""
    changes = {"iss": "a-client", "sub": "a-client", "aud": world.issuer}
    return world.forged(world.attacker.rsa, header={"kid": "a-client", "typ": "JWT"}, changes=changes)


KINDS.add(
    "id-token",
    "It tells an application who has logged in, and gives no access to anything.",
    partial(_id_token, client_is_audience=True),
    rule=Rule.KIND,
)
KINDS.add(
    "id-token-with-the-apis-audience",
    "It tells an application who has logged in; that the API stands among its audiences makes it no access token.",
    partial(_id_token, client_is_audience=False),
    rule=Rule.KIND,
)
for _name, _what, _claims in (
    (
        "with-c-hash",
        "It has the hash of an authorization code, as ID tokens have.",
        {"c_hash": "LDktKdoQak3Pk0cnXxCltA"},
    ),
    ("with-s-hash", "It has the hash of a state, as ID tokens have.", {"s_hash": "LDktKdoQak3Pk0cnXxCltA"}),
):
    KINDS.add(f"id-token-{_name}", _what, partial(_claiming, claims=_claims), rule=Rule.KIND)
KINDS.add(
    "id-token-of-cognito",
    "It says of itself that it is an ID token.",
    partial(_claiming, claims={"token_use": "id"}),
    section="RFC 8725, section 3.12",
)
for _name, _typ in (("id", "ID"), ("refresh", "Refresh"), ("offline", "Offline"), ("logout", "Logout")):
    KINDS.add(
        f"{_name}-token-of-keycloak",
        f"It says of itself that it is of the kind {_typ}, which is no access token.",
        partial(_claiming, claims={"typ": _typ}),
        section="RFC 8725, section 3.12",
    )
KINDS.add("logout-token", "It tells an application that a session has ended.", partial(_logout_token, typ="logout+jwt"))
KINDS.add(
    "logout-token-typed-as-jwt",
    "It tells an application that a session has ended, under the type that everything has.",
    partial(_logout_token, typ="JWT"),
    rule=Rule.KIND,
)
for _name, _typ, _what in (
    ("security-event-token", "secevent+jwt", "It reports an event."),
    ("introspection-answer", "token-introspection+jwt", "It is what an issuer says of another token."),
    ("request-object", "oauth-authz-req+jwt", "It is what an application asks of an issuer."),
    ("entity-statement", "entity-statement+jwt", "It is what a federation says of a member."),
    ("verifiable-credential", "vc+jwt", "It is a credential to be shown, and no access token."),
    ("type-of-dpop", "dpop+jwt", "It has the type of a proof that a key is at hand."),
    ("type-unknown", "xyz+jwt", "Nobody knows its type."),
    ("type-almost-right", "at+jwt ", "Its type has a space behind it."),
):
    KINDS.add(_name, _what, partial(_typed, typ=_typ))
_NO_TEXTS: Final[Mapping[str, object]] = MappingProxyType(
    {"null": None, "number": 1, "list": ["at+jwt"], "object": {"typ": "at+jwt"}, "empty": ""}
)
for _kind, _value in _NO_TEXTS.items():
    KINDS.add(
        f"type-{_kind}",
        f"Its type is no text: {_value!r}.",
        partial(_typed, typ=_value),
        section="RFC 7515, section 4.1.9",
    )
KINDS.add(
    "dpop-proof",
    "It proves that somebody has a key, which he brings himself.",
    _dpop_proof,
    section="RFC 9449, section 4.2",
)
KINDS.add(
    "client-assertion", "A client says to the issuer who it is, and nobody has given it access.", _client_assertion,
    section="RFC 7523, section 3",
)  # fmt: skip
_cnf: Mapping[str, str]
for _name, _cnf, _what in (
    ("bound-to-a-dpop-key", {"jkt": "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"}, "a key"),
    ("bound-to-a-certificate", {"x5t#S256": "bwcK0esc3ACC3DB2Y5_lESsXE8o9ltc05O89jdN-dg2"}, "a certificate"),
    ("bound-to-something-unknown", {"xyz": "x"}, "something that nobody here knows"),
    ("bound-to-nothing", {}, "nothing that can be read"),
):
    KINDS.add(
        _name,
        f"It is bound to {_what}, and was sent as if whoever holds it might use it.",
        partial(_claiming, claims={"cnf": _cnf}),
        section=_BOUND,
    )
