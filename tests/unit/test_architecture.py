"""The "only" rules of ARCHITECTURE.md: one room does it, and no new file can do it beside."""

import ast
from pathlib import Path

import pytest

import axioms_fastapi

LIBRARY = Path(axioms_fastapi.__file__).parent
MODULES = {
    path.relative_to(LIBRARY).as_posix(): path.read_text(encoding="utf-8")
    for path in LIBRARY.rglob("*.py")
    if not {"attack", "cli", "forge", "testing"} & set(path.relative_to(LIBRARY).parts)
}


def imported(source: str) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            names.add(node.module or "")
    return {name.partition(".")[0] for name in names}


@pytest.mark.parametrize(
    ("rule", "packages", "rooms"),
    [
        ("opens a socket", {"httpx2", "httpx", "http", "socket", "requests", "aiohttp"}, {"core/fetch.py"}),
        ("reads the environment", {"os", "dotenv"}, {"settings.py"}),
        ("uses the JOSE library", {"joserfc", "cryptography"}, {"core/jose.py", "core/jwk.py", "core/signatures.py"}),
    ],
)
def test_only(rule: str, packages: set[str], rooms: set[str]) -> None:
    """Only the room that is there for it does it."""
    assert {name for name, source in MODULES.items() if imported(source) & packages} == rooms, rule


def test_only_bearer_formats_challenges() -> None:
    """No other room writes a WWW-Authenticate header."""
    written = {
        name
        for name, source in MODULES.items()
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Constant) and node.value == "WWW-Authenticate"
    }
    assert written == {"core/bearer.py"}


def test_decisions_use_the_asgi_scope() -> None:
    """No room reads the URL of a request: it is made of the Host header, which whoever asks has written (CVE-2026-48710)."""
    read = {
        name: node.attr
        for name, source in MODULES.items()
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Attribute)
        and node.attr in {"url", "base_url", "url_for", "client"}
        and isinstance(node.value, ast.Name)
        and node.value.id in {"request", "connection", "websocket", "conn"}
    }
    assert read == {}


def test_no_state_of_a_module() -> None:
    """No room keeps state of its own: what is trusted belongs to an application (`Final` values and loggers are constants)."""
    changing = {
        f"{name}: {ast.unparse(node)}"
        for name, source in MODULES.items()
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Global | ast.Nonlocal)
    }
    assert changing == set()


def test_small_rooms() -> None:
    """A file stays under 300 lines and a function under 40: past that it is two rooms."""
    for name, source in MODULES.items():
        assert source.count("\n") < 300, name
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                first = node.body[1] if ast.get_docstring(node) and len(node.body) > 1 else node.body[0]
                assert (node.end_lineno or 0) - first.lineno < 40, f"{name}: {node.name}"
