"""Compact parsing, key import and signatures, with real keys."""

import base64
import json
import math
from collections.abc import Iterable
from typing import Any

import pytest

from axioms_fastapi.core.errors import InvalidToken, Reason
from axioms_fastapi.core.jose import (
    SUPPORTED_ALGORITHMS,
    UnverifiedToken,
    media_type,
    parse_claims,
    parse_compact,
    verify_compact,
    verify_signature,
)
from axioms_fastapi.core.jwk import Algorithms, UnsuitableKey, parse_key_set
from axioms_fastapi.forge import SigningKey

DEFAULT = Algorithms(SUPPORTED_ALGORITHMS - {"Ed448"})
EVERY = Algorithms(SUPPORTED_ALGORITHMS, frozenset({"RS256", "PS256"}))
PAYLOAD = b'{"sub":"alice"}'


@pytest.fixture(scope="module")
def rsa() -> SigningKey:
    return SigningKey.generate("RS256", kid="k1")


@pytest.fixture(scope="module")
def ec() -> SigningKey:
    return SigningKey.generate("ES256", kid="k2")


def parse(token: str) -> UnverifiedToken:
    return parse_compact(token.encode(), max_size=16384)


def refusal(token: str) -> Reason:
    with pytest.raises(InvalidToken) as error:
        parse_claims(parse(token))
    return error.value.reason


def encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def token_of(header: Any, payload: bytes = PAYLOAD) -> str:
    return f"{encode(header if isinstance(header, bytes) else json.dumps(header).encode())}.{encode(payload)}.AAAA"


def verified(token: str, jwks: Iterable[dict[str, Any]], algorithms: Algorithms = DEFAULT) -> bool:
    unverified = parse(token)
    keys = parse_key_set({"keys": list(jwks)}, algorithms).candidates(
        unverified.header.kid, unverified.header.algorithm
    )
    try:
        verify_signature(unverified, keys)
    except InvalidToken:
        return False
    return True


