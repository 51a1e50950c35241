"""Rows with what was measured, and lines with their absolute numbers: what is printed, written and drawn."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks.lines import LINES, Line
from benchmarks.rounds import Measured, Round
from benchmarks.rows import Row, Target, Verdict, rounded
from benchmarks.worker import answer_of

MEGABYTE = 1e6


@dataclass(frozen=True)
class Result:
    """A row of the table with what it came to."""

    what: str
    target: Target
    measured: Measured | None

    @property
    def verdict(self) -> Verdict:
        """How the figure compares."""
        return Verdict.SKIPPED if self.measured is None else self.target.verdict(self.measured.value)

    @property
    def words(self) -> str:
        """The verdict, with what is held where that is not the bound."""
        is_held = self.verdict is Verdict.HELD and self.target.held is not None
        return f"{self.verdict} at {self.target.written(self.target.held)}" if is_held else str(self.verdict)

    @property
    def cells(self) -> tuple[str, str, str, str, str, str]:
        """What | measured | half of the rounds | goal | must not miss | verdict."""
        write, target, seen = self.target.written, self.target, self.measured
        value, spread = "–", ""
        if seen is not None:
            value = write(seen.value)
            spread = "" if seen.low == seen.high else f"{rounded(seen.low)} to {rounded(seen.high)}"
        return self.what, value, spread, write(target.goal), write(target.bound), self.words


def result_of(row: Row, rounds: Sequence[Round]) -> Result:
    """The row over these rounds."""
    return Result(row.what, row.target, row.figure.over(rounds))


@dataclass(frozen=True)
class Absolute:
    """A line with its numbers, in microseconds."""

    line: Line
    takes: float
    adds: float | None


def absolutes(rounds: Sequence[Round]) -> list[Absolute]:
    """The lines that were measured."""
    found = []
    for line in LINES:
        takes = line.takes.over(rounds)
        adds = None if line.adds is None else line.adds.over(rounds)
        if takes is not None:
            found.append(Absolute(line, takes.value * 1e6, None if adds is None else adds.value * 1e6))
    return found


@dataclass(frozen=True)
class Memory:
    """What the memory of verified tokens weighs, in bytes."""

    entries: int
    full: int
    full_unasked: int
    over_many: tuple[dict[str, int], ...]

    @classmethod
    def measured(cls, tokens: int) -> "Memory":
        """What a process of its own has seen, over so many tokens that are all different."""
        seen: dict[str, Any] = answer_of("memory", str(tokens))
        return cls(seen["entries"], seen["traced"], seen["traced_unasked"], tuple(seen["over_many"]))

    @property
    def growth(self) -> float:
        """Resident bytes at the most, above those with a full cache; infinite where there were more entries than may be."""
        _, full, *later = self.over_many
        if any(seen["entries"] > self.entries for seen in self.over_many):
            return math.inf
        return max(seen["resident"] for seen in later) - full["resident"]

    def results(self) -> list[Result]:
        """Its two rows."""
        tokens = self.over_many[-1]["tokens"]

        def exactly(value: float) -> Measured:
            return Measured(value, value, value)

        return [
            # The bound is 3 KB an entry.
            Result(
                "verified-token cache, 10,000 entries",
                Target(26, 30, " MB"),
                exactly(self.full / MEGABYTE),
            ),
            Result(
                f"growth beyond a full cache, over {tokens:,} different tokens",
                Target(1, 3, " MB"),
                exactly(self.growth / MEGABYTE),
            ),
        ]
