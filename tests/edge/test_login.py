"""The forge's login: the authorization code grant with PKCE, its page, the code exchange, and the start page."""

import base64
import hashlib
import html
import json
import re
import shlex
import subprocess
import sys
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx2
import pytest
from fastapi import Depends, FastAPI
from joserfc import jws
from joserfc.jwk import KeySet
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.testclient import TestClient

from axioms_fastapi import Issuer, Principal, current_principal, init_axioms
from axioms_fastapi.forge import ForgeKeys, create_app

ISSUER = "https://issuer.test"
BACK = "http://127.0.0.1:8000/docs/oauth2-redirect"
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"  # RFC 7636, appendix B, with its challenge
CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
ASKED = {
    "response_type": "code",
    "client_id": "docs",
    "redirect_uri": BACK,
    "state": "a b&c",
    "nonce": "n-0S6",
    "code_challenge": CHALLENGE,
    "code_challenge_method": "S256",
    "scope": "openid read:data",
}


class Clock:
    """A clock that a test sets."""

    now = 1_700_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture(scope="module")
def keys() -> ForgeKeys:
    return ForgeKeys.generate("ES256", "RS256")


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def client(keys: ForgeKeys, clock: Clock) -> TestClient:
    return TestClient(create_app(ISSUER, keys, clock=clock), follow_redirects=False)


def url(**changes: str | None) -> str:
    """The request of a client, with these parameters instead, or without those that are None."""
    return f"/authorize?{urlencode({name: value for name, value in {**ASKED, **changes}.items() if value is not None})}"


def answered(response: httpx2.Response) -> dict[str, str]:
    """What the client gets back."""
    assert response.status_code == 303, response.text
    query = parse_qs(urlsplit(response.headers["location"]).query, keep_blank_values=True)
    return {name: values[0] for name, values in query.items()}


def exchanged(client: TestClient, code: str, /, **changes: str | None) -> Any:
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "client_id": "docs",
        "redirect_uri": BACK,
        "code_verifier": VERIFIER,
        **changes,
    }
    return client.post("/token", data={name: value for name, value in form.items() if value is not None})


def logged_in(client: TestClient, pick: str = "alice", **changes: str | None) -> dict[str, Any]:
    """The token response for somebody who logs in."""
    code = answered(client.post(url(**changes), data={"pick": pick}))["code"]
    response = exchanged(client, code)
    assert response.status_code == 200, response.text
    body = response.json()
    assert isinstance(body, dict)
    return body


def decoded(token: str, keys: ForgeKeys) -> tuple[dict[str, Any], dict[str, Any]]:
    """The header and the claims of a token whose signature verifies."""
    jws.deserialize_compact(token, KeySet.import_key_set(keys.public_jwks()), ["ES256", "RS256"])  # type: ignore[arg-type]
    header, claims, _ = (base64.urlsafe_b64decode(part + "==") for part in token.split("."))
    return json.loads(header), json.loads(claims)


