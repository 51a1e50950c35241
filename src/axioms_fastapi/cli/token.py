"""`axioms token`: a token from a running forge, alone on standard output, so that a shell can take it."""

import json
import time
from typing import Annotated, Any

import typer

from axioms_fastapi.attack.remote_forge import DEFAULT_URL

from .running import Url, asking


def token(
    sub: Annotated[str | None, typer.Option(help="Whose token it is.")] = None,
    scope: Annotated[list[str] | None, typer.Option(help='Scopes: "read:data write:data". May be repeated.')] = None,
    role: Annotated[list[str] | None, typer.Option(help="A role, in `roles`. May be repeated.")] = None,
    permission: Annotated[
        list[str] | None, typer.Option(help="A permission, in `permissions`. May be repeated.")
    ] = None,
    claim: Annotated[
        list[str] | None, typer.Option(metavar="NAME=TEXT", help="Any claim, as a text. May be repeated.")
    ] = None,
    claim_json: Annotated[
        list[str] | None, typer.Option(metavar="NAME=JSON", help="Any claim, as JSON. May be repeated.")
    ] = None,
    audience: Annotated[
        list[str] | None, typer.Option(help="Whom it is for, if not the forge's default. May be repeated.")
    ] = None,
    issuer: Annotated[str | None, typer.Option(metavar="URL", help="Its `iss`, if not the forge's own.")] = None,
    profile: Annotated[
        str | None, typer.Option(metavar="NAME", help="A provider's token, such as entra-v2: see docs/forge.md.")
    ] = None,
    expires_in: Annotated[
        int | None, typer.Option(metavar="SECONDS", help="How long it lives; -60 has expired a minute ago.")
    ] = None,
    forge: Url = DEFAULT_URL,
    as_json: Annotated[bool, typer.Option("--json", help="Print the forge's whole answer.")] = False,
) -> None:
    """Ask a running forge for a token, and print it.

    TOKEN=$(axioms token --sub alice --scope "read:data" --role editor)
    """
    wanted: dict[str, Any] = {}
    if sub is not None:
        wanted["sub"] = sub
    if scope:
        wanted["scope"] = " ".join(scope)
    if role:
        wanted["roles"] = role
    if permission:
        wanted["permissions"] = permission
    if audience:
        wanted["aud"] = audience[0] if len(audience) == 1 else audience
    if issuer is not None:
        wanted["iss"] = issuer
    if expires_in is not None:
        wanted["exp"] = int(time.time()) + expires_in
    wanted.update(_texts(claim or []))
    wanted.update(_values(claim_json or []))
    asked = wanted if profile is None else {"profile": profile, "body": wanted}
    with asking(forge) as running:
        answer = running.grant(asked) if as_json else {"access_token": running.token(asked)}
    typer.echo(json.dumps(answer, indent=2) if as_json else answer["access_token"])


def _texts(written: list[str]) -> dict[str, str]:
    return dict(_pair("--claim", "tenant=acme", one) for one in written)


def _values(written: list[str]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for one in written:
        name, text = _pair("--claim-json", "level=3", one)
        try:
            values[name] = json.loads(text)
        except (ValueError, RecursionError):
            raise typer.BadParameter(
                f"--claim-json {name} has a value that is no JSON; write it in quotes of the shell, such as "
                f"""--claim-json '{name}=["a", 1]'; a text is --claim {name}=..."""
            ) from None
    return values


def _pair(option: str, example: str, written: str) -> tuple[str, str]:
    name, sign, value = written.partition("=")
    if not sign or not name:
        raise typer.BadParameter(f"{option} needs a name and a value; write {option} {example}")
    return name, value
