"""How much of the core could be wrong without a test that fails: `make mutants`, `make mutants MUTANTS=core/claims.py`.

Each file is put wrong in one place at a time, and tests run against it up to the first that fails: those nearest to the file,
then, for what is left, all others. A mutant that no test notices is a survivor. It is printed, and unless
docs/security/mutants.md explains it, the exit status is 1.

mutmut's operators make the mutants; its own runner mutates neither constants nor decorated functions, which in the core hold half
of what is refused, and chooses tests by ids, which pytest cannot find again where an id shows a set or a URL.
"""

import argparse
import json
import os
import re
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path

from mutant_trials import KEPT, LIBRARY, ROOT, Tests, killed, load_everything_else
from mutations import Mutant, mutants_of

EXPLANATIONS = ROOT / "docs" / "security" / "mutants.md"

# Where a mutant of a file most likely dies: files of tests/unit and tests/edge, and quick folders of tests/conformance.
NEAREST = {
    "bearer": "bearer rfc6750",
    "callers": "callers isolation rfc6750",
    "claims": "frozen_claims claim_rules claims rfc7519",
    "composition": "composition mistakes authorization",
    "discovery": "discovery",
    "encoding": "encoding depth jose rfc7515",
    "errors": "errors bearer rfc6750",
    "fetch": "fetch",
    "issuers": "issuers verifier",
    "jose": "jose rfc7515",
    "jwk": "jwk jose",
    "keys": "static_keys",
    "owner": "owner ownership",
    "policy": "policy composition mistakes authorization",
    "principal": "principal rfc7519 authorization",
    "recent": "recent isolation",
    "remote_keys": "remote_keys",
    "server_side": "server_side mistakes",
    "signatures": "signatures rfc7518 jose",
    "token_cache": "token_cache verifier",
    "verifier": "verifier_memory verifier token_cache rfc7515",
}
# What all others are not: tests of the project's pages and of its files, of corpora that may be missing, and of other libraries.
LEFT_OUT = {
    *("test_architecture.py", "test_benchmarks.py", "test_packaging.py", "test_cli.py", "test_openapi.py"),
    *("corpora", "differential"),
}
# What all others end with: it waits for clocks and servers.
SLOW = ("providers", "rfc8414", "rfc7517", "test_keys.py")


def main() -> int:
    """Try the mutants that were asked for, print what survived, and give the exit status."""
    arguments = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    arguments.add_argument(
        "files", nargs="*", help="such as core/claims.py; callers.py and every file of the core where none is named"
    )
    arguments.add_argument("--survivors", action="store_true", help="only those that survived the last time")
    arguments.add_argument(
        "--nearest", action="store_true", help="against the nearest tests alone: quick, for writing tests"
    )
    arguments.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    options = arguments.parse_args()
    os.chdir(ROOT)
    KEPT.mkdir(parents=True, exist_ok=True)
    load_everything_else(_all_tests())
    explained = _explained()
    trials = Trials(options, explained)
    rows: list[tuple[str, int, int, int]] = []
    for name in options.files or [
        "callers.py",
        *(f"core/{path.name}" for path in sorted(LIBRARY.glob("core/[a-z]*.py"))),
    ]:
        mutants, survivors = trials.of(name)
        unexplained = _report(name, survivors, explained[name], is_complete=not options.survivors)
        rows.append((name, len(mutants), len(survivors), unexplained))
    _print_scores(rows)
    return 1 if any(row[3] for row in rows) else 0


