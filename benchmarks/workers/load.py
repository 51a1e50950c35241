"""Load: a client that does next to nothing, so that the server is what is measured.

A line is JSON: `{"ports": [1234], "tokens": "cold", "requests": 4000}`; the answer is a line with the seconds that it took.
"""

import json
import os
import selectors
import socket
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from importlib.metadata import version
from itertools import cycle
from time import perf_counter
from typing import cast

from benchmarks.workers.given import Given

CONNECTIONS = 16
# What every route of this benchmark answers, and so where an answer ends.
END = b'{"message":"ok"}'


def requests(tokens: Iterator[str], count: int) -> list[bytes]:
    """So many requests as they go over the wire."""
    head = (
        "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: benchmark\r\nAccept: application/json\r\n"
        "Accept-Encoding: gzip, deflate, br\r\nAuthorization: Bearer "
    )
    return [f"{head}{next(tokens)}\r\n\r\n".encode() for _ in range(count)]


def seconds(ports: list[int], prepared: list[bytes]) -> float:
    """How long the servers took for all of them, over a few connections that always have one on the way."""
    with ExitStack() as stack:
        waiting = stack.enter_context(selectors.DefaultSelector())
        received: dict[socket.socket, bytes] = {}
        for _, port in zip(range(CONNECTIONS), cycle(ports), strict=False):
            connection = stack.enter_context(socket.create_connection(("127.0.0.1", port)))
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            waiting.register(connection, selectors.EVENT_READ)
            received[connection] = b""
        left, sent = len(prepared), iter(prepared)
        start = perf_counter()
        for connection in received:
            connection.sendall(next(sent))
        while left:
            for ready, _ in waiting.select():
                connection = cast("socket.socket", ready.fileobj)
                data = received[connection] + connection.recv(65536)
                if not data.endswith(END):
                    received[connection] = check_unfinished(data)
                    continue
                received[connection] = b""
                left -= 1
                following = next(sent, None)
                if following is not None:
                    connection.sendall(following)
        return perf_counter() - start


def check_unfinished(data: bytes) -> bytes:
    """The beginning of an answer that is on its way. Ends the run for any other answer."""
    if not data.startswith(b"HTTP/1.1 200"[: len(data)]) or not data:
        raise SystemExit(f"a request that should be let in was answered with {data[:100]!r}")
    return data


def main() -> None:
    """Load whichever server is asked for, until standard input closes."""
    if hasattr(os, "sched_setaffinity") and "anywhere" not in sys.argv:
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    given = Given.from_arguments()
    tokens = {"cold": given.fresh(), "repeated": given.repeated()}
    for line in sys.stdin:
        asked = json.loads(line)
        if "versions" in asked:
            print(json.dumps({package: version(package) for package in asked["versions"]}), flush=True)
            continue
        prepared = requests(tokens[asked["tokens"]], asked["requests"])
        print(json.dumps(seconds(asked["ports"], prepared)), flush=True)


if __name__ == "__main__":
    main()
