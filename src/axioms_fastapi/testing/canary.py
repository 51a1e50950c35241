"""An address on loopback that nobody has a reason to call: whoever does has followed a URL from a token."""

import socket
from typing import Final

# Where no socket may be opened, the URL leads nowhere, and only the answer is judged.
_NOWHERE: Final = "https://canary.invalid/keys.json"


class Canary:
    """A listening socket that answers nothing. The kernel takes calls for it, so that they can be counted afterwards."""

    def __init__(self) -> None:
        self.url = _NOWHERE
        self._listener: socket.socket | None = None
        try:
            self._listener = socket.create_server(("127.0.0.1", 0))
        except (OSError, RuntimeError):  # RuntimeError: a pytest plugin that forbids sockets
            return
        self._listener.setblocking(False)
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}/keys.json"

    def was_called(self) -> bool:
        """Whether somebody has called since it was asked last."""
        called = False
        while self._listener is not None:
            try:
                connection, _ = self._listener.accept()
            except BlockingIOError:
                break
            connection.close()
            called = True
        return called

    def close(self) -> None:
        """The address is free again."""
        if self._listener is not None:
            self._listener.close()
