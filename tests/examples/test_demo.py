"""`make demo` and `make demo-check`, run as a person does."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from processes import running

ROOT = Path(__file__).parents[2]
DEMO = [sys.executable, "-m", "examples.articles.demo"]


def test_check() -> None:
    """Every call of the walk answers as the walk says."""
    done = subprocess.run([*DEMO, "--check"], cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    calls = re.findall(r"^ ?(\d+)\. ", done.stdout, re.M)
    assert f"{len(calls)} of {len(calls)} calls answered as they should." in done.stdout
    assert len(calls) >= 12


def test_check_fails_on_a_difference() -> None:
    """A walk that expects something else fails: the check can fail."""
    code = (
        "import sys; from dataclasses import replace; from examples.articles import demo\n"
        "demo.WALK = (replace(demo.WALK[1], status=200), *demo.WALK[2:])\n"
        "sys.argv = ['demo', '--check']; sys.exit(demo.main())"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.returncode == 1
    assert "FAILED: the status is 401, expected 200" in done.stdout


@pytest.mark.parametrize("sign", [signal.SIGHUP, signal.SIGTERM])
def test_ended_otherwise(sign: signal.Signals) -> None:
    """A closed terminal and a plain kill end both servers as Ctrl-C does."""
    with running(DEMO, ready=lambda process: "Ctrl-C stops both" in process.output(), cwd=ROOT) as process:
        ports = re.findall(r"(?:issuer|browser): http://127\.0\.0\.1:(\d+)", process.output())
        os.kill(process.pid, sign)
        deadline = time.monotonic() + 15
        while process.exit_code is None and time.monotonic() < deadline:
            time.sleep(0.05)
        assert process.exit_code == 0
        assert len(ports) == 2
        for port in ports:
            with socket.socket() as probe:
                assert probe.connect_ex(("127.0.0.1", int(port))) != 0, "the server still answers"


@pytest.mark.skipif(not (shutil.which("curl") and shutil.which("bash")), reason="the walk's lines need bash and curl")
def test_walk() -> None:
    """The printed lines, pasted into a shell, answer; Ctrl-C ends the demo and both of its servers."""
    with running(DEMO, ready=lambda process: "Ctrl-C stops both" in process.output(), cwd=ROOT) as process:
        output = process.output()
        assignments = re.findall(r"^[A-Z]+=eyJ\S+$", output, re.M)
        curls = re.findall(r"^ {4}(curl .*)\n {4}(\d{3}) ", output, re.M)
        assert (len(assignments), len(curls) >= 12) == (5, True)
        for line, status in curls:
            if "-X" not in line:  # what changes something has changed it already
                script = "\n".join([*assignments, line.replace("curl -sw", "curl -o /dev/null -sw")])
                done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, timeout=20)
                assert done.stdout.strip() == status, line
        forge, api = (re.search(rf"{name}: (http://127\.0\.0\.1:\d+)", output) for name in ("issuer", "browser"))
        assert forge
        assert api
        assert process.interrupt() == 0
        assert "Stopped." in process.output()
        for url in (forge[1], api[1]):
            assert subprocess.run(["curl", "-s", url], timeout=20).returncode == 7, "the server still answers"
