"""Applications with one route each. Routes of one application would be matched in turn, and each costs the later ones."""

from collections.abc import Callable
from typing import Any

from fastapi import Depends, FastAPI

BODY = {"message": "ok"}


async def answer() -> dict[str, str]:
    """The route that every application has."""
    return BODY


def application(*dependencies: Callable[..., Any]) -> FastAPI:
    """An application whose route depends on these."""
    app = FastAPI()
    app.get("/", dependencies=[Depends(dependency) for dependency in dependencies])(answer)
    return app
