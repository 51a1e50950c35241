"""The pages of docs/providers: their settings are accepted as printed, and there is one for every preset."""

import re
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI

from axioms_fastapi import ConfigurationError, init_axioms
from axioms_fastapi.presets import PRESETS

DOCS = Path(__file__).parents[2] / "docs"
PAGES = sorted((DOCS / "providers").glob("*.md"))


def test_every_preset_has_its_page() -> None:
    """No preset is without its page, and the index lists them all."""
    assert {page.stem for page in PAGES} == PRESETS.keys()
    assert set(re.findall(r"\(providers/(\w+)\.md\)", (DOCS / "providers.md").read_text())) == PRESETS.keys()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_settings_and_code(page: Path) -> None:
    """What the page prints for `.env` and for Python starts an application, with the preset of the page."""
    text = page.read_text()
    for block in re.findall(r"^```ini\n(.*?)^```$", text, re.M | re.S):
        Path(".env").write_text(block)
        init_axioms(FastAPI())
        Path(".env").unlink()
    code = re.findall(r"^```python\n(.*?)^```$", text, re.M | re.S)
    assert len(code) == 1
    program: dict[str, Any] = {"app": FastAPI()}
    if page.stem == "kubernetes":  # the cluster's own certificate authority is a file that only a pod has
        with pytest.raises(ConfigurationError, match="jwks_ca_file"):
            exec(compile(code[0], str(page), "exec", dont_inherit=True), program)
    else:
        exec(compile(code[0], str(page), "exec", dont_inherit=True), program)
        assert list(program["app"].state.axioms.key_status())
