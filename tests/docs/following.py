"""Pages, followed: their blocks, and a reader who writes the files, starts the servers and runs the commands."""

import re
import subprocess
import sys
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from processes import free_port, running

ROOT = Path(__file__).parents[2]
_BLOCK = re.compile(r"(?:^<!-- (?P<mark>[^\n]*) -->\n)?^```(?P<language>\w+)\n(?P<text>.*?)^```$", re.M | re.S)


@dataclass(frozen=True)
class Block:
    """A block of a page. `mark` is the comment before it: which file it is, or that it needs a terminal of its own."""

    mark: str
    language: str
    text: str


def blocks(page: str) -> list[Block]:
    """The blocks of a page of docs."""
    text = (ROOT / "docs" / page).read_text()
    return [Block(match["mark"] or "", match["language"], match["text"]) for match in _BLOCK.finditer(text)]


class Follower:
    """Somebody who follows a page in an empty folder. The ports of the page are replaced by free ones."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self.folder = folder
        self._stack = stack
        self._ports = {"8787": str(free_port()), "8000": str(free_port())}
        (folder / ".venv").symlink_to(sys.prefix)

    def here(self, text: str) -> str:
        """The text with the ports of this run."""
        for printed, free in self._ports.items():
            text = text.replace(f"127.0.0.1:{printed}", f"127.0.0.1:{free}")
        return text

    def follow(self, block: Block, arguments: str = "") -> "subprocess.CompletedProcess[str] | None":
        """Write the block's file, start its server, or run it with further arguments."""
        if block.mark.startswith("file: "):
            (self.folder / block.mark.removeprefix("file: ")).write_text(self.here(block.text))
            return None
        if block.mark == "terminal":
            port = self._ports["8787" if "axioms forge" in block.text else "8000"]
            command = [*block.text.split(), "--port", port]
            self._stack.enter_context(running(command, ready=f"http://127.0.0.1:{port}/", cwd=self.folder))
            return None
        command_line = self.here(block.text).rstrip() + arguments
        return subprocess.run(
            ["bash", "-euo", "pipefail", "-c", command_line],
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=120,
        )