class TestLoginPage:
    def test_people(self, client: TestClient) -> None:
        """The page says who asks for what, and offers three people, a form and a way back."""
        page = client.get(url())
        text = html.unescape(page.text)
        assert page.status_code == 200
        assert re.findall(r'name="pick" value="(.*?)"', text) == ["alice", "bob", "mallory", "", "nobody"]
        for said in ("docs", "http://127.0.0.1:8000", "read:data", "Alice", "test issuer"):
            assert said in text

    @pytest.mark.parametrize("path", [url(), "/?as=bob", "/authorize"])
    def test_nothing_from_outside(self, client: TestClient, path: str) -> None:
        """No page loads anything, and its policy would not let it; what has no nonce of this answer does not run."""
        page = client.get(path, headers={"Accept": "text/html"})
        assert not re.findall(r'(?:src|href|action)="(?!data:|#|\?|")', page.text)
        assert "url(" not in page.text
        policy = dict(part.split(" ", 1) for part in page.headers["content-security-policy"].split("; "))
        nonce = re.fullmatch(r"'nonce-(\S{20,})'", policy["style-src"])
        assert nonce
        assert policy["script-src"] == policy["style-src"]
        assert policy["default-src"] == policy["base-uri"] == policy["frame-ancestors"] == "'none'"
        assert set(re.findall(r'<(?:style|script) nonce="(.*?)"', page.text)) == {nonce[1]}
        assert not re.findall(r"<(?:style|script)(?! nonce=)|\sstyle=|\son\w+=", page.text)
        assert page.headers["cache-control"] == "no-store"
        assert page.headers["referrer-policy"] == "no-referrer"
        assert '<html lang="en">' in page.text

    def test_form_may_end_at_the_client(self, client: TestClient) -> None:
        """The form may lead to the forge and, by its redirect, to this client; to nowhere else."""
        assert "form-action 'self' http://127.0.0.1:8000;" in client.get(url()).headers["content-security-policy"]

    def test_no_script_on_the_login_page(self, client: TestClient) -> None:
        """The login page needs no JavaScript: it has none."""
        assert "<script" not in client.get(url()).text

    def test_hostile_text(self, client: TestClient) -> None:
        """What a client writes is text on the page, never markup."""
        page = client.get(url(client_id="<script>alert(1)</script>", login_hint='"><b>', scope="<i>x</i>"))
        assert "<script>alert" not in page.text
        assert "<i>" not in page.text
        assert "<b>" not in page.text

    def test_hint(self, client: TestClient) -> None:
        """A client that knows who it is (login_hint) has the cursor put there."""
        assert re.findall(r'value="(\w+)"[^>]* autofocus', client.get(url(login_hint="bob")).text) == ["bob"]


class TestAuthorize:
    def test_answer(self, client: TestClient) -> None:
        """The client gets a code, its own state, and who answers (RFC 9207), in the query of its redirect URI."""
        response = client.post(url(redirect_uri=f"{BACK}?mine=1"), data={"pick": "alice"})
        assert response.headers["location"].startswith(f"{BACK}?mine=1&code=")
        answer = answered(response)
        assert len(answer.pop("code")) >= 43
        assert answer == {"mine": "1", "state": "a b&c", "iss": ISSUER}
        assert "state" not in answered(client.post(url(state=None), data={"pick": "alice"}))

    @pytest.mark.parametrize(
        "changes",
        [
            {"client_id": None},
            {"client_id": ""},
            {"client_id": "a b"},
            {"redirect_uri": None},
            {"redirect_uri": "/docs"},
            {"redirect_uri": "javascript:alert(1)"},
            {"redirect_uri": "https://evil.example/"},
            {"redirect_uri": "http://127.0.0.1.evil.example/"},
            {"redirect_uri": "http://127.0.0.1@evil.example/"},
            {"redirect_uri": "http://user@127.0.0.1/"},
            {"redirect_uri": "http://127.0.0.1\\@evil.example/"},
            {"redirect_uri": "http://127.0.0.1:8000/#fragment"},
            {"redirect_uri": "http://127.0.0.1:99999/"},
            {"redirect_uri": "http://127.0.0.1; script-src 'unsafe-inline'/"},
            {"redirect_uri": "http://169.254.169.254/"},
            {"redirect_uri": "http://0.0.0.0/"},
            {"redirect_uri": "http://127.0.0.1/\n"},
        ],
        ids=str,
    )
    @pytest.mark.parametrize("method", ["GET", "POST"])
    def test_untrusted(self, client: TestClient, changes: dict[str, str | None], method: str) -> None:
        """Where it is not certain that the answer stays on this machine, a person is told and nothing is redirected."""
        response = client.request(method, url(**changes), data={"pick": "alice"} if method == "POST" else None)
        assert response.status_code == 400
        assert response.headers["content-type"].startswith("text/html")
        assert "location" not in response.headers
        assert 'role="alert"' in response.text

    def test_repeated_parameter(self, client: TestClient) -> None:
        """A parameter that is sent twice is refused (RFC 6749, section 3.1): two programs could read it differently."""
        response = client.get(f"{url()}&redirect_uri=https%3A%2F%2Fevil.example")
        assert response.status_code == 400
        assert "&#34;redirect_uri&#34; more than once." in response.text

    @pytest.mark.parametrize(
        "back", ["http://localhost:3000/", "https://127.0.0.1/cb", "http://[::1]:8000/cb?x=1", "http://127.8.9.1/"]
    )
    def test_loopback(self, client: TestClient, back: str) -> None:
        """Every name of this machine is one."""
        assert client.post(url(redirect_uri=back), data={"pick": "alice"}).headers["location"].startswith(back)

    @pytest.mark.parametrize(
        ("changes", "error"),
        [
            ({"response_type": "token"}, "unsupported_response_type"),
            ({"response_type": None}, "unsupported_response_type"),
            ({"response_mode": "fragment"}, "invalid_request"),
            ({"code_challenge": None}, "invalid_request"),
            ({"code_challenge": "short"}, "invalid_request"),
            ({"code_challenge_method": "plain"}, "invalid_request"),
            ({"code_challenge_method": None}, "invalid_request"),
            ({"scope": 'a "b'}, "invalid_scope"),
            ({"prompt": "none"}, "login_required"),
            ({"request": "eyJ"}, "request_not_supported"),
            ({"request_uri": "https://evil.example"}, "request_not_supported"),
        ],
        ids=str,
    )
    @pytest.mark.parametrize("method", ["GET", "POST"])
    def test_errors(self, client: TestClient, changes: dict[str, str | None], error: str, method: str) -> None:
        """What cannot be done is told to the client, with its state (RFC 6749, section 4.1.2.1)."""
        answer = answered(client.request(method, url(**changes), data={"pick": "alice"} if method == "POST" else None))
        assert answer.pop("error_description")
        assert answer == {"error": error, "state": "a b&c", "iss": ISSUER}

    def test_cancel(self, client: TestClient) -> None:
        """A person may say no."""
        assert answered(client.post(url(), data={"pick": "nobody"}))["error"] == "access_denied"

    def test_large_form(self, client: TestClient) -> None:
        """A form of more than 1 MiB is refused."""
        response = client.post(url(), data={"more": "x" * 1_100_000})
        assert (response.status_code, "larger than 1 MiB" in response.text) == (400, True)

    def test_mounted(self, keys: ForgeKeys) -> None:
        """Below a path, discovery leads to the login, and its answer names that issuer."""
        app = TestClient(Starlette(routes=[Mount("/a", create_app(keys=keys))]), follow_redirects=False)
        document = app.get("/a/.well-known/openid-configuration").json()
        assert document["authorization_endpoint"] == "http://testserver/a/authorize"
        assert answered(app.post(f"/a{url()}", data={"pick": "bob"}))["iss"] == document["issuer"]

    def test_discovery(self, client: TestClient) -> None:
        """The discovery document says what the login can do."""
        document = client.get("/.well-known/openid-configuration").json()
        assert document["code_challenge_methods_supported"] == ["S256"]
        assert document["response_modes_supported"] == ["query"]
        assert document["authorization_response_iss_parameter_supported"] is True
        assert {"code", "token"} <= set(document["response_types_supported"])
        assert "authorization_code" in document["grant_types_supported"]


