"""The rows: what is promised of each figure, and what must not be missed."""

from dataclasses import dataclass
from enum import StrEnum

from benchmarks.rounds import Case, Figure, multiple, rate, share, times_less

PEER = "axioms-fastapi 0.0.13"


class Verdict(StrEnum):
    """How a figure compares with its row."""

    GOAL = "goal reached"
    BOUNDS = "in bounds"
    HELD = "missed, held"
    MISSED = "MISSED"
    SKIPPED = "skipped"


def rounded(value: float) -> str:
    """Three digits of the value."""
    return f"{value:.{0 if abs(value) >= 100 else 1 if abs(value) >= 10 else 2}f}"


@dataclass(frozen=True)
class Target:
    """A goal and a bound, both at most or both at least.

    Where the bound is out of reach so far, or near enough that a busy machine misses it, `held` is what must not get worse.
    """

    goal: float
    bound: float
    unit: str = ""
    held: float | None = None

    def verdict(self, value: float) -> Verdict:
        """What the value comes to, as precisely as the table shows it."""
        sign = 1 if self.goal <= self.bound else -1
        shown = sign * float(rounded(value))
        if shown <= sign * self.goal:
            return Verdict.GOAL
        if shown <= sign * self.bound:
            return Verdict.BOUNDS
        return Verdict.HELD if self.held is not None and shown <= sign * self.held else Verdict.MISSED

    def written(self, value: float) -> str:
        """The value as the table shows it."""
        return f"{rounded(value)}{self.unit}"


@dataclass(frozen=True)
class Row:
    """A line of the table."""

    what: str
    target: Target
    figure: Figure


def _guard(case: str) -> Case:
    return ("guards", case)


def _peer(case: str) -> Case:
    return ("axioms_0_0_13", case)


ROWS = (
    *(
        Row(
            f"cold verification / raw signature check, {algorithm}",
            Target(goal, bound, held=held),
            multiple("verification", f"verify {algorithm}", f"raw {algorithm}"),
        )
        for algorithm, goal, bound, held in (
            ("RS256", 1.35, 1.6, 1.9),
            ("PS256", 1.35, 1.6, 1.9),
            ("ES256", 1.15, 1.3, 1.5),
            ("EdDSA", 1.10, 1.2, 1.3),
        )
    ),
    Row(
        "cold verification / PyJWT's decode with a ready key, RS256",
        Target(0.40, 0.50, held=0.6),
        multiple("verification", "verify RS256", "PyJWT"),
    ),
    Row(
        "what require_auth adds / a bare request, cold",
        Target(1.0, 1.3, held=2.3),
        share("guards", "require_auth, cold"),
    ),
    Row(
        "what require_auth adds / a bare request, repeated",
        Target(0.35, 0.5, held=0.6),
        share("guards", "require_auth, repeated"),
    ),
    Row(
        "what a hand-written PyJWT dependency adds / require_auth, cold",
        Target(4, 3, "×"),
        times_less(_guard("require_auth, cold"), ("by_hand", "PyJWT")),
    ),
    Row(
        f"{PEER}, require_auth / ours, cold",
        Target(20, 12, "×", held=7),
        times_less(_guard("require_auth, cold"), _peer("require_auth, cold")),
    ),
    Row(
        f"{PEER}, require_auth / ours, repeated",
        Target(60, 35, "×", held=25),
        times_less(_guard("require_auth, repeated"), _peer("require_auth, repeated")),
    ),
    Row(
        f"{PEER}, chain of four / require(all_of(...)), cold",
        Target(30, 20, "×", held=10),
        times_less(_guard("chain, cold"), _peer("chain, cold")),
    ),
    Row(
        f"{PEER}, chain of four / require(all_of(...)), repeated",
        Target(90, 50, "×", held=30),
        times_less(_guard("chain, repeated"), _peer("chain, repeated")),
    ),
    Row(
        f"{PEER}, chain of four / four stacked require_*, cold",
        Target(23, 14, "×", held=7.5),
        times_less(_guard("stack, cold"), _peer("chain, cold")),
    ),
    Row(
        f"{PEER}, chain of four / four stacked require_*, repeated",
        Target(40, 22, "×", held=14),
        times_less(_guard("stack, repeated"), _peer("chain, repeated")),
    ),
    Row("uvicorn, requests/s / those of the bare route, cold", Target(0.60, 0.52, held=0.36), rate("uvicorn", "cold")),
    Row(
        "uvicorn, requests/s / those of the bare route, repeated",
        Target(0.84, 0.75, held=0.65),
        rate("uvicorn", "repeated"),
    ),
    Row(
        "uvicorn, requests/s / those of the bare route, GuardMiddleware, repeated",
        Target(0.95, 0.88, held=0.7),
        rate("uvicorn", "middleware"),
    ),
)
