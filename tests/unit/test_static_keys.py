"""Keys that are given as a value: at hand for ever, and held to the rules of fetched ones."""

import asyncio
import json
from dataclasses import FrozenInstanceError
from pathlib import Path
from typing import Any

import pytest

from axioms_fastapi.core.errors import InvalidToken, Reason
from axioms_fastapi.core.jwk import Algorithms
from axioms_fastapi.core.keys import KeyStatus, StaticKeys, known_keys
from axioms_fastapi.core.signatures import SUPPORTED_ALGORITHMS
from axioms_fastapi.forge import SigningKey

ALGORITHMS = Algorithms(SUPPORTED_ALGORITHMS)


@pytest.fixture(scope="module")
def keys() -> StaticKeys:
    pair = [SigningKey.generate("ES256", kid="a"), SigningKey.generate("ES256", kid="b")]
    return StaticKeys.parse({"keys": [key.public_jwk() for key in pair]}, ALGORITHMS)


def test_by_kid_and_algorithm(keys: StaticKeys) -> None:
    """A key is found by kid and algorithm together, at hand and when it is looked for."""
    for kid in ("a", "b"):
        (key,) = keys.at_hand(kid, "ES256")
        assert key.kid == kid
        assert asyncio.run(keys.find(kid, "ES256")) == (key,) == known_keys(keys.key_set, kid, "ES256")
    for kid, algorithm in (("c", "ES256"), ("a", "ES384"), (None, "ES256")):
        assert keys.at_hand(kid, algorithm) == ()
        with pytest.raises(InvalidToken) as error:
            asyncio.run(keys.find(kid, algorithm))
        assert (error.value.reason, error.value.detail) == (
            Reason.UNKNOWN_KEY,
            "the issuer has no key of this kid for this algorithm",
        )


def test_always_ready(keys: StaticKeys) -> None:
    """They are there, nothing is fetched, and closing them ends nothing."""
    assert asyncio.run(keys.prefetch()) is True
    asyncio.run(keys.close())
    assert keys.status() == KeyStatus(
        ready=True, keys=2, age=None, generation=1, fetches=0, failures=0, failures_in_a_row=0
    )
    assert type(keys.status().fetches) is int


@pytest.mark.parametrize("name", ["ready", "key_set"])
def test_frozen(keys: StaticKeys, name: str) -> None:
    """Neither the keys nor what is said of them can be changed."""
    value: Any = keys.status() if name == "ready" else keys
    with pytest.raises(FrozenInstanceError):
        setattr(value, name, None)


@pytest.mark.parametrize("is_file", [False, True])
def test_pem(is_file: bool, tmp_path: Path) -> None:
    """A PEM text, or a file with one, is a key without a kid."""
    key = SigningKey.generate("ES256", kid="a")
    text = "\n" + key.private_key.as_pem(private=False).decode()
    file = tmp_path / "key.pem"
    file.write_text(text)
    (found,) = StaticKeys.parse(file if is_file else text, ALGORITHMS).at_hand(None, "ES256")
    assert found.key.as_dict(private=False)["x"] == key.public_jwk()["x"]


@pytest.mark.parametrize("place", ["value", "text", "file"])
def test_forms(place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A JWK set as a value, as its text, or in a file, which is UTF-8 wherever it is read."""
    monkeypatch.setenv("LC_ALL", "C")
    key = SigningKey.generate("ES256", kid="schlüssel")
    text = f"  {json.dumps({'keys': [key.public_jwk()]}, ensure_ascii=False)}\n"
    file = tmp_path / "keys.json"
    file.write_bytes(text.encode("utf-8"))
    written: Any = {"value": {"keys": [key.public_jwk()]}, "text": text, "file": file}[place]
    assert StaticKeys.parse(written, ALGORITHMS).at_hand("schlüssel", "ES256")
