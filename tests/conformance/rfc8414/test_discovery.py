"""RFC 8414 and OpenID Connect Discovery: where keys come from, held through whole requests with a real key server."""

from collections import Counter
from typing import Any

import pytest
from fastapi import Depends, FastAPI

from axioms_fastapi import ConfigurationError, Issuer, init_axioms, register_axioms_exception_handler, require_auth
from axioms_fastapi.forge import Mint, SigningKey
from conformance.door import AUDIENCE, Answer, ask, bearer
from serving import KeyServer

OIDC = "/.well-known/openid-configuration"
OAUTH = "/.well-known/oauth-authorization-server"


class Discovered:
    """An API that finds its keys by discovery, and the server where it looks."""

    def __init__(self, server: KeyServer, key: SigningKey, tally: Counter[str]) -> None:
        self.server, self.key, self.tally = server, key, tally
        server.requests.clear()
        server.answers.clear()
        server.answer("/keys", {"keys": [key.public_jwk()]})

    def document(self, issuer: str, **changes: Any) -> dict[str, Any]:
        """A discovery document that is good but for the changes."""
        return {"issuer": issuer, "jwks_uri": f"{self.server.url}/keys", **changes}

    def ask(self, issuer: str, **fields: Any) -> Answer:
        """The answer to a good token of that issuer."""
        app = FastAPI()
        init_axioms(app, issuers=[Issuer(issuer, AUDIENCE, **fields)], AXIOMS_JWKS_TIMEOUT=2)
        register_axioms_exception_handler(app)
        app.add_api_route("/", lambda: "in", dependencies=[Depends(require_auth)])
        answer = ask(app, bearer(Mint([self.key], issuer, AUDIENCE).mint()))
        assert answer.status in {200, 503}
        self.tally["accepted" if answer.status == 200 else "refused"] += 1
        return answer

    def is_refused(self, issuer: str, **fields: Any) -> None:
        """The keys cannot be had: a 503 with Retry-After and without a challenge, and nothing of the document is used."""
        answer = self.ask(issuer, **fields)
        assert answer.status == 503
        assert int(answer.values("Retry-After")[0]) >= 1
        assert answer.values("WWW-Authenticate") == []
        assert answer.json()["error"] == "temporarily_unavailable"


@pytest.fixture
def discovered(jwks_server: KeyServer, trusted_keys: dict[str, SigningKey], tally: Counter[str]) -> Discovered:
    return Discovered(jwks_server, trusted_keys["ec"], tally)


@pytest.mark.conformance("83", "84", "A108")
@pytest.mark.parametrize(
    ("issuer_path", "document_path"),
    [
        ("", OIDC),
        ("", OAUTH),
        ("/", OIDC),
        ("/", OAUTH),
        ("/tenant", f"/tenant{OIDC}"),
        ("/tenant", f"{OAUTH}/tenant"),
        ("/tenant", f"{OIDC}/tenant"),
        ("/tenant/", f"/tenant{OIDC}"),
        ("/a/b", f"/a/b{OIDC}"),
        ("/a/b", f"{OAUTH}/a/b"),
    ],
)
def test_forms(discovered: Discovered, issuer_path: str, document_path: str) -> None:
    """The document is found in OpenID Connect's form and in RFC 8414's, without a double slash (sections 3.1 and 5)."""
    issuer = discovered.server.url + issuer_path
    discovered.server.answer(document_path, discovered.document(issuer))
    assert discovered.ask(issuer).status == 200
    assert not any("//" in path for path in discovered.server.requests)


@pytest.mark.conformance("83", "A108")
@pytest.mark.parametrize(
    "named",
    ["{url}/", "{url}/other", "{URL}", "https://evil.example.com", "", None, 7, ["{url}"], {"{url}": 1}, "absent"],
    ids=repr,
)
def test_document_of_another(discovered: Discovered, named: Any) -> None:
    """A document that names another issuer, in any way, is not used (section 3.3), and nothing is tried in its place."""
    url = discovered.server.url
    document = discovered.document(url)
    if named == "absent":
        del document["issuer"]
    else:
        text = named[0] if isinstance(named, list) else named
        written = text.format(url=url, URL=url.upper()) if isinstance(text, str) else named
        document["issuer"] = [written] if isinstance(named, list) else written
    discovered.server.answer(OIDC, document)
    discovered.is_refused(url)
    assert discovered.server.count("/keys") == 0
    assert discovered.server.count(OAUTH) == 0


@pytest.mark.conformance("85", "A107", "A108")
@pytest.mark.parametrize(
    "jwks_uri",
    [
        None,
        "",
        7,
        ["{url}/keys"],
        "/keys",
        "keys",
        "file:///etc/passwd",
        "http://169.254.169.254/keys",
        "http://[::ffff:169.254.169.254]/keys",
        "http://evil.example.com/keys",
        "https://evil.example.com/keys",
        "https://127.0.0.1.evil.example.com/keys",
        "https://127.0.0.1@evil.example.com/keys",
        "ftp://127.0.0.1/keys",
        "gopher://127.0.0.1/keys",
        "data:application/json,{{}}",
        "//evil.example.com/keys",
        "http:///keys",
        "http://localhost/keys",
    ],
    ids=repr,
)
def test_address_of_the_keys(discovered: Discovered, jwks_uri: Any) -> None:
    """A `jwks_uri` that leaves the issuer's host, or its scheme, is not used: the document cannot point us anywhere."""
    url = discovered.server.url
    if isinstance(jwks_uri, str):
        jwks_uri = jwks_uri.format(url=url)
    discovered.server.answer(OIDC, discovered.document(url, jwks_uri=jwks_uri))
    discovered.is_refused(url)
    assert discovered.server.count("/keys") == 0


