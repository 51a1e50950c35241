"""What an attack came to: for people, for programs (JSON) and for CI servers (JUnit XML)."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final
from xml.etree import ElementTree

from .document import Operation
from .verdict import Outcome

# What XML 1.0 cannot hold (section 2.2).
_NOT_XML: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class Result:
    """What one shot came to. No token is in it."""

    name: str
    group: str
    outcome: Outcome
    expected: str = ""
    status: int | None = None
    text: str = ""
    why: str = ""
    section: str = ""
    seconds: float = 0.0

    def sentence(self) -> str:
        """What went wrong, why it is wrong, and where that stands."""
        where = f" ({self.section})" if self.section else ""
        return f"{self.text}. {self.why}{where}"


@dataclass(slots=True)
class OperationReport:
    """What the shots at one operation came to."""

    operation: Operation
    results: list[Result] = field(default_factory=list)

    @property
    def counts(self) -> Counter[Outcome]:
        """How many shots had each outcome."""
        return Counter(result.outcome for result in self.results)


@dataclass(slots=True)
class Report:
    """What an attack came to. `public` are operations that demand no token, `skipped` those that were left alone, and why."""

    target: str
    issuer: str
    audience: str
    operations: list[OperationReport] = field(default_factory=list)
    public: list[str] = field(default_factory=list)
    skipped: dict[str, str] = field(default_factory=dict)

    @property
    def counts(self) -> Counter[Outcome]:
        """How many shots had each outcome."""
        return sum((one.counts for one in self.operations), Counter())

    def having(self, outcome: Outcome) -> Iterator[tuple[Operation, Result]]:
        """The shots with this outcome."""
        for one in self.operations:
            for result in one.results:
                if result.outcome is outcome:
                    yield one.operation, result

    def is_passed(self, *, strict: bool = False) -> bool:
        """Whether something was fired, and no fault was found; with `strict` nothing may be unclear either."""
        counts = self.counts
        fired = counts[Outcome.HELD] + counts[Outcome.UNCLEAR]
        return counts[Outcome.FAULT] == 0 and fired > 0 and not (strict and counts[Outcome.UNCLEAR])

    def as_json(self) -> dict[str, Any]:
        """The report for programs."""
        return {
            "target": self.target,
            "issuer": self.issuer,
            "audience": self.audience,
            "totals": {str(outcome): self.counts[outcome] for outcome in Outcome},
            "operations": [
                {
                    "operation": one.operation.name,
                    "demands": str(one.operation.demand),
                    "totals": {str(outcome): one.counts[outcome] for outcome in Outcome},
                    "shots": [_shot_as_json(result) for result in one.results],
                }
                for one in self.operations
            ],
            "public": self.public,
            "skipped": self.skipped,
        }

    def as_junit(self) -> bytes:
        """The report as CI servers read it: a suite for each operation, a case for each shot; what proves nothing is skipped."""
        root = ElementTree.Element("testsuites", name=f"axioms attack {_xml(self.target)}")
        for one in self.operations:
            counts = one.counts
            suite = ElementTree.SubElement(
                root,
                "testsuite",
                name=_xml(one.operation.name),
                tests=str(counts.total()),
                failures=str(counts[Outcome.FAULT]),
                errors="0",
                skipped=str(counts[Outcome.UNCLEAR] + counts[Outcome.NOT_FIRED]),
                time=f"{sum(result.seconds for result in one.results):.3f}",
            )
            for result in one.results:
                _add_case(suite, one.operation, result)
        return bytes(ElementTree.tostring(root, encoding="utf-8", xml_declaration=True))


def _shot_as_json(result: Result) -> dict[str, Any]:
    return {
        "name": result.name,
        "group": result.group,
        "outcome": str(result.outcome),
        "expected": result.expected,
        "status": result.status,
        "text": result.text,
        "why": result.why,
        "section": result.section,
        "ms": round(result.seconds * 1000, 1),
    }


def _add_case(suite: ElementTree.Element, operation: Operation, result: Result) -> None:
    case = ElementTree.SubElement(
        suite,
        "testcase",
        classname=_xml(f"{operation.name}.{result.group}"),
        name=_xml(result.name),
        time=f"{result.seconds:.3f}",
    )
    if result.outcome is Outcome.FAULT:
        ElementTree.SubElement(case, "failure", message=_xml(result.text)).text = _xml(result.sentence())
    elif result.outcome is not Outcome.HELD:
        ElementTree.SubElement(case, "skipped", message=_xml(result.text))


def _xml(text: str) -> str:
    return _NOT_XML.sub("?", text)
