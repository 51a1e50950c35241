"""As many uvicorn workers as the command line says, on one listening socket, as `uvicorn --workers` starts them.

The socket is ours: on the one that `uvicorn --workers` makes, asyncio leaves Nagle's algorithm on, and each answer on a
connection that is kept waits 40 ms for the client's acknowledgement. That would be all that is measured.
"""

import json
import multiprocessing
import signal
import socket
import sys
from pathlib import Path

import uvicorn

from axioms_fastapi.forge.server import listen
from benchmarks.workers.given import Given
from benchmarks.workers.server import application_of


def serve(listener: socket.socket, given: str, kind: str) -> None:
    """Serve until the parent is gone."""
    app = application_of(Given.from_file(Path(given)), kind)
    uvicorn.Server(uvicorn.Config(app, log_level="warning", access_log=False)).run(sockets=[listener])


def main() -> None:
    """Start the workers, say the port, and end with all of them."""
    _, given, kind, workers = sys.argv
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())  # an exit ends the children too
    listener = listen("127.0.0.1", 0)
    spawn = multiprocessing.get_context("spawn")
    processes = [spawn.Process(target=serve, args=(listener, given, kind), daemon=True) for _ in range(int(workers))]
    for process in processes:
        process.start()
    print(json.dumps({"port": listener.getsockname()[1]}), flush=True)
    for process in processes:
        process.join()


if __name__ == "__main__":
    main()
