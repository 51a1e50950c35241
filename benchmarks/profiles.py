"""Profiles of a request before anything was done for speed, and now: `make profile` prints them and writes them into the docs."""

import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.issuer import issuing
from benchmarks.marks import PROFILED, write_between
from benchmarks.peers import ROOT
from benchmarks.report import markdown
from benchmarks.worker import answer_of
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


def sources_of(commit: str, folder: Path) -> Path:
    """The library's source at this commit, in this folder. Ends the run where the history does not have it."""
    archive = folder / "sources.zip"
    try:
        subprocess.run(["git", "archive", f"--output={archive}", commit, "src"], cwd=ROOT, check=True)
    except (OSError, subprocess.CalledProcessError):
        raise SystemExit(
            f"git has no commit {commit} here; a clone with its whole history does: git fetch --unshallow"
        ) from None
    shutil.unpack_archive(archive, folder)
    return folder / "src"


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
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        sources = sources_of(BEFORE, folder), ROOT / "src"
        with issuing(folder, {"RS256": 2 * (WARMING_REQUESTS + REQUESTS) + 10}) as given:
            before, now = (answer_of("profiled", str(given), PYTHONPATH=str(each)) for each in sources)
    written = page(before, now)
    print(written)
    write_between(PROFILED, written)


if __name__ == "__main__":
    main()
