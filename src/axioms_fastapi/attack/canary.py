"""An address that nobody has a reason to call, and that gives the attacker's keys to whoever calls it nevertheless."""

import asyncio
import json
from types import TracebackType
from typing import Self

from ..forge.hostile import Attacker


class Canary:
    """A server on loopback that counts its callers. It answers with the attacker's key set, as his own server would."""

    def __init__(self) -> None:
        self.url = ""
        self.calls = 0
        self._server: asyncio.Server | None = None
        jwk = Attacker.of_this_process().rsa.public_jwk()
        keys = [{**jwk, "kid": "attacker"}, jwk]
        body = json.dumps({"keys": keys}).encode("ascii")
        head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        self._response = head.encode("ascii") + body

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._answer, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}/keys.json"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        assert self._server is not None
        self._server.close()
        await self._server.wait_closed()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.calls += 1
        try:
            async with asyncio.timeout(2):
                await reader.readuntil(b"\r\n\r\n")
                writer.write(self._response)
                await writer.drain()
        except (TimeoutError, OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass  # whoever called has been counted
        finally:
            writer.close()
