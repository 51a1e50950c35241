"""The forge behind a real socket, on loopback unless somebody insists."""

import contextlib
import ipaddress
import socket
import ssl
import sys

import uvicorn
from starlette.types import ASGIApp


class ServerStartError(Exception):
    """The server cannot or must not start; its text is one sentence for the person who started it."""


def loopback_address(host: str) -> str:
    """The loopback address that `host` names. Raises ServerStartError for any other, and looks no name up."""
    address = _address(host)
    if address is None or not address.is_loopback:
        raise ServerStartError(
            f"The forge listens on loopback alone (127.0.0.1, ::1 or localhost), not on {host}, unless it is started "
            "with --unsafe-beyond-loopback: anybody who can reach it can mint any token."
        )
    return str(address)


def any_address(host: str) -> str:
    """The address that `host` names, be it loopback or not. Raises ServerStartError for what is no address."""
    address = _address(host)
    if address is None:
        raise ServerStartError(f"--host must be an IP address such as 0.0.0.0, or localhost, not {host}.")
    return str(address)


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    if host.lower() == "localhost":
        # Not resolved: what a hosts file says must not decide who can reach the forge.
        host = "127.0.0.1"
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def listen(host: str, port: int, *, unsafe_beyond_loopback: bool = False) -> socket.socket:
    """A socket that accepts connections on this loopback host; port 0 takes any free one.

    With `unsafe_beyond_loopback` the host may be any address: whoever can reach it can mint any token, for every
    application that trusts this forge. Raises ServerStartError when the host is not loopback or the port cannot be had.
    """
    address = any_address(host) if unsafe_beyond_loopback else loopback_address(host)
    try:
        return _listener(address, port)
    except OSError as error:
        raise ServerStartError(
            f"Port {port} of {host} cannot be used ({error.strerror}): stop what listens there, "
            "or choose another one with --port."
        ) from error


def _listener(address: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    # Named, because asyncio turns Nagle's algorithm off for sockets that say TCP alone: each answer would wait 40 ms.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if sys.platform != "win32":
            # A restart need not wait for old connections to time out; Windows would let two servers share the port.
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((address, port))
        listener.listen()
    except OSError:
        listener.close()
        raise
    return listener


def serve(app: ASGIApp, listener: socket.socket, *, tls: ssl.SSLContext | None = None) -> None:
    """Serves until it is interrupted, over TLS where it is given. Requests are not logged, so no token can be."""
    config = uvicorn.Config(
        app,
        log_level="warning",
        access_log=False,
        lifespan="off",
        ws="none",
        server_header=False,
        # The origin in a token is the one that was asked, not one that a header claims.
        proxy_headers=False,
        ssl_context_factory=None if tls is None else (lambda config, default: tls),
    )
    with contextlib.suppress(KeyboardInterrupt):
        uvicorn.Server(config).run(sockets=[listener])
