"""uvicorn servers of one worker each, started once, and a client that loads one of them at a time."""

import random
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.worker import Process, Seconds

# Which tokens each server is sent.
TOKENS = {"bare": "repeated", "cold": "cold", "repeated": "repeated", "middleware": "repeated"}
WARMING_REQUESTS = 200


class Servers:
    """The servers that the cases need. The seconds of a case are those of one request, of many."""

    def __init__(self, given: Path, cases: Sequence[str], requests: int) -> None:
        self._servers = {case: Process("server", str(given), case) for case in cases}
        self._client = Process("load", str(given))
        self._requests = requests
        self._ports: dict[str, int] = {}

    def start(self) -> dict[str, str]:
        """Every server answers, and has its keys. Returns the versions of what is measured."""
        for case, server in self._servers.items():
            self._ports[case] = server.hear()["port"]
            self._load(case, WARMING_REQUESTS)
        versions: dict[str, str] = self._client.ask({"versions": ["uvicorn", "httptools"]})
        return versions

    def measure(self, cases: Sequence[str]) -> Seconds:
        """See Measures. One turn, in another order each time."""
        order = list(cases)
        random.shuffle(order)
        return {case: [self._load(case, self._requests)] for case in order}

    def _load(self, case: str, requests: int) -> float:
        time.sleep(0.02)  # connections of the case before are gone
        asked = {"ports": [self._ports[case]], "tokens": TOKENS[case], "requests": requests}
        seconds: float = self._client.ask(asked)
        return seconds / requests

    def end(self) -> None:
        """The processes are gone."""
        for process in (self._client, *self._servers.values()):
            process.end()
