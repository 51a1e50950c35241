"""The forge is built as the library is: small rooms."""

import ast
from pathlib import Path

import pytest

import axioms_fastapi.forge

FORGE = Path(axioms_fastapi.forge.__file__).parent


@pytest.mark.parametrize("path", sorted(FORGE.rglob("*.py")), ids=lambda path: path.relative_to(FORGE).as_posix())
def test_small_rooms(path):
    """A file stays under 300 lines and a function under 40: past that it is two rooms."""
    source = path.read_text(encoding="utf-8")
    assert source.count("\n") < 300
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            first = node.body[1] if ast.get_docstring(node) and len(node.body) > 1 else node.body[0]
            assert (node.end_lineno or 0) - first.lineno < 40, node.name
