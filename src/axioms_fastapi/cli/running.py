"""`axioms status` and `axioms stop`: a forge that runs in another terminal, or in the background."""

import json
from typing import Annotated

import typer

from axioms_fastapi.attack.remote_forge import DEFAULT_URL, ForgeError, RemoteForge

Url = Annotated[str, typer.Option("--forge", metavar="URL", help="The running forge.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def status(forge: Url = DEFAULT_URL, as_json: AsJson = False) -> None:
    """Say whether a forge runs, its issuer and its keys. The exit status is 1 where none runs."""
    try:
        with RemoteForge(forge) as running:
            issuer = str(running.metadata().get("issuer"))
            published = running.keys()
    except ForgeError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None
    keys = [str(key.get("kid")) for key in published]
    typer.echo(
        json.dumps({"issuer": issuer, "keys": keys}) if as_json else f"Issuer  {issuer}\nKeys    {', '.join(keys)}"
    )


def stop(forge: Url = DEFAULT_URL) -> None:
    """Stop a running forge."""
    try:
        with RemoteForge(forge) as running:
            running.stop()
    except ForgeError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None
    typer.echo(f"The forge at {forge} stops.")
