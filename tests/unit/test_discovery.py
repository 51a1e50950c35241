"""Where an issuer keeps its keys: what is asked, in which order, what is believed, and for how long."""

from typing import Any

import pytest

from axioms_fastapi.core.discovery import DiscoveredLocation, FixedLocation, discovery_urls
from axioms_fastapi.core.fetch import Document, FetchFailed

pytestmark = pytest.mark.anyio

ISSUER = "https://auth.test/realms/acme"
OIDC = f"{ISSUER}/.well-known/openid-configuration"
NO_KEYS = "the discovery document has no jwks_uri on a host that is trusted; set AXIOMS_JWKS_URL"


class Documents:
    """What stands at which URL, and what was asked for: in the place of the network."""

    def __init__(self, documents: dict[str, Any]) -> None:
        self.documents = documents
        self.asked: list[str] = []
        self.now = 500.0

    async def fetch(self, url: str, *, etag: str | None = None) -> Document:
        self.asked.append(url)
        found = self.documents.get(url, 404)
        if isinstance(found, int):
            raise FetchFailed(f"{url} answered {found}", status=found)
        return Document(found, None, None)

    async def locate(self, location: DiscoveredLocation | FixedLocation) -> str:
        return await location.locate(self)  # type: ignore[arg-type]

    def location(self, issuer: str = ISSUER, **options: Any) -> DiscoveredLocation:
        return DiscoveredLocation(issuer, monotonic=lambda: self.now, **options)


def metadata(jwks_uri: Any, issuer: Any = ISSUER) -> dict[str, Any]:
    return {"issuer": issuer, "jwks_uri": jwks_uri}


async def failure(documents: Documents, location: DiscoveredLocation) -> str:
    with pytest.raises(FetchFailed) as error:
        await documents.locate(location)
    return str(error.value)


async def test_fixed() -> None:
    """A configured URL is where it is; nothing is asked, and nothing forgotten."""
    documents = Documents({})
    location = FixedLocation("https://auth.test/keys")
    location.forget()
    assert await documents.locate(location) == "https://auth.test/keys"
    assert documents.asked == []
    assert not hasattr(location, "__dict__")


@pytest.mark.parametrize(
    ("issuer", "urls"),
    [
        (
            "https://auth.test",
            (
                "https://auth.test/.well-known/openid-configuration",
                "https://auth.test/.well-known/oauth-authorization-server",
            ),
        ),
        (
            "https://auth.test/",
            (
                "https://auth.test/.well-known/openid-configuration",
                "https://auth.test/.well-known/oauth-authorization-server",
            ),
        ),
        (
            "https://auth.test:8443/realms/X/",
            (
                "https://auth.test:8443/realms/X/.well-known/openid-configuration",
                "https://auth.test:8443/.well-known/oauth-authorization-server/realms/X",
                "https://auth.test:8443/.well-known/openid-configuration/realms/X",
            ),
        ),
    ],
)
def test_urls(issuer: str, urls: tuple[str, ...]) -> None:
    """OpenID Connect appends its path to the issuer's, RFC 8414 inserts it; a slash at the issuer's end is left out."""
    assert discovery_urls(issuer) == urls


@pytest.mark.parametrize("found_at", [0, 1, 2])
async def test_order(found_at: int) -> None:
    """Each form of the document is asked for in turn, and the first that is there counts."""
    urls = discovery_urls(ISSUER)
    documents = Documents({url: metadata(f"{ISSUER}/keys{number}") for number, url in enumerate(urls[found_at:])})
    assert await documents.locate(documents.location()) == f"{ISSUER}/keys0"
    assert documents.asked == list(urls[: found_at + 1])


@pytest.mark.parametrize(
    ("issuer", "where"), [(ISSUER, ISSUER), (f"{ISSUER}/", ISSUER), (f"{ISSUER}/X", f"{ISSUER}/X")]
)
async def test_no_document(issuer: str, where: str) -> None:
    """Only where no form of it is there, the usual place is taken."""
    documents = Documents({})
    assert await documents.locate(documents.location(issuer)) == f"{where}/.well-known/jwks.json"
    assert documents.asked == list(discovery_urls(issuer))


@pytest.mark.parametrize("status", [500, 403, 301])
async def test_another_failure(status: int) -> None:
    """An error is no missing document: nothing else is asked, and nothing is guessed."""
    documents = Documents({OIDC: status, discovery_urls(ISSUER)[1]: metadata(f"{ISSUER}/keys")})
    assert await failure(documents, documents.location()) == f"{OIDC} answered {status}"
    assert documents.asked == [OIDC]


