"""The Postman collection, run by newman against the running example."""

import json
import runpy
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from articles_api import ARTICLES, uvicorn

POSTMAN = ARTICLES / "postman"
COLLECTION = POSTMAN / "articles.postman_collection.json"
NEWMAN = Path(__file__).parents[1] / "node" / "node_modules" / ".bin" / "newman"


def requests() -> list[dict[str, Any]]:
    return [item for folder in json.loads(COLLECTION.read_text())["item"] for item in folder["item"]]


def test_file_is_what_the_script_builds() -> None:
    """The committed collection is what build.py writes."""
    built = runpy.run_path(str(POSTMAN / "build.py"))["collection"]()
    assert json.loads(COLLECTION.read_text()) == built


@pytest.mark.skipif(
    not (NEWMAN.exists() and shutil.which("node")),
    reason="newman is not installed: `make setup` installs it where npm is there",
)
def test_newman(serve_articles: Any, tmp_path: Path) -> None:
    """Every request mints its token, makes its call, and every check passes."""
    report = tmp_path / "report.json"
    with serve_articles(uvicorn()) as api:
        command = [
            str(NEWMAN),
            "run",
            str(COLLECTION),
            "--reporters",
            "json,cli",
            "--reporter-json-export",
            str(report),
        ]
        for name, value in (("base_url", api.url), ("forge_url", api.forge), ("issuer", api.forge)):
            command += ["--env-var", f"{name}={value}"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout[-6000:]
    run = json.loads(report.read_text())["run"]
    assert run["failures"] == []
    assert run["stats"]["requests"]["failed"] == 0
    assert run["stats"]["items"]["total"] == len(requests()) >= 70
    assert run["stats"]["assertions"]["total"] > 150


def test_every_route_is_in_the_collection(api: Any) -> None:
    """A route that the collection does not call would be a route that it does not show."""
    document = api.call("GET", "/openapi.json").json()
    routes = {(method.upper(), path) for path, operations in document["paths"].items() for method in operations}
    called: set[tuple[str, str]] = set()
    for item in requests():
        path = item["request"]["url"].removeprefix("{{base_url}}").partition("?")[0]
        called |= {
            (method, route)
            for method, route in routes
            if method == item["request"]["method"] and matches(route.split("/"), path.split("/"))
        }
    assert called == routes


def matches(pattern: list[str], path: list[str]) -> bool:
    return len(pattern) == len(path) and all(
        part.startswith("{") or part == given for part, given in zip(pattern, path, strict=True)
    )
