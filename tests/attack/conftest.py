"""What the attack's tests share: arms with the trusted issuer's keys, and an attack from start to report."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from axioms_fastapi.attack import Arms, Orders, Overlay, Report, attack, operations_of, read_document
from axioms_fastapi.forge import ForgeKeys

AUDIENCE = "https://api.example.com"


@pytest.fixture(scope="session")
def attacked(forge_keys: ForgeKeys, issuer: str) -> Callable[..., Report]:
    """Attacks the API at a URL with the keys of the issuer that it trusts."""

    def run(target: str, overlay: dict[str, Any] | None = None, *, document: Any = None, **orders: Any) -> Report:
        known = Overlay.model_validate(overlay or {})
        arms = Arms.of_keys(forge_keys, issuer, AUDIENCE, known)
        operations = operations_of(document or read_document(f"{target}/openapi.json"), known)
        return asyncio.run(attack(target, operations, known, arms, Orders(**orders)))

    return run
