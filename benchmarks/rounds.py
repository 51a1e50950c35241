"""What a run has measured, and what is worked out of it: medians of paired differences, round by round."""

import statistics
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from benchmarks.worker import Seconds

# A worker, and what it measures.
Case = tuple[str, str]


class Round:
    """Every worker has had its turns once, in some order, within a few seconds."""

    def __init__(self, seconds: dict[str, Seconds]) -> None:
        self._seconds = seconds

    def has(self, cases: Iterable[Case]) -> bool:
        """Whether all of these were measured."""
        return all(case in self._seconds.get(worker, {}) for worker, case in cases)

    def level(self, worker: str, case: str) -> float:
        """The median of the turns, in seconds."""
        return statistics.median(self._seconds[worker][case])

    def above(self, worker: str, case: str, base: str = "bare") -> float:
        """What the case takes more than its base: the median of the differences within the same turn, in seconds."""
        pairs = zip(self._seconds[worker][case], self._seconds[worker][base], strict=True)
        return statistics.median(taken - without for taken, without in pairs)


@dataclass(frozen=True)
class Figure:
    """A number that each round gives, and the cases that it needs for it."""

    cases: tuple[Case, ...]
    of: Callable[[Round], float]

    def over(self, rounds: Sequence[Round]) -> "Measured | None":
        """The median over the rounds, with the middle half of them; None where a case was not measured."""
        values = [self.of(each) for each in rounds if each.has(self.cases)]
        if not values:
            return None
        low, middle, high = statistics.quantiles(values, n=4) if len(values) > 1 else values * 3
        return Measured(middle, low, high)


@dataclass(frozen=True)
class Measured:
    """A figure, and between which values half of the rounds lie."""

    value: float
    low: float
    high: float


def level(worker: str, case: str) -> Figure:
    """Seconds of one call."""
    return Figure(((worker, case),), lambda each: each.level(worker, case))


def above(worker: str, case: str, base: str = "bare") -> Figure:
    """Seconds that a call takes more than its base."""
    return Figure(((worker, case), (worker, base)), lambda each: each.above(worker, case, base))


def multiple(worker: str, case: str, base: str) -> Figure:
    """How many times its base a call takes."""
    added = above(worker, case, base)
    return Figure(added.cases, lambda each: 1 + added.of(each) / each.level(worker, base))


def share(worker: str, case: str, base: str = "bare") -> Figure:
    """What a call takes more than its base, as a share of the base."""
    added = above(worker, case, base)
    return Figure(added.cases, lambda each: added.of(each) / each.level(worker, base))


def times_less(ours: Case, theirs: Case) -> Figure:
    """How many times less ours adds to its bare route than theirs adds to its own."""
    added, more = above(*ours), above(*theirs)
    return Figure(added.cases + more.cases, lambda each: more.of(each) / added.of(each))


def rate(worker: str, case: str, base: str = "bare") -> Figure:
    """Calls per second as a share of the base's."""
    return Figure(((worker, case), (worker, base)), lambda each: each.level(worker, base) / each.level(worker, case))
