"""What protection costs: `make bench` prints it and writes it into the docs, `make bench-quick` fails where a bound is missed."""

import argparse
import sys
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from rich.console import Console

from benchmarks.lines import LINES
from benchmarks.marks import MEASURED, PAGE, write_between
from benchmarks.peers import ROOT
from benchmarks.picture import picture
from benchmarks.report import page, print_lines, print_rows
from benchmarks.results import Memory, Result, absolutes, result_of
from benchmarks.rounds import Case
from benchmarks.rows import ROWS, Row, Verdict
from benchmarks.run import Plan, measure, pythons
from benchmarks.scaling import scale

FULL = Plan(rounds=31, turns=15, calls=9, requests=4000)
QUICK = Plan(rounds=15, turns=7, calls=9, requests=1200)
RETRIES = 3
MANY_TOKENS = 1_000_000
SOME_TOKENS = 30_000
PICTURE = ROOT / "docs" / "performance.svg"


def cases_of(rows: Collection[Row]) -> set[Case]:
    """What these rows need."""
    return {case for row in rows for case in row.figure.cases}


def full(console: Console) -> list[Result]:
    """Everything was measured, printed, and written into the page."""
    lines = {case for line in LINES for figure in (line.takes, line.adds) if figure for case in figure.cases}
    run = measure(FULL, cases_of(ROWS) | lines, pythons())
    print(f"Verifying {MANY_TOKENS:,} different tokens ...", flush=True)
    memory = Memory.measured(MANY_TOKENS)
    print("Starting 1 to N uvicorn workers ...", flush=True)
    scaled = scale()
    results = [*(result_of(row, run.rounds) for row in ROWS), *memory.results()]
    print_rows(console, results, "What protection costs")
    print_lines(console, absolutes(run.rounds))
    write_between(MEASURED, page(results, absolutes(run.rounds), memory, scaled, run.versions))
    PICTURE.write_text(picture(absolutes(run.rounds)))
    console.print(f"Written into {PAGE.relative_to(ROOT)} and {PICTURE.relative_to(ROOT)}.")
    return results


def quick(console: Console) -> list[Result]:
    """The rows were measured briefly; those that missed their bound again, a few times: a busy machine is no regression."""
    interpreters = pythons()
    results = _measured(QUICK, ROWS, interpreters)
    memory = Memory.measured(SOME_TOKENS).results()
    print_rows(console, [*results, *memory], "What protection costs, measured briefly")
    for number in range(1, RETRIES + 1):
        missed = [row for row, result in zip(ROWS, results, strict=True) if result.verdict is Verdict.MISSED]
        if not missed:
            break
        again = _measured(QUICK, missed, interpreters)
        print_rows(console, again, f"What was missed, measured again ({number} of {RETRIES})")
        better = {result.what: result for result in again if result.verdict is not Verdict.MISSED}
        results = [better.get(result.what, result) for result in results]
    return [*results, *memory]


def _measured(plan: Plan, rows: Sequence[Row], interpreters: Mapping[str, Path]) -> list[Result]:
    rounds = measure(plan, cases_of(rows), interpreters).rounds
    return [result_of(row, rounds) for row in rows]


def main() -> int:
    """The number of the exit: 1 where the quick form found a row that missed what it must not miss."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="only the rows, briefly, and again where one is missed")
    is_quick = parser.parse_args().quick
    results = (quick if is_quick else full)(Console(width=None if sys.stdout.isatty() else 150))
    found = {verdict: [result for result in results if result.verdict is verdict] for verdict in Verdict}
    missed = found[Verdict.MISSED]
    in_bounds = len(found[Verdict.GOAL]) + len(found[Verdict.BOUNDS])
    print(f"{in_bounds} rows in bounds; {', '.join(f'{len(found[each])} {each}' for each in list(Verdict)[2:])}")
    for result in missed:
        held = result.target.held
        worst = result.target.bound if held is None else held
        print(f"missed: {result.what}: {result.cells[1]}, and must be no worse than {result.target.written(worst)}")
    return 1 if missed and is_quick else 0


if __name__ == "__main__":
    sys.exit(main())