async def test_remembered() -> None:
    """What a document said is remembered for an hour, from the answer on, or until it did not serve."""
    documents = Documents({OIDC: metadata(f"{ISSUER}/keys")})
    location = documents.location()
    for after, times in ((0, 1), (3599.5, 1), (0.5, 2), (3599.5, 2), (0.5, 3)):
        documents.now += after
        assert await documents.locate(location) == f"{ISSUER}/keys"
        assert len(documents.asked) == times
    location.forget()
    documents.documents[OIDC] = metadata(f"{ISSUER}/new")
    assert await documents.locate(location) == f"{ISSUER}/new"
    assert len(documents.asked) == 4


@pytest.mark.parametrize(
    "issuer", [f"{ISSUER}/", "https://auth.test/realms/ACME", "https://other.test", None, 7, [ISSUER]]
)
async def test_another_issuer(issuer: Any) -> None:
    """A document that speaks for another issuer is not used; where a slash is the difference, the sentence says so."""
    documents = Documents({OIDC: metadata(f"{ISSUER}/keys", issuer)})
    hint = (
        "; the two differ by a slash at the end alone, so write it as the document has it"
        if issuer == f"{ISSUER}/"
        else ""
    )
    sentence = f"the discovery document names the issuer {issuer!r}, not {ISSUER}{hint}"
    assert await failure(documents, documents.location()) == sentence


async def test_slash_of_the_configuration() -> None:
    """So it does where the configuration has the slash."""
    documents = Documents({OIDC: metadata(f"{ISSUER}/keys")})
    assert "differ by a slash" in await failure(documents, documents.location(f"{ISSUER}/"))
    for configured, named in ((f"{ISSUER}X", ISSUER), (ISSUER, f"{ISSUER}X")):
        other = Documents({f"{configured}/.well-known/openid-configuration": metadata(f"{ISSUER}/keys", named)})
        assert "differ" not in await failure(other, other.location(configured))


async def test_no_content() -> None:
    """A document without content says nothing."""
    documents = Documents({OIDC: None})
    assert (
        await failure(documents, documents.location()) == f"the discovery document names the issuer None, not {ISSUER}"
    )


@pytest.mark.parametrize(
    "url",
    ["https://auth.test/keys", "https://auth.test:8443/keys?a=b", "https://keys.test/x", "https://AUTH.test/keys"],
)
async def test_trusted(url: str) -> None:
    """Keys may be on the issuer's own host, at any port, and on those that are listed."""
    documents = Documents({OIDC: metadata(url)})
    assert await documents.locate(documents.location(hosts=frozenset({"keys.test"}))) == url


@pytest.mark.parametrize(
    "url",
    [
        None, 7, "", [f"{ISSUER}/keys"], "https://evil.test/keys", "https://keys.test.evil.test/", "http://auth.test/keys",
        "http://keys.test/keys", "https://auth.test@evil.test/keys", "https://auth.test\\@evil.test/", "https://auth.test/ k",
        "https://auth.test/k\n", "file:///etc/passwd", "//auth.test/keys", "ftp://auth.test/keys", "https:///keys",
        "https://sub.auth.test/keys", "https://127.0.0.1/keys", "http://127.0.0.1/keys",
    ],
)  # fmt: skip
async def test_not_trusted(url: Any) -> None:
    """Nothing else is: no other host, no plain http, and nothing that two parsers could read in two ways."""
    documents = Documents({OIDC: metadata(url)})
    assert await failure(documents, documents.location(hosts=frozenset({"keys.test"}))) == NO_KEYS
    assert documents.asked == [OIDC]


@pytest.mark.parametrize(
    ("url", "is_trusted"),
    [
        ("http://127.0.0.1:9000/keys", True),
        ("https://127.0.0.1/keys", True),
        ("http://127.0.0.2:8000/keys", False),
        ("http://localhost:8000/keys", False),
        ("https://evil.test/keys", False),
    ],
)
async def test_on_this_machine(url: str, is_trusted: bool) -> None:
    """An issuer by plain http is on this machine, and so are its keys, at the very same address."""
    issuer = "http://127.0.0.1:8000"
    documents = Documents({f"{issuer}/.well-known/openid-configuration": metadata(url, issuer)})
    if is_trusted:
        assert await documents.locate(documents.location(issuer)) == url
    else:
        assert await failure(documents, documents.location(issuer)) == NO_KEYS
