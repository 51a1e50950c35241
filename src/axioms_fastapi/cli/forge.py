"""`axioms forge`: the local issuer in the foreground, with the lines to paste on its first screen."""

import re
from typing import Annotated

import typer
from rich.console import Console

from axioms_fastapi.forge import create_app
from axioms_fastapi.forge.minting import DEFAULT_AUDIENCE
from axioms_fastapi.forge.server import ServerStartError, listen, serve


def forge(
    host: Annotated[str, typer.Option(help="Loopback address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port to listen on; 0 takes a free one.")] = 8787,
    issuer: Annotated[
        str | None, typer.Option(metavar="URL", help="Default `iss` of the tokens, if not the URL that they came from.")
    ] = None,
) -> None:
    """Issue tokens for development: POST any claims to /token. Loopback only, never for production."""
    try:
        if issuer is not None:
            _check_issuer(issuer)
        listener = listen(host, port)
    except ServerStartError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None
    with listener:
        url = f"http://{f'[{host}]' if ':' in host else host}:{listener.getsockname()[1]}"
        app = create_app(issuer)
        _print_first_screen(url, issuer or url)
        serve(app, listener)


def _check_issuer(issuer: str) -> None:
    # Quotes would break the lines that are printed for pasting; RFC 8414 section 2 has no query and no fragment.
    if not re.fullmatch(r"""https?://[^\s?#/'"\\]+(/[^\s?#'"\\]*)?""", issuer):
        raise ServerStartError(
            f"--issuer must be an http or https URL without query, fragment or quotes, not {issuer!r}."
        )


def _print_first_screen(url: str, issuer: str) -> None:
    # Neither markup nor wrapping: these lines are there to be pasted, and [::1] is not a style.
    console = Console(markup=False, highlight=False, soft_wrap=True)
    console.print("axioms forge: a TEST issuer. Anybody who reaches it can mint any token.", style="bold yellow")
    console.print(f"\nIssuer  {issuer}\n")
    console.print("Put this into .env:", style="bold")
    console.print(
        f"AXIOMS_AUDIENCE={DEFAULT_AUDIENCE}\nAXIOMS_ISS_URL={issuer}\nAXIOMS_JWKS_URL={url}/.well-known/jwks.json\n"
    )
    console.print("Get a token:", style="bold")
    console.print(
        f"TOKEN=$(curl -s -X POST {url}/token \\\n"
        '  -H "Content-Type: application/json" \\\n'
        f"""  -d '{{"iss":"{issuer}","aud":"{DEFAULT_AUDIENCE}","sub":"user123"}}' \\\n"""
        "  | jq -r '.access_token')\n"
    )
    console.print("Press Ctrl+C to stop.", style="dim")
