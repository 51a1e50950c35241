"""1 to N uvicorn workers on the cores of this machine, which the client shares with them.

Each worker is a server with a port of its own: `uvicorn --workers` hands its processes a socket on which asyncio leaves Nagle's
algorithm on, and a client that waits for an answer in two parts then measures its own delayed acknowledgements, 40 ms each.
"""

import os
import random
import statistics
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from benchmarks.issuer import issuing
from benchmarks.worker import Process

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

        def started(*arguments: str) -> Process:
            process = Process(*arguments, "anywhere")
            stack.callback(process.end)
            return process

        client = started("load", str(given))
        # What one kind of worker remembers is none of another's business, so each kind has its own.
        ports = {kind: [started("server", str(given), kind).hear()["port"] for _ in counts] for kind in KINDS}
        order = list(rates)
        for turn in range(ROUNDS + 1):
            random.shuffle(order)
            for count, kind in order:
                asked = {"ports": ports[kind][:count], "tokens": KINDS[kind], "requests": REQUESTS}
                rate = REQUESTS / client.ask(asked)
                if turn:  # in the first, every worker fetches its keys
                    rates[count, kind].append(rate)
    return [Scaled(count, {kind: statistics.median(rates[count, kind]) for kind in KINDS}) for count in counts]
