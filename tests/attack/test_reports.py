"""What an attack says afterwards: to programs, to CI servers, to people."""

import io
import json
from xml.etree import ElementTree

from rich.console import Console

from axioms_fastapi.attack import Outcome, Report, Result
from axioms_fastapi.attack.demands import Clause, Demand, Kind
from axioms_fastapi.attack.document import Operation
from axioms_fastapi.attack.report import OperationReport
from axioms_fastapi.cli.battle_report import show

OPERATION = Operation("GET", "/x[bold]\x1b[31m", Demand((Clause(Kind.ROLE, ("admin", "\x00editor")),)))
RESULTS = [
    Result("no token", "access", Outcome.HELD, "401", 401, seconds=0.5),
    Result(
        "exp-past", "time", Outcome.FAULT, "401", 200, "it was let in", "It has expired.", "RFC 7519, section 4.1.4"
    ),
    Result("good token", "access", Outcome.UNCLEAR, "let in", 404, "answered 404"),
    Result("exp-nan", "json", Outcome.NOT_FIRED, text="the forge does not sign this"),
]


def report_of(*results: Result) -> Report:
    return Report(
        "http://127.0.0.1:8000", "https://i.test", "a", [OperationReport(OPERATION, list(results))], ["GET /"],
        {"POST /x": "it may change something"},
    )  # fmt: skip


def test_json() -> None:
    """The report for programs has every shot, its outcome and why."""
    written = json.loads(json.dumps(report_of(*RESULTS).as_json()))
    assert written["totals"] == {"held": 1, "fault": 1, "unclear": 1, "not fired": 1}
    (operation,) = written["operations"]
    assert operation["demands"] == "role admin or \x00editor"
    assert operation["shots"][1] == {
        "name": "exp-past", "group": "time", "outcome": "fault", "expected": "401", "status": 200, "text": "it was let in",
        "why": "It has expired.", "section": "RFC 7519, section 4.1.4", "ms": 0.0,
    }  # fmt: skip
    assert (written["public"], written["skipped"]) == (["GET /"], {"POST /x": "it may change something"})


def test_junit() -> None:
    """CI servers see a suite for each operation, a failure for each fault, and what proves nothing as skipped."""
    root = ElementTree.fromstring(report_of(*RESULTS).as_junit())
    (suite,) = root
    assert (suite.get("tests"), suite.get("failures"), suite.get("skipped")) == ("4", "1", "2")
    cases = {case.get("name"): case for case in suite}
    failure = cases["exp-past"].find("failure")
    assert failure is not None
    assert failure.text == "it was let in. It has expired. (RFC 7519, section 4.1.4)"
    assert cases["no token"].get("time") == "0.500"
    assert len(cases["no token"]) == 0
    assert [cases[name][0].tag for name in ("good token", "exp-nan")] == ["skipped", "skipped"]
    assert suite.get("name") == "GET /x[bold]?[31m"


def test_people() -> None:
    """A person reads the table, each fault with its reason, and what was left alone; no name gives orders to the terminal."""
    screen = io.StringIO()
    show(report_of(*RESULTS), Console(file=screen, width=200, markup=False, highlight=False))
    shown = screen.getvalue()
    assert not {"\x1b", "\x00"} & set(shown)
    for words in (
        "role admin or \\u0000editor",
        "exp-past",
        "it was let in. It has expired. (RFC 7519, section 4.1.4)",
        "good token: answered 404",
        "Public, as far as the document says: GET /",
        "Left alone, because it may change something: POST /x",
        "Not fired (1): the forge does not sign this",
        "Faults: 1 of 4 shots.",
    ):
        assert words in shown, words


def test_many_alike() -> None:
    """Of faults that are alike at one operation the first five are shown, and how many more there are."""
    screen = io.StringIO()
    many = [Result(f"t{number}", "time", Outcome.FAULT, "401", 200, "it was let in", "W.") for number in range(8)]
    other = Result("scope", "access", Outcome.FAULT, "403", 200, "it was let in without a", "W.")
    show(report_of(*many, other), Console(file=screen, width=200, markup=False, highlight=False))
    shown = screen.getvalue()
    assert [name for name in (f"  t{number}" for number in range(8)) if name in shown] == [
        "  t0",
        "  t1",
        "  t2",
        "  t3",
        "  t4",
    ]
    assert "and 3 more: it was let in; --json FILE has them all" in shown
    assert "scope" in shown
    assert "Faults: 9 of 9 shots." in shown


def test_passed() -> None:
    """A fault fails; with strict what is unclear fails too; and a report in which nothing was fired proves nothing."""
    held, fault, unclear, unfired = RESULTS
    assert report_of(held, unfired).is_passed()
    assert report_of(held, unclear).is_passed()
    assert not report_of(held, unclear).is_passed(strict=True)
    assert not report_of(held, fault).is_passed()
    assert not report_of(unfired).is_passed()
