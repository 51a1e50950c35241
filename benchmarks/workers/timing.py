"""The worker's side of a measurement: what can be timed, and the line protocol by which it is asked for.

A line is JSON: `{"cases": [...], "turns": 5, "calls": 10}`; the answer is a line with the seconds of each case in each turn.
In a turn all cases have theirs, in another order each time, so that the noise of a busy machine hits all alike and cases of
the same turn can be compared in pairs.
"""

import asyncio
import gc
import json
import random
import statistics
import sys
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from time import perf_counter
from typing import Any

_WARMING_CALLS = 50


def _nothing_to_check() -> None: ...


@dataclass(frozen=True)
class Case:
    """Something that is timed call by call. What `inputs` prepares and what `check` looks at afterwards is not.

    `call` is a function, or a coroutine function where `is_async`.
    """

    call: Callable[[Any], Any]
    inputs: Iterator[Any]
    is_async: bool = False
    check: Callable[[], None] = _nothing_to_check

    async def seconds(self, calls: int) -> float:
        """The median of so many calls in a row: a call that something else interrupted does not count."""
        times = [await self._one_async() if self.is_async else self._one() for _ in range(calls)]
        return statistics.median(times)

    def _one(self) -> float:
        call, given = self.call, next(self.inputs)
        start = perf_counter()
        call(given)
        return perf_counter() - start

    async def _one_async(self) -> float:
        call: Callable[[Any], Awaitable[Any]] = self.call
        given = next(self.inputs)
        start = perf_counter()
        await call(given)
        taken = perf_counter() - start
        self.check()
        return taken


def answer_lines(cases: Mapping[str, Case], packages: Sequence[str]) -> None:
    """Every measurement that standard input asked for has been answered, until it closed. Says first what is here."""
    asyncio.run(_answer_lines(cases, packages))


async def _answer_lines(cases: Mapping[str, Case], packages: Sequence[str]) -> None:
    for case in cases.values():
        await case.seconds(_WARMING_CALLS)  # the first calls fetch keys
    # What is there by now stays there: no collection need look at it again, in whatever case one happens.
    gc.collect()
    gc.freeze()
    _say({"cases": list(cases), "versions": {package: version(package) for package in packages}})
    for line in sys.stdin:
        asked = json.loads(line)
        order = list(asked["cases"])
        seconds: dict[str, list[float]] = {name: [] for name in order}
        for _ in range(asked["turns"]):
            random.shuffle(order)
            for name in order:
                seconds[name].append(await cases[name].seconds(asked["calls"]))
        _say(seconds)


def _say(answer: object) -> None:
    print(json.dumps(answer), flush=True)
