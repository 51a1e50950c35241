"""Verification without HTTP: the bare signature check, this library, and the decoders of others."""

import base64
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec, padding, utils
from cryptography.hazmat.primitives.hashes import SHA256
from joserfc.jwk import import_key

from axioms_fastapi import Issuer
from axioms_fastapi.core.issuers import Issuers
from axioms_fastapi.core.remote_keys import KeyTimes
from axioms_fastapi.core.token_cache import TokenCache
from axioms_fastapi.core.verifier import Verifier
from axioms_fastapi.trust import KeyFetching, trusted_issuer
from benchmarks.workers import decoders
from benchmarks.workers.decoders import Decoder, published_key
from benchmarks.workers.given import Given
from benchmarks.workers.timing import Case, answer_lines

# What `verify` of a public key takes beside signature and data, made once.
RAW: dict[str, tuple[Any, ...]] = {
    "RS256": (padding.PKCS1v15(), SHA256()),
    "PS256": (padding.PSS(padding.MGF1(SHA256()), SHA256.digest_size), SHA256()),
    "ES256": (ec.ECDSA(SHA256()),),
    "EdDSA": (),
}
OTHERS: dict[str, Callable[[Given], Decoder]] = {
    "PyJWT": decoders.pyjwt,
    "joserfc": decoders.joserfc,
    "Authlib": decoders.authlib,
}


def signed(token: str, *, der: bool) -> tuple[bytes, bytes]:
    """The signature as the primitive takes it, and what it is over."""
    signing_input, _, encoded = token.rpartition(".")
    signature = base64.urlsafe_b64decode(encoded + "==")
    if der:
        half = len(signature) // 2
        signature = utils.encode_dss_signature(int.from_bytes(signature[:half]), int.from_bytes(signature[half:]))
    return signature, signing_input.encode()


def raw_check(
    given: Given, algorithm: str
) -> tuple[Callable[[str], tuple[bytes, bytes]], Callable[[tuple[bytes, bytes]], None]]:
    """What prepares a token, and the bare signature check, with everything prepared that can be."""
    key: Any = import_key(published_key(given, algorithm)).get_op_key("verify")
    verify = key.verify
    with_objects = RAW[algorithm]

    def check(prepared: tuple[bytes, bytes]) -> None:
        verify(*prepared, *with_objects)

    return partial(signed, der=algorithm == "ES256"), check


def raw_case(given: Given, algorithm: str, tokens: Iterator[str]) -> Case:
    """The bare signature check of one token after the other."""
    prepare, check = raw_check(given, algorithm)
    return Case(check, map(prepare, tokens))


def verifier(given: Given, algorithm: str, cache: TokenCache) -> Verifier:
    """What an application with the settings that it has by default verifies with."""
    issuer = Issuer(given.issuer, given.audience, jwks_url=given.jwks_urls[algorithm])
    trusted = trusted_issuer(issuer, given.issuer, KeyFetching(KeyTimes()))
    return Verifier(Issuers([trusted]), max_token_size=16 * 1024, cache=cache)


def cases(given: Given) -> Iterator[tuple[str, Case]]:
    """What is measured."""
    tokens = {algorithm: given.fresh(algorithm) for algorithm in RAW}
    for algorithm in RAW:
        yield f"raw {algorithm}", raw_case(given, algorithm, tokens[algorithm])
        verify = verifier(given, algorithm, TokenCache(10_000, 60.0)).verify
        yield f"verify {algorithm}", Case(verify, map(str.encode, tokens[algorithm]), is_async=True)
    verify = verifier(given, "RS256", TokenCache(10_000, 60.0)).verify
    yield "verify RS256, repeated", Case(verify, map(str.encode, given.repeated()), is_async=True)
    for name, decoder in OTHERS.items():
        yield name, Case(decoder(given), tokens["RS256"])


def main() -> None:
    """Measure what is asked for."""
    answer_lines(dict(cases(Given.from_arguments())), ["cryptography", "PyJWT", "joserfc", "Authlib"])


if __name__ == "__main__":
    main()
