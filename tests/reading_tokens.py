"""Tokens taken apart without a key, and held against a key set with a library that is not the forge's."""

import base64
import json
from typing import Any

from joserfc.jwa import JWS_ALGORITHMS
from joserfc.jwk import KeySet

ALGORITHMS = {algorithm.name: algorithm for algorithm in JWS_ALGORITHMS}


def decoded(segment: str) -> bytes:
    return base64.urlsafe_b64decode(segment + "=" * (-len(segment) % 4))


def segments(token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Header and payload."""
    header, payload, _ = (decoded(part) for part in token.split("."))
    return json.loads(header), json.loads(payload)


def claims_of(response: Any, name: str = "access_token") -> dict[str, Any]:
    assert response.status_code == 200, response.text
    return segments(response.json()[name])[1]


def header_of(response: Any, name: str = "access_token") -> dict[str, Any]:
    assert response.status_code == 200, response.text
    return segments(response.json()[name])[0]


def is_signed_by(token: str, jwk: Any, alg: str) -> bool:
    """Whether the JWK verifies the token with this algorithm, whatever the token's header says."""
    signing_input, _, signature = token.rpartition(".")
    key = KeySet.import_key_set({"keys": [jwk]}).keys[0] if isinstance(jwk, dict) else jwk
    return ALGORITHMS[alg].verify(signing_input.encode(), decoded(signature), key)


def signing_jwk(keys: dict[str, Any], token: str) -> dict[str, Any]:
    """The key of the set that the token's header names."""
    kid = segments(token)[0]["kid"]
    (jwk,) = [jwk for jwk in keys["keys"] if jwk["kid"] == kid]
    return jwk
