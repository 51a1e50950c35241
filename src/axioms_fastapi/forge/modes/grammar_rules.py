"""The grammar: for each claim and header parameter, values by category. A value may be a template or a person's."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ..templates import At, Fresh, OfIssuer
from .people import Person

Rule = Mapping[str, Sequence[Any]]

HOUR, DAY = 3600, 86400


def _of_a_person(scope: str, claim: str) -> Callable[[Person], Any]:
    return lambda person: person(scope)[claim]


def _types(name: str, text: str) -> list[Any]:
    return [text, 123, 1.5, True, False, [text], {name: text}, None]


def _texts(valid: list[Any], edges: list[Any] | None = None, injected: list[Any] | None = None) -> Rule:
    return {
        "valid": valid,
        "edge_cases": ["", None, " ", "0", "A" * 1000, *(edges or [])],
        "type_variations": _types("value", "text"),
        "injection": ['x","admin":true,"y":"', "x\r\nX-Forged: yes", "' OR 'a'='a", *(injected or [])],
    }


def _moments(valid: list[int], edges: list[Any]) -> Rule:
    return {
        "valid": [At(seconds) for seconds in valid],
        "edge_cases": [*edges, 0, -1, None, 2**53, 1e300],
        "type_variations": _types("value", "1700000000"),
        "invalid_types": ["never", "1.5", "2024-01-01", "9" * 25, float("inf"), float("nan")],
    }


def _truths() -> Rule:
    return {"valid": [True, False], "edge_cases": [None, "", "true", "false", 1, 0, []]}


def _lists(names: list[str]) -> Rule:
    return {
        "single": names,
        "array": [names, names[:1], []],
        "edge_cases": [None, "", " ".join(names), [""], [None], [names]],
        "type_variations": _types("value", names[0]),
        "injection": [[f"{names[0]}\r\nX-Forged: yes"], [f'{names[0]}","root'], f"{names[0]},root"],
    }


CLAIM_RULES: Mapping[str, Rule] = {
    "sub": _texts(["user123", "1078", "auth0|6553", Fresh("urn:uuid:{}")], ["root", "admin", "system"]),
    "aud": {
        "single_string": ["https://api.example.com", "api://default", "urn:example:api"],
        "array": [["https://api.example.com"], ["https://api.example.com", "https://other.example.com"], []],
        "edge_cases": [None, "", "*", [""], [None], OfIssuer()],
        "type_variations": _types("aud", "https://api.example.com"),
        "injection": ['https://api.example.com","x":"', "https://api.example.com\r\nX-Forged: yes"],
    },
    "exp": _moments([HOUR, DAY, 7 * DAY, 30 * DAY], [At(0), At(-1), At(-HOUR)]),
    "nbf": _moments([0, -HOUR], [At(1), At(DAY)]),
    "iat": _moments([0], [At(DAY)]),
    "auth_time": _moments([0], [At(DAY)]),
    "updated_at": _moments([0], [At(DAY)]),
    "name": _texts([_of_a_person("profile", "name")], injected=["<b>forged</b>"]),
    "given_name": _texts([_of_a_person("profile", "given_name")]),
    "family_name": _texts([_of_a_person("profile", "family_name")]),
    "preferred_username": _texts([_of_a_person("profile", "preferred_username")], ["root", "admin"]),
    "username": _texts([_of_a_person("profile", "preferred_username")], ["root", "admin"]),
    "picture": _texts([_of_a_person("profile", "picture")], ["javascript:void(0)", "../../../etc/hostname"]),
    "locale": _texts([_of_a_person("profile", "locale")], ["en_US", "xx-XX"]),
    "email": _texts([_of_a_person("email", "email")], ["no-address", "jane@localhost"], ["jane@example.com\r\nBcc: x"]),
    "email_verified": _truths(),
    "phone_number": _texts([_of_a_person("phone", "phone_number")], ["no-number", "+1" + "0" * 100]),
    "phone_number_verified": _truths(),
    "address": {"valid": [_of_a_person("address", "address")], "edge_cases": [None, "", {}, {"country": None}, []]},
    "scope": {
        **_texts(["openid profile email", "read:data write:data"], ["root admin", "read:data  write:data"]),
        "single": ["openid", "read:data", "offline_access"],
    },
    "client_id": _texts(["web-client", "mobile_app", "0oa1"], ["root", "admin"]),
    "groups": _lists(["admins", "developers"]),
    "roles": _lists(["admin", "editor"]),
    "nonce": _texts([Fresh()]),
    "acr": _texts(["urn:mace:incommon:iap:silver", "1"]),
    "amr": _lists(["mfa", "pwd"]),
}
"""The claims that have a rule. `iss` and `jti` have none, because no mode changes them."""

HEADER_RULES: Mapping[str, Rule] = {
    "alg": {
        "valid": ["RS256", "RS384", "PS256", "ES256", "ES384", "EdDSA", "HS256"],
        "invalid": ["", "RSA256", "SHA256", "rs256", "RS256 ", "RSA-OAEP", "dir", None],
        "vulnerable": ["none", "None", "NONE", "nOnE"],
        "type_variations": _types("alg", "RS256"),
    },
    "typ": {
        "valid": ["JWT", "at+jwt", "application/at+jwt"],
        "variations": ["jwt", "JOSE", "", None, "logout+jwt", "dpop+jwt", "JWE"],
        "type_variations": _types("typ", "JWT"),
    },
    "kid": {
        **_texts(["key-1", "rsa-key-1", "ec-key-1"], ["key with spaces", "key/with/slashes"]),
        "vulnerable": ["../../../../../../dev/null", "/proc/self/environ", "key' UNION SELECT 'secret'--"],
    },
    "cty": {"valid": ["JWT", "application/json"], "variations": ["", None, "text/html", "application/xml"]},
    "crit": {
        "valid": [["exp"], ["b64"]],
        "variations": ["exp", [], None, [""], ["exp", "exp"], ["alg"], ["unknown"]],
        "type_variations": _types("crit", "exp"),
    },
    "jku": {
        "valid": [OfIssuer("{}/.well-known/jwks.json")],
        "vulnerable": ["https://attacker.example.com/jwks.json", "http://127.0.0.1:22/", "file:///etc/hostname"],
        "type_variations": _types("jku", "https://issuer.example.com/jwks.json"),
    },
    "jwk": {
        "valid": [{"kty": "RSA", "n": "AQAB", "e": "AQAB", "kid": "key-1"}],
        "vulnerable": [{"kty": "oct", "k": "AAAA"}, {"kty": "RSA", "n": "AQ", "e": "AQ"}],
        "type_variations": _types("jwk", "RSA"),
    },
}
"""The header parameters that have a rule."""
