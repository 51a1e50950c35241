"""The command's own habits: completion for shells, and tracebacks that tell nothing."""

import os
import subprocess
import sys

from axioms_fastapi.cli.application import application


def test_completion() -> None:
    """A shell that asks gets the commands and options."""
    command = [sys.executable, "-c", "import sys; sys.argv[0] = 'axioms'; from axioms_fastapi.cli import main; main()"]
    for typed, offered in (("axioms ", {"forge", "token", "decode"}), ("axioms token --exp", {"--expires-in"})):
        environment = {
            **os.environ, "_AXIOMS_COMPLETE": "complete_bash", "COMP_WORDS": typed, "COMP_CWORD": str(typed.count(" "))
        }  # fmt: skip
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=30, check=False)
        assert offered <= set(done.stdout.split()), done


def test_tracebacks_hide_values() -> None:
    """A traceback shows no local variables: one of them could be a token or a key."""
    assert application.pretty_exceptions_show_locals is False
