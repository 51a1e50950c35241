"""RFC 7515, section 4: what a header may say, and what it can never decide."""

from collections.abc import Callable
from typing import Any

import pytest

from axioms_fastapi import Reason
from axioms_fastapi.forge import SigningKey
from conformance.door import Door


@pytest.mark.conformance("26", "38", "A1", "A5")
@pytest.mark.parametrize(
    "alg",
    [
        "none",
        "None",
        "NONE",
        "nOnE",
        "noné",
        "none\0",
        "none ",
        "",
        None,
        "rs256",
        "Es256",
        "ES256 ",
        " ES256",
        "ES256\0",
        "ES256K",
        "ES521",
        ["ES256"],
        {"ES256": 1},
        256,
        True,
        1.5,
        "A" * 8000,
        "ＥＳ256",
        "RSA-OAEP",
        "dir",
    ],
    ids=repr,
)
@pytest.mark.parametrize("signature", ["good", "empty", "other"])
def test_algorithm_names(door: Door, alg: Any, signature: str) -> None:
    """An algorithm that is not exactly the name of a supported one is refused, whatever the signature is (RFC 8725, 3.1)."""
    header, payload, signed = door.token(header={"alg": alg}).split(".")
    other = door.token().split(".")[2]
    door.turns_away(f"{header}.{payload}.{ {'good': signed, 'empty': '', 'other': other}[signature] }")


@pytest.mark.conformance("26", "38", "A1")
@pytest.mark.parametrize("signature", ["good", "empty"])
def test_algorithm_absent(door: Door, signature: str) -> None:
    """A header without an algorithm is refused."""
    header, payload, signed = door.token(omit_header=["alg"]).split(".")
    door.turns_away(f"{header}.{payload}.{signed if signature == 'good' else ''}")


@pytest.mark.conformance("27")
@pytest.mark.parametrize(
    "crit",
    [[], None, "x", ["x"], ["exp"], ["alg"], ["kid", "kid"], ["b64"], [""], [1], {}, True, ["x", "x"], ["crit"]],
    ids=repr,
)
@pytest.mark.parametrize("present", [True, False])
def test_critical(door: Door, crit: Any, present: bool) -> None:
    """No extension is supported, so every `crit` is refused, whether or not the header has what it names (CVE-2026-32597)."""
    header = {"crit": crit, **({"x": 1, "exp": 2**40} if present else {})}
    door.turns_away(door.token(header=header), Reason.CRITICAL_HEADER)


@pytest.mark.conformance("28", "A33")
@pytest.mark.parametrize("b64", [False, True, "false", None, 0], ids=repr)
@pytest.mark.parametrize("crit", [None, ["b64"]], ids=repr)
def test_unencoded_payload(door: Door, b64: Any, crit: list[str] | None) -> None:
    """RFC 7797 is not supported: every `b64` is refused before the payload is decoded (CVE-2026-48525)."""
    header = {"b64": b64, **({"crit": crit} if crit else {})}
    door.turns_away(door.token(header=header), Reason.CRITICAL_HEADER)
    head, _, signature = door.token(header=header).split(".")
    door.turns_away(f"{head}.{'~' * 8000}.{signature}", Reason.CRITICAL_HEADER)


@pytest.mark.conformance("29", "A6")
@pytest.mark.parametrize("kid", ["ec", "attacker", None])
def test_embedded_key(door: Door, foreign_keys: dict[str, SigningKey], kid: str | None) -> None:
    """A key in the header is no key of ours, signed with or not (CVE-2018-0114); nor is our own public key in it."""
    attacker = foreign_keys["ec"]
    header: dict[str, Any] = {"jwk": attacker.public_jwk(), **({"kid": kid} if kid else {})}
    omit = [] if kid else ["kid"]
    door.turns_away(door.token(key=attacker, header=header, omit_header=omit), Reason.KEY_REFERENCE)
    mixed = {**door.keys["ec"].public_jwk(), "x": attacker.public_jwk()["x"]}
    door.turns_away(door.token(key=attacker, header={"jwk": mixed}), Reason.KEY_REFERENCE)
    door.turns_away(door.token(header={"jwk": door.keys["ec"].public_jwk()}), Reason.KEY_REFERENCE)


@pytest.mark.conformance("29", "A7", "A8", "A107", "86")
@pytest.mark.parametrize("name", ["jku", "x5u"])
@pytest.mark.parametrize(
    "url",
    [
        "{server}/evil",
        "file:///etc/passwd",
        "http://169.254.169.254/latest",
        "{issuer}@evil.example.com/keys",
        "{issuer}/../evil",
        "{issuer}/redirect?to={server}",
        "//evil",
        "",
        None,
        7,
    ],
    ids=repr,
)
def test_key_address(door: Door, foreign_keys: dict[str, SigningKey], name: str, url: Any) -> None:
    """An address in the header is refused and never fetched."""
    door.server.answer("/evil", {"keys": [foreign_keys["ec"].public_jwk()]})
    if isinstance(url, str):
        url = url.format(server=door.server.url, issuer=Door.URL)
    door.turns_away(door.token(key=foreign_keys["ec"], header={name: url}))
    assert door.server.count("/evil") == 0


