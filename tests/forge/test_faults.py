"""What goes wrong with an issuer's documents, over HTTP and in process, and what an application sees of it."""

import time

import httpx2
import pytest
from fastapi import Depends, FastAPI
from fastapi.testclient import TestClient

from axioms_fastapi import init_axioms, require_auth
from axioms_fastapi.forge import Fault, ForgeKeys, create_app
from serving import serving

JWKS, DISCOVERY = "/.well-known/jwks.json", "/.well-known/openid-configuration"


@pytest.mark.parametrize(("name", "path"), [("jwks", JWKS), ("openid-configuration", DISCOVERY)])
class TestEachDocument:
    def test_status(self, fresh, name, path):
        """Another status, with the document as it was, until the fault is taken away."""
        well = fresh.get(path).json()
        assert fresh.put(f"/faults/{name}", json={"status": 503}).json()[name]["status"] == 503
        assert (fresh.get(path).status_code, fresh.get(path).json()) == (503, well)
        assert fresh.delete(f"/faults/{name}").json() == {}
        assert fresh.get(path).status_code == 200

    def test_body(self, fresh, name, path):
        """A raw body with a content type in place of the document."""
        fresh.put(f"/faults/{name}", json={"body": "<html>", "content_type": "text/html"})
        response = fresh.get(path)
        assert (response.status_code, response.text, response.headers["content-type"]) == (200, "<html>", "text/html")

    def test_redirect(self, fresh, name, path):
        """A redirect to anywhere, a 302 unless another is said."""
        fresh.put(f"/faults/{name}", json={"redirect": "http://127.0.0.1:1/x"})
        response = fresh.get(path, follow_redirects=False)
        assert (response.status_code, response.headers["location"]) == (302, "http://127.0.0.1:1/x")
        fresh.put(f"/faults/{name}", json={"redirect": "/y", "status": 308})
        assert fresh.get(path, follow_redirects=False).status_code == 308

    def test_headers(self, fresh, name, path):
        """Headers are set, Cache-Control among them, and win over what was there."""
        fresh.put(f"/faults/{name}", json={"cache_control": "no-store", "headers": {"X-A": "1", "Content-Type": "a/b"}})
        headers = fresh.get(path).headers
        assert (headers["cache-control"], headers["x-a"], headers["content-type"]) == ("no-store", "1", "a/b")

    def test_etag(self, fresh, name, path):
        """A request that names the ETag gets a 304 without a body; another gets the document."""
        fresh.put(f"/faults/{name}", json={"etag": '"v1"'})
        assert fresh.get(path).headers["etag"] == '"v1"'
        same = fresh.get(path, headers={"If-None-Match": '"v1"'})
        assert (same.status_code, same.content) == (304, b"")
        assert fresh.get(path, headers={"If-None-Match": '"v0"'}).status_code == 200

    def test_times(self, fresh, name, path):
        """A fault that counts is over after so many answers."""
        fresh.put(f"/faults/{name}", json={"status": 500, "times": 2})
        assert [fresh.get(path).status_code for _ in range(4)] == [500, 500, 200, 200]

    def test_delay_and_drip(self, fresh, name, path):
        """An answer can begin late, and come piece by piece."""
        fresh.put(f"/faults/{name}", json={"delay": 0.05})
        start = time.monotonic()
        fresh.get(path)
        assert time.monotonic() - start >= 0.05
        fresh.put(f"/faults/{name}", json={"drip": 0.02, "body": "x" * 200})
        start = time.monotonic()
        assert fresh.get(path).text == "x" * 200
        assert time.monotonic() - start >= 0.06

    def test_repeat(self, fresh, name, path):
        """A huge body is asked for with a small request."""
        fresh.put(f"/faults/{name}", json={"body": "0123456789", "repeat": 100_000})
        assert len(fresh.get(path).content) == 1_000_000


def test_in_process(fresh, forge):
    """The same in process; a document that there is not is refused."""
    forge.faults["jwks"] = Fault(status=500)
    assert fresh.get(JWKS).status_code == 500
    assert forge.faults["jwks"].status == 500
    forge.faults.clear()
    assert fresh.get(JWKS).status_code == 200
    with pytest.raises(KeyError, match="jwks, openid-configuration"):
        forge.faults["token"] = Fault()


def test_clear(fresh):
    """All faults go at once."""
    fresh.put("/faults/jwks", json={"status": 500})
    fresh.put("/faults/openid-configuration", json={"status": 500})
    assert len(fresh.get("/faults").json()) == 2
    assert fresh.delete("/faults").json() == {}


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"status": 99}, '"status" must be a number from 200 to 599'),
        ({"status": 200.5}, '"status" must be a number from 200 to 599'),
        ({"status": True}, '"status" must be a number'),
        ({"delay": 61}, '"delay" must be a number from 0 to 60'),
        ({"delay": "1"}, '"delay" must be a number'),
        ({"times": 0}, '"times" must be a number from 1'),
        ({"redirect": "a\r\nb: c"}, '"redirect" must be the text of a header'),
        ({"headers": {"a b": "c"}}, "no name of a header"),
        ({"headers": {"a": "\u00fc"}}, '"headers.a" must be the text of a header'),
        ({"headers": []}, '"headers" must be a JSON object'),
        ({"body": 1}, '"body" must be a string'),
        ({"body": "x" * 100, "repeat": 10**6}, '"repeat" would make a body'),
        ({"stauts": 500}, 'Did you mean "status"?'),
    ],
)
def test_refusal(fresh, body, said):
    """A fault that cannot be is refused, and nothing goes wrong."""
    response = fresh.put("/faults/jwks", json=body)
    assert response.status_code == 400
    assert said in response.json()["error_description"]
    assert fresh.get("/faults").json() == {}


def test_unknown_document(fresh):
    """A document that there is not is a 404 that names those there are."""
    response = fresh.put("/faults/token", json={})
    assert response.status_code == 404
    assert "jwks, openid-configuration" in response.json()["error_description"]


def application(issuer):
    app = FastAPI()
    init_axioms(app, AXIOMS_AUDIENCE="https://api.example.com", AXIOMS_ISS_URL=issuer)
    app.get("/", dependencies=[Depends(require_auth)])(lambda: "ok")
    return TestClient(app)


def test_as_an_application_sees_it():
    """While the key set is out, a good token is a 503 and never a 401; the log counts what each application fetched."""
    forge_app = create_app(keys=ForgeKeys.generate("ES256"))
    forge = forge_app.state.forge
    with serving(forge_app) as issuer, httpx2.Client(trust_env=False) as http:
        token = http.post(f"{issuer}/token", json={}).json()["access_token"]
        forge.faults["jwks"] = Fault(status=500)
        with application(issuer) as api:
            assert api.get("/", headers={"Authorization": f"Bearer {token}"}).status_code == 503
        forge.faults.clear()
        forge.requests.clear()
        with application(issuer) as api:
            for _ in range(3):
                assert api.get("/", headers={"Authorization": f"Bearer {token}"}).status_code == 200
        assert forge.requests.count("/.well-known/jwks.json") == 1
