"""`axioms attack`: an API held against what its OpenAPI document promises, with a table, reports for CI and an exit status."""

import asyncio
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from axioms_fastapi.attack import (
    Arms,
    AttackError,
    ForgeError,
    Orders,
    Overlay,
    RemoteForge,
    Report,
    attack,
    checked_target,
    operations_of,
    read_document,
)
from axioms_fastapi.attack.own_forge import own_forge
from axioms_fastapi.attack.remote_forge import DEFAULT_URL
from axioms_fastapi.forge.minting import DEFAULT_AUDIENCE

from .battle_report import show
from .printable import printable

_CANNOT = 2


def attack_command(
    target: Annotated[str, typer.Argument(metavar="URL", help="The API, such as http://127.0.0.1:8000.")],
    openapi: Annotated[
        str | None, typer.Option(metavar="URL|FILE", help="Its OpenAPI document, if not at /openapi.json.")
    ] = None,
    config: Annotated[
        Path | None, typer.Option(metavar="FILE", help="What the document does not say: see docs/attack.md.")
    ] = None,
    forge: Annotated[str, typer.Option(metavar="URL", help="A running forge that the API trusts.")] = DEFAULT_URL,
    own_forge_port: Annotated[
        int | None,
        typer.Option(
            "--own-forge", metavar="PORT", min=1, max=65535, help="Be the forge that the API trusts, on this port."
        ),
    ] = None,
    issuer: Annotated[
        str | None, typer.Option(metavar="URL", help="The `iss` that the API trusts, if another.")
    ] = None,
    audience: Annotated[str | None, typer.Option(help=f"The API's audience, if not {DEFAULT_AUDIENCE}.")] = None,
    public: Annotated[
        list[str] | None,
        typer.Option(
            metavar='"GET /path"', help="An operation that may be public; any other one must not. Repeatable."
        ),
    ] = None,
    write: Annotated[bool, typer.Option("--write", help="Fire at POST, PUT, PATCH and DELETE too.")] = False,
    allow_remote: Annotated[
        bool, typer.Option("--allow-remote-target", help="Attack a host that is not this machine.")
    ] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Fail where something stays unclear, too.")] = False,
    timeout: Annotated[float, typer.Option(min=0.1, help="Seconds for each request.")] = 10.0,
    json_file: Annotated[
        Path | None, typer.Option("--json", metavar="FILE", help="Write a report for programs.")
    ] = None,
    junit_file: Annotated[
        Path | None, typer.Option("--junit", metavar="FILE", help="Write a report for CI servers.")
    ] = None,
) -> None:
    """Hold an API against its own OpenAPI document: bad tokens, missing rights, other people's objects.

    Exit status: 0 where everything held, 1 where a fault was found, 2 where the attack could not be made.
    """
    try:
        url = checked_target(target, allow_remote=allow_remote)
        overlay = _overlay(config, issuer, audience, public)
        operations = operations_of(read_document(openapi or f"{url}/openapi.json"), overlay)
        with _arms(forge, own_forge_port, overlay) as arms, _progress() as progress:
            orders = Orders(write, timeout, new_keys=own_forge_port is not None, progress=progress)
            report = asyncio.run(attack(url, operations, overlay, arms, orders))
        _write(report, json_file, junit_file)
    except (AttackError, ForgeError) as error:
        typer.echo(printable(str(error)), err=True)
        raise typer.Exit(_CANNOT) from None
    show(report, Console(markup=False, highlight=False))
    if not report.is_passed(strict=strict):
        raise typer.Exit(1)


def _overlay(config: Path | None, issuer: str | None, audience: str | None, public: list[str] | None) -> Overlay:
    overlay = Overlay.read(config) if config is not None else Overlay()
    said = {"issuer": issuer, "audience": audience}
    changes: dict[str, object] = {name: value for name, value in said.items() if value is not None}
    if public:
        changes["public"] = [*(overlay.public or []), *public]
    return overlay.model_copy(update=changes)


@contextmanager
def _arms(forge: str, own_forge_port: int | None, overlay: Overlay) -> Iterator[Arms]:
    audience = overlay.audience or DEFAULT_AUDIENCE
    if own_forge_port is not None:
        with own_forge(own_forge_port, overlay.issuer) as (keys, issuer):
            yield Arms.of_keys(keys, issuer, audience, overlay)
    else:
        with RemoteForge(forge) as running:
            yield Arms.of_forge(running, audience, overlay)


@contextmanager
def _progress() -> Iterator[Callable[[str, int, int], None]]:
    """A bar on standard error, where that is a terminal."""
    console = Console(stderr=True, markup=False)
    columns = (BarColumn(), MofNCompleteColumn(), TextColumn("{task.description}", markup=False))
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("making tokens", total=None)
        yield lambda name, done, total: bar.update(task, description=printable(name), completed=done, total=total)


def _write(report: Report, json_file: Path | None, junit_file: Path | None) -> None:
    try:
        if json_file is not None:
            json_file.write_text(json.dumps(report.as_json(), indent=2) + "\n", encoding="utf-8")
        if junit_file is not None:
            junit_file.write_bytes(report.as_junit())
    except OSError as error:
        raise AttackError(f"the report cannot be written to {error.filename}: {error.strerror}") from None
