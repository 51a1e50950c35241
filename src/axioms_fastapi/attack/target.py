"""What may be attacked: this machine, and nothing else unless somebody says so."""

import ipaddress
from urllib.parse import urlsplit


class AttackError(Exception):
    """The attack cannot or must not go on; the text is one sentence that says why, and what to do."""


def checked_target(url: str, *, allow_remote: bool) -> str:
    """The URL without a slash at its end. Raises AttackError for what is no URL, and for any host beyond this machine.

    No name is looked up: what a hosts file or a name server says must not decide what is attacked.
    """
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        host, parts = None, urlsplit("")
    if not host or parts.scheme not in {"http", "https"} or parts.query or parts.fragment:
        raise AttackError(f"{url!r} is no URL of an API; write one such as http://127.0.0.1:8000")
    if not allow_remote and not _is_loopback(host):
        raise AttackError(
            f"{host} is not this machine, and attacking a server of somebody else's is a crime in many places; "
            "if it is yours, or its owner has asked you to, say so with --allow-remote-target"
        )
    return url.rstrip("/")


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
