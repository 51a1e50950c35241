"""One uvicorn worker with one of our applications, on a core of its own where the system can say so, or `anywhere`."""

import json
import os
import sys

import uvicorn
from fastapi import FastAPI

from axioms_fastapi import require_auth
from axioms_fastapi.forge.server import listen
from benchmarks.workers.given import Given
from benchmarks.workers.guards import behind_middleware, protected
from benchmarks.workers.routes import application


def application_of(given: Given, kind: str) -> FastAPI:
    """The application of that kind."""
    if kind == "middleware":
        return behind_middleware(given)
    return application() if kind == "bare" else protected(given, application(require_auth))


def main() -> None:
    """Serve until the parent ends it, after the port has been printed."""
    if hasattr(os, "sched_setaffinity") and "anywhere" not in sys.argv:
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    app = application_of(Given.from_arguments(), sys.argv[2])
    listener = listen("127.0.0.1", 0)
    print(json.dumps({"port": listener.getsockname()[1]}), flush=True)
    uvicorn.Server(uvicorn.Config(app, log_level="warning", access_log=False)).run(sockets=[listener])


if __name__ == "__main__":
    main()
