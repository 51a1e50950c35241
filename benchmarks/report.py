"""The tables: for a terminal, and as Markdown for docs/performance.md."""

import os
import platform
from collections.abc import Mapping, Sequence

from rich.console import Console
from rich.table import Table

from benchmarks.lines import SECTIONS
from benchmarks.results import MEGABYTE, Absolute, Memory, Result
from benchmarks.rows import Verdict
from benchmarks.scaling import Scaled

COLUMNS = ("what", "measured", "half of the rounds", "goal", "must not miss", "verdict")
COLOURS = dict(zip(Verdict, ("green", "yellow", "red", "bold red", "dim"), strict=True))
LINE_COLUMNS = ("what", "µs", "added, µs", "added / bare")


def print_rows(console: Console, results: Sequence[Result], title: str) -> None:
    """The rows, in colour."""
    table = Table(title=title)
    for column in COLUMNS:
        table.add_column(column, justify="left" if column in {"what", "verdict"} else "right")
    for result in results:
        *cells, verdict = result.cells
        table.add_row(*cells, f"[{COLOURS[result.verdict]}]{verdict}[/]")
    console.print(table)


def print_lines(console: Console, absolutes: Sequence[Absolute]) -> None:
    """The absolute numbers."""
    table = Table(title="Absolute numbers, medians")
    for column in LINE_COLUMNS:
        table.add_column(column, justify="left" if column == "what" else "right")
    for section, cells in sectioned(absolutes).items():
        table.add_section()
        table.add_row(f"[bold]{section}[/]")
        for row in cells:
            table.add_row(*row)
    console.print(table)


def sectioned(absolutes: Sequence[Absolute]) -> dict[str, list[tuple[str, str, str, str]]]:
    """The cells of each section that was measured."""
    levels = {(each.line.worker, each.line.case): each.takes for each in absolutes}
    found: dict[str, list[tuple[str, str, str, str]]] = {}
    for section, lines in SECTIONS.items():
        for each in absolutes:
            if each.line in lines:
                base = levels.get((each.line.worker, each.line.base or ""))
                added = "" if each.adds is None else f"{each.adds:.1f}"
                ratio = "" if each.adds is None or not base else f"{each.adds / base:.2f}"
                found.setdefault(section, []).append((each.line.what, f"{each.takes:.1f}", added, ratio))
    return found


def markdown(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table; all columns but those of words to the right."""
    words = {"what", "verdict"}
    ruler = ["---" if column in words else "--:" for column in columns]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (columns, ruler, *rows))


def page(
    results: Sequence[Result],
    absolutes: Sequence[Absolute],
    memory: Memory,
    scaled: Sequence[Scaled],
    versions: Mapping[str, str],
) -> str:
    """What a run writes between the marks of docs/performance.md."""
    parts = [environment(versions), markdown(COLUMNS, [result.cells for result in results]), floors(absolutes)]
    parts += ["### Absolute numbers", "In microseconds; medians."]
    for section, cells in sectioned(absolutes).items():
        parts += [f"**{section}**", markdown(LINE_COLUMNS, cells)]
    parts += ["### Memory", memory_table(memory)]
    if scaled:
        parts += ["### Workers", scaling_table(scaled)]
    return "\n\n".join(parts)


def floors(absolutes: Sequence[Absolute]) -> str:
    """What no guard can go below: a dependency that does nothing, and for a cold token one that checks a signature."""
    takes = {(each.line.worker, each.line.case): each.takes for each in absolutes}
    adds = {(each.line.worker, each.line.case): each.adds or 0.0 for each in absolutes}
    bare, served = takes["guards", "bare"], takes["uvicorn", "bare"]
    one, four, signature, flat = (
        adds["guards", case] for case in ("nothing", "four of nothing", "signature alone", "one function")
    )
    return (
        f"**The floor.** A dependency that does nothing adds {one:.1f} µs to the bare request of {bare:.1f} µs, which is "
        f"{one / bare:.2f} of it, and four of them {four:.1f} µs. One that checks the bare signature, which a cold token needs, "
        f"and parses nothing adds {signature:.1f} µs, which is {signature / bare:.2f}; one that takes all steps of a cold "
        "verification in a single function, without principal, memory, policies and reasons, adds "
        f"{flat:.1f} µs, which is {flat / bare:.2f}. So no guard under uvicorn could serve more than "
        f"{served / (served + one):.2f} of the bare route's requests, and {served / (served + signature):.2f} with cold tokens."
    )


def environment(versions: Mapping[str, str]) -> str:
    """What was measured where, in a sentence."""
    named: dict[str, str] = {}
    for name, version in versions.items():
        worker, _, package = name.partition(": ")
        if package != "axioms-fastapi" or worker == "axioms_0_0_13":
            named[package] = version
    packages = ", ".join(
        f"{package} {version}" for package, version in sorted(named.items(), key=lambda item: item[0].lower())
    )
    cores = os.cpu_count()
    return f"Python {platform.python_version()} on {platform.system()} {platform.machine()} with {cores} cores; {packages}."


def memory_table(memory: Memory) -> str:
    """What the cache weighs, and the process over many tokens."""
    weights = [
        ("a full cache, scopes asked for", memory.full),
        ("a full cache, nothing asked for", memory.full_unasked),
    ]
    rows = [(what, f"{size / MEGABYTE:.1f}", f"{size / memory.entries:,.0f}") for what, size in weights]
    seen = [(f"{at['tokens']:,}", f"{at['entries']:,}", f"{at['resident'] / MEGABYTE:.1f}") for at in memory.over_many]
    return "\n\n".join(
        (
            markdown(("what", "MB", "bytes an entry"), rows),
            markdown(("different tokens seen", "entries", "resident, MB"), seen),
        )
    )


def scaling_table(scaled: Sequence[Scaled]) -> str:
    """Requests per second by workers."""
    names = list(scaled[0].rates)
    rows = [(str(each.workers), *(f"{each.rates[name]:,.0f}" for name in names)) for each in scaled]
    return markdown(("uvicorn workers", *(f"{name}, requests/s" for name in names)), rows)
