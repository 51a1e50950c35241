"""RFC 7515, sections 2, 5.2 and 7.1: three segments of canonical base64url, and nothing else."""

import base64
import json
import string
import time
import zlib
from collections.abc import Callable
from typing import Any

import pytest

from axioms_fastapi import Reason
from axioms_fastapi.forge import SigningKey
from conformance.door import Door

BASE64URL = string.ascii_uppercase + string.ascii_lowercase + string.digits + "-_"


def encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


@pytest.mark.conformance("22", "A24")
@pytest.mark.parametrize(
    "shape",
    [
        "",
        ".",
        "..",
        "h",
        "h.p",
        "h.p.",
        ".p.s",
        "h..s",
        "..s",
        "h..",
        ".p.",
        "h.p.s.",
        ".h.p.s",
        "h.p.s.x",
        "h.p.s.x.y",
        "h.s",
        "p.s",
    ],
)
def test_segments(door: Door, shape: str) -> None:
    """Anything but three segments, none of them empty, is refused."""
    header, payload, signature = door.token().split(".")
    token = shape.replace("h", header).replace("p", payload, 1) if "p" in shape else shape.replace("h", header)
    if shape in {"", "."}:
        token = shape or "."
    door.turns_away(token.replace("s", signature), Reason.MALFORMED)
    door.lets_in(f"{header}.{payload}.{signature}")


@pytest.mark.conformance("23", "A22")
@pytest.mark.parametrize("segment", [0, 1, 2])
@pytest.mark.parametrize("suffix", ["=", "==", "====", "A", "."])
def test_padding(door: Door, segment: int, suffix: str) -> None:
    """A segment with padding, or with anything after its end, is refused."""
    parts = door.token().split(".")
    parts[segment] += suffix
    token = ".".join(parts)
    if suffix.startswith("=") and segment < 2:
        # Not even the header's grammar has padding inside a token.
        door.refuses([(b"authorization", f"Bearer {token}".encode())], status=400, error="invalid_request")
    else:
        door.turns_away(token)


@pytest.mark.conformance("23", "A22")
@pytest.mark.parametrize("segment", [0, 1, 2])
@pytest.mark.parametrize("extra", [0, 1, 2])
def test_one_text_for_one_value(door: Door, segment: int, extra: int) -> None:
    """The unused bits of a segment's last character are zero: no second text has the same bytes (CVE-2026-102269)."""
    header = json.dumps({"alg": "ES256", "typ": "JWT", "kid": "ec", "x": "y" * extra}).encode()
    payload = json.dumps(door.claims(x="y" * extra)).encode()
    token = door.raw(header=header, payload=payload, key=door.keys["ec"])
    door.lets_in(token)
    parts = token.split(".")
    last = BASE64URL.index(parts[segment][-1])
    same_bytes = [
        character
        for bit in range(6)
        if (character := BASE64URL[last ^ 1 << bit])
        and _decode(parts[segment][:-1] + character) == _decode(parts[segment])
    ]
    assert len(parts[segment]) % 4 == 0 or same_bytes
    for character in same_bytes:
        door.turns_away(
            ".".join([*parts[:segment], parts[segment][:-1] + character, *parts[segment + 1 :]]), Reason.MALFORMED
        )


def _decode(segment: str) -> bytes:
    return base64.urlsafe_b64decode(segment + "=" * (-len(segment) % 4))


