"""`make conformance`: group by group, what was tried, what was refused and what was accepted."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Final

import pytest

TALLY: Final = pytest.StashKey[Counter[str]]()
_FACTS: Final = pytest.StashKey["dict[tuple[str, str], Fact]"]()


@dataclass
class Fact:
    """A test function: the items that it is for, the fact that it states, and how its cases went."""

    items: tuple[str, ...]
    statement: str
    cases: int = 0
    failed: int = 0
    skipped: int = 0
    tally: Counter[str] = field(default_factory=Counter)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option that `make conformance` uses."""
    parser.addoption(
        "--conformance", action="store_true", help="run the tests that hold a named requirement, and report"
    )


def pytest_configure(config: pytest.Config) -> None:
    """Name the marker."""
    config.addinivalue_line("markers", "conformance(*ids): holds these items of docs/security/conformance.md")
    config.stash[_FACTS] = {}


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """With the option, keep what is marked."""
    if config.getoption("--conformance"):
        kept = [item for item in items if item.get_closest_marker("conformance")]
        config.hook.pytest_deselected(items=[item for item in items if item not in set(kept)])
        items[:] = kept


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]):  # type: ignore[no-untyped-def]
    """Count how each case went."""
    report = yield
    mark = item.get_closest_marker("conformance")
    if mark is not None and (report.when == "call" or report.outcome != "passed"):
        group = item.path.parent.name if "conformance" in item.path.parts else item.path.stem.removeprefix("test_")
        name = getattr(item, "originalname", item.name)
        statement = (getattr(getattr(item, "obj", None), "__doc__", "") or name).strip().split("\n")[0]
        fact = item.config.stash[_FACTS].setdefault((group, f"{item.path.name}:{name}"), Fact(mark.args, statement))
        fact.cases += report.when == "call"
        fact.failed += report.outcome == "failed"
        fact.skipped += report.outcome == "skipped"
        fact.tally += item.stash.get(TALLY, Counter())
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Print the groups."""
    if not config.getoption("--conformance"):
        return
    groups: dict[str, list[Fact]] = defaultdict(list)
    for (group, _), fact in config.stash[_FACTS].items():
        groups[group].append(fact)
    total: Counter[str] = Counter()
    for group, facts in sorted(groups.items()):
        terminalreporter.section(f"{group}", sep="-")
        for fact in facts:
            total += fact.tally
            total["cases"] += fact.cases
            terminalreporter.write_line(f"{_result(fact):34} {fact.statement} [{', '.join(fact.items)}]")
    terminalreporter.section("conformance", sep="-")
    terminalreporter.write_line(
        f"{total['cases']} cases; attempts refused: {total['refused']}, accepted: {total['accepted']}, each as it must be"
        if not any(fact.failed for facts in groups.values() for fact in facts)
        else "NOT HELD: see the failures above"
    )


def _result(fact: Fact) -> str:
    if fact.failed:
        return f"FAILED in {fact.failed} of {fact.cases} cases"
    parts = [f"{fact.tally[what]} {what}" for what in ("refused", "accepted") if fact.tally[what]]
    skipped = [f"{fact.skipped} skipped"] if fact.skipped else []
    return ", ".join([*(parts or [f"{fact.cases} held"]), *skipped])