@pytest.mark.conformance("29", "A7")
def test_configured_key_address(make_door: Callable[..., Door]) -> None:
    """A `jku` that names the configured key set is harmless; any other text is refused."""
    door = make_door(keys=None)
    door.server.answer("/jwks", door.jwks)
    url = door.server.url + "/jwks"
    trusting = make_door(jwks_url=url)
    trusting.axioms = trusting.axioms
    door.turns_away(door.token(header={"jku": url}), Reason.KEY_REFERENCE)
    trusting.lets_in(trusting.token(header={"jku": url}))
    for other in (url + "/", url.upper(), url + "#", url + "?", url.replace("127.0.0.1", "127.0.0.2")):
        trusting.turns_away(trusting.token(header={"jku": other}), Reason.KEY_REFERENCE)


@pytest.mark.conformance("29", "A8")
@pytest.mark.parametrize(
    "header", [{"x5c": ["MIIB"]}, {"x5c": []}, {"x5c": None}, {"x5t": "AAAA", "x5c": ["MIIB"]}], ids=str
)
def test_certificates(door: Door, foreign_keys: dict[str, SigningKey], header: dict[str, Any]) -> None:
    """A certificate chain in the header is refused unread; a bare thumbprint decides nothing."""
    door.turns_away(door.token(header=header), Reason.KEY_REFERENCE)
    door.turns_away(door.token(key=foreign_keys["ec"], header={"x5t": "AAAA", "x5t#S256": "AAAA"}), Reason.SIGNATURE)
    door.lets_in(door.token(header={"x5t": "AAAA", "x5t#S256": "AAAA"}))


@pytest.mark.conformance("30", "56", "A9", "A10")
@pytest.mark.parametrize(
    "kid",
    [
        "../../../../dev/null",
        "/proc/self/environ",
        "|id",
        "' UNION SELECT 'k",
        "' OR 1=1--",
        " ec",
        "ec ",
        "ec\0",
        "EC",
        "ｅｃ",
        "e\u0301c",
        "k" * 8000,
        "a\r\nb",
        "__class__",
        "__proto__",
        "keys",
        "__dict__",
        "",
        None,
        0,
        True,
        ["ec"],
        {"ec": 1},
    ],
    ids=repr,
)
@pytest.mark.parametrize("signer", ["trusted", "foreign"])
def test_key_ids(door: Door, foreign_keys: dict[str, SigningKey], kid: Any, signer: str) -> None:
    """A kid is a name in the issuer's own key set, compared by code point; it is no path, no query and no attribute."""
    key = door.keys["ec"] if signer == "trusted" else foreign_keys["ec"]
    door.turns_away(door.token(key=key, header={"kid": kid}))


@pytest.mark.conformance("A9")
def test_key_id_absent(make_door: Callable[..., Door], trusted_keys: dict[str, SigningKey]) -> None:
    """Without a kid the one key that suits is taken; where two suit, none is."""
    one = make_door()
    one.lets_in(one.token(omit_header=["kid"]))
    twin = SigningKey.generate("ES256", kid="twin")
    two = make_door({**trusted_keys, "twin": twin})
    two.turns_away(two.token(omit_header=["kid"]), Reason.UNKNOWN_KEY)
    two.turns_away(two.token(key=twin, omit_header=["kid"]), Reason.UNKNOWN_KEY)
    two.lets_in(two.token(key=twin))


@pytest.mark.conformance("A43")
@pytest.mark.parametrize("typ", [None, "", 1, True, [], {}, ["JWT"]], ids=repr)
def test_types_of_typ(door: Door, typ: Any) -> None:
    """A `typ` that is no text is refused."""
    door.turns_away(door.token(header={"typ": typ}))


@pytest.mark.conformance("A43")
@pytest.mark.parametrize(
    "header",
    [
        {"nonce": "x"},
        {"x5t": "y"},
        {"pi.atm": "1"},
        {"cty": "json"},
        {"cty": 1},
        {"__proto__": {}},
        {"x": [1]},
    ],
    ids=str,
)
def test_unknown_parameters(door: Door, header: dict[str, Any]) -> None:
    """A parameter that nobody here knows refuses no good token (section 4), such as Entra's nonce."""
    door.lets_in(door.token(header=header))
