"""Runs tests against mutants: in a fork that has loaded everything but the project, with one file of it imported from memory.

The mutated file is never written, nothing is copied, and what a mutant breaks ends with its process.
"""

import contextlib
import gc
import importlib.abc
import importlib.machinery
import importlib.util
import os
import resource
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import CodeType, ModuleType

import pytest
from mutations import Mutant

ROOT = Path(__file__).parents[1]
LIBRARY = ROOT / "src" / "axioms_fastapi"
KEPT = ROOT / "build" / "mutants"

# Every case of the conformance tests runs with a memory of verified tokens and without: once is enough here.
_OPTIONS = ("-x", "-q", "-p", "no:cacheprovider", "-p", "no:faker", "-k", "not no-cache")
# A mutant that loops must not take the machine with it.
_MOST_MEMORY = 3 * 2**30


def load_everything_else(tests: Sequence[str]) -> None:
    """What the tests import from elsewhere is loaded, and nothing of the project: each child loads that itself."""
    with _silenced(KEPT / "collected.txt"):
        pytest.main([*_OPTIONS, "--collect-only", *tests])
    import hypothesis  # not before pytest, which warns then

    hypothesis.settings.register_profile("mutants", derandomize=True, database=None, deadline=None)
    hypothesis.settings.load_profile("mutants")
    own = tuple(str(ROOT / folder) + os.sep for folder in ("src", "tests", "examples"))
    for name, module in list(sys.modules.items()):
        if str(getattr(module, "__file__", None) or "").startswith(own):
            del sys.modules[name]
    gc.freeze()  # the children need not look through it


@dataclass(frozen=True)
class Tests:
    """Tests that pass against the file as it is, and how long a mutant may take for them."""

    paths: tuple[str, ...]
    limit: int

    @classmethod
    def that_pass(cls, paths: Sequence[str], parallel: int) -> "Tests":
        """These tests. Exits with what pytest says where one of them fails without a mutant."""
        if not paths:
            return cls((), 1)
        started = time.monotonic()
        pids = [_forked(lambda slot=slot: _run(paths, slot)) for slot in range(parallel)]  # as busy as later
        statuses = [os.waitpid(pid, 0)[1] for pid in pids]
        if any(statuses):
            sys.exit(
                (KEPT / "tests-0.txt").read_text("utf-8") + "\nTests fail without any mutant: nothing can be learnt."
            )
        return cls(tuple(paths), 20 + 5 * int(time.monotonic() - started))

    def without(self, paths: Sequence[str]) -> "Tests":
        """The others of these tests."""
        return Tests(tuple(path for path in self.paths if path not in paths), self.limit)


def killed(path: Path, mutants: Sequence[Mutant], tests: Tests, jobs: int, told: Callable[[], None]) -> set[Mutant]:
    """Those of the mutants that the tests notice: one fails, or they come to no end, twice. `told` is called after each."""
    noticed: set[Mutant] = set()
    waiting, free = list(reversed(mutants)) if tests.paths else [], list(range(jobs))
    running: dict[int, tuple[Mutant, int]] = {}
    late: set[Mutant] = set()
    try:
        while waiting or running:
            while waiting and free:
                mutant, slot = waiting.pop(), free.pop()
                running[_forked(lambda m=mutant, s=slot: _try(path, m, tests, s))] = mutant, slot
            pid, status = os.wait()
            mutant, slot = running.pop(pid)
            _end_group(pid)
            free.append(slot)
            if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGALRM and mutant not in late:
                late.add(mutant)  # perhaps the machine was busy
                waiting.insert(0, mutant)
                continue
            if status:
                noticed.add(mutant)
            told()
    finally:
        for pid in running:
            _end_group(pid)
    return noticed


class _Mutated(importlib.machinery.SourceFileLoader, importlib.abc.MetaPathFinder):
    """Finds and loads one module, of another text than its file has."""

    def __init__(self, path: Path, source: str) -> None:
        super().__init__(".".join(path.relative_to(LIBRARY.parent).with_suffix("").parts), str(path))
        self._source = source

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        return (
            importlib.util.spec_from_file_location(fullname, self.path, loader=self) if fullname == self.name else None
        )

    def get_code(self, fullname: str) -> CodeType:
        return compile(self._source, self.path, "exec", dont_inherit=True)


def _forked(work: Callable[[], int]) -> int:
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            os.setsid()
            code = work()
        finally:
            os._exit(code)
    return pid


def _end_group(pid: int) -> None:
    """Nothing that the child started goes on."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)


def _try(path: Path, mutant: Mutant, tests: Tests, slot: int) -> int:
    signal.alarm(tests.limit)
    resource.setrlimit(resource.RLIMIT_DATA, (_MOST_MEMORY, _MOST_MEMORY))
    sys.meta_path.insert(0, _Mutated(path, mutant.source))
    return _run(tests.paths, slot, "--tb=no")


def _run(paths: Sequence[str], slot: int, *options: str) -> int:
    with _silenced(KEPT / f"tests-{slot}.txt"):
        return int(pytest.main([*_OPTIONS, f"--basetemp={KEPT / f'tmp-{slot}'}", *options, *paths]))


@contextlib.contextmanager
def _silenced(path: Path) -> Iterator[None]:
    """What is written to the standard streams goes to a file."""
    sys.stdout.flush()
    sys.stderr.flush()
    kept = os.dup(1), os.dup(2)
    with path.open("wb") as log:
        os.dup2(log.fileno(), 1)
        os.dup2(log.fileno(), 2)
    try:
        yield
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        for target, stream in enumerate(kept, start=1):
            os.dup2(stream, target)
            os.close(stream)
