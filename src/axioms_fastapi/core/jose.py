"""Signed tokens in the compact form: parsed strictly, then verified."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from cryptography.exceptions import InvalidSignature

from .encoding import Malformed, base64url_decode, parse_json_object
from .errors import InvalidToken, Reason
from .jwk import RSA_ALGORITHMS, Algorithms, UnsuitableKey, VerificationKey, parse_key_set
from .signatures import SUPPORTED_ALGORITHMS

# A header that brings its own key, or tells where to find one, wants to choose whom we trust (RFC 8725, section 3.10).
_KEY_BEARING_HEADERS: Final = frozenset({"jwk", "x5u", "x5c"})
# A header of an encrypted token (RFC 7516, section 4.1): nothing here decrypts or inflates, and nothing may look as if it did.
_ENCRYPTION_HEADERS: Final = frozenset({"enc", "zip"})

# What `verify_compact` allows, which has no configuration: every algorithm here, and any RSA one for a key that names none.
_EVERY_ALGORITHM: Final = Algorithms(SUPPORTED_ALGORITHMS, frozenset(RSA_ALGORITHMS))


@dataclass(frozen=True, slots=True)
class Header:
    """What the protected header of a token says (RFC 7515, section 4.1). `media_type` is empty where it names none."""

    algorithm: str
    kid: str | None
    media_type: str
    jku: str | None


@dataclass(slots=True)
class UnverifiedToken:
    """A well-formed token of which nothing is proven. It cannot be passed where `Claims` are asked."""

    header: Header
    header_segment: bytes
    unverified_payload: bytes
    signing_input: bytes
    signature: bytes

    def __repr__(self) -> str:
        """Name the header's own words alone."""
        return f"<UnverifiedToken {self.header}>"


def parse_compact(
    token: bytes, max_size: int, known_headers: Mapping[bytes, Header] = MappingProxyType({})
) -> UnverifiedToken:
    """The parts of a compact JWS (RFC 7515, section 7.1). `max_size` is in octets. Raises InvalidToken.

    Nothing is decoded before the size is known, and no more than three segments are ever split off: both are attacks.
    `known_headers` are parsed headers by their segment, for whoever has met them before.
    """
    if len(token) > max_size:
        raise InvalidToken(Reason.TOO_LARGE, detail=f"longer than {max_size} characters")
    try:
        segments = token.split(b".", 3)
        if len(segments) != 3 or not segments[0] or not segments[2]:
            raise InvalidToken(Reason.MALFORMED, detail="not three segments")
        header, payload, signature = segments
        return UnverifiedToken(
            known_headers.get(header) or _parse_header(header),
            header,
            base64url_decode(payload),
            token[: -1 - len(signature)],
            base64url_decode(signature),
        )
    except Malformed as error:
        raise InvalidToken(Reason.MALFORMED, detail=str(error)) from None


def parse_claims(token: UnverifiedToken) -> dict[str, Any]:
    """The claims that the token holds, of which nothing is proven (RFC 7519, section 7.2). Raises InvalidToken."""
    try:
        return parse_json_object(token.unverified_payload)
    except Malformed as error:
        raise InvalidToken(Reason.MALFORMED, detail=str(error)) from None


def verify_signature(token: UnverifiedToken, keys: Sequence[VerificationKey]) -> VerificationKey:
    """The key among these that has signed this token (RFC 7515, section 5.2). Raises InvalidToken."""
    for candidate in keys:
        # The key set was asked by algorithm already; a key is bound to its own here as well, whoever calls.
        check = candidate.checks.get(token.header.algorithm)
        if check is not None:
            try:
                check(token.signature, token.signing_input)
            except InvalidSignature:
                continue
            return candidate
    raise InvalidToken(Reason.SIGNATURE, detail="no key of this kid has made it")


def verify_compact(token: str, jwks: Mapping[str, Any], *, max_size: int = 16 * 1024) -> bytes:
    """The payload of a compact JWS that a key of the JWK set has signed (RFC 7515, section 5.2).

    For test vectors and tools: the very code that a request goes through, without the claims. `max_size` is in octets.
    Raises InvalidToken; a set without a usable key is one that holds no key of the token's.
    """
    # What no octets stand for becomes a question mark, which is none of the alphabet's.
    unverified = parse_compact(token.encode(errors="replace"), max_size)
    try:
        keys = parse_key_set(jwks, _EVERY_ALGORITHM).candidates(unverified.header.kid, unverified.header.algorithm)
    except UnsuitableKey as reason:
        raise InvalidToken(Reason.UNKNOWN_KEY, detail=str(reason)) from None
    if not keys:
        raise InvalidToken(Reason.UNKNOWN_KEY)
    verify_signature(unverified, keys)
    return unverified.unverified_payload


def _parse_header(segment: bytes) -> Header:
    header = parse_json_object(base64url_decode(segment))
    algorithm = header.get("alg")
    if not isinstance(algorithm, str) or algorithm not in SUPPORTED_ALGORITHMS:
        raise InvalidToken(Reason.ALGORITHM, detail="not one of the supported asymmetric algorithms")
    if "crit" in header or "b64" in header:  # RFC 7515, section 4.1.11; RFC 7797, section 6: no extension is supported
        raise InvalidToken(Reason.CRITICAL_HEADER)
    if not _KEY_BEARING_HEADERS.isdisjoint(header):
        raise InvalidToken(Reason.KEY_REFERENCE, detail="the header brings a key of its own")
    if not _ENCRYPTION_HEADERS.isdisjoint(header):
        raise InvalidToken(Reason.MALFORMED, detail="the header is one of an encrypted token")
    kid, typ, jku = (_text_or_absent(header, name) for name in ("kid", "typ", "jku"))
    return Header(algorithm, kid, media_type(typ or ""), jku)


def media_type(typ: str) -> str:
    """A `typ` in the form that is compared: lower case, without the prefix that may be left out (RFC 7515, section 4.1.9)."""
    name = typ.lower()
    return name.removeprefix("application/") or name


def _text_or_absent(header: dict[str, Any], name: str) -> str | None:
    if name not in header:
        return None
    value = header[name]
    if not isinstance(value, str) or not value:
        raise InvalidToken(Reason.MALFORMED, detail=f"the header's {name} is not a text")
    return value
