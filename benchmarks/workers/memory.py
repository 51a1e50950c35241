"""What remembered tokens weigh: the bytes of a full cache, and the process over very many tokens that are all different.

`python -m benchmarks.workers.memory 1000000` prints one line of JSON.
"""

import asyncio
import gc
import json
import multiprocessing
import os
import sys
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from typing import Any

from axioms_fastapi import Issuer
from axioms_fastapi.core.issuers import Issuers
from axioms_fastapi.core.remote_keys import KeyTimes
from axioms_fastapi.core.token_cache import TokenCache
from axioms_fastapi.core.verifier import Verifier
from axioms_fastapi.forge import ForgeKeys, Mint
from axioms_fastapi.trust import KeyFetching, trusted_issuer
from benchmarks.issuer import AUDIENCE, CLAIMS

ENTRIES = 10_000
ISSUER = "https://issuer.example.com"
BATCH = 1000
# Longer than the run: entries go because others come, never because they are old.
KEPT = 3600.0


def mint(pipe: Connection, tokens: int) -> None:
    """Mint in another process: the one that is measured holds no token but those that it is at."""
    keys = ForgeKeys.generate("ES256")
    pipe.send(keys.public_jwks())
    minting = Mint(keys, ISSUER, AUDIENCE)
    for begin in range(0, tokens, BATCH):
        pipe.send([minting.mint(CLAIMS) for _ in range(begin, min(tokens, begin + BATCH))])
    pipe.close()


@contextmanager
def minting(tokens: int) -> Iterator[Connection]:
    """A pipe that gives the key set, then so many tokens in batches."""
    ours, theirs = multiprocessing.Pipe(duplex=False)
    process = multiprocessing.get_context("spawn").Process(target=mint, args=(theirs, tokens), daemon=True)
    process.start()
    theirs.close()
    try:
        yield ours
    finally:
        process.terminate()
        process.join()


def verifier(jwks: dict[str, Any], cache: TokenCache) -> Verifier:
    """A verifier as an application has it by default, with this memory."""
    trusted = trusted_issuer(Issuer(ISSUER, AUDIENCE, keys=jwks), ISSUER, KeyFetching(KeyTimes()))
    return Verifier(Issuers([trusted]), max_token_size=16 * 1024, cache=cache)


def resident_bytes() -> int:
    """What the process holds of the machine's memory (Linux)."""
    gc.collect()
    with open("/proc/self/statm", encoding="ascii") as fields:
        return int(fields.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


async def verify_all(pipe: Connection, verifying: Verifier, tokens: int, *, asks: bool = True) -> None:
    """So many more tokens of the pipe have been verified, each twice, since one that comes once is not remembered.

    Each caller is asked for scopes and claims, as most guards do: what a principal says is read when it is first asked for, and
    weighs something from then on.
    """
    for _ in range(tokens // BATCH):
        for token in pipe.recv():
            sent = token.encode()
            await verifying.verify(sent)
            principal = await verifying.verify(sent)
            assert not asks or ("read" in principal.scopes and principal.claims.sub == "alice")


async def traced(*, asks: bool) -> int:
    """The bytes that Python has allocated for a full cache."""
    with minting(ENTRIES + BATCH) as pipe:
        jwks = pipe.recv()
        # What is made once, such as modules and regular expressions, is no cost of an entry.
        await verify_all(pipe, verifier(jwks, TokenCache(ENTRIES, KEPT)), BATCH)
        cache = TokenCache(ENTRIES, KEPT)
        verifying = verifier(jwks, cache)
        gc.collect()
        tracemalloc.start()
        await verify_all(pipe, verifying, ENTRIES, asks=asks)
        gc.collect()
        held = tracemalloc.get_traced_memory()[0]
        tracemalloc.stop()
        assert len(cache) == ENTRIES
        return held


async def over_many(tokens: int) -> list[dict[str, int]]:
    """Tokens seen, entries and resident bytes: before the first, with a full cache, and on to the last."""
    cache = TokenCache(ENTRIES, KEPT)
    with minting(tokens) as pipe:
        verifying = verifier(pipe.recv(), cache)
        tenths = {ENTRIES + (tokens - ENTRIES) * tenth // 10 // BATCH * BATCH for tenth in range(11)}
        stops = [0, *sorted(tenths)]
        seen: list[dict[str, int]] = []
        for before, stop in zip([0, *stops], stops, strict=False):
            await verify_all(pipe, verifying, stop - before)
            seen.append({"tokens": stop, "entries": len(cache), "resident": resident_bytes()})
        return seen


def main() -> None:
    """Measure, and say what was seen."""
    tokens = int(sys.argv[1])
    # First of all, while the process is as small as it ever was.
    seen = asyncio.run(over_many(tokens))
    unasked, asked = (asyncio.run(traced(asks=asks)) for asks in (False, True))
    print(json.dumps({"entries": ENTRIES, "traced": asked, "traced_unasked": unasked, "over_many": seen}))


if __name__ == "__main__":
    main()
