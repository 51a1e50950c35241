"""ID tokens: the claims that tie one to the access token it was issued with."""

import hashlib
from collections.abc import Mapping
from typing import Any

from joserfc.util import urlsafe_b64encode


def at_hash(access_token: str, alg: str) -> str:
    """The left half of the access token's hash in base64url (OpenID Connect Core 1.0 section 3.1.3.6).

    `alg` is that of the ID token: its hash is used, and SHA-512 for Ed25519, which hashes with it inside.
    """
    hashes = {"256": hashlib.sha256, "384": hashlib.sha384, "512": hashlib.sha512}
    digest = hashes.get(alg[-3:], hashlib.sha512)(access_token.encode("ascii")).digest()
    return urlsafe_b64encode(digest[: len(digest) // 2]).decode("ascii")


def id_token_claims(claims: Mapping[str, Any], access_token: str, alg: str) -> dict[str, Any]:
    """The access token's claims (a `nonce` of the request is one of them) with the `at_hash` of that token."""
    return {**claims, "at_hash": at_hash(access_token, alg)}
