"""What the benchmark makes of what it measured. The measuring itself is `make bench-quick`, which CI runs."""

import math
from xml.etree import ElementTree

import pytest
from benchmarks.lines import LINES
from benchmarks.marks import MEASURED, PAGE, PROFILED, Marks
from benchmarks.picture import BARS, picture
from benchmarks.results import Absolute, Memory
from benchmarks.rounds import Round, above, multiple, times_less
from benchmarks.rows import ROWS, Target, Verdict

MEGABYTE = 1_000_000


@pytest.mark.parametrize(
    ("target", "value", "verdict"),
    [
        (Target(1.35, 1.6), 1.35, Verdict.GOAL),
        (Target(1.35, 1.6), 1.36, Verdict.BOUNDS),
        (Target(1.35, 1.6), 1.61, Verdict.MISSED),
        (Target(20, 12), 20, Verdict.GOAL),
        (Target(20, 12), 12, Verdict.BOUNDS),
        (Target(20, 12), 11.9, Verdict.MISSED),
        (Target(1.35, 1.6, held=1.9), 1.9, Verdict.HELD),
        (Target(1.35, 1.6, held=1.9), 1.91, Verdict.MISSED),
        (Target(20, 12, held=10), 10, Verdict.HELD),
        (Target(20, 12, held=10), 9.99, Verdict.MISSED),
        (Target(20, 12, held=10), 12, Verdict.BOUNDS),
    ],
)
def test_verdicts(target: Target, value: float, verdict: Verdict) -> None:
    """A goal below its bound is one to stay under, a goal above it one to reach."""
    assert target.verdict(value) is verdict


def test_pairs() -> None:
    """What a case adds is the difference within each turn: a machine that was slow for one turn changes nothing."""
    bare, guarded = [10.0, 10.0, 90.0], [15.0, 15.0, 95.0]
    each = Round({"guards": {"bare": bare, "guard": guarded}, "peer": {"bare": bare, "guard": [110.0, 110.0, 190.0]}})
    assert above("guards", "guard").of(each) == 5
    assert multiple("guards", "guard", "bare").of(each) == 1.5
    assert times_less(("guards", "guard"), ("peer", "guard")).of(each) == 20


def test_what_could_not_be_measured() -> None:
    """A row whose peer is not there has no figure, rather than a wrong one."""
    only_ours = Round({"guards": {"bare": [1.0], "require_auth, cold": [2.0]}})
    (row,) = (row for row in ROWS if "require_auth / ours, cold" in row.what)
    assert row.figure.over([only_ours]) is None


@pytest.mark.parametrize(("entries", "growth"), [(10, 2 * MEGABYTE), (11, math.inf)])
def test_memory_is_a_hard_bound(entries: int, growth: float) -> None:
    """One entry more than there may be is a growth without end, however little it weighs."""
    seen = ((0, 0, 50), (10, 10, 60), (20, entries, 62), (30, 10, 61))
    at = tuple({"tokens": t, "entries": e, "resident": r * MEGABYTE} for t, e, r in seen)
    assert Memory(10, 1, 1, at).growth == growth


def test_picture() -> None:
    """The picture is well-formed, and has whatever was measured and nothing else."""
    absolutes = [Absolute(line, 50.0, None if line.base is None else 12.0) for line in LINES if line.worker == "guards"]
    words = [text.text for text in ElementTree.fromstring(picture(absolutes)).iter("{http://www.w3.org/2000/svg}text")]
    assert {label for label, *_ in BARS if label in words} == {"require_auth", "require(all_of(...))"}


@pytest.mark.parametrize("marks", [MEASURED, PROFILED])
def test_page(marks: Marks) -> None:
    """The page has the place that a run writes into, once."""
    text = PAGE.read_text(encoding="utf-8")
    begin, end = marks
    assert text.count(begin) == text.count(end) == 1
    assert text.index(begin) < text.index(end)
