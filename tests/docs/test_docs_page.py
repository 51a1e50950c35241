"""The page about /docs, followed: its code runs, its settings are settings, and the requirements that it shows are real."""

import json
import re
from pathlib import Path

from fastapi import Depends, FastAPI, Security

from axioms_fastapi import check_object_ownership, init_axioms, require_auth, require_roles, require_scopes
from axioms_fastapi.settings import AxiomsKeywords

PAGE = (Path(__file__).parents[2] / "docs" / "docs-page.md").read_text(encoding="utf-8")


def load() -> None:
    """An object."""


def test_own_generator() -> None:
    """The code for an `app.openapi` of one's own describes the guards."""
    app = FastAPI()
    init_axioms(app, AXIOMS_AUDIENCE="api", AXIOMS_ISS_URL="https://auth.example.com")
    app.add_api_route("/", lambda: None, dependencies=[Depends(require_roles("editor"))])
    (code,) = re.findall(r"```python\n(.*?)```", PAGE, re.S)
    exec(code, {"app": app})
    document = app.openapi()
    assert document["info"]["title"] == "Mine"
    assert document["paths"]["/"]["get"]["x-axioms-requires"] == [{"roles": ["editor"]}]


def test_requirements() -> None:
    """The JSON that the page shows is what such guards write."""
    app = FastAPI()
    init_axioms(app, AXIOMS_AUDIENCE="api", AXIOMS_ISS_URL="https://auth.example.com")
    guards = [require_scopes(["read", "admin"]), require_roles("editor"), check_object_ownership(load)]
    app.add_api_route("/", lambda: None, dependencies=[Depends(guard) for guard in guards])
    app.add_api_route("/token", lambda: None, dependencies=[Security(require_auth)])
    (shown,) = re.findall(r"`(\[\{.*?\}\])`", PAGE)
    paths = app.openapi()["paths"]
    assert paths["/"]["get"]["x-axioms-requires"] == json.loads(shown)
    assert paths["/token"]["get"]["x-axioms-requires"] == []


def test_settings() -> None:
    """Every setting that the page names is one."""
    assert set(re.findall(r"AXIOMS_[A-Z_]+[A-Z]", PAGE)) <= set(AxiomsKeywords.__annotations__)
