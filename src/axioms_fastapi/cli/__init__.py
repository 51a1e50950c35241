"""The `axioms` command."""

import sys


def main() -> None:
    """Runs the `axioms` command; where its libraries are not installed, says in one sentence how to get them."""
    try:
        from .application import application
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in {"typer", "rich", "uvicorn"}:
            raise
        print('The axioms command needs the forge extra: pip install "axioms-fastapi[forge]"', file=sys.stderr)
        raise SystemExit(1) from None
    application()
