"""The README, followed as a stranger would: every block is written, started or run, and does what it says.

The blocks that set the project up are asked of `make` and `pip` without being carried out: they are how this very suite
came to run, and the suite itself downloads nothing.
"""

import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from processes import free_port, running

ROOT = Path(__file__).parents[2]
BLOCK = re.compile(r"(?:^<!-- (?P<mark>[^\n]*) -->\n)?^```(?P<language>\w+)\n(?P<text>.*?)^```$", re.M | re.S)


@dataclass(frozen=True)
class Block:
    mark: str
    language: str
    text: str


def blocks(page: Path) -> list[Block]:
    return [Block(match["mark"] or "", match["language"], match["text"]) for match in BLOCK.finditer(page.read_text())]


README = blocks(ROOT / "README.md")


class Reader:
    """Somebody who follows the page in an empty folder. The ports of the page are replaced by free ones."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self.folder = folder
        self._stack = stack
        self._ports = {"8787": str(free_port()), "8000": str(free_port())}
        (folder / ".venv").symlink_to(sys.prefix)

    def here(self, text: str) -> str:
        for printed, free in self._ports.items():
            text = text.replace(f"127.0.0.1:{printed}", f"127.0.0.1:{free}")
        return text

    def write(self, name: str, text: str) -> None:
        (self.folder / name).write_text(self.here(text))

    def start(self, command: str) -> None:
        printed = "8787" if "axioms forge" in command else "8000"
        port = self._ports[printed]
        arguments = [*command.split(), "--port", port]
        self._stack.enter_context(running(arguments, ready=f"http://127.0.0.1:{port}/", cwd=self.folder))

    def run(self, text: str) -> None:
        """Run a block; a comment with a status at the end of a line says what that curl line must answer."""
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", self.here(text)],
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert done.returncode == 0, done.stderr
        answered = re.findall(r"HTTP/1\.1 (\d{3})", done.stdout)
        assert answered == re.findall(r"# (\d{3})$", text, re.M)

    def try_setup(self, text: str) -> None:
        for line in text.splitlines():
            if line.startswith("make "):
                command = ["make", "-n", *line.split()[1:]]
            elif " -m venv " in line:
                command = [sys.executable, "-c", "import venv, ensurepip"]
            else:
                requirement = line.split("-e ")[1].split()[0].strip("'")
                command = [
                    sys.executable,
                    "-m",
                    "pip",
                    "install",
                    "--dry-run",
                    "--no-deps",
                    "--no-index",
                    "--no-build-isolation",
                ]
                command += ["--quiet", "-e", requirement.replace("../axioms-fastapi", str(ROOT), 1)]
            done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)
            assert done.returncode == 0, f"{line}\n{done.stdout}{done.stderr}"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("reader")


@pytest.fixture(scope="module")
def reader(folder: Path) -> Iterator[Reader]:
    with ExitStack() as stack:
        yield Reader(folder, stack)


@pytest.mark.skipif(
    not (shutil.which("curl") and shutil.which("bash")), reason="the README's commands need bash and curl"
)
def test_commands(reader: Reader) -> None:
    """From the first block to the last command, everything works in the order in which it is printed."""
    for block in README:
        if block.mark.startswith("file: "):
            reader.write(block.mark.removeprefix("file: "), block.text)
        elif block.mark == "terminal":
            reader.start(block.text.strip())
        elif block.language == "bash" and re.match(r"make |python3 -m venv ", block.text):
            reader.try_setup(block.text)
        elif block.language == "bash":
            reader.run(block.text)


def test_python(issuer: str, bearer: Callable[..., dict[str, str]], monkeypatch: pytest.MonkeyPatch) -> None:
    """The Python blocks are one program, and its routes answer as the text around them says."""
    monkeypatch.setenv("AXIOMS_AUDIENCE", "https://api.example.com")
    monkeypatch.setenv("AXIOMS_ISS_URL", issuer)
    program: dict[str, Any] = {}
    for block in README:
        if block.language == "python" and not block.mark.startswith("file: test_"):
            exec(compile(block.text, "README.md", "exec", dont_inherit=True), program)
    client = TestClient(program["app"])
    alice = {"sub": "alice"}

    def status(method: str, path: str, **claims: object) -> int:
        return client.request(method, path, headers=bearer(**claims)).status_code

    assert client.get("/protected", headers=bearer(sub="alice")).json() == {
        "user_id": "alice",
        "message": "Authenticated!",
    }
    assert client.get("/protected").json()["error"] == "unauthorized_access"
    may_delete = {"scope": "admin", "roles": ["editor"], "permissions": ["posts:delete"]}
    assert status("DELETE", "/api/posts/1", **may_delete) == 200
    for name in may_delete:
        assert status("DELETE", "/api/posts/1", **may_delete | {name: ""}) == 403
    assert status("POST", "/publish", scope="articles:publish", roles=["editor"]) == 200
    assert status("POST", "/publish", scope="articles:publish", email="a@example.com", email_verified=True) == 200
    assert status("POST", "/publish", scope="articles:publish", email=5) == 403
    assert status("POST", "/publish", scope="articles:publish", roles=["editor", "suspended"]) == 403
    assert status("GET", "/notes/1", sub="user123") == 200
    assert status("GET", "/notes/1", **alice) == 403
    assert status("GET", "/notes/2", **alice) == 404
    assert client.get("/me", headers=bearer(sub="alice", scope="b a")).json() == {
        "subject": "alice",
        "scopes": ["a", "b"],
    }
    assert client.get("/greeting").json() == {"hello": "stranger"}
    assert client.get("/greeting", headers=bearer(sub="alice")).json() == {"hello": "alice"}
    assert client.options("/legacy").json() == {"user": None}
    assert client.get("/legacy").status_code == 401
    assert client.get("/whoami").json() == {"sub": None, "anonymous": True}
    assert client.get("/whoami", headers=bearer(sub="alice")).json() == {"sub": "alice", "anonymous": False}


def test_every_block_is_followed() -> None:
    """A block in a language that nobody here follows would be a block that nobody checks."""
    assert {block.language for block in README} <= {"bash", "python", "ini"}
    assert all(block.mark.startswith("file: ") for block in README if block.language == "ini")


def test_settings_table() -> None:
    """The table of settings names every setting, and no other."""
    from axioms_fastapi.settings import AxiomsKeywords

    named = set(re.findall(r"^\| `(AXIOMS_\w+)` \|", (ROOT / "README.md").read_text(), re.M))
    assert named == set(AxiomsKeywords.__annotations__)


@pytest.mark.parametrize(
    "page", sorted(ROOT.glob("*.md")) + sorted(ROOT.glob("docs/**/*.md")), ids=lambda page: page.name
)
def test_links(page: Path) -> None:
    """Links between the project's own pages lead somewhere."""
    for target in re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text()):
        assert (page.parent / target).exists(), target


def test_no_secrets_in_pages() -> None:
    """No page carries a token."""
    for page in ROOT.glob("*.md"):
        assert not re.search(r"eyJ[\w-]{20,}", page.read_text())
