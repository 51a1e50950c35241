"""`axioms decode`: what a token says, plainly marked as unverified unless its signature was checked and holds."""

import json
import sys
import time
from dataclasses import asdict
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from .anatomy import LARGEST, Anatomy, NoToken, taken_apart
from .moments import in_words
from .printable import dumped, printable
from .verification import Check, KeysNotFound, checks_of, keys_from

_DATES = {"exp": "expires", "iat": "issued", "nbf": "valid from", "auth_time": "logged in", "updated_at": "updated"}


def decode(
    token: Annotated[
        list[str], typer.Argument(metavar="TOKEN", help="The token, or - to read it from standard input.")
    ],
    verify: Annotated[
        bool, typer.Option("--verify", help="Check signature and dates; needs --issuer or --jwks.")
    ] = False,
    issuer: Annotated[
        str | None, typer.Option(metavar="URL", help="Who must have issued it; its keys are found by discovery.")
    ] = None,
    jwks: Annotated[str | None, typer.Option(metavar="URL|FILE", help="The JWK set to verify with.")] = None,
    audience: Annotated[str | None, typer.Option(help="Whom it must be for.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for programs.")] = False,
) -> None:
    """Show what a token says. Unless --verify is given and holds, anybody may have written it."""
    if verify and issuer is None and jwks is None:
        raise typer.BadParameter("--verify needs the keys: give --issuer URL, or --jwks with a URL or a file")
    if not verify and (issuer or jwks or audience):
        raise typer.BadParameter("--issuer, --jwks and --audience are for --verify; give that too")
    now = time.time()
    checks: list[Check] = []
    try:
        anatomy = taken_apart(_standard_input() if token == ["-"] else " ".join(token))
        if verify:
            checks = list(checks_of(anatomy, keys_from(issuer, jwks), issuer, audience, now))
    except (NoToken, KeysNotFound) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None
    verified = verify and all(check.held for check in checks)
    if as_json:
        typer.echo(json.dumps(_for_programs(anatomy, checks, verified), indent=2))
    else:
        _show(anatomy, checks, verify, verified, now)
    if verify and not verified:
        raise typer.Exit(1)


def _standard_input() -> str:
    return sys.stdin.buffer.read(LARGEST + 1).decode("utf-8", "replace")


def _for_programs(anatomy: Anatomy, checks: list[Check], verified: bool) -> dict[str, Any]:
    return {
        "verified": verified,
        "header": anatomy.header,
        "claims": anatomy.claims,
        "signature_bytes": anatomy.signature_size,
        "checks": [asdict(check) for check in checks],
        "remarks": list(anatomy.remarks),
    }


def _show(anatomy: Anatomy, checks: list[Check], asked: bool, verified: bool, now: float) -> None:
    # No markup: what stands in a token is somebody else's text.
    console = Console(markup=False, highlight=False)
    console.print(_banner(asked, verified))
    console.print(_table("Header", anatomy.header, now))
    if anatomy.claims is not None:
        console.print(_table("Claims", anatomy.claims, now))
        console.print(f"Signature: {anatomy.signature_size} bytes")
    for check in checks:
        mark, style = ("holds", "green") if check.held else ("FAILS", "bold red")
        console.print(Text.assemble((f"{mark}  ", style), f"{check.what}: {printable(check.words)}"))
    for remark in anatomy.remarks:
        console.print(Text(f"Note: {printable(remark)}", "yellow"))


def _banner(asked: bool, verified: bool) -> Panel:
    if verified:
        return Panel(
            Text("VERIFIED: what is listed below as holding was checked, and nothing else."), style="bold green"
        )
    if asked:
        return Panel(Text("NOT VERIFIED: believe nothing of it. What failed stands below."), style="bold red")
    return Panel(
        Text("UNVERIFIED: anybody may have written this. --verify --issuer URL checks it."), style="bold yellow"
    )


def _table(title: str, members: Any, now: float) -> Table:
    table = Table(title=title, title_justify="left", show_header=False, min_width=40)
    table.add_column(style="cyan", no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in members.items():
        words = Text(dumped(value))
        if title == "Claims" and name in _DATES and isinstance(value, int | float) and not isinstance(value, bool):
            words.append(f"  {_DATES[name]} {in_words(value, now)}", style="dim")
        table.add_row(Text(printable(name)), words)
    return table
