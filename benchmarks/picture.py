"""The picture for the docs: what guards add to a request, ours and those of others. Readable by day and by night."""

from collections.abc import Sequence
from html import escape

from benchmarks.results import Absolute

BARE = ("guards", "bare")
# What is drawn: its label, and who measured a fresh and a repeated token.
BARS: tuple[tuple[str, tuple[str, str], tuple[str, str] | None], ...] = (
    ("require_auth", ("guards", "require_auth, cold"), ("guards", "require_auth, repeated")),
    ("require(all_of(...))", ("guards", "chain, cold"), ("guards", "chain, repeated")),
    ("joserfc, a coroutine by hand", ("by_hand", "joserfc, a key for ever"), None),
    ("PyJWT, a coroutine by hand", ("by_hand", "PyJWT, a key for ever"), None),
    ("fastapi-azure-auth 5.3.0", ("azure_auth", "cold"), ("azure_auth", "repeated")),
    ("PyJWT by hand, with its JWKS client", ("by_hand", "PyJWT"), None),
    ("axioms-fastapi 0.0.13", ("axioms_0_0_13", "require_auth, cold"), ("axioms_0_0_13", "require_auth, repeated")),
    ("the same, its chain of four", ("axioms_0_0_13", "chain, cold"), ("axioms_0_0_13", "chain, repeated")),
)
OURS = 2
WIDTH, LEFT, ROOM, TOP, STEP, BAR = 860, 270, 510, 78, 44, 15
STYLE = """
  text { font: 14px system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; fill: #1f2328 }
  .title { font-size: 17px; font-weight: 600 }
  .quiet { fill: #59636e; font-size: 13px }
  .page { fill: #ffffff }
  .fresh { fill: #8c959f } .repeated { fill: #c4cad1 }
  .ours.fresh { fill: #1a7f37 } .ours.repeated { fill: #5bbf73 }
  .bare { fill: #54aeff }
  @media (prefers-color-scheme: dark) {
    text { fill: #f0f6fc }
    .quiet { fill: #9198a1 }
    .page { fill: #0d1117 }
    .fresh { fill: #7d8590 } .repeated { fill: #474e57 }
    .ours.fresh { fill: #3fb950 } .ours.repeated { fill: #22672f }
    .bare { fill: #1f6feb }
  }
"""


def picture(absolutes: Sequence[Absolute]) -> str:
    """An SVG with a pair of bars for each guard that was measured: a fresh token, and the same token again."""
    added = {(each.line.worker, each.line.case): each.adds for each in absolutes}
    takes = {(each.line.worker, each.line.case): each.takes for each in absolutes}
    drawn = [(index, *bar) for index, bar in enumerate(BARS) if added.get(bar[1]) is not None]
    scale = ROOM / max(added[fresh] or 0 for _, _, fresh, _ in drawn)
    height = TOP + STEP * len(drawn) + 44
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" role="img"',
        f' aria-label="What a guard adds to a bare FastAPI request"><style>{STYLE}</style>',
        f'<rect class="page" width="{WIDTH}" height="{height}" rx="8"/>',
        _text(20, 32, "What a guard adds to a FastAPI request, in microseconds", "title"),
        _text(
            20, 54, "RS256, medians. Upper bar: a token never seen before; lower bar: the same token again.", "quiet"
        ),
        _text(LEFT - 12, TOP + 13, "for scale: the bare request itself", "end"),
        *_bar(TOP, takes[BARE], scale, "bare"),
    ]
    for place, (index, label, fresh, repeated) in enumerate(drawn):
        whose = "ours " if index < OURS else ""
        top = TOP + 32 + STEP * place
        parts.append(_text(LEFT - 12, top + 20, label, "end"))
        parts += _bar(top, added[fresh], scale, f"{whose}fresh")
        parts += _bar(top + BAR + 2, added.get(repeated) if repeated else None, scale, f"{whose}repeated")
    return "\n".join((*parts, "</svg>", ""))


def _bar(top: int, value: float | None, scale: float, kind: str) -> list[str]:
    if value is None:
        return []
    width = max(value * scale, 1.0)
    return [
        f'<rect class="{kind}" x="{LEFT}" y="{top}" width="{width:.1f}" height="{BAR}" rx="2"/>',
        _text(LEFT + width + 8, top + 12, f"{value:,.0f}", "quiet"),
    ]


def _text(x: float, y: float, text: str, kind: str) -> str:
    anchor = ' text-anchor="end"' if kind == "end" else f' class="{kind}"'
    return f'<text x="{x:.1f}" y="{y}"{anchor}>{escape(text)}</text>'
