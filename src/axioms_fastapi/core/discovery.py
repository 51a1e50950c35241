"""Where an issuer keeps its keys: a configured URL, or what its discovery document says (OIDC Discovery; RFC 8414)."""

import re
import time
from collections.abc import Callable
from typing import Final, Protocol
from urllib.parse import urlsplit, urlunsplit

from .fetch import Fetcher, FetchFailed

# Discovery documents hardly ever change; what one said is asked again after this, or when the keys are not there any more.
_REMEMBERED: Final = 3600.0
# Without userinfo, which would become a credential, and without white space or control characters.
_PLAIN_URL: Final = re.compile(r"https?://[A-Za-z0-9._~:/?#\[\]!$&'()*+,;=%-]+")


class Location(Protocol):
    """Something that knows the URL of a key set."""

    async def locate(self, fetcher: Fetcher) -> str:
        """The URL. Raises FetchFailed, or what fetching raises."""
        ...

    def forget(self) -> None:
        """What was found did not serve: look again next time."""
        ...


class FixedLocation:
    """A URL that the configuration names."""

    __slots__ = ("_url",)

    def __init__(self, url: str) -> None:
        self._url = url

    async def locate(self, fetcher: Fetcher) -> str:
        """See Location."""
        return self._url

    def forget(self) -> None:
        """See Location."""


class DiscoveredLocation:
    """The `jwks_uri` of the issuer's discovery document, which must speak for that very issuer.

    Only where every form of the document is missing (404) is `<issuer>/.well-known/jwks.json` taken. A `jwks_uri` on another
    host is refused unless `hosts` lists it. Nothing else of the document is believed: it cannot widen the algorithms.
    """

    __slots__ = ("_asked_at", "_hosts", "_issuer_url", "_now", "_url")

    def __init__(
        self, issuer_url: str, hosts: frozenset[str] = frozenset(), monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._issuer_url = issuer_url
        self._hosts = hosts
        self._now = monotonic
        self._url: str | None = None
        self._asked_at = 0.0

    async def locate(self, fetcher: Fetcher) -> str:
        """See Location."""
        if self._url is None or self._now() - self._asked_at >= _REMEMBERED:
            self._url, self._asked_at = await self._discover(fetcher), self._now()
        return self._url

    def forget(self) -> None:
        """See Location."""
        self._url = None

    async def _discover(self, fetcher: Fetcher) -> str:
        for url in discovery_urls(self._issuer_url):
            try:
                document = await fetcher.fetch(url)
            except FetchFailed as error:
                if error.status == 404:
                    continue
                raise
            return self._jwks_uri(document.content or {})
        return f"{self._issuer_url.rstrip('/')}/.well-known/jwks.json"

    def _jwks_uri(self, metadata: dict[str, object]) -> str:
        # OpenID Connect Discovery, section 4.3; RFC 8414, section 3.3: a document that speaks for another is not used.
        named = metadata.get("issuer")
        if named != self._issuer_url:
            alike = isinstance(named, str) and named.rstrip("/") == self._issuer_url.rstrip("/")
            hint = "; the two differ by a slash at the end alone, so write it as the document has it" if alike else ""
            raise FetchFailed(f"the discovery document names the issuer {named!r}, not {self._issuer_url}{hint}")
        jwks_uri = metadata.get("jwks_uri")
        if not isinstance(jwks_uri, str) or not self._is_trusted(jwks_uri):
            raise FetchFailed("the discovery document has no jwks_uri on a host that is trusted; set AXIOMS_JWKS_URL")
        return jwks_uri

    def _is_trusted(self, url: str) -> bool:
        """Whether the URL stays where the configuration points: the issuer's host or a listed one, by https.

        Plain http is for an issuer that is on this machine itself. Nothing stands in the URL that two parsers could read in
        two ways.
        """
        if not _PLAIN_URL.fullmatch(url):
            return False
        found, issuer = urlsplit(url), urlsplit(self._issuer_url)
        if found.scheme == "http":
            return issuer.scheme == "http" and found.hostname == issuer.hostname
        return found.hostname in {issuer.hostname, *self._hosts}


def discovery_urls(issuer_url: str) -> tuple[str, ...]:
    """Where the document may be: OpenID Connect appends its path to the issuer's, RFC 8414 (sections 3.1 and 5) inserts it.

    An issuer that ends with a slash loses it here, and here alone.
    """
    parts = urlsplit(issuer_url.rstrip("/"))
    inserted = [f"/.well-known/oauth-authorization-server{parts.path}"]
    if parts.path:
        inserted.append(f"/.well-known/openid-configuration{parts.path}")
    paths = [f"{parts.path}/.well-known/openid-configuration", *inserted]
    return tuple(urlunsplit((parts.scheme, parts.netloc, path, "", "")) for path in paths)