class TestParsing:
    """RFC 7515, sections 4, 5.2 and 7.1."""

    @pytest.mark.parametrize(
        "token", ["", ".", "..", "...", "a", "a.b", "a.b.c.d", "a.b.c.d.e", ".b.c", "a..c", "a.b.", "." * 10_000]
    )
    def test_segments(self, token: str) -> None:
        """Exactly three segments, none of them empty."""
        assert refusal(token) is Reason.MALFORMED

    def test_size(self) -> None:
        """Too long a token is refused before anything of it is decoded."""
        assert refusal("a" * 16385) is Reason.TOO_LARGE
        assert refusal("." * 1_000_000) is Reason.TOO_LARGE

    @pytest.mark.parametrize(
        ("header", "reason"),
        [
            ([], Reason.MALFORMED),
            ("RS256", Reason.MALFORMED),
            (b"{} x", Reason.MALFORMED),
            (b'{"alg":"none","alg":"RS256"}', Reason.MALFORMED),
            ({}, Reason.ALGORITHM),
            ({"alg": None}, Reason.ALGORITHM),
            ({"alg": ""}, Reason.ALGORITHM),
            ({"alg": "none"}, Reason.ALGORITHM),
            ({"alg": "None"}, Reason.ALGORITHM),
            ({"alg": "rs256"}, Reason.ALGORITHM),
            ({"alg": "RS256 "}, Reason.ALGORITHM),
            ({"alg": "RS256\0"}, Reason.ALGORITHM),
            ({"alg": ["RS256"]}, Reason.ALGORITHM),
            ({"alg": {"RS256": 1}}, Reason.ALGORITHM),
            ({"alg": True}, Reason.ALGORITHM),
            ({"alg": "HS256"}, Reason.ALGORITHM),
            ({"alg": "ES256K"}, Reason.ALGORITHM),
            ({"alg": "RSA-OAEP", "enc": "A256GCM"}, Reason.ALGORITHM),
            ({"alg": "RS256", "crit": []}, Reason.CRITICAL_HEADER),
            ({"alg": "RS256", "crit": ["exp"]}, Reason.CRITICAL_HEADER),
            ({"alg": "RS256", "crit": None}, Reason.CRITICAL_HEADER),
            ({"alg": "RS256", "b64": True}, Reason.CRITICAL_HEADER),
            ({"alg": "RS256", "b64": False, "crit": ["b64"]}, Reason.CRITICAL_HEADER),
            ({"alg": "RS256", "jwk": {}}, Reason.KEY_REFERENCE),
            ({"alg": "RS256", "x5u": "https://evil"}, Reason.KEY_REFERENCE),
            ({"alg": "RS256", "x5c": []}, Reason.KEY_REFERENCE),
            ({"alg": "RS256", "kid": ""}, Reason.MALFORMED),
            ({"alg": "RS256", "kid": None}, Reason.MALFORMED),
            ({"alg": "RS256", "kid": 0}, Reason.MALFORMED),
            ({"alg": "RS256", "kid": ["k1"]}, Reason.MALFORMED),
            ({"alg": "RS256", "typ": 1}, Reason.MALFORMED),
            ({"alg": "RS256", "jku": {}}, Reason.MALFORMED),
        ],
        ids=str,
    )
    def test_header(self, header: Any, reason: Reason) -> None:
        """The header is one object with a supported algorithm, no extension and no key of its own."""
        assert refusal(token_of(header)) is reason

    def test_unknown_header_parameters(self) -> None:
        """Parameters that nobody here knows, such as Entra's nonce or x5t, refuse nothing."""
        token = parse(token_of({"alg": "RS256", "kid": "k", "nonce": "x", "x5t": "y", "pi.atm": "1", "typ": "JWT"}))
        assert (token.header.algorithm, token.header.kid, token.header.media_type) == ("RS256", "k", "jwt")

    @pytest.mark.parametrize("payload", [b"[]", b"null", b'{"a":1,"a":2}', b'{"a":NaN}', b"{} {}", b"\xff"])
    def test_payload(self, payload: bytes) -> None:
        """The payload is one strict JSON object."""
        assert refusal(token_of({"alg": "RS256"}, payload)) is Reason.MALFORMED

    @pytest.mark.parametrize(
        "mutate",
        [
            lambda t: t + "=",
            lambda t: t + "\n",
            lambda t: " " + t,
            lambda t: t.replace(".", "=.", 1),
            lambda t: t + "é",
        ],
    )
    def test_encoding(self, mutate: Any, rsa: SigningKey) -> None:
        """Padding, white space and other characters are refused in every segment."""
        assert refusal(mutate(rsa.sign_claims({"sub": "alice"}))) is Reason.MALFORMED

    def test_repr_has_no_token(self) -> None:
        """The repr of an unverified token holds no claims and no signature."""
        assert "alice" not in repr(parse(token_of({"alg": "RS256"})))


class TestWhatTheLogIsTold:
    """The reason of a refusal is for the log: it names the rule, and no word of the token."""

    @pytest.mark.parametrize(
        ("token", "detail"),
        [
            ("a" * 16385, "longer than 16384 characters"),
            ("a.b", "not three segments"),
            (".e30.AAAA", "not three segments"),
            (token_of({"alg": "RS256"}).removesuffix("AAAA"), "not three segments"),
            ("éab.e30.AAAA", "a character outside the base64url alphabet"),
            ("e30!.e30.AAAA", "a character outside the base64url alphabet"),
            ("W10.e30.AAAA", "JSON that is not an object"),
            (token_of({"alg": "HS256"}), "not one of the supported asymmetric algorithms"),
            (token_of({"alg": "RS256", "crit": []}), ""),
            (token_of({"alg": "RS256", "jwk": {}}), "the header brings a key of its own"),
            (token_of({"alg": "RS256", "zip": "DEF"}), "the header is one of an encrypted token"),
            (token_of({"alg": "RS256", "enc": "A256GCM"}), "the header is one of an encrypted token"),
            (token_of({"alg": "RS256", "kid": 0}), "the header's kid is not a text"),
            (token_of({"alg": "RS256", "jku": ""}), "the header's jku is not a text"),
            (token_of({"alg": "RS256"}, b"[]"), "JSON that is not an object"),
            (token_of({"alg": "RS256"}, b'{"a":1,"a":2}'), "an object with the same name twice"),
        ],
        ids=lambda value: value[:50],
    )
    def test_detail(self, token: str, detail: str) -> None:
        """One sentence for each rule of the format."""
        with pytest.raises(InvalidToken) as error:
            parse_claims(parse(token))
        assert error.value.detail == detail

    def test_signature(self, rsa: SigningKey) -> None:
        """A signature that no candidate has made, with candidates and without."""
        for jwks in ([rsa.public_jwk()], []):
            keys = parse_key_set({"keys": [rsa.public_jwk()]}, DEFAULT).candidates("k1", "RS256") if jwks else ()
            with pytest.raises(InvalidToken) as error:
                verify_signature(parse(token_of({"alg": "RS256", "kid": "k1"})), keys)
            assert (error.value.reason, error.value.detail) == (Reason.SIGNATURE, "no key of this kid has made it")


