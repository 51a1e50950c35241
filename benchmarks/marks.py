"""The parts of docs/performance.md that are written by what measures."""

from benchmarks.peers import ROOT

PAGE = ROOT / "docs" / "performance.md"
Marks = tuple[str, str]
MEASURED: Marks = (
    "<!-- measured: what stands here is written by `make bench` -->",
    "<!-- end of what was measured -->",
)
PROFILED: Marks = (
    "<!-- profiled: what stands here is written by `make profile` -->",
    "<!-- end of what was profiled -->",
)


def write_between(marks: Marks, text: str) -> None:
    """The text stands between the marks of the page; what stood there is gone."""
    begin, end = marks
    before, _, rest = PAGE.read_text().partition(begin)
    _, _, after = rest.partition(end)
    PAGE.write_text(f"{before}{begin}\n\n{text}\n\n{end}{after}")
