"""What an attacker stands in front of: an issuer, an API that trusts it, keys of his own, and an address that nobody may call."""

import hmac
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Any, Protocol

from joserfc.jwa import JWS_ALGORITHMS

from ..signing import SigningKey
from .attacker import Attacker
from .compact import join, segment, to_json


class NotPossible(Exception):
    """A hostile token cannot be made or means nothing here; the text says why."""


class Rule(StrEnum):
    """What an API may leave unasked: a provider's tokens name no audience, or are ID tokens on purpose."""

    AUDIENCE = "audience"
    SUBJECT = "subject"
    KIND = "kind of token"


class Signer(Protocol):
    """The issuer's own hand. Whoever holds the keys signs anything; a forge on the network signs what it likes."""

    def sign(self, header: bytes, payload: bytes, alg: str) -> str:
        """A token over exactly these bytes, by the issuer's key for this algorithm. Raises NotPossible."""
        ...

    def sign_text(self, signing_input: bytes, alg: str) -> bytes:
        """The signature over exactly this text. Raises NotPossible."""
        ...


class KeysAtHand:
    """Signs with the issuer's private keys."""

    def __init__(self, keys: Iterable[SigningKey]) -> None:
        self._keys = tuple(keys)

    def sign(self, header: bytes, payload: bytes, alg: str) -> str:
        """See Signer."""
        return self._key(alg).sign_raw(header, payload)

    def sign_text(self, signing_input: bytes, alg: str) -> bytes:
        """See Signer."""
        key = self._key(alg)
        algorithm = next(algorithm for algorithm in JWS_ALGORITHMS if algorithm.name == key.alg)
        return algorithm.sign(signing_input, key.private_key)

    def _key(self, alg: str) -> SigningKey:
        """The key of this algorithm, or an RSA key bent to another RSA algorithm than its own."""
        for key in self._keys:
            if key.alg == alg:
                return key
        for key in self._keys:
            if key.kty == "RSA" and alg[:2] in {"RS", "PS"}:
                return SigningKey(key.kid, alg, key.private_key)
        raise NotPossible(f"the issuer has no key for {alg}")


@dataclass(frozen=True)
class World:
    """One issuer, and one API that trusts it.

    `header` and `claims` are those of a good token, which the API accepts; `public_keys` are the issuer's published JSON Web
    Keys. `audience_claim` is where the API looks for its audience, None where it does not look. `canary` is a URL that no
    token may make anybody call. `relaxed` holds what this API does not ask for.
    """

    issuer: str
    audience: str
    signer: Signer
    public_keys: Sequence[Mapping[str, Any]]
    header: Mapping[str, Any]
    claims: Mapping[str, Any]
    canary: str = "https://canary.invalid/"
    audience_claim: str | None = "aud"
    relaxed: frozenset[Rule] = frozenset()
    attacker: Attacker = field(default_factory=Attacker.of_this_process)

    @property
    def now(self) -> int:
        """The seconds since 1970 that good tokens were issued at."""
        return int(self.claims["iat"])

    @cached_property
    def good(self) -> str:
        """A token that the API accepts."""
        return self.token()

    def public_key(self, kty: str) -> Mapping[str, Any]:
        """The issuer's published key of this type. Raises NotPossible where it has none."""
        for jwk in self.public_keys:
            if jwk.get("kty") == kty:
                return jwk
        raise NotPossible(f"the issuer publishes no {kty} key")

    def header_for(self, jwk: Mapping[str, Any]) -> dict[str, Any]:
        """The header of a good token that this key has signed."""
        return {**self.header, "alg": jwk["alg"], "kid": jwk["kid"]}

    def payload(self, changes: Mapping[str, Any] | None = None, *, omit: Iterable[str] = ()) -> bytes:
        """The claims of a good token with changes, as JSON."""
        left_out = frozenset(omit)
        claims = {**self.claims, **(changes or {})}
        return to_json({name: value for name, value in claims.items() if name not in left_out})

    def token(
        self,
        changes: Mapping[str, Any] | None = None,
        *,
        omit: Iterable[str] = (),
        header: Mapping[str, Any] | None = None,
        omit_header: Iterable[str] = (),
    ) -> str:
        """A token of the issuer: a good one, with changes of claims and header. It is signed as the good one is."""
        left_out = frozenset(omit_header)
        members = {**self.header, **(header or {})}
        protected = to_json({name: value for name, value in members.items() if name not in left_out})
        return self.signer.sign(protected, self.payload(changes, omit=omit), self.header["alg"])

    def raw(self, *, header: bytes | None = None, payload: bytes | None = None) -> str:
        """A token of the issuer over exactly these bytes; what is not given is that of a good one."""
        protected = to_json(self.header) if header is None else header
        return self.signer.sign(protected, self.payload() if payload is None else payload, self.header["alg"])

    def signed_by(self, jwk: Mapping[str, Any]) -> str:
        """A good token that the issuer's key with this public half has signed."""
        return self.signer.sign(to_json(self.header_for(jwk)), self.payload(), jwk["alg"])

    def forged(
        self,
        key: SigningKey,
        *,
        header: Mapping[str, Any] | None = None,
        omit_header: Iterable[str] = (),
        changes: Mapping[str, Any] | None = None,
    ) -> str:
        """A token that says all that a good one does, and that this key of the attacker's has signed."""
        left_out = frozenset(omit_header)
        members = {**self.header, "alg": key.alg, **(header or {})}
        protected = {name: value for name, value in members.items() if name not in left_out}
        return key.sign_raw(to_json(protected), self.payload(changes))

    def with_hmac(self, secret: bytes, *, alg: str = "HS256", header: Mapping[str, Any] | None = None) -> str:
        """A token that says all that a good one does, under an HMAC of these bytes, which may be none at all."""
        protected = to_json({**self.header, "alg": alg, **(header or {})})
        text = f"{segment(protected)}.{segment(self.payload())}"
        return f"{text}.{segment(hmac.digest(secret, text.encode('ascii'), f'sha{alg[2:]}'))}"

    def unsigned(self, header: Mapping[str, Any], signature: bytes = b"", *, payload: bytes | None = None) -> str:
        """A token with this header and whatever signature."""
        return join(to_json(header), self.payload() if payload is None else payload, signature)
