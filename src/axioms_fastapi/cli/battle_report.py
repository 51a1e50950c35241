"""The report of an attack for a person: a table of operations, then each fault with its reason, then what was left alone."""

from collections import Counter

from rich.console import Console
from rich.table import Table
from rich.text import Text

from axioms_fastapi.attack import Outcome, Report

from .printable import printable

_STYLES = {Outcome.HELD: "green", Outcome.FAULT: "bold red", Outcome.UNCLEAR: "yellow", Outcome.NOT_FIRED: "dim"}
_MOST_UNCLEAR = 20
_MOST_ALIKE = 5


def show(report: Report, console: Console) -> None:
    """The report was printed."""
    console.print(_table(report))
    _show_faults(report, console)
    unclear = list(report.having(Outcome.UNCLEAR))
    for operation, result in unclear[:_MOST_UNCLEAR]:
        console.print(
            Text.assemble(("unclear  ", "yellow"), printable(f"{operation.name}  {result.name}: {result.text}"))
        )
    if len(unclear) > _MOST_UNCLEAR:
        console.print(f"unclear  and {len(unclear) - _MOST_UNCLEAR} more: --json FILE has them all", style="yellow")
    _show_left_alone(report, console)
    console.print(_verdict(report))


def _show_faults(report: Report, console: Console) -> None:
    """A hole lets many tokens in: the first few of a kind are shown, so that another hole is not lost between them."""
    alike: Counter[tuple[str, str]] = Counter()
    for operation, result in report.having(Outcome.FAULT):
        alike[operation.name, result.text] += 1
        if alike[operation.name, result.text] <= _MOST_ALIKE:
            console.print(
                Text.assemble(("FAULT  ", "bold red"), (printable(f"{operation.name}  {result.name}"), "bold")),
                Text(f"       {printable(result.sentence())}"),
                sep="\n",
            )
    for (name, text), count in alike.items():
        if count > _MOST_ALIKE:
            more = f"{name}  and {count - _MOST_ALIKE} more: {text}; --json FILE has them all"
            console.print(Text.assemble(("FAULT  ", "bold red"), printable(more)))


def _table(report: Report) -> Table:
    table = Table(title=printable(report.target), title_justify="left")
    table.add_column("Operation", overflow="fold")
    table.add_column("Demands", overflow="fold")
    for outcome in Outcome:
        table.add_column(outcome.capitalize(), justify="right")
    for one in report.operations:
        counts = [
            Text(str(one.counts[outcome]), style=_STYLES[outcome] if one.counts[outcome] else "dim")
            for outcome in Outcome
        ]
        demands = "nothing" if one.operation.demand is None else str(one.operation.demand)
        table.add_row(Text(printable(one.operation.name)), Text(printable(demands)), *counts)
    return table


def _show_left_alone(report: Report, console: Console) -> None:
    if report.public:
        console.print(f"Public, as far as the document says: {printable(', '.join(report.public))}", style="dim")
    alone: dict[str, list[str]] = {}
    for name, reason in report.skipped.items():
        alone.setdefault(reason, []).append(name)
    for reason, names in alone.items():
        console.print(f"Left alone, because {printable(reason)}: {printable(', '.join(names))}", style="dim")
    reasons = Counter(result.text for _, result in report.having(Outcome.NOT_FIRED))
    for reason, count in reasons.most_common():
        console.print(f"Not fired ({count}): {printable(reason)}", style="dim")


def _verdict(report: Report) -> Text:
    counts = report.counts
    if counts[Outcome.FAULT]:
        return Text(f"Faults: {counts[Outcome.FAULT]} of {counts.total()} shots.", "bold red")
    unclear = f", and {counts[Outcome.UNCLEAR]} that prove nothing" if counts[Outcome.UNCLEAR] else ""
    return Text(f"No fault: {counts[Outcome.HELD]} shots held{unclear}.", "bold green")