@pytest.mark.conformance("23", "59", "A23")
@pytest.mark.parametrize("segment", [0, 1, 2])
@pytest.mark.parametrize("place", ["start", "middle", "end"])
@pytest.mark.parametrize(
    "text", [" ", "\n", "\r\n", "\t", "\0", "!", "%3D", "\u00a0", "Ａ", "*", "+", "/", "~", ":"], ids=repr
)
def test_foreign_characters(door: Door, segment: int, place: str, text: str) -> None:
    """A character outside base64url's alphabet is refused wherever it stands, as a bad token or as a malformed header."""
    parts = door.token().split(".")
    middle = {"start": 0, "middle": len(parts[segment]) // 2, "end": len(parts[segment])}[place]
    parts[segment] = parts[segment][:middle] + text + parts[segment][middle:]
    token = ".".join(parts)
    if (place, segment, text) in {("start", 0, " "), ("end", 2, " "), ("end", 2, "\t")}:
        return  # the header value's own white space (RFC 9110, section 5.5): no part of the token
    status, error = (401, "invalid_token") if text in "+/~" else (400, "invalid_request")
    door.refuses([(b"authorization", f"Bearer {token}".encode())], status=status, error=error)


@pytest.mark.conformance("24", "42", "A20")
@pytest.mark.parametrize("algorithm", ["ec", "rsa", "ed"])
def test_every_bit_counts(door: Door, algorithm: str) -> None:
    """One bit flipped in any byte of any segment is refused (RFC 8725, section 3.3)."""
    token = door.token(key=door.keys[algorithm])
    parts = token.split(".")
    for segment, text in enumerate(parts):
        data = _decode(text)
        for position in range(0, len(data), max(1, len(data) // 40)):
            flipped = data[:position] + bytes([data[position] ^ 1 << position % 8]) + data[position + 1 :]
            door.turns_away(".".join([*parts[:segment], encode(flipped), *parts[segment + 1 :]]))
    door.lets_in(token)


@pytest.mark.conformance("A20")
def test_parts_of_two_tokens(door: Door) -> None:
    """Segments of two good tokens do not make a third; neither does a shortened or repeated signature."""
    first, second = (door.token({"sub": name}).split(".") for name in ("alice", "bob"))
    for token in (
        [first[0], second[1], first[2]],
        [first[0], first[1], second[2]],
        [first[1], first[0], first[2]],
        [first[0], first[1], encode(_decode(first[2])[:16])],
        [first[0], first[1], first[2] * 2],
        [first[0], first[1], encode(_decode(first[2]) + b"\0")],
        [first[0], first[1], first[1]],
    ):
        door.turns_away(".".join(token))
    door.lets_in(".".join(first))


@pytest.mark.conformance("24", "25", "43", "A26", "A27", "A28", "A34")
@pytest.mark.parametrize(
    "change",
    [
        lambda text: text + b" x",
        lambda text: text + text,
        lambda text: b"\xef\xbb\xbf" + text,
        lambda text: text.decode().encode("utf-16"),
        lambda text: text.decode().encode("utf-16-le"),
        lambda text: text.decode().encode("utf-32"),
        lambda text: text[:-1] + b',"x":"\xff"}',
        lambda text: text[:-1] + b',"x":"\xc0\xaf"}',
        lambda text: text[:-1] + b',"x":"\xed\xa0\x80"}',
        lambda text: text[:-1] + b',"x":"\\ud800"}',
        lambda text: text[:-1] + b',"x":"\\udc00\\ud800"}',
        lambda text: text[:-1] + b',"\\ud800":1}',
        lambda text: text[:-1] + b',"x":NaN}',
        lambda text: text[:-1] + b',"x":Infinity}',
        lambda text: text[:-1] + b',"x":-Infinity}',
        lambda text: text[:-1] + b',"x":1e400}',
        lambda text: text[:-1] + b',"x":' + b"9" * 5000 + b"}",
        lambda text: text[:-1] + b',"x":01}',
        lambda text: text[:-1] + b',"x":+1}',
        lambda text: text[:-1] + b',"x":.5}',
        lambda text: text[:-1] + b",}",
        lambda text: text[:-1] + b",'x':1}",
        lambda text: text[:-1] + b",x:1}",
        lambda text: text[:-1] + b"/* x */}",
        lambda text: text[:-1] + b',"x":"\t"}',
        lambda text: text[:-1] + b',"x":"\0"}',
        lambda text: text[:-1] + b',"x":1,"x":1}',
        lambda text: text[:-1] + b',"x":1,"\\u0078":2}',
        lambda text: text[:-1] + b',"x":{"y":1,"y":2}}',
        lambda text: text[:-1] + b',"x":[[[{"y":1,"y":2}]]]}',
        lambda text: text[:-1] + b',"x":' + b"[" * 5000 + b"]" * 5000 + b"}",
        lambda text: text[:-1] + b',"x":' + b'{"a":' * 2000 + b"1" + b"}" * 2000 + b"}",
        lambda text: b"[" + text + b"]",
        lambda text: b"null",
        lambda text: b'"x"',
        lambda text: b"{}",
        lambda text: b"",
        lambda text: b"{",
        lambda text: text[:-1],
    ],
)
@pytest.mark.parametrize("part", ["header", "payload"])
def test_strict_json(door: Door, part: str, change: Callable[[bytes], bytes]) -> None:
    """Header and payload are one JSON object in UTF-8: unique names, real numbers, whole characters, nothing after it."""
    texts = {"header": json.dumps(door.keys["ec"].header).encode(), "payload": json.dumps(door.claims()).encode()}
    door.lets_in(door.raw(header=texts["header"], payload=texts["payload"], key=door.keys["ec"]))
    texts[part] = change(texts[part])
    door.turns_away(door.raw(header=texts["header"], payload=texts["payload"], key=door.keys["ec"]))


@pytest.mark.conformance("25", "43", "A27")
@pytest.mark.parametrize(
    ("part", "name", "value"),
    [
        *(("header", name, "ES256" if name == "alg" else "ec") for name in ("alg", "kid", "typ", "crit", "x")),
        *(("payload", name, 1) for name in ("iss", "sub", "aud", "exp", "nbf", "iat", "jti", "scope", "roles", "cnf")),
    ],
)
@pytest.mark.parametrize("first", [True, False])
def test_name_twice(door: Door, part: str, name: str, value: Any, first: bool) -> None:
    """A name that stands twice is refused, wherever the good value stands: parsers differ in which one they believe."""
    texts = {"header": dict(door.keys["ec"].header), "payload": door.claims(scope="a", roles=["a"])}
    good = {"x": "y", "crit": ["x"], "cnf": {}} | texts[part]
    pairs = [(name, good[name]), (name, value)]
    members = [*(pairs if first else pairs[::-1]), *((key, item) for key, item in texts[part].items() if key != name)]
    written = {key: json.dumps(item).encode() for key, item in texts.items()}
    written[part] = b"{" + b",".join(f"{json.dumps(key)}:{json.dumps(item)}".encode() for key, item in members) + b"}"
    door.turns_away(
        door.raw(header=written["header"], payload=written["payload"], key=door.keys["ec"]), Reason.MALFORMED
    )


@pytest.mark.conformance("23", "43")
@pytest.mark.parametrize(
    "change",
    [
        lambda text: b" " + text + b"\n",
        lambda text: text.replace(b'"sub"', b'"\\u0073ub"').replace(b'"alg"', b'"\\u0061lg"'),
        lambda text: text[:-1] + ',"x":"é中\\ud83d\\ude00\U0001f600"}'.encode(),
        lambda text: text[:-1] + b',"x":[1.5,-0,1e3,9007199254740993,[],{},null,true]}',
        lambda text: text[:-1] + b',"x":' + b"[" * 20 + b"]" * 20 + b"}",
    ],
)
@pytest.mark.parametrize("part", ["header", "payload"])
def test_lawful_json(door: Door, part: str, change: Callable[[bytes], bytes]) -> None:
    """White space, escapes, other scripts, surrogate pairs and every kind of value are JSON, and accepted."""
    texts = {"header": json.dumps(door.keys["ec"].header).encode(), "payload": json.dumps(door.claims()).encode()}
    texts[part] = change(texts[part])
    door.lets_in(door.raw(header=texts["header"], payload=texts["payload"], key=door.keys["ec"]))


@pytest.mark.conformance("59", "A31")
@pytest.mark.parametrize("form", ["general", "flattened", "no signatures", "with a payload hint"])
def test_json_serialisation(door: Door, form: str) -> None:
    """The JSON serialisations are no bearer tokens, whatever compact token stands inside (CVE-2022-39227)."""
    protected, payload, signature = door.token().split(".")
    one = {"protected": protected, "signature": signature}
    token = {
        "general": {"payload": payload, "signatures": [one]},
        "flattened": {"payload": payload, **one},
        "no signatures": {"payload": payload, "signatures": []},
        "with a payload hint": {f"  {protected}.{payload}.{signature}": "", "payload": payload, **one},
    }[form]
    text = json.dumps(token, separators=(",", ":"))
    door.refuses([(b"authorization", b"Bearer " + text.encode())], status=400, error="invalid_request")
    # In the alphabet of the header, as base64url.
    door.turns_away(encode(text.encode()), Reason.MALFORMED)


@pytest.mark.conformance("58", "A32")
@pytest.mark.parametrize(
    "header",
    [
        {"alg": "RSA-OAEP-256", "enc": "A256GCM"},
        {"alg": "dir", "enc": "A256GCM"},
        {"alg": "PBES2-HS512+A256KW", "enc": "A256GCM", "p2c": 10**9, "p2s": "AAAA"},
        {"alg": "ECDH-ES", "enc": "A256GCM", "zip": "DEF"},
        {"alg": "none", "enc": "A256GCM", "cty": "JWT"},
        {"alg": "ES256", "enc": "A256GCM"},
    ],
    ids=str,
)
def test_encrypted_token(door: Door, header: dict[str, Any]) -> None:
    """An encrypted token is refused unread: there is nothing here that decrypts, derives or inflates (RFC 9068, section 4)."""
    door.turns_away(
        f"{encode(json.dumps(header).encode())}.{encode(b'k' * 32)}.{encode(b'i' * 12)}.AAAA.{encode(b't' * 16)}"
    )
    # The same header in three segments.
    door.turns_away(f"{encode(json.dumps(header).encode())}.{encode(b'{}')}.AAAA")


ALG = b'{"alg":"ES256"}'


def three(header: bytes, payload: bytes = b"{}", signature: bytes = b"0") -> str:
    """Three segments of these bytes, which nobody has signed."""
    return ".".join(map(encode, (header, payload, signature)))


@pytest.mark.conformance("A25", "A24", "A26", "A29")
@pytest.mark.parametrize(
    "token",
    [
        pytest.param("." * 1_000_000, id="dots"),
        pytest.param("a." * 500_000, id="segments"),
        pytest.param("A" * 1_000_000, id="one segment"),
        pytest.param(three(b"x" * 750_000), id="header"),
        pytest.param(three(ALG, b"x" * 750_000), id="payload"),
        pytest.param(three(ALG, b"{}", b"x" * 750_000), id="signature"),
        pytest.param(three(b"[" * 12_000), id="depth in the header"),
        pytest.param(three(b'{"a":' * 2_000), id="objects in the header"),
        pytest.param(three(ALG[:-1] + b',"x":' + b"9" * 5000 + b"}"), id="digits in the header"),
        pytest.param(three(ALG, b'{"x":' + b"[" * 12_000), id="depth in the payload"),
        pytest.param(three(ALG, b'{"x":' + b"[" * 5_900 + b"]" * 5_900 + b"}"), id="closed depth in the payload"),
        pytest.param(three(ALG, b'{"exp":' + b"9" * 5000 + b"}"), id="digits in the payload"),
        pytest.param(three(ALG, b'{"exp":' + b"9" * 4000 + b"}"), id="digits within Python's limit"),
        pytest.param(three(ALG, b'{"exp":1e' + b"9" * 4000 + b"}"), id="exponent"),
        pytest.param(three(ALG, b"{" + b'"":1,' * 2400 + b'"":1}'), id="one name many times"),
    ],
)
def test_bombs(door: Door, token: str) -> None:
    """A million dots, a depth bomb and a number of 5,000 digits take less than 5 milliseconds of the processor each."""
    door.turns_away(token)
    seconds = []
    for _ in range(5):
        started = time.process_time()
        door._reason([(b"authorization", b"Bearer " + token.encode())])
        seconds.append(time.process_time() - started)
    assert min(seconds) < 0.005


@pytest.mark.conformance("58", "A32")
def test_nested_and_compressed(door: Door) -> None:
    """A token inside a token, a compressed payload, and a header of encrypted tokens are refused; nothing is inflated."""
    door.turns_away(door.raw(payload=door.token().encode()), Reason.MALFORMED)
    key = door.keys["ec"]
    nested = json.dumps({**key.header, "cty": "JWT"}).encode()
    door.turns_away(door.raw(header=nested, payload=door.token().encode(), key=key), Reason.MALFORMED)
    claims = json.dumps(door.claims()).encode()
    for name, value in {"zip": "DEF", "enc": "A256GCM"}.items():
        header = json.dumps({**key.header, name: value}).encode()
        door.turns_away(door.raw(header=header, payload=zlib.compress(claims)[2:-4], key=key), Reason.MALFORMED)
        door.turns_away(door.raw(header=header, payload=claims, key=key), Reason.MALFORMED)
    door.lets_in(door.raw(payload=claims))


@pytest.mark.conformance("A25")
def test_size_limit(door: Door) -> None:
    """A good token of 16 KB is accepted, one that is longer is refused before anything of it is decoded."""
    key: SigningKey = door.keys["ed"]
    overhead = len(door.token({"x": ""}, key=key))
    near = door.token({"x": "a" * int((16384 - overhead) * 0.74)}, key=key)
    assert 16000 < len(near) <= 16384
    door.lets_in(near)
    door.turns_away(door.token({"x": "a" * 12500}, key=key), Reason.TOO_LARGE)
