"""Real child processes: started, awaited, and always ended with everything they started themselves."""

import os
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx2


def free_port() -> int:
    """A port of 127.0.0.1 that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Process:
    """A running child process and what it has printed."""

    def __init__(self, child: "subprocess.Popen[bytes]", log: Path) -> None:
        self._child = child
        self._log = log

    @property
    def pid(self) -> int:
        """The process, which leads a group of its own."""
        return self._child.pid

    @property
    def exit_code(self) -> int | None:
        """The exit code, or None while it runs."""
        return self._child.poll()

    def output(self) -> str:
        """What it has printed so far."""
        return self._log.read_text(errors="replace")

    def interrupt(self, timeout: float = 15.0) -> int:
        """The exit code after Ctrl-C, which a terminal sends to the whole group."""
        os.killpg(self.pid, signal.SIGINT)
        return self._child.wait(timeout)


@contextmanager
def running(
    command: Sequence[str],
    *,
    ready: "str | Callable[[Process], bool]",
    env: Mapping[str, str] | None = None,
    cwd: str | Path | None = None,
    timeout: float = 30.0,
) -> Iterator[Process]:
    """The command runs and is ready: a URL answers, or a function says so. Ended with its group when the block ends.

    `env` is added to the environment. Raises RuntimeError with what it printed when it ends early or is not ready in time.
    """
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder, "output")
        with log.open("wb") as sink:
            child = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=sink, stderr=subprocess.STDOUT, cwd=cwd,
                env={**os.environ, **(env or {})}, start_new_session=True,
            )  # fmt: skip
        process = Process(child, log)
        try:
            _await(process, command, ready, timeout)
            yield process
        finally:
            _end(child)


def _await(process: Process, command: Sequence[str], ready: "str | Callable[[Process], bool]", timeout: float) -> None:
    is_ready = ready if callable(ready) else lambda _: _answers(ready)
    deadline = time.monotonic() + timeout
    while True:
        # The exit code is asked first and last: an answer may come from another program that holds the port.
        answered = process.exit_code is None and is_ready(process)
        if process.exit_code is not None or time.monotonic() > deadline:
            state = "is not ready" if process.exit_code is None else f"ended with {process.exit_code}"
            raise RuntimeError(f"{' '.join(command)} {state}; it printed:\n{process.output()[-4000:]}")
        if answered:
            return
        time.sleep(0.05)


def _answers(url: str) -> bool:
    with httpx2.Client(trust_env=False, timeout=2.0) as client:
        try:
            client.get(url)
        except httpx2.TransportError:
            return False
    return True


def _end(child: "subprocess.Popen[bytes]") -> None:
    for sign, patience in ((signal.SIGTERM, 5.0), (signal.SIGKILL, 5.0)):
        with suppress(ProcessLookupError):
            os.killpg(child.pid, sign)
        try:
            child.wait(patience)
        except subprocess.TimeoutExpired:
            continue
        # The leader is gone; whatever of its group is left gets no time at all.
        try:
            os.killpg(child.pid, signal.SIGKILL)
        except ProcessLookupError:
            return