def test_supported_algorithms() -> None:
    """The asymmetric ones, and no other: a change here is a change of what is trusted."""
    assert {
        "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519", "Ed448",
    } == SUPPORTED_ALGORITHMS  # fmt: skip


class TestHeaders:
    """What is read of a header, and what is remembered of it."""

    def test_longest(self, rsa: SigningKey) -> None:
        """A token of exactly the length that is allowed is read."""
        token = rsa.sign_claims({"sub": "alice"})
        assert parse_compact(token.encode(), len(token)).header.kid == "k1"
        with pytest.raises(InvalidToken):
            parse_compact(token.encode(), len(token) - 1)

    def test_known_header(self, rsa: SigningKey) -> None:
        """A header that was met before is taken as it was; another segment is read."""
        token = rsa.sign_claims({"sub": "alice"})
        header = parse(token).header
        known = {token.split(".")[0].encode(): header, None: parse(token_of({"alg": "ES256"})).header}
        assert parse_compact(token.encode(), 16384, known).header is header  # type: ignore[arg-type]
        assert parse_compact(token_of({"alg": "PS256"}).encode(), 16384, known).header.algorithm == "PS256"  # type: ignore[arg-type]

    def test_frozen(self, rsa: SigningKey) -> None:
        """A parsed header is remembered for others, so nobody changes it."""
        header: Any = parse(rsa.sign_claims({})).header
        with pytest.raises(AttributeError):
            header.algorithm = "none"

    @pytest.mark.parametrize(
        ("typ", "read"),
        [
            ("JWT", "jwt"),
            ("at+JWT", "at+jwt"),
            ("application/at+jwt", "at+jwt"),
            ("Application/JWT", "jwt"),
            ("application/", "application/"),
            ("jwtapplication/", "jwtapplication/"),
            ("application/application/jwt", "application/jwt"),
            ("", ""),
        ],
    )
    def test_media_type(self, typ: str, read: str) -> None:
        """In lower case, without the one prefix that may be left out (RFC 7515, section 4.1.9)."""
        assert media_type(typ) == read

    def test_no_typ(self) -> None:
        """A header that names no type names the empty one."""
        assert parse(token_of({"alg": "RS256"})).header.media_type == ""
        assert parse(token_of({"alg": "RS256", "typ": "JWT"})).header.media_type == "jwt"


