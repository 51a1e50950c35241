"""The typer application: its commands, and what they share."""

from importlib.metadata import version
from typing import Annotated

import typer

from .attack import attack_command
from .decode import decode
from .forge import forge
from .running import status, stop
from .token import token

application = typer.Typer(
    help="Tools for axioms-fastapi.",
    no_args_is_help=True,
    # A traceback with local variables could print a key.
    pretty_exceptions_show_locals=False,
)
application.command()(forge)
application.command()(status)
application.command()(stop)
application.command()(token)
application.command()(decode)
application.command("attack")(attack_command)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"axioms-fastapi {version('axioms-fastapi')}")
        raise typer.Exit


@application.callback()
def axioms(
    show_version: Annotated[
        bool, typer.Option("--version", help="Print the version.", callback=_print_version, is_eager=True)
    ] = False,
) -> None:
    """Tools for axioms-fastapi."""
