"""1 to N uvicorn workers on the cores of this machine, which the client shares with them."""

import os
import random
import statistics
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from benchmarks.issuer import issuing
from benchmarks.worker import Process

ROUNDS = 5
REQUESTS = 6000
# Seconds in which all workers start: one that is late would have no connections, and the figure would be that of fewer.
STARTING = 5.0
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
        servers = {(count, kind): Process("scaled", str(given), kind, str(count)) for count, kind in rates}
        for server in servers.values():
            stack.callback(server.end)
        ports = {which: server.hear()["port"] for which, server in servers.items()}
        time.sleep(STARTING)
        order = list(rates)
        for turn in range(ROUNDS + 1):
            random.shuffle(order)
            for count, kind in order:
                asked = {"port": ports[count, kind], "tokens": KINDS[kind], "requests": REQUESTS}
                rate = REQUESTS / client.ask(asked)
                if turn:  # in the first, every worker fetches its keys
                    rates[count, kind].append(rate)
    return [Scaled(count, {kind: statistics.median(rates[count, kind]) for kind in KINDS}) for count in counts]