class TestTokens:
    def test_access_token(self, client: TestClient, keys: ForgeKeys) -> None:
        """Alice's token is an access token of RFC 9068 with her claims, for this client."""
        body = logged_in(client)
        assert (body["token_type"], body["expires_in"], body["scope"]) == ("Bearer", 3600, "openid read:data")
        header, claims = decoded(body["access_token"], keys)
        assert header["typ"] == "at+jwt"
        assert claims.pop("jti")
        assert claims == {
            "iss": ISSUER,
            "sub": "alice",
            "aud": "https://api.example.com",
            "client_id": "docs",
            "iat": 1_700_000_000,
            "nbf": 1_700_000_000,
            "exp": 1_700_003_600,
            "auth_time": 1_700_000_000,
            "scope": "openid read:data",
            "name": "Alice",
            "email": "alice@example.com",
            "email_verified": True,
            "roles": ["editor"],
            "permissions": ["articles:publish", "resource:create", "resource:write", "posts:create"],
        }

    def test_id_token(self, client: TestClient, keys: ForgeKeys) -> None:
        """With openid there is an ID token: for the client, with its nonce, tied to the access token (OIDC Core 3.1.3.6)."""
        body = logged_in(client, scope="openid email")
        _, claims = decoded(body["id_token"], keys)
        digest = hashlib.sha256(body["access_token"].encode()).digest()[:16]
        assert claims == {
            "iss": ISSUER,
            "sub": "alice",
            "aud": "docs",
            "iat": 1_700_000_000,
            "exp": 1_700_003_600,
            "auth_time": 1_700_000_000,
            "nonce": "n-0S6",
            "at_hash": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
            "email": "alice@example.com",
            "email_verified": True,
        }
        assert "id_token" not in logged_in(client, scope="read:data")
        assert "nonce" not in decoded(logged_in(client, nonce=None)["id_token"], keys)[1]

    @pytest.mark.parametrize(
        ("pick", "asked", "granted"),
        [
            ("alice", None, "openid profile read:data write:data articles:publish"),
            ("alice", "", "openid profile read:data write:data articles:publish"),
            ("alice", "read:data admin", "read:data"),
            ("bob", "read:data write:data", "read:data"),
            ("bob", "email read:data email", "email read:data"),
            ("mallory", None, ""),
            ("mallory", "read:data admin", ""),
            ("mallory", "openid read:data", "openid"),
        ],
    )
    def test_scopes(self, client: TestClient, keys: ForgeKeys, pick: str, asked: str | None, granted: str) -> None:
        """A client gets what it asks for of what the person has; asking for nothing gets all (RFC 6749, section 3.3)."""
        body = logged_in(client, pick, scope=asked)
        assert body["scope"] == granted
        assert decoded(body["access_token"], keys)[1].get("scope", "") == granted

    @pytest.mark.parametrize("name", ["audience", "resource"])
    def test_audience(self, client: TestClient, keys: ForgeKeys, name: str) -> None:
        """A client may say which API the token is for, in Auth0's word or RFC 8707's."""
        body = logged_in(client, **{name: "https://my.api"})
        assert decoded(body["access_token"], keys)[1]["aud"] == "https://my.api"

    def test_own_claims(self, client: TestClient, keys: ForgeKeys) -> None:
        """Typed claims stand in the token as they are typed, whatever was asked for."""
        typed = {
            "pick": "",
            "sub": " carol ",
            "scope": "a  b",
            "roles": "x, y,",
            "permissions": "",
            "more": '{"aud":7}',
        }
        body = exchanged(client, answered(client.post(url(), data=typed))["code"]).json()
        claims = decoded(body["access_token"], keys)[1]
        assert {"sub": "carol", "scope": "a b", "roles": ["x", "y"], "aud": 7}.items() <= claims.items()
        assert "permissions" not in claims
        assert body["scope"] == "a b"

    @pytest.mark.parametrize(
        ("typed", "field"),
        [
            ({"sub": ""}, "sub"),
            ({"more": "{"}, "more"),
            ({"more": "[]"}, "more"),
            ({"more": '{"a": NaN}'}, "more"),
            ({"more": '{"a": 1e999}'}, "more"),
            ({"more": "[" * 9000}, "more"),
            ({"more": '{"a": ' + "9" * 5000 + "}"}, "more"),
        ],
        ids=["sub", "brace", "list", "nan", "infinity", "deep", "long number"],
    )
    def test_wrong_claims(self, client: TestClient, typed: dict[str, str], field: str) -> None:
        """What cannot be used is shown again, with a sentence that the field points to."""
        form = {"pick": "", "sub": "carol", "roles": "<b>kept</b>", **typed}
        page = client.post(url(), data=form)
        assert page.status_code == 400
        assert re.search(
            rf'id="{field}" name="{field}"[^>]* aria-describedby="[^"]*{field}-error"[^>]* aria-invalid', page.text
        )
        assert f'id="{field}-error"' in page.text
        assert 'value="&lt;b&gt;kept&lt;/b&gt;"' in page.text
        assert '<details class="card" open>' in page.text

    def test_accepted(self, client: TestClient, keys: ForgeKeys, clock: Clock) -> None:
        """The library lets Alice in with her access token, and nobody with her ID token."""
        import time

        clock.now = time.time()
        app = FastAPI()
        init_axioms(app, issuers=[Issuer(ISSUER, ["https://api.example.com", "docs"], keys=keys.public_jwks())])

        @app.get("/")
        async def root(principal: Principal = Depends(current_principal)) -> list[str]:
            return [principal.subject, *sorted(principal.scopes), *sorted(principal.roles)]

        body = logged_in(client)
        api = TestClient(app)
        call: Callable[[str], Any] = lambda token: api.get("/", headers={"Authorization": f"Bearer {token}"})  # noqa: E731
        assert call(body["access_token"]).json() == ["alice", "openid", "read:data", "editor"]
        assert call(body["id_token"]).status_code == 401


