"""One interleaved run: everything is started once, then every round gives each worker its turns in another order."""

import random
import sys
import tempfile
from collections.abc import Collection, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from rich.progress import track

from benchmarks.issuer import issuing
from benchmarks.peers import PEERS
from benchmarks.rounds import Case, Round
from benchmarks.servers import TOKENS, WARMING_REQUESTS, Servers
from benchmarks.worker import InProcess

OURS = ("verification", "guards", "by_hand")
# More than any worker has: cases that take a fresh token for each call, and their warming calls.
_COLD_CASES = 8
_WARMING_CALLS = 50


@dataclass(frozen=True)
class Plan:
    """How much is measured: rounds, turns of each case in a round, calls in a turn, and requests to a server in a round."""

    rounds: int
    turns: int
    calls: int
    requests: int

    def tokens(self, cases: Collection[Case]) -> dict[str, int]:
        """How many tokens have to be minted, by algorithm."""
        calls = _WARMING_CALLS + self.rounds * self.turns * self.calls
        load = WARMING_REQUESTS + self.rounds * self.requests if ("uvicorn", "cold") in cases else 0
        others = dict.fromkeys(("PS256", "ES256", "EdDSA"), 2 * calls)
        return {"RS256": max(_COLD_CASES * calls, load) + 10, **others}


@dataclass
class Run:
    """What a run came to."""

    rounds: list[Round] = field(default_factory=list)
    versions: dict[str, str] = field(default_factory=dict)


def pythons() -> dict[str, Path]:
    """The interpreter of each in-process worker that can be had."""
    peers = {peer.worker: peer.python() for peer in PEERS}
    ours = dict.fromkeys(OURS, Path(sys.executable))
    return ours | {worker: python for worker, python in peers.items() if python is not None}


def measure(plan: Plan, cases: Collection[Case], interpreters: Mapping[str, Path]) -> Run:
    """All rounds of a plan for these cases, of which those without an interpreter are left out."""
    wanted: dict[str, list[str]] = {}
    for worker, case in cases:
        if worker in interpreters or worker == "uvicorn":
            wanted.setdefault(worker, []).append(case)
    run = Run()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        print("Minting tokens and starting what is measured ...", flush=True)
        given = stack.enter_context(issuing(folder, plan.tokens(cases)))
        workers = {
            worker: Servers(given, [name for name in TOKENS if name in names], plan.requests)
            if worker == "uvicorn"
            else InProcess(worker, given, interpreters[worker], plan.turns, plan.calls)
            for worker, names in wanted.items()
        }
        for measuring in workers.values():
            stack.callback(measuring.end)
        for worker, measuring in workers.items():
            run.versions |= {f"{worker}: {name}": version for name, version in measuring.start().items()}
        order = list(workers)
        for _ in track(range(plan.rounds), description="Rounds"):
            random.shuffle(order)
            run.rounds.append(Round({worker: workers[worker].measure(wanted[worker]) for worker in order}))
    return run
