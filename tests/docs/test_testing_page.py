"""docs/testing.md: its application and its tests, run as they are printed."""

import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

from axioms_fastapi.forge.hostile import HOSTILE
from docs.following import Follower, blocks

INI = "[pytest]\naddopts = --strict-config --strict-markers -p no:cacheprovider -p no:hypothesispytest\nfilterwarnings = error\n"


def test_page(tmp_path: Path) -> None:
    """Every test of the page passes, under the strict settings that careful projects have; the hostile ones are all run."""
    with ExitStack() as stack:
        follower = Follower(tmp_path, stack)
        (tmp_path / "pytest.ini").write_text(INI)
        for block in blocks("testing.md"):
            if block.language != "text":
                assert block.mark.startswith("file: "), block
                follower.follow(block)
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-q"], cwd=tmp_path, capture_output=True, text=True, timeout=120
        )
    assert done.returncode == 0, done.stdout
    passed = int(done.stdout.rpartition(" passed")[0].split()[-1])
    assert passed > len(HOSTILE) + 20


def test_printed_failure() -> None:
    """The sentence that the page prints for a failure is the one that a test prints."""
    from axioms_fastapi.attack.verdict import Answer, expected_of, judge
    from axioms_fastapi.forge.hostile import BY_NAME

    hostile = BY_NAME["exp-past"]
    (printed,) = (block.text.strip() for block in blocks("testing.md") if block.language == "text")
    verdict = judge(expected_of(hostile), Answer(200))
    assert printed == f"{hostile.name}: {verdict.text}. {hostile.why} ({hostile.section})"
