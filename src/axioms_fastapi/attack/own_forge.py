"""A forge for the time of an attack, whose private keys are at hand: it signs what no forge on the network would."""

import secrets
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn

from ..forge import ForgeKeys, SigningKey, create_app
from ..forge.server import ServerStartError, listen
from .target import AttackError

_ALGORITHMS = ("RS256", "ES256", "EdDSA")
_PATIENCE = 10.0


@contextmanager
def own_forge(port: int, issuer: str | None = None) -> Iterator[tuple[ForgeKeys, str]]:
    """The keys and the issuer of a forge that listens on this port of 127.0.0.1 until the block ends.

    Its key ids are new each time, so that an API which knows another forge's keys asks for these. Raises AttackError where the
    port is taken.
    """
    run = secrets.token_hex(4)
    keys = ForgeKeys(SigningKey.generate(alg, kid=f"attack-{run}-{alg.lower()}") for alg in _ALGORITHMS)
    try:
        listener = listen("127.0.0.1", port)
    except ServerStartError as error:
        raise AttackError(f"{error} A forge that runs there already is used with --forge instead.") from None
    # Inherited by every connection: else each answer waits for the client's delayed acknowledgement.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    url = issuer or f"http://127.0.0.1:{listener.getsockname()[1]}"
    config = uvicorn.Config(create_app(url, keys), log_level="critical", access_log=False, lifespan="off", ws="none")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        deadline = time.monotonic() + _PATIENCE
        while not server.started and time.monotonic() < deadline:
            time.sleep(0.01)
        yield keys, url
    finally:
        server.should_exit = True
        thread.join(_PATIENCE)
        listener.close()