class TestExchange:
    def code(self, client: TestClient) -> str:
        return answered(client.post(url(), data={"pick": "alice"}))["code"]

    def test_once(self, client: TestClient) -> None:
        """A code is good for one exchange."""
        code = self.code(client)
        assert exchanged(client, code).status_code == 200
        assert exchanged(client, code).json()["error"] == "invalid_grant"

    @pytest.mark.parametrize(("age", "status"), [(60, 200), (61, 400)])
    def test_a_minute(self, client: TestClient, clock: Clock, age: int, status: int) -> None:
        """A code is good for 60 seconds."""
        code = self.code(client)
        clock.now += age
        assert exchanged(client, code).status_code == status

    @pytest.mark.parametrize(
        ("changes", "error"),
        [
            ({"code_verifier": VERIFIER[:-1] + "X"}, "invalid_grant"),
            ({"code_verifier": CHALLENGE}, "invalid_grant"),
            ({"code_verifier": "short"}, "invalid_grant"),
            ({"code_verifier": "é" * 43}, "invalid_grant"),
            ({"code_verifier": None}, "invalid_request"),
            ({"client_id": "another"}, "invalid_grant"),
            ({"client_id": None}, "invalid_request"),
            ({"redirect_uri": f"{BACK}/"}, "invalid_grant"),
            ({"redirect_uri": "http://localhost:8000/docs/oauth2-redirect"}, "invalid_grant"),
            ({"redirect_uri": None}, "invalid_request"),
            ({"code": None}, "invalid_request"),
            ({"code": "unknown"}, "invalid_grant"),
        ],
        ids=str,
    )
    def test_refused(self, client: TestClient, changes: dict[str, str | None], error: str) -> None:
        """A wrong exchange is refused in the shape of RFC 6749, section 5.2, and the code is spent."""
        code = self.code(client)
        response = exchanged(client, code, **changes)
        assert (response.status_code, response.json()["error"]) == (400, error)
        assert response.json()["error_description"]
        assert response.headers["cache-control"] == "no-store"
        if "code" not in changes:
            assert exchanged(client, code).json()["error"] == "invalid_grant"

    def test_repeated(self, client: TestClient) -> None:
        """A member that is sent twice is refused."""
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        response = client.post("/token", content="grant_type=authorization_code&code=a&code=b", headers=headers)
        assert (response.status_code, response.json()["error"]) == (400, "invalid_request")

    def test_another_issuer(self, keys: ForgeKeys) -> None:
        """A code of one issuer is no code of another on the same forge: a client must not take one for the other."""
        client = TestClient(create_app(keys=keys, issuers=["/a/"]), follow_redirects=False)
        answer = answered(client.post(f"/a{url()}", data={"pick": "alice"}))
        assert answer["iss"] == "http://testserver/a/"
        assert exchanged(client, answer["code"]).json()["error"] == "invalid_grant"

    def test_basic(self, client: TestClient) -> None:
        """A client may name itself by HTTP Basic; nobody looks at its secret."""
        form = {"grant_type": "authorization_code", "code": self.code(client), "redirect_uri": BACK}
        response = client.post("/token", data={**form, "code_verifier": VERIFIER}, auth=("docs", "any"))
        assert response.status_code == 200

    def test_preflight(self, client: TestClient) -> None:
        """A page of another origin may exchange a code with the header that Swagger UI sends."""
        assert "X-Requested-With" in client.options("/token").headers["access-control-allow-headers"]

    def test_many_codes(self, client: TestClient) -> None:
        """Codes that nobody exchanges do not pile up: of more than a thousand, the oldest are gone."""
        codes = [self.code(client) for _ in range(1001)]
        assert exchanged(client, codes[0]).status_code == 400
        assert exchanged(client, codes[1]).status_code == 200


