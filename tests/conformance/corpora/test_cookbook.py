"""The JOSE cookbook (RFC 7520, with RFC 7797 and RFC 8037): its signed examples verify, all else is refused.

Read from the folder that JOSE_CORPORA names, as Wycheproof's vectors are.
"""

import json
import os
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from axioms_fastapi import InvalidToken
from axioms_fastapi.core.jose import verify_compact

FOLDER = Path(os.environ.get("JOSE_CORPORA", "")) / "jose-cookbook"
FILES = sorted(path.relative_to(FOLDER).as_posix() for path in FOLDER.rglob("*.json")) if FOLDER.is_dir() else []
ACCEPTED = {
    "jws/4_1.rsa_v15_signature.json",
    "jws/4_2.rsa-pss_signature.json",
    "jws/4_3.ecdsa_signature.json",
    "curve25519/jws.json",
}

pytestmark = pytest.mark.skipif(
    not (os.environ.get("JOSE_CORPORA") and FILES),
    reason="JOSE_CORPORA names no folder with the examples of the JOSE cookbook",
)


def tokens(example: Any) -> list[str]:
    """Every token of an example, in each of its serialisations."""
    outputs = example.get("output") or {}
    return [text if isinstance(text, str) else json.dumps(text) for text in outputs.values()]


def public(key: dict[str, Any]) -> dict[str, Any]:
    """The public half of a key: what a key set would hold."""
    return {name: value for name, value in key.items() if name not in {"d", "p", "q", "dp", "dq", "qi"}}


def keys_of(example: Any) -> list[dict[str, Any]]:
    written = (example.get("input") or {}).get("key") or []
    return [public(key) for key in (written if isinstance(written, list) else [written]) if isinstance(key, dict)]


@pytest.mark.conformance("22", "28", "37", "39", "41", "58", "59", "A31", "A32", "A33")
@pytest.mark.parametrize("file", [name for name in FILES if not name.startswith("jwk/")])
def test_examples(file: str, tally: Counter[str]) -> None:
    """The compact form of RS256, PS384, ES512 and EdDSA verifies to the very payload; every other token is refused."""
    example = json.loads((FOLDER / file).read_text(encoding="utf-8"))
    jwks = {"keys": keys_of(example)}
    for token in tokens(example):
        if file in ACCEPTED and not token.startswith("{"):
            assert verify_compact(token, jwks).decode() == example["input"]["payload"]
            with pytest.raises(InvalidToken):
                verify_compact(token[:-4] + ("AAAA" if token[-4:] != "AAAA" else "BBBB"), jwks)
            tally.update(("accepted", "refused"))
        else:
            with pytest.raises(InvalidToken):
                verify_compact(token, jwks)
            tally["refused"] += 1


@pytest.mark.conformance("31", "40")
@pytest.mark.parametrize("file", [name for name in FILES if name.startswith("jwk/")])
def test_keys(file: str, tally: Counter[str]) -> None:
    """The cookbook's public keys are imported; its private and symmetric ones are no keys of a key set."""
    from axioms_fastapi.core.jwk import Algorithms, UnsuitableKey, parse_key_set
    from axioms_fastapi.core.signatures import SUPPORTED_ALGORITHMS

    jwk = json.loads((FOLDER / file).read_text(encoding="utf-8"))
    if "public" in file:
        assert parse_key_set({"keys": [jwk]}, Algorithms(SUPPORTED_ALGORITHMS)).size == 1
        tally["accepted"] += 1
    else:
        with pytest.raises(UnsuitableKey):
            parse_key_set({"keys": [jwk]}, Algorithms(SUPPORTED_ALGORITHMS))
        tally["refused"] += 1
