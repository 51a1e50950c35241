"""Applications for `uvicorn --factory`, which starts as many processes of them as it is told."""

import os
from pathlib import Path

from fastapi import FastAPI

from benchmarks.workers.given import Given
from benchmarks.workers.server import application_of


def _given() -> Given:
    return Given.from_file(Path(os.environ["BENCHMARK_GIVEN"]))


def bare() -> FastAPI:
    """A route without a guard."""
    return application_of(_given(), "bare")


def cold() -> FastAPI:
    """A guarded route."""
    return application_of(_given(), "cold")


def repeated() -> FastAPI:
    """The same, for another server: what one remembers is none of the other's business."""
    return cold()