class TestStartPage:
    def page(self, client: TestClient, **form: str) -> str:
        response = client.get("/", params=form, headers={"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"})
        assert response.headers["content-type"].startswith("text/html")
        return response.text

    def shown(self, page: str, name: str) -> str:
        found = re.search(rf'<pre [^>]*id="{name}".*?>(.*?)</pre>', page, re.S)
        assert found
        return html.unescape(re.sub(r"<.*?>", "", found[1]))

    def test_people_and_programs(self, client: TestClient) -> None:
        """A browser gets a page, a program the JSON that it always got, and caches are told."""
        page = client.get("/", headers={"Accept": "text/html"})
        assert "Make a token" in page.text
        assert page.headers["vary"] == "Accept"
        for accept in ("*/*", "application/json", ""):
            answer = client.get("/", headers={"Accept": accept})
            assert answer.json()["issuer"] == ISSUER
            assert answer.headers["vary"] == "Accept"

    def test_persona(self, client: TestClient, keys: ForgeKeys) -> None:
        """Somebody is one click: the form is filled in, and the token is there."""
        page = self.page(client, **{"as": "bob"})
        header, claims = decoded(self.shown(page, "token"), keys)
        assert header["typ"] == "JWT"
        assert (claims["sub"], claims["scope"], claims["roles"]) == ("bob", "openid read:data", ["viewer"])
        assert 'value="openid read:data"' in page
        assert re.findall(r'aria-current="true">.*?</span>(\w+)</a>', page) == ["Bob"]

    def test_form(self, client: TestClient, keys: ForgeKeys) -> None:
        """A form makes a token of its claims, for its audience, with its lifetime and its key."""
        form = {"sub": "carol", "roles": "a", "more": '{"n": "é"}', "aud": "my-api", "lifetime": "60", "kty": "RSA"}
        page = self.page(client, **form)
        header, claims = decoded(self.shown(page, "token"), keys)
        assert header["alg"] == "RS256"
        assert {
            "sub": "carol",
            "roles": ["a"],
            "n": "é",
            "aud": "my-api",
            "exp": 1_700_000_060,
        }.items() <= claims.items()
        assert html.unescape(page).count('"n": "é"') >= 2
        assert "2023-11-14 22:14:20 UTC" in page

    def test_expired(self, client: TestClient, keys: ForgeKeys) -> None:
        """A token that has expired is one of the lifetimes, and the page says so."""
        page = self.page(client, sub="carol", lifetime="-60")
        assert decoded(self.shown(page, "token"), keys)[1]["exp"] == 1_699_999_940
        assert "has expired already" in page

    def test_lines(self, client: TestClient, keys: ForgeKeys) -> None:
        """The lines with curl do what they say, whatever quotes the claims hold."""
        page = self.page(client, sub='o\'brien "x"', scope="a", url="http://127.0.0.1:9/it's?a=1&b=2")
        use = shlex.split(self.shown(page, "use"))
        assert use[:3] == ["curl", "-i", "http://127.0.0.1:9/it's?a=1&b=2"]
        assert use[4] == f"Authorization: Bearer {self.shown(page, 'token')}"
        ask = shlex.split(self.shown(page, "ask"))
        assert ask[2] == "http://testserver/token"
        body = client.post("/token", content=ask[-1], headers={"Content-Type": "application/json"}).json()
        claims = decoded(body["access_token"], keys)[1]
        assert (claims["sub"], claims["scope"], claims["exp"]) == ('o\'brien "x"', "a", 1_700_003_600)

    def test_wrong(self, client: TestClient) -> None:
        """What cannot be used is told beside its field, and no token is made."""
        page = self.page(client, sub="", more="{")
        assert 'id="sub-error"' in page
        assert 'id="more-error"' in page
        assert 'id="token"' not in page

    def test_hostile_text(self, client: TestClient) -> None:
        """What is typed is text on the page, also a lone surrogate, which no page can hold."""
        page = self.page(client, sub="</textarea><script>alert(1)</script>", more='{"x": "\\ud800", "y": "</pre><b>"}')
        assert "<script>alert" not in page
        assert "<b>" not in page
        assert "\\ud800" in page

    def test_unreadable(self, client: TestClient) -> None:
        """A query that cannot be read is a 400 with a sentence."""
        response = client.get("/?sub=a&sub=b", headers={"Accept": "text/html"})
        assert (response.status_code, "more than once" in response.text) == (400, True)


def test_without_templates() -> None:
    """A program that mints tokens in process needs no template library."""
    code = "import sys; sys.modules['jinja2'] = None; from axioms_fastapi.forge import create_app; create_app()"
    assert subprocess.run([sys.executable, "-c", code], timeout=60).returncode == 0
