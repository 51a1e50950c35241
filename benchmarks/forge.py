"""Prints what a token of the forge costs over HTTP, beside the bare signature.

The forge runs as a process of its own, on one core where the system can say so, as `axioms forge` does. A client that
does next to nothing keeps a few connections alive and busy, so that what is measured is the server; the price of a
token is the time of the run divided by its tokens. Run it with `make bench`; `--server-cpu` counts the server's
processor time instead, for machines that do other things as well.
"""

import argparse
import multiprocessing
import os
import socket
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection

from rich.console import Console
from rich.table import Table

from axioms_fastapi.forge import ForgeKeys, Mint, SigningKey, create_app
from axioms_fastapi.forge.server import listen, serve

ALGORITHMS = ("RS256", "ES256", "EdDSA")
GOAL = 300
"""Microseconds that HTTP may add to a signature."""
CONNECTIONS = 8


def forge_process(pipe: Connection) -> None:
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    listener = listen("127.0.0.1", 0)
    pipe.send(listener.getsockname()[1])
    serve(create_app(keys=ForgeKeys.generate(*ALGORITHMS)), listener)


@contextmanager
def running_forge() -> Iterator[tuple[int, int]]:
    """The port and the process id of a forge."""
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=forge_process, args=(theirs,), daemon=True)
    process.start()
    try:
        assert process.pid is not None
        yield ours.recv(), process.pid
    finally:
        process.terminate()
        process.join()


def request(algorithm: str) -> bytes:
    body = b'{"sub":"user123","scope":"read:data","roles":["editor"]}'
    head = (
        f"POST /token?algorithm={algorithm} HTTP/1.1\r\nHost: 127.0.0.1\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def answer(connection: socket.socket) -> bytes:
    received = b""
    while b"\r\n\r\n" not in received:
        received += connection.recv(65536)
    head, _, body = received.partition(b"\r\n\r\n")
    length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])
    while len(body) < length:
        body += connection.recv(65536)
    assert head.startswith(b"HTTP/1.1 200"), head
    return body


def processor_seconds(pid: int) -> float:
    """What the process has used so far (Linux)."""
    with open(f"/proc/{pid}/stat", encoding="ascii") as stat:
        fields = stat.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def over_http(port: int, pid: int, algorithm: str, rounds: int, *, server_cpu: bool) -> float:
    """Microseconds of one token."""
    wanted = request(algorithm)
    connections = [socket.create_connection(("127.0.0.1", port)) for _ in range(CONNECTIONS)]
    for connection in connections:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def ask(times: int) -> None:
        for connection in connections:
            connection.sendall(wanted)
        for _ in range(times - 1):
            for connection in connections:
                answer(connection)
                connection.sendall(wanted)
        for connection in connections:
            answer(connection)

    ask(10)  # warm
    start = processor_seconds(pid) if server_cpu else time.perf_counter()
    ask(rounds)
    taken = (processor_seconds(pid) if server_cpu else time.perf_counter()) - start
    for connection in connections:
        connection.close()
    return taken / (rounds * CONNECTIONS) * 1e6


def bare_signature(algorithm: str, rounds: int) -> float:
    """Microseconds of a signature over a token's header and payload."""
    key = SigningKey.generate(algorithm)
    signing_input = Mint([key], "https://issuer.example.com").mint().rpartition(".")[0]
    clock = time.process_time
    start = clock()
    for _ in range(rounds):
        key.signature(signing_input)
    return (clock() - start) / rounds * 1e6


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=150, help="tokens of each connection in one run")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--server-cpu", action="store_true", help="count the server's processor time")
    options = parser.parse_args()
    table = Table(title="What a token costs over HTTP (one server process, keep-alive)")
    for column in ("algorithm", "signature, us", "token, us", "added, us", "tokens/s"):
        table.add_column(column, justify="left" if column == "algorithm" else "right")
    with running_forge() as (port, pid):
        for algorithm in ALGORITHMS:
            # Taken in turn, because machines are noisy, and the median of each.
            pairs = [
                (
                    bare_signature(algorithm, 300),
                    over_http(port, pid, algorithm, options.rounds, server_cpu=options.server_cpu),
                )
                for _ in range(options.runs)
            ]
            bare, token = (statistics.median(column) for column in zip(*pairs, strict=True))
            table.add_row(algorithm, f"{bare:.0f}", f"{token:.0f}", f"{token - bare:.0f}", f"{1e6 / token:.0f}")
    Console(width=100).print(table)
    Console(width=100).print(f"Goal: no more than {GOAL} us added to a signature.")


if __name__ == "__main__":
    main()
