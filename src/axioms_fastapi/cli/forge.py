"""`axioms forge`: the local issuer in the foreground, with the lines to paste on its first screen."""

import json
import re
import time
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from starlette.applications import Starlette

from axioms_fastapi.forge import Forge, ForgeKeys, create_app, stopping
from axioms_fastapi.forge.dotenv import claims_to_ask_for, dotenv
from axioms_fastapi.forge.folder import Folder, FolderError
from axioms_fastapi.forge.issuers import default_algorithms
from axioms_fastapi.forge.providers import PROFILES
from axioms_fastapi.forge.server import ServerStartError, listen, serve
from axioms_fastapi.forge.tls import Authority, publishes

_FIRST_SECOND = 1_577_836_800  # the year 2020: nine digits will do for long
EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - where a server that listens everywhere is reached


def forge(
    host: Annotated[str, typer.Option(help="Loopback address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port to listen on; 0 takes a free one.")] = 8787,
    issuer: Annotated[
        str | None, typer.Option(metavar="URL", help="Default `iss` of the tokens, if not the URL that they came from.")
    ] = None,
    profile: Annotated[
        str | None, typer.Option(metavar="NAME", help=f"Stand in for a provider: {', '.join(PROFILES)}.")
    ] = None,
    path: Annotated[
        list[str] | None,
        typer.Option(
            "--path", metavar="PATH", help="One more issuer at this path, /a or /a/; may be given several times."
        ),
    ] = None,
    tenants: Annotated[
        str | None, typer.Option(metavar="TEMPLATE", help="Issuers for any tenant, such as /{tenant}/v2.0.")
    ] = None,
    alg: Annotated[
        list[str] | None,
        typer.Option("--alg", metavar="ALG", help="Algorithm of a key; the first one signs. Default: RS256 and ES256."),
    ] = None,
    now: Annotated[
        float | None, typer.Option(metavar="SECONDS", help="Time stands still at this second since the epoch.")
    ] = None,
    marker: Annotated[bool, typer.Option("--marker", help="Mark every token with the claim test_issuer.")] = False,
    tls: Annotated[bool, typer.Option("--tls", help="Serve https, with a certificate made now.")] = False,
    folder: Annotated[
        Path | None,
        typer.Option(file_okay=False, help="Keep keys and certificates here; without it nothing is kept."),
    ] = None,
    unsafe_beyond_loopback: Annotated[
        bool,
        typer.Option(
            "--unsafe-beyond-loopback",
            help="Listen on an address that others can reach. Whoever reaches it can be anybody, with any right, in "
            "every application that trusts this forge.",
        ),
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print where it listens as one line of JSON.")] = False,
) -> None:
    """Issue tokens for development: POST any claims to /token. Loopback only, never for production."""
    try:
        if issuer is not None:
            _check_issuer(issuer)
        kept = None if folder is None else Folder(folder)
        authority = None if not tls else kept.authority() if kept else Authority.generate()
        algs = alg or default_algorithms(PROFILES.get(profile or ""))
        app = create_app(
            issuer,
            kept.keys(*algs) if kept else ForgeKeys.generate(*algs, first=_number_of_this_start()),
            profile=profile,
            issuers=path or (),
            tenants=tenants,
            marker=marker,
            features=(stopping.feature, *(() if authority is None else (publishes(authority),))),
        )
        listener = listen(host, port, unsafe_beyond_loopback=unsafe_beyond_loopback)
    except (ServerStartError, FolderError, ValueError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None
    if now is not None:
        app.state.forge.clock.freeze(now)
    with listener:
        url = _url(host, listener.getsockname()[1], tls)
        if as_json:
            typer.echo(json.dumps({"url": url, "settings": dotenv(_forge_of(app).at(url))}))
        else:
            _print_first_screen(app, url, tls, folder)
        serve(app, listener, tls=None if authority is None else authority.server_context(host))
    if kept is not None:
        # Rotated keys are kept too, so that a restart does not bring the old ones back.
        kept.keep(app.state.forge.keys)


def _number_of_this_start() -> int:
    """A number that no earlier start has used for its keys: an application that knows a kid does not ask for it again."""
    return int(time.time()) - _FIRST_SECOND


def _url(host: str, port: int, tls: bool) -> str:
    reachable = EVERYWHERE.get(host, host)
    return f"http{'s' if tls else ''}://{f'[{reachable}]' if ':' in reachable else reachable}:{port}"


def _check_issuer(issuer: str) -> None:
    # Quotes would break the lines that are printed for pasting; RFC 8414 section 2 has no query and no fragment.
    if not re.fullmatch(r"""https?://[^\s?#/'"\\]+(/[^\s?#'"\\]*)?""", issuer):
        raise ServerStartError(
            f"--issuer must be an http or https URL without query, fragment or quotes, not {issuer!r}."
        )


def _print_first_screen(app: Starlette, url: str, tls: bool, folder: Path | None) -> None:
    here = _forge_of(app).at(url)
    # Neither markup nor wrapping: these lines are there to be pasted, and [::1] is not a style.
    console = Console(markup=False, highlight=False, soft_wrap=True)
    console.print("axioms forge: a TEST issuer. Anybody who reaches it can mint any token.", style="bold yellow")
    console.print(f"\nIssuer  {here.iss}\n")
    console.print("Put this into .env:", style="bold")
    console.print("".join(f"{name}={value}\n" for name, value in dotenv(here).items()))
    if tls:
        where = f"{folder / 'ca.pem'}" if folder else f"curl -k {url}/ca.pem"
        console.print(f"Clients have to trust the certificate authority of this forge: {where}\n")
    console.print("Get a token:", style="bold")
    claims = json.dumps(claims_to_ask_for(here), separators=(",", ":"))
    console.print(
        f"TOKEN=$(curl -s{'k' if tls else ''} -X POST {url}/token \\\n"
        '  -H "Content-Type: application/json" \\\n'
        f"""  -d '{claims}' \\\n"""
        "  | jq -r '.access_token')\n"
    )
    console.print(f"Make one by hand: {url}\nEverything else that it does: {url}/swagger", style="dim")
    console.print("Press Ctrl+C to stop.", style="dim")


def _forge_of(app: Starlette) -> Forge:
    forge: Forge = app.state.forge
    return forge
