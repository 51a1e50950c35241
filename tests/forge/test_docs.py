"""docs/forge.md: every request in it is sent, its Python runs, and its lists are complete."""

import re
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from axioms_fastapi.forge import create_app
from axioms_fastapi.forge.odd_keys import ODD
from axioms_fastapi.forge.options import ALL, PRESETS
from axioms_fastapi.forge.providers import PROFILES

PAGE = (Path(__file__).parents[2] / "docs" / "forge.md").read_text(encoding="utf-8")


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.M | re.S)


def send(client, block):
    head, _, body = block.partition("\n\n") if "Authorization:" in block else block.partition("\n")
    line, *headers = head.splitlines()
    method, target = line.split(" ", 1)
    sent = dict(header.split(": ", 1) for header in headers)
    if body.strip():
        sent["Content-Type"] = (
            "application/json" if body.lstrip().startswith("{") else "application/x-www-form-urlencoded"
        )
    return client.request(method, target, content=body.strip(), headers=sent)


def test_requests():
    """All requests, in the page's order, are answered by one forge without a refusal."""
    with TestClient(create_app()) as client:
        for block in blocks("http"):
            response = send(client, block)
            assert response.status_code < 300, (block, response.text)
    assert len(blocks("http")) >= 20


@pytest.mark.parametrize("code", blocks("python"))
def test_python(code):
    """The Python of the page runs."""
    exec(compile(code, "docs/forge.md", "exec", dont_inherit=True), {})


@pytest.mark.parametrize("name", [*ALL, *PRESETS, *ODD, *PROFILES])
def test_named(name):
    """Every option, preset, odd key and provider is named."""
    assert f"`{name}`" in PAGE


@pytest.mark.parametrize("profile", PROFILES.values(), ids=lambda profile: profile.name)
def test_profile_table(profile):
    """The table says where the provider's issuer and keys are."""
    assert f"| `{profile.name}` | `/{profile.name}{profile.path}` | `/{profile.name}{profile.jwks}` |" in PAGE


def test_command_options():
    """Every option of the command that the page names exists."""
    from axioms_fastapi.cli import forge as command

    source = Path(command.__file__).read_text(encoding="utf-8")
    for option in set(re.findall(r"(?<![-\w|])--([a-z][a-z-]*)", PAGE)):
        assert f'"--{option}"' in source or f"    {option}: Annotated" in source, option
