"""What the attack makes tokens with: an issuer that the API trusts, at hand or over HTTP."""

import json
import time
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NoReturn, Self

from ..forge import ForgeKeys
from ..forge.hostile import KeysAtHand, NotPossible, Signer, World
from ..forge.hostile.compact import to_json, unsegment
from .demands import Kind
from .overlay import Overlay
from .remote_forge import ForgeError, RemoteForge

LIFETIME: Final = 3600

_DEFAULT_CLAIMS: Final = ("iss", "sub", "aud", "exp", "nbf", "iat", "jti", "client_id")
_KEYS_NEEDED: Final = "the forge does not sign this; who has the issuer's keys does: --own-forge PORT"
_KTY: Final = {"RS": "RSA", "PS": "RSA", "ES": "EC", "Ed": "OKP"}


@dataclass(frozen=True)
class Arms:
    """An issuer's tokens for one API: signed by its keys or at its token endpoint, with rights where the API looks for them."""

    issuer: str
    audience: str
    signer: Signer
    public_keys: Sequence[Mapping[str, Any]]
    header: Mapping[str, Any]
    places: Mapping[Kind, str] = field(
        default_factory=lambda: {Kind.SCOPE: "scope", Kind.ROLE: "roles", Kind.PERMISSION: "permissions"}
    )

    @classmethod
    def of_keys(cls, keys: ForgeKeys, issuer: str, audience: str, overlay: Overlay) -> Self:
        """With the issuer's private keys at hand: every hostile token can be made."""
        public = keys.public_jwks()["keys"]
        return cls(issuer, audience, KeysAtHand(keys), public, keys.select().header, _places(overlay))

    @classmethod
    def of_forge(cls, forge: RemoteForge, audience: str, overlay: Overlay) -> Self:
        """With a running forge, which signs what it likes. Raises ForgeError where it does not answer."""
        issuer = overlay.issuer or forge.metadata().get("issuer")
        if not isinstance(issuer, str):
            raise ForgeError(f"The discovery document of {forge.url} names no issuer; say it with --issuer URL.")
        token = forge.token({"iss": issuer, "aud": audience})
        header = json.loads(unsegment(token.partition(".")[0]))
        return cls(issuer, audience, AskedForge(forge, header), forge.keys(), header, _places(overlay))

    def claims(self, rights: Mapping[Kind, Iterable[str]], given: Mapping[str, Any]) -> dict[str, Any]:
        """The claims of a good token with these rights; `given` wins over everything."""
        now = int(time.time())
        claims: dict[str, Any] = {
            "iss": self.issuer,
            "sub": "axioms-attack",
            "aud": self.audience,
            "exp": now + LIFETIME,
            "nbf": now,
            "iat": now,
            "jti": str(uuid.uuid4()),
            "client_id": "axioms-attack",
        }
        for kind, names in rights.items():
            listed = list(names)
            if listed:
                self.place(claims, kind, " ".join(listed) if kind is Kind.SCOPE else listed)
        return {**claims, **given}

    def place(self, claims: dict[str, Any], kind: Kind, value: Any) -> None:
        """The value stands where the API looks for names of this kind. A name with dots is a path, as in `realm_access.roles`."""
        name = self.places[kind]
        *outer, last = name.split(".") if not {"/", ":"} & set(name) else [name]
        for step in outer:
            claims = claims.setdefault(step, {})
        claims[last] = value

    def token(self, claims: Mapping[str, Any]) -> str:
        """A token with exactly these claims. Raises NotPossible where the forge does not sign it."""
        return self.signer.sign(to_json(self.header), to_json(claims), self.header["alg"])

    def world(self, claims: Mapping[str, Any], canary: str) -> World:
        """The world that hostile tokens are made in."""
        return World(
            issuer=self.issuer,
            audience=self.audience,
            signer=self.signer,
            public_keys=self.public_keys,
            header=self.header,
            claims=claims,
            canary=canary,
        )


class AskedForge:
    """A signer over HTTP. A forge adds claims and headers as it likes, so what it signs is compared with what was asked for."""

    def __init__(self, forge: RemoteForge, header: Mapping[str, Any]) -> None:
        self._forge = forge
        self._header = header

    def sign(self, header: bytes, payload: bytes, alg: str) -> str:
        """See Signer."""
        wanted = _plain(header), _plain(payload)
        for request in self._requests(*wanted, alg):
            try:
                token = self._forge.token(request)
                signed = [json.loads(unsegment(part)) for part in token.split(".")[:2]]
            except (ForgeError, ValueError):
                continue
            if signed == list(wanted):
                return token
        raise NotPossible(_KEYS_NEEDED)

    def sign_text(self, signing_input: bytes, alg: str) -> bytes:
        """See Signer."""
        raise NotPossible(_KEYS_NEEDED)

    def _requests(self, header: Mapping[str, Any], claims: Mapping[str, Any], alg: str) -> Iterator[dict[str, Any]]:
        """The ways to ask for such a token, the plainest first."""
        kty = {"kty": _KTY[alg[:2]]} if alg[:2] in _KTY and alg != self._header["alg"] else {}
        if header == self._header or kty:
            yield {**claims, **kty}
        omitted = [name for name in _DEFAULT_CLAIMS if name not in claims]
        yield {"header": dict(header), "body": dict(claims), **kty, **({"omit": omitted} if omitted else {})}


def _plain(text: bytes) -> dict[str, Any]:
    """The object behind a text, where the text is the one that a forge would write. Raises NotPossible for any other text."""
    try:
        members = json.loads(text, parse_constant=_refuse)
        if isinstance(members, dict) and to_json(members) == text:
            return members
    except (ValueError, RecursionError):
        pass
    raise NotPossible(_KEYS_NEEDED)


def _refuse(constant: str) -> NoReturn:
    raise ValueError(constant)


def _places(overlay: Overlay) -> dict[Kind, str]:
    return {
        Kind.SCOPE: overlay.scope_claim,
        Kind.ROLE: overlay.roles_claim,
        Kind.PERMISSION: overlay.permissions_claim,
    }
