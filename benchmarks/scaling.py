"""1 to N uvicorn workers on the cores of this machine, which the client shares with them."""

import os
import random
import re
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.issuer import issuing
from benchmarks.peers import ROOT
from benchmarks.worker import Process, WorkerFailed, environment

ROUNDS = 5
REQUESTS = 6000
KINDS = {"bare": "repeated", "cold": "cold", "repeated": "repeated"}


@dataclass(frozen=True)
class Scaled:
    """Requests per second of so many workers, by what was sent."""

    workers: int
    rates: dict[str, float]


def scale() -> list[Scaled]:
    """The medians of some rounds, in which every number of workers has its turns."""
    counts = range(1, (os.cpu_count() or 1) + 1)
    rates: dict[tuple[int, str], list[float]] = {(count, kind): [] for count in counts for kind in KINDS}
    fresh = len(counts) * (ROUNDS + 1) * REQUESTS + 10
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        given = stack.enter_context(issuing(folder, {"RS256": fresh}))
        client = Process("load", str(given), "anywhere")
        stack.callback(client.end)
        ports = {(count, kind): stack.enter_context(serving(given, kind, count)) for count, kind in rates}
        order = list(rates)
        for turn in range(ROUNDS + 1):
            random.shuffle(order)
            for count, kind in order:
                asked = {"port": ports[count, kind], "tokens": KINDS[kind], "requests": REQUESTS}
                rate = REQUESTS / client.ask(asked)
                if turn:  # in the first, every worker fetches its keys
                    rates[count, kind].append(rate)
    return [Scaled(count, {kind: statistics.median(rates[count, kind]) for kind in KINDS}) for count in counts]


@contextmanager
def serving(given: Path, kind: str, workers: int) -> Iterator[int]:
    """The port of `uvicorn --workers N`, until the block ends."""
    command = [sys.executable, "-m", "uvicorn", "--factory", f"benchmarks.workers.scaled:{kind}", "--port", "0"]
    server = subprocess.Popen(
        [*command, "--workers", str(workers), "--no-access-log"],
        cwd=ROOT,
        env=environment(BENCHMARK_GIVEN=str(given)),
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield port_of(server, workers)
    finally:
        server.terminate()
        server.communicate()


def port_of(server: subprocess.Popen[str], workers: int) -> int:
    """The port, once every worker has started. Raises WorkerFailed."""
    assert server.stderr is not None
    port, started = None, 0
    for line in server.stderr:
        found = re.search(r"Uvicorn running on http://127\.0\.0\.1:(\d+)", line)
        port = int(found[1]) if found else port
        started += "Application startup complete" in line
        if port is not None and started == workers:
            return port
    raise WorkerFailed("uvicorn ended before it served")
