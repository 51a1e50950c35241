"""docs/attack.md, followed: its API is started and attacked, and its tables name what there is."""

import json
import re
from contextlib import ExitStack
from pathlib import Path
from xml.etree import ElementTree

from axioms_fastapi.attack.overlay import OperationOverlay, Overlay, Rights
from axioms_fastapi.forge.hostile import Category
from docs.following import ROOT, Follower, blocks

PAGE = (ROOT / "docs" / "attack.md").read_text()


def test_followed(tmp_path: Path) -> None:
    """Both attacks of the page end with 0; the one with the file fires at every operation and writes both reports."""
    few = {"ignore": [category for category in Category if category is not Category.TIME]}
    with ExitStack() as stack:
        follower = Follower(tmp_path, stack)
        outputs = []
        for block in blocks("attack.md"):
            if block.mark == "file: attack.json":
                follower.follow(block)
                written = json.loads((tmp_path / "attack.json").read_text())
                (tmp_path / "attack.json").write_text(
                    json.dumps({**written, **few})
                )  # the first attack fires everything
                continue
            done = follower.follow(block)
            if done is not None:
                assert done.returncode == 0, done.stdout + done.stderr
                outputs.append(done.stdout)
    first, second = outputs
    assert "GET /me" in first
    assert "Left alone, because it may change something; --write fires at it too: POST /notes" in " ".join(
        first.split()
    )
    assert "role analyst or admin" in " ".join(second.replace("│", " ").split())
    report = json.loads((tmp_path / "report.json").read_text())
    assert [one["operation"] for one in report["operations"]] == [
        "GET /me",
        "GET /reports",
        "GET /notes/{note_id}",
        "POST /notes",
    ]
    assert (report["totals"]["fault"], report["totals"]["unclear"], report["skipped"]) == (0, 0, {})
    assert len(ElementTree.parse(tmp_path / "report.xml").getroot()) == 4


def test_tables() -> None:
    """The members that the page explains are those that the file may have."""
    named = {name for row in re.findall(r"^\| (`[^|]+) \|", PAGE, re.M) for name in re.findall(r"`(\w+)`", row)}
    known = {*Rights.model_fields, *Overlay.model_fields} - {"options"}
    assert named == known
    for name in OperationOverlay.model_fields:
        assert f"`{name}`" in PAGE
