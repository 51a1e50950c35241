"""The example application under uvicorn: every operation is fired at, also with methods that write, and nothing is found."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from articles_api import ARTICLES, uvicorn
from axioms_fastapi.attack import Outcome, Overlay, Report, operations_of, read_document
from axioms_fastapi.cli.application import application
from axioms_fastapi.forge.hostile import Category
from processes import free_port, running

OVERLAY = json.loads(Path(__file__).with_name("articles.json").read_text())
OWNER_OF_THE_PROJECT = OVERLAY["operations"]["GET /projects/{project_id}"]["ownership"]
# Each kind of guard meets the whole hostile set once; at every operation that would take half a minute.
IN_FULL = {"GET /protected", "GET /api/read", "GET /articles/{article_id}", "GET /projects/{project_id}"}
FEW = [category for category in Category if category not in {Category.ALGORITHM, Category.TIME}]


@pytest.fixture
def url(issuer: str, tmp_path: Path) -> Iterator[str]:
    """The URL of the running example."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    environment = {
        "AXIOMS_AUDIENCE": "https://api.example.com",
        "AXIOMS_ISS_URL": issuer,
        "AXIOMS_JWKS_URL": f"{issuer}/.well-known/jwks.json",
        "DATABASE_URL": f"sqlite:///{tmp_path / 'articles.db'}",
    }
    with running(uvicorn("--log-level", "critical")(port), ready=f"{url}/health", env=environment, cwd=ARTICLES):
        yield url


def test_no_fault(attacked: Callable[..., Report], url: str) -> None:
    """Nothing gets in, nothing is unclear, and each operation lets in whom it should: objects are made by their owner."""
    document = read_document(f"{url}/openapi.json")
    names = {operation.name for operation in operations_of(document, Overlay())} - IN_FULL
    known = OVERLAY["operations"]
    overlay = {**OVERLAY, "operations": known | {name: {**known.get(name, {}), "ignore": FEW} for name in names}}
    report = attacked(url, overlay, document=document, write=True)
    assert [(operation.name, result.name, result.text) for operation, result in report.having(Outcome.FAULT)] == []
    assert [(operation.name, result.name, result.text) for operation, result in report.having(Outcome.UNCLEAR)] == []
    assert (len(report.operations), report.public, report.skipped) == (22, ["GET /", "GET /health"], {})
    assert report.counts[Outcome.HELD] > 2000


def test_command(url: str, issuer: str, tmp_path: Path) -> None:
    """So does `axioms attack`, which learns what each operation demands from the application's own document alone."""
    config, report = tmp_path / "attack.json", tmp_path / "report.json"
    project = {"GET /projects/{project_id}": {"parameters": {"project_id": 1}, "ownership": OWNER_OF_THE_PROJECT}}
    members = {name: OVERLAY[name] for name in ("public", "objects")}
    config.write_text(json.dumps({**members, "operations": project, "ignore": [*FEW, Category.TIME]}))
    arguments = ["attack", url, "--forge", issuer, "--config", str(config), "--json", str(report), "--write"]
    result = CliRunner().invoke(application, arguments, env={"COLUMNS": "160"})
    assert result.exit_code == 0, result.output
    assert "No fault:" in result.stdout
    totals = json.loads(report.read_text())["totals"]
    assert (totals["fault"], totals["unclear"]) == (0, 0)
    assert totals["held"] > 300
