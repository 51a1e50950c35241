"""The migrations: what they build is what the models say."""

import subprocess
import sys
from pathlib import Path

import pytest

from articles_api import ARTICLES


def alembic(database: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "alembic", *arguments],
        cwd=ARTICLES, capture_output=True, text=True, timeout=60,
        env={"PATH": "", "DATABASE_URL": f"sqlite:///{database}", "PYTHONDONTWRITEBYTECODE": "1"},
    )  # fmt: skip


def test_up_check_down(tmp_path: Path) -> None:
    """Upgraded, an empty database is exactly what the models describe; downgraded, it is empty again."""
    database = tmp_path / "articles.db"
    for arguments in (("upgrade", "head"), ("check",), ("downgrade", "base"), ("upgrade", "head"), ("upgrade", "head")):
        done = alembic(database, *arguments)
        assert done.returncode == 0, f"{arguments}: {done.stdout}{done.stderr}"


@pytest.mark.parametrize("workers", [8])
def test_workers_migrate_together(tmp_path: Path, workers: int) -> None:
    """Processes that start at the same moment on a fresh database all come up, and it is migrated once."""
    code = "import database; print(flush=True); input(); database.migrate()"
    environment = {"PATH": "", "DATABASE_URL": f"sqlite:///{tmp_path / 'articles.db'}", "PYTHONDONTWRITEBYTECODE": "1"}
    children = [
        subprocess.Popen(
            [sys.executable, "-c", code], cwd=ARTICLES, env=environment, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )
        for _ in range(workers)
    ]  # fmt: skip
    for child in children:
        assert child.stdout
        child.stdout.readline()
    for child in children:
        assert child.stdin
        child.stdin.write("\n")
        child.stdin.flush()
    outcomes = [(child.communicate(timeout=60)[1], child.returncode) for child in children]
    assert [errors for errors, code in outcomes if code != 0] == []
    assert "0001 (head)" in alembic(tmp_path / "articles.db", "current").stdout
