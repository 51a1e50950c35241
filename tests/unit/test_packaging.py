"""What is handed out: the wheel, and the locks."""

import json
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def test_wheel(tmp_path: Path) -> None:
    """It is typed, has the plugin and the templates of the login page, and nothing of the tests."""
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(tmp_path)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("axioms_fastapi-*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    assert {
        "axioms_fastapi/py.typed",
        "_axioms_fastapi_pytest.py",
        "axioms_fastapi/forge/login/templates/login.html",
    } <= {*names}
    assert {name.partition("/")[0].partition("-")[0] for name in names} == {
        "axioms_fastapi",
        "_axioms_fastapi_pytest.py",
    }


@pytest.mark.parametrize("lock", sorted(ROOT.glob("requirements/*.txt")), ids=lambda path: path.name)
def test_locks(lock: Path) -> None:
    """Every dependency is there by version and hash, and by no address: the index is the reader's own."""
    text = lock.read_text("utf-8")
    assert "://" not in text
    assert "--index" not in text
    requirements = re.split(r"\n(?=[A-Za-z])", text.strip())
    assert requirements
    for requirement in requirements:
        assert re.match(r"[A-Za-z0-9_.\[\],-]+==\S+", requirement), requirement
        assert "--hash=sha256:" in requirement, requirement


def test_node_lock() -> None:
    """So is every Node program."""
    packages = json.loads((ROOT / "tests/node/package-lock.json").read_text("utf-8"))["packages"]
    assert all("resolved" not in package for package in packages.values())
    assert all(package.get("integrity") for name, package in packages.items() if name)
