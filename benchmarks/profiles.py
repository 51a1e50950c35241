"""Profiles of a request before anything was done for speed, and now: `make profile` prints them and writes them into the docs."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.issuer import issuing
from benchmarks.marks import PROFILED, write_between
from benchmarks.peers import ROOT
from benchmarks.report import markdown
from benchmarks.worker import environment
from benchmarks.workers.profiled import REQUESTS, WARMING_REQUESTS

# The last commit of which the speed was as it came about.
BEFORE = "2c04d91"
LONGEST = 12
LAYERS = {
    "functions of this library": "ours",
    "built-in functions that they call, a signature check among them": "built in, from ours",
    "functions of FastAPI and Starlette": "framework",
    "functions of other libraries and of Python's own": "others",
}

Profile = dict[str, Any]


@contextmanager
def sources_of(commit: str) -> Iterator[Path]:
    """The library's source at this commit, until the block ends."""
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder) / "tree"
        git = ("git", "-C", str(ROOT), "worktree")
        subprocess.run([*git, "add", "--quiet", "--detach", str(tree), commit], check=True)
        try:
            yield tree / "src"
        finally:
            subprocess.run([*git, "remove", "--force", str(tree)], check=True)


def profiled(given: Path, sources: Path) -> dict[str, Profile]:
    """The profile of each case, with the library from these sources."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.workers.profiled", str(given)],
        cwd=ROOT,
        env=environment(PYTHONPATH=str(sources)),
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    found: dict[str, Profile] = json.loads(done.stdout)
    return found


def calls_table(before: dict[str, Profile], now: dict[str, Profile]) -> str:
    """How many calls one request makes."""
    columns = (now["bare"], before["cold"], now["cold"], before["repeated"], now["repeated"])
    names = ("what", "bare", "cold, before", "cold, now", "repeated, before", "repeated, now")
    rows = [[what, *(f"{each['calls'].get(layer, 0):.0f}" for each in columns)] for what, layer in LAYERS.items()]
    return markdown(names, rows)


def longest_table(profile: Profile) -> str:
    """The functions of this library that took longest, with the built-in ones that they call."""
    functions: Sequence[tuple[str, list[float]]] = sorted(profile["functions"].items(), key=lambda each: -each[1][1])
    rows = [[f"`{name}`", f"{calls:.0f}", f"{seconds * 1e6:.1f}"] for name, (calls, seconds) in functions[:LONGEST]]
    return markdown(("what", "calls", "µs, profiled"), rows)


def page(before: dict[str, Profile], now: dict[str, Profile]) -> str:
    """What stands between the marks."""
    parts = ["How many calls one request makes:", calls_table(before, now)]
    for when, profile in (("before", before), ("now", now)):
        parts += [f"A cold token, {when}:", longest_table(profile["cold"])]
    return "\n\n".join(parts)


def main() -> None:
    """Profile both, print and write."""
    with tempfile.TemporaryDirectory() as folder:
        counts = {"RS256": 2 * (WARMING_REQUESTS + REQUESTS) + 10}
        with issuing(Path(folder), counts) as given, sources_of(BEFORE) as sources:
            before, now = profiled(given, sources), profiled(given, ROOT / "src")
    written = page(before, now)
    print(written)
    write_between(PROFILED, written)


if __name__ == "__main__":
    main()
