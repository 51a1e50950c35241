"""Wycheproof's vectors (C2SP/wycheproof, testvectors_v1): all verdicts as published, but for the exceptions that are named here.

The vectors are no part of the project: they are read from the folder that JOSE_CORPORA names. Their payloads are no claims, so
they knock at `verify_compact`, the code of a request up to the signature.
"""

import json
import os
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from axioms_fastapi import InvalidToken
from axioms_fastapi.core.jose import verify_compact

FOLDER = Path(os.environ.get("JOSE_CORPORA", "")) / "wycheproof"
NO_VECTORS = pytest.mark.skipif(
    not (os.environ.get("JOSE_CORPORA") and FOLDER.is_dir()),
    reason="JOSE_CORPORA names no folder with the public vectors of Wycheproof",
)

# A resource server holds no secret: whatever a symmetric key would verify is refused here, and rightly.
SYMMETRIC = "oct"
# Published as valid: two pair a key for PS256 with a header that says PS384, two have a key for an algorithm that does not exist.
REFUSED_THOUGH_VALID = {
    346: "key for PS256, header PS384",
    350: "key for PS256, header PS384",
    347: "ES521",
    351: "ES521",
}


def vectors(file: str, member: str) -> list[Any]:
    """Each vector of a file: its token, the key or keys of its group, and the verdict."""
    if not os.environ.get("JOSE_CORPORA") or not FOLDER.is_dir():
        return []
    return [
        pytest.param(
            test[member],
            group.get("public") or group.get("private"),
            test,
            id=f"{test['tcId']}-{test['comment']}"[:60],
        )
        for group in json.loads((FOLDER / file).read_text(encoding="utf-8"))["testGroups"]
        for test in group["tests"]
    ]


def is_accepted(token: Any, jwks: dict[str, Any], tally: Counter[str]) -> bool:
    """Whether the token verifies; anything but a payload or InvalidToken fails the test."""
    text = token if isinstance(token, str) else json.dumps(token)
    try:
        payload = verify_compact(text, jwks)
    except InvalidToken:
        tally["refused"] += 1
        return False
    assert isinstance(payload, bytes)
    tally["accepted"] += 1
    return True


@NO_VECTORS
@pytest.mark.conformance("22", "23", "35", "37", "A16", "A17", "A19", "A21", "A22")
@pytest.mark.parametrize(("token", "key", "test"), vectors("json_web_signature_test.json", "jws"))
def test_signatures(token: Any, key: dict[str, Any], test: dict[str, Any], tally: Counter[str]) -> None:
    """The published verdict on each signature."""
    expected = test["result"] == "valid" and key["kty"] != SYMMETRIC and test["tcId"] not in REFUSED_THOUGH_VALID
    assert is_accepted(token, {"keys": [key]}, tally) is expected


@NO_VECTORS
@pytest.mark.conformance("31", "32", "34", "36", "40", "A12", "A13", "A14")
@pytest.mark.parametrize(("token", "keys", "test"), vectors("json_web_key_test.json", "jws"))
def test_keys(token: str, keys: dict[str, Any], test: dict[str, Any], tally: Counter[str]) -> None:
    """The published verdict on each key set; the key of the flawed generator (CVE-2017-15361) is refused as well."""
    is_symmetric = any(key.get("kty") == SYMMETRIC for key in keys["keys"])
    assert is_accepted(token, keys, tally) is (test["result"] == "valid" and not is_symmetric)


@NO_VECTORS
@pytest.mark.conformance("58", "A32")
@pytest.mark.parametrize(("token", "key", "test"), vectors("json_web_encryption_test.json", "jwe"))
def test_encryption(token: Any, key: dict[str, Any], test: dict[str, Any], tally: Counter[str]) -> None:
    """Every encrypted token is refused, valid or not: nothing here decrypts."""
    assert not is_accepted(token, {"keys": [key]}, tally)


@NO_VECTORS
def test_all_of_them_are_there() -> None:
    """The files hold as many vectors as this was written for: a truncated file would prove nothing."""
    counts = [
        len(vectors(file, member))
        for file, member in (
            ("json_web_signature_test.json", "jws"),
            ("json_web_key_test.json", "jws"),
            ("json_web_encryption_test.json", "jwe"),
        )
    ]
    assert counts == [401, 26, 139]