@pytest.mark.conformance("85", "A106")
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("path", [OIDC, "/keys"])
def test_redirects(discovered: Discovered, status: int, path: str) -> None:
    """No redirect is followed, of the document or of the keys (CVE-2026-102267)."""
    url = discovered.server.url
    discovered.server.answer(OIDC, discovered.document(url))
    discovered.server.answer("/elsewhere", {"keys": [discovered.key.public_jwk()]})
    discovered.server.answer(path, status=status, headers={"Location": f"{url}/elsewhere"})
    discovered.is_refused(url)
    assert discovered.server.count("/elsewhere") == 0


@pytest.mark.conformance("85", "A105")
@pytest.mark.parametrize(
    "answer",
    [
        {"body": b"<html>sign in</html>"},
        {"body": b"{}"},
        {"body": b"[]"},
        {"body": b"null"},
        {"body": b""},
        {"body": b'\xef\xbb\xbf{"keys": []}'},
        {"body": b'{"issuer": 1, "issuer": 2}'},
        {"body": b'{"x": "' + b"a" * 600_000 + b'"}'},
        {"body": b"[" * 100_000},
        {"body": b"{}", "status": 500},
        {"body": b"{}", "status": 401},
        {"body": b"{}", "status": 204},
        {"body": b"{}", "headers": {"Content-Encoding": "gzip"}},
        {"body": b" ", "drip": 0.2},
        {"body": b"{}", "delay": 3.0},
    ],
    ids=[
        "HTML",
        "empty object",
        "list",
        "null",
        "nothing",
        "BOM",
        "name twice",
        "600 KB",
        "depth bomb",
        "500",
        "401",
        "204",
        "gzip",
        "slow drip",
        "hangs",
    ],
)
@pytest.mark.parametrize("path", [OIDC, "/keys"])
def test_spoilt_answers(discovered: Discovered, answer: dict[str, Any], path: str) -> None:
    """An answer that fails, hangs, is too large or is no strict JSON gives no keys: 503 within the timeout."""
    url = discovered.server.url
    discovered.server.answer(OIDC, discovered.document(url))
    discovered.server.answer(path, **answer)
    discovered.is_refused(url)


@pytest.mark.conformance("A108")
def test_document_cannot_widen_the_algorithms(discovered: Discovered) -> None:
    """What the document says of algorithms allows nothing that the configuration does not."""
    url = discovered.server.url
    widened = {
        "id_token_signing_alg_values_supported": ["none", "HS256", "ES256"],
        "token_endpoint_auth_signing_alg": "none",
    }
    discovered.server.answer(OIDC, discovered.document(url, **widened))
    app = FastAPI()
    init_axioms(app, issuers=[Issuer(url, AUDIENCE, algorithms="RS256")])
    app.add_api_route("/", lambda: "in", dependencies=[Depends(require_auth)])
    assert ask(app, bearer(Mint([discovered.key], url, AUDIENCE).mint())).status == 401
    discovered.tally["refused"] += 1
    assert discovered.ask(url).status == 200


@pytest.mark.conformance("63", "A113", "A114")
@pytest.mark.parametrize("field", ["url", "jwks_url"])
@pytest.mark.parametrize(
    "address",
    [
        "http://auth.example.com",
        "http://10.0.0.1",
        "http://127.0.0.1.evil.example.com",
        "http://localhost.evil.example.com",
        "file:///etc/passwd",
        "ftp://auth.example.com",
        "auth.example.com",
        "//auth.example.com",
        "https://",
        "https://user:pw@auth.example.com",
        "https://auth.example.com:x",
        "https://auth.example.com/#x",
        "https://auth example.com",
        "https://auth.example.com\n",
        "",
    ],
)
def test_insecure_addresses(field: str, address: str) -> None:
    """An address that is not https, but for loopback, or that is no plain address, stops the start with a sentence."""
    fields: dict[str, Any] = {"url": "https://auth.example.com", "audience": AUDIENCE} | {field: address}
    with pytest.raises(ConfigurationError):
        Issuer(**fields)


@pytest.mark.conformance("63", "A113")
def test_verification_of_certificates_has_no_switch(monkeypatch: pytest.MonkeyPatch) -> None:
    """No field of an issuer and no setting turns TLS verification off."""
    from axioms_fastapi.settings import AxiomsKeywords

    names = " ".join([*Issuer.model_fields, *AxiomsKeywords.__annotations__]).lower()
    assert not any(word in names for word in ("verify", "insecure", "skip", "unsafe"))


@pytest.mark.conformance("A109")
def test_nothing_from_the_environment(discovered: Discovered, monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    """Proxies and .netrc of the environment play no part in a fetch, and no cookie is kept."""
    url = discovered.server.url
    discovered.server.answer(OIDC, discovered.document(url), headers={"Set-Cookie": "a=b"})
    for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login a password b\n")
    assert discovered.ask(url).status == 200
    headers = discovered.server.headers[-2:]
    assert not any({"authorization", "cookie", "proxy-authorization"} & set(sent) for sent in headers)
