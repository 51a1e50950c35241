"""The decoders of other libraries with a key that is ready, and the same demands as ours: issuer, audience, time and subject."""

import json
import urllib.request
import warnings
from collections.abc import Callable
from functools import partial
from typing import Any

import jwt
from joserfc.jwk import RSAKey
from joserfc.jwt import JWTClaimsRegistry
from joserfc.jwt import decode as joserfc_decode

from benchmarks.workers.given import Given

Decoder = Callable[[str], object]


def published_key(given: Given, algorithm: str) -> dict[str, Any]:
    """The issuer's only key for that algorithm, as a JWK."""
    with urllib.request.urlopen(given.jwks_urls[algorithm], timeout=10) as answer:
        keys: list[dict[str, Any]] = json.load(answer)["keys"]
    return keys[0]


def pyjwt(given: Given) -> Decoder:
    """The decoder of PyJWT."""
    return partial(pyjwt_decode, given, jwt.PyJWK(published_key(given, "RS256")).key)


def pyjwt_decode(given: Given, key: Any, token: str) -> object:
    """The claims."""
    return jwt.decode(
        token,
        key,
        algorithms=["RS256"],
        audience=given.audience,
        issuer=given.issuer,
        options={"require": ["exp", "iss", "aud", "sub"]},
    )


def joserfc(given: Given) -> Decoder:
    """The decoder of joserfc."""
    key = RSAKey.import_key(published_key(given, "RS256"))
    rules = JWTClaimsRegistry(**_essential(given))

    def decode(token: str) -> object:
        claims = joserfc_decode(token, key, algorithms=["RS256"]).claims
        rules.validate(claims)
        return claims

    return decode


def authlib(given: Given) -> Decoder:
    """The decoder of Authlib, whose own JOSE module says by now that joserfc takes its place."""
    with warnings.catch_warnings(record=True):  # it insists on being heard
        from authlib.jose import JsonWebKey, JsonWebToken
    decoder = JsonWebToken(["RS256"])
    key = JsonWebKey.import_key(published_key(given, "RS256"))
    rules = _essential(given)

    def decode(token: str) -> object:
        claims = decoder.decode(token, key, claims_options=rules)
        claims.validate()
        return claims

    return decode


def _essential(given: Given) -> dict[str, Any]:
    return {
        "iss": {"essential": True, "value": given.issuer},
        "aud": {"essential": True, "value": given.audience},
        "exp": {"essential": True},
        "sub": {"essential": True},
    }
