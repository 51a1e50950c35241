"""`axioms status` and `axioms stop`: a forge that runs in another terminal, or in the background."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer

from axioms_fastapi.attack.remote_forge import DEFAULT_URL, ForgeError, RemoteForge

Url = Annotated[str, typer.Option("--forge", metavar="URL", help="The running forge.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@contextmanager
def asking(forge: str) -> Iterator[RemoteForge]:
    """The forge at this URL is asked; where it cannot be, or refuses, the command ends with the sentence and exit status 1."""
    try:
        with RemoteForge(forge) as running:
            yield running
    except ForgeError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None


def status(forge: Url = DEFAULT_URL, as_json: AsJson = False) -> None:
    """Say whether a forge runs, its issuer and its keys. The exit status is 1 where none runs."""
    with asking(forge) as running:
        issuer = str(running.metadata().get("issuer"))
        published = running.keys()
    keys = [str(key.get("kid")) for key in published]
    typer.echo(
        json.dumps({"issuer": issuer, "keys": keys}) if as_json else f"Issuer  {issuer}\nKeys    {', '.join(keys)}"
    )


def stop(forge: Url = DEFAULT_URL) -> None:
    """Stop a running forge."""
    with asking(forge) as running:
        running.stop()
    typer.echo(f"The forge at {forge} stops.")
