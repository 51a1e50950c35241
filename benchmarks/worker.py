"""The parent's side of the line protocol: processes that are asked, one at a time, to measure something."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

from benchmarks.peers import ROOT

# What a worker measures in one round: seconds of each case, turn by turn.
Seconds = dict[str, list[float]]


def environment(**more: str) -> dict[str, str]:
    """The environment of what is measured: the settings of whoever starts the benchmark are not its own."""
    return {name: value for name, value in os.environ.items() if not name.startswith("AXIOMS_")} | more


def answer_of(module: str, *arguments: str, **more: str) -> Any:
    """What a worker that is asked once says, in an environment with these variables besides."""
    command = [sys.executable, "-m", f"benchmarks.workers.{module}", *arguments]
    done = subprocess.run(command, cwd=ROOT, env=environment(**more), check=True, stdout=subprocess.PIPE, text=True)
    return json.loads(done.stdout)


class WorkerFailed(Exception):
    """A worker ended before it answered. Its own words are on standard error."""


class Measures(Protocol):
    """Something that can be asked for cases."""

    def measure(self, cases: Sequence[str]) -> Seconds:
        """The seconds of each of these cases, turn by turn."""
        ...


class Process:
    """A Python process that answers a line of JSON with another."""

    def __init__(self, module: str, *arguments: str, python: Path | str = sys.executable) -> None:
        command = [str(python), "-m", f"benchmarks.workers.{module}", *arguments]
        self._module = module
        self._process = subprocess.Popen(
            command, cwd=ROOT, env=environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.pid = self._process.pid

    def ask(self, question: object) -> Any:
        """The answer. Raises WorkerFailed."""
        assert self._process.stdin is not None
        try:
            print(json.dumps(question), file=self._process.stdin, flush=True)
        except BrokenPipeError:
            raise WorkerFailed(self._module) from None
        return self.hear()

    def hear(self) -> Any:
        """The next line of what it says. Raises WorkerFailed."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise WorkerFailed(f"benchmarks.workers.{self._module} ended with {self._process.wait()}")
        return json.loads(line)

    def end(self) -> None:
        """The process is gone."""
        self._process.terminate()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                stream.close()


class InProcess:
    """A worker that calls what it measures without sockets."""

    def __init__(self, module: str, given: Path, python: Path | str, turns: int, calls: int) -> None:
        self._process = Process(module, str(given), python=python)
        self._asking = {"turns": turns, "calls": calls}
        self._versions: dict[str, str] | None = None

    def start(self) -> dict[str, str]:
        """The versions of what it measures, once it is ready."""
        if self._versions is None:
            self._versions = self._process.hear()["versions"]
        return self._versions

    def measure(self, cases: Sequence[str]) -> Seconds:
        """See Measures."""
        answer: Seconds = self._process.ask({"cases": list(cases), **self._asking})
        return answer

    def end(self) -> None:
        """The process is gone."""
        self._process.end()