class Trials:
    """Tries the mutants of one file after the other."""

    def __init__(self, options: argparse.Namespace, explained: dict[str, dict[tuple[str, str], str]]) -> None:
        self._options = options
        self._explained = explained
        self._all: Tests | None = None

    def of(self, name: str) -> tuple[list[Mutant], list[Mutant]]:
        """The mutants of a file, and those that no test notices."""
        path = LIBRARY / name
        if not path.is_file():
            sys.exit(f"{name} is no file of src/axioms_fastapi; name one such as core/claims.py")
        last = KEPT / f"{path.stem}.json"
        mutants = mutants_of(path.read_text("utf-8"))
        if self._options.survivors and last.exists():
            survived = {tuple(survivor) for survivor in json.loads(last.read_text("utf-8"))}
            mutants = [mutant for mutant in mutants if (mutant.place, mutant.change) in survived]
        nearest = _nearest_tests(path.stem)
        left = self._left(path, mutants, Tests.that_pass(nearest, self._options.jobs))
        # What the page explains, no test can notice: all the others need not be asked.
        doubtful = [mutant for mutant in left if (mutant.place, mutant.change) not in self._explained[name]]
        if doubtful and not self._options.nearest:
            self._all = self._all or Tests.that_pass(_all_tests(), self._options.jobs)
            still = self._left(path, doubtful, self._all.without(nearest))
            left = [mutant for mutant in left if mutant in still or mutant not in doubtful]
        last.write_text(json.dumps([(mutant.place, mutant.change) for mutant in left]), "utf-8")
        return mutants, left

    def _left(self, path: Path, mutants: list[Mutant], tests: Tests) -> list[Mutant]:
        noticed = killed(path, mutants, tests, self._options.jobs, _counter(path.name, len(mutants)))
        return [mutant for mutant in mutants if mutant not in noticed]


def _nearest_tests(stem: str) -> list[str]:
    names = NEAREST.get(stem, stem).split()
    places = ("tests/unit/test_{}.py", "tests/conformance/{}", "tests/edge/test_{}.py")
    candidates = [place.format(name) for place in places for name in names]
    return [candidate for candidate in candidates if Path(candidate).exists()]


def _all_tests() -> list[str]:
    files = [*Path("tests/unit").glob("test_*.py"), *Path("tests/edge").glob("test_*.py")]
    folders = {path.parent for path in Path("tests/conformance").glob("*/test_*.py")}
    kept = [path for path in (*files, *folders) if path.name not in LEFT_OUT]
    return [str(path) for path in sorted(kept, key=lambda path: (path.name in SLOW, str(path)))]


def _counter(name: str, total: int) -> Callable[[], None]:
    started, count = time.monotonic(), 0

    def told() -> None:
        nonlocal count
        count += 1
        if sys.stderr.isatty() or count == total:
            print(f"\r{name}: {count} of {total}, {time.monotonic() - started:.0f} s", end="", file=sys.stderr)
        if count == total:
            print(file=sys.stderr)

    return told


def _explained() -> dict[str, dict[tuple[str, str], str]]:
    """The reasons of the page, by file, and by place and change."""
    found: dict[str, dict[tuple[str, str], str]] = defaultdict(dict)
    name = ""
    for line in EXPLANATIONS.read_text("utf-8").splitlines() if EXPLANATIONS.exists() else ():
        if heading := re.fullmatch(r"#+ `?((?:core/)?\w+\.py)`?", line):
            name = heading[1]
        elif row := re.fullmatch(r"\| (`+)([^`]+)\1 \| (`+) ?(.+?) ?\3 \| (.+) \|", line):
            found[name][row[2], row[4].replace(r"\|", "|")] = row[5]
    return found


def _report(name: str, survivors: Sequence[Mutant], explained: dict[tuple[str, str], str], *, is_complete: bool) -> int:
    """Print what survived, and what is explained for nothing. Gives the number of those that nobody explains."""
    unexplained = 0
    for mutant in survivors:
        if (mutant.place, mutant.change) not in explained:
            unexplained += 1
            print(f"{name}:{mutant.line} {mutant.place}\n    was  {mutant.before}\n    is   {mutant.change}")
    if is_complete:
        for place, change in explained.keys() - {(mutant.place, mutant.change) for mutant in survivors}:
            print(f"{name} {place}: explained, and no survivor: {change}")
    return unexplained


def _print_scores(rows: Sequence[tuple[str, int, int, int]]) -> None:
    print("\n| file | mutants | killed | survivors, explained | score |\n|---|---|---|---|---|")
    total = ("all", *(sum(row[column] for row in rows) for column in (1, 2, 3)))
    for name, mutants, survivors, unexplained in [*rows, total]:
        killed_ones = mutants - survivors
        score = f"{100 * killed_ones / mutants:.1f} %" if mutants else "-"
        print(f"| {name} | {mutants} | {killed_ones} | {survivors}, {survivors - unexplained} | {score} |")


if __name__ == "__main__":
    sys.exit(main())