class TestVerifyCompact:
    """The entry for test vectors and tools: the code of a request, without the claims."""

    @pytest.mark.parametrize("algorithm", sorted(SUPPORTED_ALGORITHMS))
    @pytest.mark.parametrize("kid", ["k", None])
    def test_every_algorithm(self, algorithm: str, kid: str | None) -> None:
        """It gives the payload to the byte, whatever it is, for every algorithm, also for a key that names none."""
        key = SigningKey.generate(algorithm, kid="k")
        header = {"alg": algorithm, **({"kid": kid} if kid else {})}
        token = key.sign_raw(json.dumps(header).encode(), b"no JSON at all")
        jwk = {name: value for name, value in key.public_jwk().items() if name != "alg"}
        assert verify_compact(token, {"keys": [key.public_jwk()]}) == b"no JSON at all"
        assert verify_compact(token, {"keys": [jwk]}) == b"no JSON at all"

    def test_refusals(self, rsa: SigningKey, ec: SigningKey) -> None:
        """What is refused, and what the log would be told."""
        token = rsa.sign_claims({"sub": "alice"})
        jwks = {"keys": [rsa.public_jwk(), ec.public_jwk()]}
        other = SigningKey.generate("RS256", kid="k1")
        for refused, keys, expected in (
            (token, {"keys": [ec.public_jwk()]}, (Reason.UNKNOWN_KEY, "")),
            (token, {"keys": []}, (Reason.UNKNOWN_KEY, "a JWK set without a usable key")),
            (token, {}, (Reason.UNKNOWN_KEY, "a JWK set without an array named keys")),
            (token, {"keys": [other.public_jwk()]}, (Reason.SIGNATURE, "no key of this kid has made it")),
            (rsa.sign_claims({}, {"alg": "RS256", "kid": "k2"}), jwks, (Reason.UNKNOWN_KEY, "")),
            ("\ud800" + token, jwks, (Reason.MALFORMED, "a character outside the base64url alphabet")),
            (token + "=", jwks, (Reason.MALFORMED, "a character outside the base64url alphabet")),
            ("a" * 16385, jwks, (Reason.TOO_LARGE, "longer than 16384 characters")),
            ("a" * 16384, jwks, (Reason.MALFORMED, "not three segments")),
        ):
            with pytest.raises(InvalidToken) as error:
                verify_compact(refused, keys)
            assert (error.value.reason, error.value.detail) == expected
        with pytest.raises(InvalidToken) as error:
            verify_compact(token, jwks, max_size=len(token) - 1)
        assert error.value.reason is Reason.TOO_LARGE
        assert json.loads(verify_compact(token, jwks, max_size=len(token)))["sub"] == "alice"


class TestSignatures:
    """RFC 7518, section 3; RFC 8037; RFC 9864."""

    @pytest.mark.parametrize("algorithm", sorted(SUPPORTED_ALGORITHMS))
    def test_every_algorithm(self, algorithm: str) -> None:
        """A signature of each supported algorithm verifies, and no other bytes do."""
        key = SigningKey.generate(algorithm, kid="k")
        token = key.sign_claims({"sub": "alice"})
        assert verified(token, [key.public_jwk()], EVERY)
        signing_input, _, signature = token.rpartition(".")
        flipped = ("B" if signature[0] == "A" else "A") + signature[1:]
        assert not verified(f"{signing_input}.{flipped}", [key.public_jwk()], EVERY)
        header, _, payload = signing_input.partition(".")
        other = encode(base64.urlsafe_b64decode(payload + "==").replace(b"alice", b"admin"))
        assert not verified(f"{header}.{other}.{signature}", [key.public_jwk()], EVERY)

    @pytest.mark.parametrize(
        "signature", [b"\0" * 64, b"\0" * 63 + b"\1", b"\xff" * 64, b"\1", b"\1" * 63, b"\1" * 65, b"\0" * 132]
    )
    def test_ecdsa(self, ec: SigningKey, signature: bytes) -> None:
        """Zero, oversized and misshapen ECDSA signatures never verify (CVE-2022-21449 and others)."""
        signing_input = ec.sign_claims({"sub": "alice"}).rpartition(".")[0]
        assert not verified(f"{signing_input}.{encode(signature)}", [ec.public_jwk()])

    def test_key_is_bound_to_one_algorithm(self, rsa: SigningKey) -> None:
        """An RSA key verifies its own alg alone; one without alg verifies RS256, or what the configuration names."""
        pss = SigningKey("k1", "PS256", rsa.private_key)
        jwk = rsa.public_jwk()
        plain = {name: value for name, value in jwk.items() if name != "alg"}
        for key, document, algorithms, expected in (
            (rsa, jwk, DEFAULT, True),
            (pss, jwk, DEFAULT, False),
            (rsa, plain, DEFAULT, True),
            (pss, plain, DEFAULT, False),
            (pss, plain, Algorithms(frozenset({"PS256"}), frozenset({"PS256"})), True),
        ):
            token = parse(key.sign_claims({"sub": "alice"}))
            found = parse_key_set({"keys": [document]}, algorithms).candidates(token.header.kid, token.header.algorithm)
            assert bool(found) is expected

    def test_kid(self, rsa: SigningKey, ec: SigningKey) -> None:
        """A kid finds its own key; no kid finds the only key that suits, and none of several."""
        other = SigningKey.generate("RS256", kid="k3")
        key_set = parse_key_set({"keys": [rsa.public_jwk(), ec.public_jwk()]}, DEFAULT)
        assert [key.kid for key in key_set.candidates("k1", "RS256")] == ["k1"]
        assert key_set.candidates("k2", "RS256") == ()
        assert key_set.candidates("__class__", "RS256") == ()
        assert [key.kid for key in key_set.candidates(None, "RS256")] == ["k1"]
        assert parse_key_set({"keys": [rsa.public_jwk(), other.public_jwk()]}, DEFAULT).candidates(None, "RS256") == ()

    def test_shared_kid(self, rsa: SigningKey) -> None:
        """Keys that share a kid are all tried, up to four."""
        twins = [SigningKey.generate("ES256", kid="k") for _ in range(6)]
        jwks = [key.public_jwk() for key in twins]
        assert [verified(key.sign_claims({"sub": "a"}), jwks) for key in twins] == [True] * 4 + [False] * 2


