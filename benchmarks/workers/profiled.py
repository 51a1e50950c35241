"""Profiles a request: every call that it makes, counted by Python's own profiler, which slows all of them and misses none.

It needs no more of the library than what its first version had, so that the source of any commit can be profiled.
"""

import asyncio
import cProfile
import json
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import axioms_fastapi
from axioms_fastapi import init_axioms, require_auth
from benchmarks.workers.asgi import Answered, request
from benchmarks.workers.given import Given
from benchmarks.workers.routes import application

WARMING_REQUESTS = 50
REQUESTS = 1000

_LIBRARY = Path(axioms_fastapi.__file__).parent
_FRAMEWORK = ("fastapi", "starlette")


def owner_of(file: Path) -> str:
    """Whose function this is, by the file that it stands in."""
    if file.is_relative_to(_LIBRARY):
        return "ours"
    return "framework" if any(part in _FRAMEWORK for part in file.parts) else "others"


async def profile(answered: Answered, tokens: Iterator[str], count: int = REQUESTS) -> dict[str, Any]:
    """What one of `count` requests does: calls by whose they are, and calls and seconds of each function of ours."""
    for _ in range(WARMING_REQUESTS):
        await answered(request(next(tokens)))
    requests = [request(next(tokens)) for _ in range(count)]
    profiler = cProfile.Profile()
    profiler.enable()
    for each in requests:
        await answered(each)
    profiler.disable()
    answered.check()
    calls: dict[str, float] = defaultdict(float)
    functions: dict[str, list[float]] = defaultdict(lambda: [0.0, 0.0])
    for entry in profiler.getstats():  # type: ignore[attr-defined] # what `pstats` reads, before it loses who called
        if isinstance(entry.code, str):
            continue  # a built-in function, which counts for whoever calls it
        file = Path(entry.code.co_filename)
        owner = owner_of(file)
        calls[owner] += entry.callcount / count
        if owner == "ours":
            built_in = [each for each in entry.calls or () if isinstance(each.code, str)]
            calls["built in, from ours"] += sum(each.callcount for each in built_in) / count
            function = functions[f"{file.relative_to(_LIBRARY).with_suffix('').as_posix()}: {entry.code.co_qualname}"]
            function[0] += entry.callcount / count
            function[1] += (entry.inlinetime + sum(each.inlinetime for each in built_in)) / count
    return {"calls": calls, "functions": functions}


async def profiles(given: Given) -> dict[str, Any]:
    """The profile of each case."""
    answers = {}
    for case, tokens in (("cold", given.fresh()), ("repeated", given.repeated()), ("bare", given.repeated())):
        app = application() if case == "bare" else application(require_auth)
        init_axioms(app, AXIOMS_AUDIENCE=given.audience, AXIOMS_ISS_URL=given.issuer, AXIOMS_JWKS_URL=given.jwks_url)
        answers[case] = await profile(Answered(app), tokens)
    return answers


def main() -> None:
    """Say it all in one line."""
    print(json.dumps(asyncio.run(profiles(Given.from_arguments()))), flush=True)


if __name__ == "__main__":
    main()
