"""`axioms token`: what it asks a forge for, what it prints, and what it says where it cannot."""

import base64
import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
from joserfc import jws
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from typer.testing import CliRunner, Result

from axioms_fastapi.cli.application import application
from axioms_fastapi.forge import ForgeKeys, create_app
from processes import free_port
from serving import serving


@pytest.fixture(scope="module")
def forge() -> Iterator[str]:
    with serving(create_app(keys=ForgeKeys.generate("RS256"))) as url:
        yield url


def token(*arguments: str) -> Result:
    return CliRunner().invoke(application, ["token", *arguments])


def claims_of(forge: str, *arguments: str) -> dict[str, Any]:
    result = token("--forge", forge, *arguments)
    assert result.exit_code == 0, result.stderr
    claims: dict[str, Any] = json.loads(jws.extract_compact(result.stdout.strip().encode()).payload)
    return claims


def test_token_alone(forge: str) -> None:
    """Standard output holds the token and nothing else, so that a shell can take it."""
    result = token("--forge", forge)
    assert result.stdout.count(".") == 2
    assert result.stdout.count("\n") == 1
    assert result.stderr == ""


def test_claims(forge: str) -> None:
    """Every option becomes the claim that it names."""
    claims = claims_of(
        forge, "--sub", "alice", "--scope", "read:data write:data", "--scope", "openid", "--role", "editor", "--role", "admin",
        "--permission", "users:read", "--claim", "tenant=acme=7", "--claim", "https://example.com/x=",
        "--claim-json", 'level={"a": [1, null]}', "--audience", "my-api", "--issuer", "https://login.test/",
    )  # fmt: skip
    assert claims["sub"] == "alice"
    assert claims["scope"] == "read:data write:data openid"
    assert claims["roles"] == ["editor", "admin"]
    assert claims["permissions"] == ["users:read"]
    assert claims["tenant"] == "acme=7"
    assert claims["https://example.com/x"] == ""
    assert claims["level"] == {"a": [1, None]}
    assert (claims["aud"], claims["iss"]) == ("my-api", "https://login.test/")


def test_defaults(forge: str) -> None:
    """Without options it is the forge's default token."""
    claims = claims_of(forge)
    assert (claims["sub"], claims["iss"], claims["aud"]) == ("user123", forge, "https://api.example.com")
    assert claims.keys().isdisjoint({"scope", "roles", "permissions"})


@pytest.mark.parametrize("lifetime", [60, -60])
def test_lifetime(forge: str, lifetime: int) -> None:
    """--expires-in counts from now, also backwards."""
    claims = claims_of(forge, "--expires-in", str(lifetime))
    assert abs(claims["exp"] - time.time() - lifetime) < 5


def test_several_audiences(forge: str) -> None:
    """A repeated audience is a list."""
    assert claims_of(forge, "--audience", "a", "--audience", "b")["aud"] == ["a", "b"]


def test_json(forge: str) -> None:
    """--json prints the forge's whole answer."""
    answer = json.loads(token("--forge", forge, "--json").stdout)
    assert (answer["token_type"], answer["expires_in"], answer["key_id"]) == ("Bearer", 3600, "rsa-key-1")


def test_no_forge() -> None:
    """Where no forge runs, one sentence says how to start one."""
    url = f"http://127.0.0.1:{free_port()}"
    result = token("--forge", url)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == (
        f"No forge answers at {url}: start one with `axioms forge`, or say where it is with --forge URL.\n"
    )


@pytest.mark.parametrize("url", ["127.0.0.1:8787", "ftp://127.0.0.1", "http://[", ""])
def test_no_url(url: str) -> None:
    """What is no URL is named, with one to write."""
    result = token("--forge", url)
    assert (result.exit_code, result.stdout, result.stderr.count("\n")) == (1, "", 1)
    assert result.stderr.endswith("URL; write one such as http://127.0.0.1:8787.\n")


def test_something_else_answers() -> None:
    """A server that is no forge is called one, and its answer is not printed."""
    other = Starlette(routes=[Route("/{path:path}", lambda _: PlainTextResponse("\x1b[31mhello"), methods=["POST"])])
    with serving(other) as url:
        result = token("--forge", url)
    assert result.exit_code == 1
    assert result.stderr == f"What answers at {url} is no forge: it answered 200 to POST /token.\n"


def test_profile(forge: str) -> None:
    """A provider's token comes in the provider's own shape, and an unknown provider is told with the known ones."""
    written = token("--forge", forge, "--profile", "okta", "--sub", "alice", "--scope", "read:data").stdout
    claims = json.loads(base64.urlsafe_b64decode(written.split(".")[1] + "=="))
    assert (claims["sub"], claims["iss"].endswith("/oauth2/default")) == ("alice", True)
    unknown = token("--forge", forge, "--profile", "nobody")
    assert unknown.exit_code == 1
    assert "okta" in unknown.stderr


def test_refusal_of_the_forge(forge: str) -> None:
    """What the forge refuses is told in its own words."""
    result = token("--forge", forge, "--claim", "kty=XYZ")
    assert result.exit_code == 1
    assert result.stderr.startswith('The forge refuses: "kty" must be one of "RSA"')


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--claim", "tenant"], "--claim tenant=acme"),
        (["--claim", "=x"], "--claim tenant=acme"),
        (["--claim-json", "level=high"], "is no JSON"),
        (["--expires-in", "soon"], "--expires-in"),
    ],
)
def test_bad_option(arguments: list[str], words: str) -> None:
    """An option that cannot be read is a usage error that says what to write; no forge is asked."""
    result = token("--forge", "http://127.0.0.1:1", *arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert words in result.stderr
