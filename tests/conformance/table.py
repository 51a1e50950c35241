"""The table of docs/security/conformance.md: made of the catalogue and of the marks of the tests."""

import ast
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Final

sys.path.insert(0, str(Path(__file__).parents[1]))

from conformance.catalogue import ATTACKS, ITEMS, LEFT_OUT, REQUIREMENTS, Item

ROOT: Final = Path(__file__).parents[2]
PAGE: Final = ROOT / "docs" / "security" / "conformance.md"

HEAD: Final = """# Conformance

Each requirement that the RFCs make of a resource server, and each class of attacks on one: where in `src/axioms_fastapi` it
is held, and by which tests. `make conformance` runs them and prints what was tried, refused and accepted; this page is made
by `make conformance-table`, and the suite fails when it is not up to date or when a row has no test.
"""


def marked_tests() -> Iterator[tuple[str, str]]:
    """Each item that a test is marked with, and that test."""
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        if "node_modules" in path.parts:
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        of_the_file = [
            item
            for node in tree.body
            if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "pytestmark"
            for item in _items_in(node.value)
        ]
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                for item in [*of_the_file, *(name for mark in node.decorator_list for name in _items_in(mark))]:
                    yield item, f"{path.relative_to(ROOT / 'tests').as_posix()}:{node.name}"


def _items_in(node: ast.expr) -> Iterator[str]:
    for call in ast.walk(node):
        if isinstance(call, ast.Call) and ast.unparse(call.func) == "pytest.mark.conformance":
            yield from (str(argument.value) for argument in call.args if isinstance(argument, ast.Constant))


def by_item() -> dict[str, list[str]]:
    """The tests of each item."""
    tests: dict[str, list[str]] = defaultdict(list)
    for item, test in marked_tests():
        tests[item].append(test)
    return tests


def page() -> str:
    """The whole page."""
    tests = by_item()
    return "\n".join(
        [
            HEAD,
            *_section("Requirements", REQUIREMENTS, tests),
            *_section("Attacks", ATTACKS, tests),
            "## What is not in the tables\n",
            LEFT_OUT.strip(),
            "",
        ]
    )


def _section(title: str, items: tuple[Item, ...], tests: dict[str, list[str]]) -> Iterator[str]:
    yield f"## {title}\n"
    yield "| item | what | source | code | tests |\n|---|---|---|---|---|"
    for item in items:
        names = ", ".join(f"`{name.rpartition('/')[2]}`" for name in tests[item.id])
        yield f"| {item.id} | {item.statement} | {item.source} | `{item.code}` | {names} |"
    yield ""


def known_items() -> set[str]:
    """Every id of the catalogue."""
    return {item.id for item in ITEMS}


if __name__ == "__main__":
    PAGE.parent.mkdir(parents=True, exist_ok=True)
    PAGE.write_text(page(), encoding="utf-8")
