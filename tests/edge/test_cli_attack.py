"""`axioms attack`, as CI runs it: exit status, reports, and what it says where it cannot begin."""

import json
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest
from fastapi import Depends, FastAPI
from typer.testing import CliRunner, Result

from axioms_fastapi import init_axioms, register_axioms_exception_handler, require_auth, require_scopes
from axioms_fastapi.cli.application import application
from axioms_fastapi.forge.hostile import Category
from processes import free_port
from serving import serving

MOST = [category for category in Category if category is not Category.TIME]


def attack(*arguments: str) -> Result:
    return CliRunner().invoke(application, ["attack", *arguments], env={"COLUMNS": "160"})


@pytest.fixture
def app(issuer: str) -> FastAPI:
    app = FastAPI()
    init_axioms(app, AXIOMS_AUDIENCE="my-api", AXIOMS_ISS_URL=issuer)
    register_axioms_exception_handler(app)
    app.get("/me", dependencies=[Depends(require_auth)])(lambda: "in")
    app.get(
        "/read", dependencies=[Depends(require_scopes("read"))], openapi_extra={"x-axioms": {"scopes_all": ["read"]}}
    )(lambda: "in")
    return app


@pytest.fixture
def config(tmp_path: Path) -> str:
    file = tmp_path / "attack.json"
    file.write_text(json.dumps({"audience": "my-api", "ignore": MOST}))
    return str(file)


@pytest.fixture
def url(app: FastAPI) -> Iterator[str]:
    with serving(app) as url:
        yield url


def test_no_fault(url: str, issuer: str, config: str, tmp_path: Path) -> None:
    """Against an API that holds: exit status 0, a table, and both reports."""
    files = tmp_path / "report.json", tmp_path / "report.xml"
    result = attack(url, "--forge", issuer, "--config", config, "--json", str(files[0]), "--junit", str(files[1]))
    assert result.exit_code == 0, result.output
    for words in ("GET /me", "GET /read", "scope read", "No fault:"):
        assert words in result.stdout
    written = json.loads(files[0].read_text())
    assert (written["totals"]["fault"], written["audience"], written["issuer"]) == (0, "my-api", issuer)
    assert ElementTree.parse(files[1]).getroot()[0].get("name") == "GET /me"
    assert "eyJ" not in files[0].read_text() + files[1].read_text() + result.output


def test_fault(app: FastAPI, url: str, issuer: str, config: str) -> None:
    """A fault is exit status 1, and is told with its reason."""
    app.get("/open", openapi_extra={"security": [{"AccessToken": []}]})(lambda: "in")
    result = attack(url, "--forge", issuer, "--config", config)
    assert result.exit_code == 1
    assert "FAULT  GET /open  no token" in result.stdout
    assert "got 200: it was let in. Who sends no token is asked for one. (RFC 6750, section 3.1)" in " ".join(
        result.stdout.split()
    )


def test_strict(app: FastAPI, url: str, issuer: str, config: str) -> None:
    """What is unclear fails with --strict alone."""
    app.get("/things/{id}", dependencies=[Depends(require_auth)], status_code=404)(lambda: None)
    assert attack(url, "--forge", issuer, "--config", config).exit_code == 0
    result = attack(url, "--forge", issuer, "--config", config, "--strict")
    assert (result.exit_code, "unclear  GET /things/{id}  good token" in result.stdout) == (1, True)


def test_public_option(app: FastAPI, url: str, issuer: str, config: str) -> None:
    """--public lists what may be public, so that a lost guard is found although the document does not know of it."""
    app.get("/health")(lambda: "ok")
    app.get("/lost")(lambda: "ok")
    options = ["--forge", issuer, "--config", config, "--public", "GET /health"]
    result = attack(url, *options)
    assert (result.exit_code, "FAULT  GET /lost  public" in result.stdout) == (1, True)
    assert attack(url, *options, "--public", "GET /lost").exit_code == 0


def test_own_forge(config: str) -> None:
    """With --own-forge the attack is the issuer itself: every token can be made, for an API that started without keys."""
    port = free_port()
    app = FastAPI()
    init_axioms(app, AXIOMS_AUDIENCE="my-api", AXIOMS_ISS_URL=f"http://127.0.0.1:{port}", AXIOMS_JWKS_COOLDOWN=1)
    register_axioms_exception_handler(app)
    app.get("/me", dependencies=[Depends(require_auth)])(lambda: "in")
    with serving(app) as url:
        result = attack(url, "--own-forge", str(port), "--audience", "my-api")
        assert result.exit_code == 0, result.output
        assert "Not fired" not in result.stdout.partition("GET /me")[2]
        # A second forge has other keys, and the API asks for them.
        assert attack(url, "--own-forge", str(port), "--config", config).exit_code == 0


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["http://api.example.com"], "say so with --allow-remote-target"),
        (["127.0.0.1:8000"], "is no URL of an API"),
        (["http://127.0.0.1:1"], "is the API running?"),
        (["{url}", "--openapi", "{url}/missing"], "answered 404; say where the OpenAPI document is with --openapi"),
        (["{url}", "--config", "missing.json"], "missing.json cannot be read"),
        (["{url}", "--forge", "http://127.0.0.1:1"], "start one with `axioms forge`"),
        (["{url}", "--forge", "{issuer}", "--audience", "another"], "refuses a good token (401)"),
        (["{url}", "--own-forge", "{taken}"], "A forge that runs there already is used with --forge instead."),
        (
            ["{url}", "--forge", "{issuer}", "--audience", "my-api", "--json", "/no/such/folder/x"],
            "the report cannot be written",
        ),
        (
            ["{url}", "--public", "GET /nowhere"],
            "the document has no operation GET /nowhere; it has GET /me, GET /read",
        ),
    ],
)
def test_cannot(url: str, issuer: str, config: str, arguments: list[str], sentence: str) -> None:
    """Where it cannot begin, one sentence says why and what to write, and the exit status is 2: not the one of a fault."""
    known = {"url": url, "issuer": issuer, "config": config, "taken": url.rpartition(":")[2]}
    filled = [argument.format(**known) for argument in arguments]
    result = attack(*filled)
    assert (result.exit_code, result.stdout, result.stderr.count("\n")) == (2, "", 1), result.output
    assert sentence in result.stderr
