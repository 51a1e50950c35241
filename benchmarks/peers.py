"""The libraries that are measured beside ours, each in an environment of its own: one of them has our very name."""

import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
ENVIRONMENTS = ROOT / "benchmarks" / ".peers"


@dataclass(frozen=True)
class Peer:
    """A library with locked dependencies: the versions of FastAPI, PyJWT and cryptography are this project's own."""

    name: str
    worker: str

    @property
    def requirements(self) -> Path:
        """What its environment holds."""
        return ROOT / "benchmarks" / "peers" / f"{self.name}.txt"

    def python(self) -> Path | None:
        """The interpreter of its environment, which is made where it is not there; None where that cannot be done."""
        folder = ENVIRONMENTS / f"{self.name}-py{sys.version_info.major}.{sys.version_info.minor}"
        python, installed = folder / "bin" / "python", folder / "installed.txt"
        wanted = self.requirements.read_text()
        if not (python.exists() and installed.exists() and installed.read_text() == wanted):
            print(f"Installing {self.name} into an environment of its own (once) ...", flush=True)
            try:
                make_environment(folder, self.requirements)
            except subprocess.CalledProcessError as error:
                print(f"{self.name} could not be installed, so its rows are skipped: {last_line(error.stderr)}")
                return None
            installed.write_text(wanted)
        return python


PEERS = (
    Peer("axioms-fastapi", "axioms_0_0_13"),
    Peer("fastapi-azure-auth", "azure_auth"),
)


def make_environment(folder: Path, requirements: Path) -> None:
    """A fresh environment with exactly these packages is there. Raises CalledProcessError."""
    shutil.rmtree(folder, ignore_errors=True)
    pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    for command in (
        [sys.executable, "-m", "venv", str(folder)],
        # A machine without a network should say so at once.
        [*pip, "--retries", "1", "--require-hashes", "-r", str(requirements)],
    ):
        subprocess.run(command, check=True, capture_output=True, text=True)


def last_line(text: str | None) -> str:
    """What a program said last."""
    lines = (text or "").strip().splitlines()
    return lines[-1] if lines else "it did not say why"
