"""A forge that runs elsewhere, asked over HTTP for what it gives to everybody: tokens, keys, and its name."""

from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

import httpx2

DEFAULT_URL = "http://127.0.0.1:8787"

_TIMEOUT = 10.0


class ForgeError(Exception):
    """The forge cannot be asked, or refuses; the text is one sentence that says what to do."""


class RemoteForge:
    """The forge behind a URL. Closed by its context manager. No proxies, no redirects: it is asked, and nobody else.

    Raises ForgeError for what is no URL.
    """

    def __init__(self, url: str = DEFAULT_URL) -> None:
        if not _is_url(url):
            raise ForgeError(f"{url!r} is no http or https URL; write one such as {DEFAULT_URL}.")
        self.url = url.rstrip("/")
        self._client = httpx2.Client(trust_env=False, timeout=_TIMEOUT)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._client.close()

    def grant(self, wanted: Mapping[str, Any]) -> dict[str, Any]:
        """The answer of the token endpoint to this request. Raises ForgeError."""
        return self._asked("POST", "/token", json=dict(wanted))

    def token(self, wanted: Mapping[str, Any]) -> str:
        """The access token that this request gets. Raises ForgeError."""
        token = self.grant(wanted).get("access_token")
        if not isinstance(token, str):
            raise ForgeError(f"What answers at {self.url} gave no access token, so it is no forge.")
        return token

    def metadata(self) -> dict[str, Any]:
        """Its discovery document. Raises ForgeError."""
        return self._asked("GET", "/.well-known/openid-configuration")

    def keys(self) -> list[dict[str, Any]]:
        """The public keys that it has published. Raises ForgeError."""
        keys = self._asked("GET", "/.well-known/jwks.json").get("keys")
        if not isinstance(keys, list) or not keys or not all(isinstance(key, dict) for key in keys):
            raise ForgeError(f"What answers at {self.url} publishes no keys, so it is no forge.")
        return keys

    def stop(self) -> None:
        """It has been asked to end. Raises ForgeError."""
        self._asked("POST", "/stop")

    def _asked(self, method: str, path: str, **request: Any) -> dict[str, Any]:
        try:
            response = self._client.request(method, self.url + path, **request)
        except httpx2.TransportError:
            raise ForgeError(
                f"No forge answers at {self.url}: start one with `axioms forge`, or say where it is with --forge URL."
            ) from None
        try:
            answer: object = response.json()
        except ValueError:
            answer = None
        if response.status_code == 200 and isinstance(answer, dict):
            return answer
        raise ForgeError(self._refusal(f"{method} {path}", response.status_code, answer))

    def _refusal(self, asked: str, status: int, answer: object) -> str:
        if isinstance(answer, dict) and isinstance(answer.get("error"), str):
            words = answer.get("error_description") or answer.get("message") or answer["error"]
            return f"The forge refuses: {_printable(str(words))}"
        return f"What answers at {self.url} is no forge: it answered {status} to {asked}."


def _is_url(text: str) -> bool:
    try:
        parts = urlsplit(text)
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        return False


def _printable(text: str) -> str:
    """The text of somebody else, as a terminal may show it."""
    return "".join(character if character.isprintable() else " " for character in text[:400])