class TestKeyImport:
    """RFC 7517, section 5: unsuitable keys are left out one by one."""

    def left_out(self, jwk: Any, good: SigningKey) -> bool:
        return parse_key_set({"keys": [jwk, good.public_jwk()]}, DEFAULT).size == 1

    @pytest.mark.parametrize(
        "change",
        [
            {"use": "enc"},
            {"use": None},
            {"key_ops": ["encrypt"]},
            {"key_ops": "verify"},
            {"alg": "RS1"},
            {"alg": ["RS256"]},
            {"alg": "HS256"},
            {"kid": 7},
            {"kid": ""},
            {"kty": "oct"},
            {"kty": "AKP"},
            {"kty": None},
            {"d": "AQAB"},
            {"e": "AQ"},
            {"e": "Aw"},
            {"e": "AQAA"},
            {"e": "AAEAAQ"},
            {"e": encode(b"\1" + b"\0" * 7 + b"\1")},
            {"e": None},
            {"n": "!"},
            {"n": "\ud800"},
            {"n": "é"},
            {"n": ""},
            {"n": 7},
            {"n": encode(b"\xff" * 128)},
            {"n": encode(b"\xff" * 1025)},
            {"n": encode(b"\xff" * 255 + b"\xfe")},
        ],
        ids=str,
    )
    def test_rsa(self, rsa: SigningKey, ec: SigningKey, change: dict[str, Any]) -> None:
        """A key of another purpose, size or shape is left out, and the good key beside it stays."""
        assert self.left_out(rsa.public_jwk() | change, ec)
        assert not self.left_out(rsa.public_jwk(), ec)

    @pytest.mark.parametrize(
        "change",
        [
            {"crv": "P-384"},
            {"crv": "P-256 "},
            {"crv": "secp256k1"},
            {"crv": ["P-256"]},
            {"alg": "ES384"},
            {"x": "AAAA"},
            {"x": encode(b"\0" * 32), "y": encode(b"\0" * 32)},
            {"y": encode(b"\1" * 32)},
            {"y": None},
        ],
        ids=str,
    )
    def test_ec(self, rsa: SigningKey, ec: SigningKey, change: dict[str, Any]) -> None:
        """A point off the curve, of the wrong length or on another curve is left out."""
        assert self.left_out(ec.public_jwk() | change, rsa)
        assert not self.left_out(ec.public_jwk(), rsa)

    @pytest.mark.parametrize(
        "x",
        [
            b"\1" + b"\0" * 31,
            b"\0" * 32,
            bytes.fromhex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"),
            b"\2" * 31,
        ],
        ids=bytes.hex,
    )
    def test_small_order(self, rsa: SigningKey, x: bytes) -> None:
        """An Ed25519 point of small order would verify signatures that nobody made."""
        assert self.left_out({"kty": "OKP", "crv": "Ed25519", "x": encode(x), "kid": "k"}, rsa)

    def test_every_small_order_point(self, rsa: SigningKey) -> None:
        """The eight torsion points, derived here anew, are left out in every encoding of each."""
        encodings = _torsion_encodings()
        assert len(encodings) == 14
        for x in encodings:
            assert self.left_out({"kty": "OKP", "crv": "Ed25519", "x": encode(x), "kid": "k"}, rsa)

    @pytest.mark.parametrize("y", [0, 1, 2**448 - 2**224 - 2, 2**448 - 2**224 - 1, 2**448 - 2**224])
    @pytest.mark.parametrize("sign", [b"\0", b"\x80"])
    def test_small_order_of_ed448(self, ec: SigningKey, y: int, sign: bytes) -> None:
        """The four torsion points of Ed448 are left out too, where that curve is asked for."""
        jwk = {"kty": "OKP", "crv": "Ed448", "x": encode(y.to_bytes(56, "little") + sign)}
        assert parse_key_set({"keys": [jwk, ec.public_jwk()]}, EVERY).size == 1

    def test_flawed_generator(self, ec: SigningKey) -> None:
        """A modulus that is a power of 65537 modulo small primes is one of CVE-2017-15361 (ROCA)."""
        primorial = math.prod(p for p in range(2, 702) if all(p % d for d in range(2, p)))
        n = pow(65537, 12345, primorial) + primorial * (2**2047 // primorial + 1)
        assert n.bit_length() == 2048
        jwk = {"kty": "RSA", "n": encode(n.to_bytes(256, "big")), "e": "AQAB"}
        assert self.left_out(jwk, ec)
        assert not self.left_out(jwk | {"n": encode((n + 2).to_bytes(256, "big"))}, ec)

    def test_x25519_and_ed448(self, rsa: SigningKey) -> None:
        """A key for agreement is left out; Ed448 is there only where it is asked for by name."""
        ed448 = SigningKey.generate("Ed448", kid="k")
        assert self.left_out({"kty": "OKP", "crv": "X25519", "x": encode(b"\2" * 32)}, rsa)
        assert self.left_out(ed448.public_jwk(), rsa)
        assert verified(ed448.sign_claims({"sub": "a"}), [ed448.public_jwk()], Algorithms(frozenset({"Ed448"})))

    @pytest.mark.parametrize("entry", [None, 7, "key", [], {}])
    def test_no_object(self, rsa: SigningKey, entry: Any) -> None:
        """What is no JWK at all is left out."""
        assert self.left_out(entry, rsa)

    @pytest.mark.parametrize(
        "document", [{}, {"keys": {}}, {"keys": []}, {"keys": [{"kty": "oct", "k": "AAAA"}]}, {"keys": [{}] * 101}]
    )
    def test_no_usable_key(self, document: dict[str, Any]) -> None:
        """A set without a usable key is no set, so that it replaces nothing."""
        with pytest.raises(UnsuitableKey):
            parse_key_set(document, DEFAULT)


def _torsion_encodings() -> set[bytes]:
    """Every encoding, canonical or not, of the points of order 1, 2, 4 and 8 on edwards25519 (RFC 8032, section 5.1)."""
    p = 2**255 - 19
    d = -121665 * pow(121666, -1, p) % p
    root = pow(2, (p - 1) // 4, p)

    def square_root(value: int) -> int | None:
        candidate = pow(value, (p + 3) // 8, p)
        for x in (candidate, candidate * root % p):
            if x * x % p == value % p:
                return x
        return None

    def double(point: tuple[int, int]) -> tuple[int, int]:
        x, y = point
        product = d * x * x * y * y % p
        return 2 * x * y * pow(1 + product, -1, p) % p, (y * y + x * x) * pow(1 - product, -1, p) % p

    # A point has order 8 when doubling it gives order 4, that is y = 0: x*x + y*y = 0, so d*y**4 + 2*y*y - 1 = 0.
    ys = {1, p - 1, 0}
    discriminant = square_root((1 + d) % p)
    assert discriminant is not None
    for sign in (1, -1):
        y = square_root((-1 + sign * discriminant) * pow(d, -1, p) % p)
        if y is not None:
            ys |= {y, p - y}
    encodings: set[bytes] = set()
    for y in ys:
        x = square_root((y * y - 1) * pow(d * y * y + 1, -1, p) % p)
        assert x is not None
        point = (x, y)
        for _ in range(3):
            point = double(point)
        assert point == (0, 1)
        for plain in (y, y + p):
            if plain < 2**255:
                encodings |= {(plain | sign << 255).to_bytes(32, "little") for sign in (0, 1)}
    return encodings
