"""`hostile_token`: one line that holds any application against every bad token, and fails where it should."""

from collections import Counter
from collections.abc import Callable

import pytest
from fastapi import Depends, FastAPI, Request

from axioms_fastapi import init_axioms, optional_auth, require_auth
from axioms_fastapi.forge.hostile import BY_NAME, HOSTILE
from axioms_fastapi.testing import AxiomsClient

pytest_plugins = ["pytester"]

INI = """
[pytest]
addopts = --strict-config --strict-markers -p no:cacheprovider -p no:hypothesispytest
filterwarnings = error
"""

APPLICATIONS = """
import urllib.request

from fastapi import Depends, FastAPI, HTTPException, Request
from fastapi.responses import JSONResponse

from axioms_fastapi import Issuer, init_axioms, register_axioms_exception_handler, require_auth

ISSUER = "https://auth.example.com"


def protected(**settings):
    app = FastAPI()
    init_axioms(app, **{"AXIOMS_AUDIENCE": "my-api", "AXIOMS_ISS_URL": ISSUER, **settings})
    register_axioms_exception_handler(app)
    app.get("/me", dependencies=[Depends(require_auth)])(lambda: "in")
    return app


app = protected()
"""


@pytest.fixture
def project(pytester: pytest.Pytester) -> pytest.Pytester:
    """A project with applications and no tests yet."""
    pytester.makeini(INI)
    pytester.makepyfile(applications=APPLICATIONS)
    pytester.syspathinsert()
    return pytester


def run(project: pytest.Pytester, source: str, *arguments: str) -> pytest.RunResult:
    project.makepyfile(test_it=source)
    return project.runpytest_inprocess(*arguments)


def test_one_line(project: pytest.Pytester) -> None:
    """The one line is a test for every hostile token, under its name, and passes for a protected application."""
    line = """
        from applications import app

        def test_nothing_gets_in(axioms_client, hostile_token):
            axioms_client(app).refuses(hostile_token, "/me")
        """
    collected = run(project, line, "--collect-only", "-q")
    collected.stdout.fnmatch_lines(
        ["test_it.py::test_nothing_gets_in[[]alg-none[]]", f"{len(HOSTILE)} tests collected*"]
    )
    result = run(project, line, "-k", "alg-none or jku or two-headers", "-v")
    result.stdout.fnmatch_lines(["*test_nothing_gets_in[[]alg-none[]] PASSED*"])
    assert result.parseoutcomes().keys() == {"passed", "deselected"}


@pytest.mark.parametrize(
    ("settings", "skipped"),
    [
        ({"AXIOMS_PROVIDER": "keycloak", "AXIOMS_TOKEN_TYPS": "at+jwt", "AXIOMS_REQUIRED_CLAIMS": "sub,jti"}, []),
        ({"AXIOMS_ALGORITHMS": "ES256"}, ["no RSA key", "no OKP key"]),
        ({"AXIOMS_ALGORITHMS": "PS512"}, ["no EC key", "no OKP key"]),
        ({"AXIOMS_ISS_URL": "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_X"}, []),
        ({"AXIOMS_PROVIDER": "google"}, ["kind of token"]),
        ({"AXIOMS_PROVIDER": "workos"}, ["audience"]),
        ({"AXIOMS_REQUIRED_CLAIMS": "jti"}, ["subject"]),
        ({"AXIOMS_TOKEN_HEADER": "x-goog-iap-jwt-assertion"}, ["another header"]),
        ({"AXIOMS_TOKEN_TYPS": "none"}, []),
    ],
    ids=str,
)
def test_other_settings(
    axioms_client: Callable[..., AxiomsClient], settings: dict[str, str], skipped: list[str]
) -> None:
    """Whatever an application's settings are, nothing gets in; what they allow on purpose is skipped, and says why."""
    app = FastAPI()
    init_axioms(app, **{"AXIOMS_AUDIENCE": "my-api", "AXIOMS_ISS_URL": "https://auth.example.com", **settings})  # type: ignore[arg-type]
    app.get("/", dependencies=[Depends(require_auth)])(lambda: "in")
    reasons: Counter[str] = Counter()
    with axioms_client(app) as client:
        assert client.as_("alice").get("/").status_code == 200
        for hostile in HOSTILE:
            try:
                client.refuses(hostile, "/")
            except pytest.skip.Exception as reason:
                reasons[str(reason)] += 1
    assert reasons.total() < 80
    for words in skipped:
        assert any(words in reason for reason in reasons), words
    assert bool(reasons) == bool(skipped), reasons


def test_optional(axioms_client: Callable[..., AxiomsClient]) -> None:
    """Where a token is optional, every bad one is refused; what has another scheme is none, which has to be said."""
    app = FastAPI()
    init_axioms(app, AXIOMS_AUDIENCE="my-api", AXIOMS_ISS_URL="https://auth.example.com")
    app.get("/", dependencies=[Depends(optional_auth)])(lambda: "in")
    served = set()
    with axioms_client(app) as client:
        for hostile in HOSTILE:
            if client.refuses(hostile, "/", optional=True).status_code == 200:
                served.add(hostile.name)
                with pytest.raises(pytest.fail.Exception, match=f"^{hostile.name}: expected .*got 200: it was let in"):
                    client.refuses(hostile, "/")
    assert served > {"header-basic", "header-without-scheme"}
    assert all(name.startswith("header-") for name in served)
    assert len(served) < 10


def test_optional_under_any_scheme(axioms_client: Callable[..., AxiomsClient]) -> None:
    """A route that takes a token under any scheme for its caller's is found out: nobody is answered otherwise."""
    app = FastAPI()
    init_axioms(app, AXIOMS_AUDIENCE="my-api", AXIOMS_ISS_URL="https://auth.example.com")

    @app.get("/")
    async def whose(request: Request) -> str:
        return "known" if "authorization" in request.headers else "unknown"

    with axioms_client(app) as client, pytest.raises(pytest.fail.Exception, match="and otherwise than nobody"):
        client.as_("alice").refuses(BY_NAME["header-basic"], "/", optional=True)


def test_several_issuers(project: pytest.Pytester) -> None:
    """An application with several issuers, and one that is mounted in another, are held against it as well."""
    result = run(
        project,
        """
        import pytest
        from fastapi import FastAPI
        from applications import Issuer, Depends, init_axioms, protected, require_auth
        from axioms_fastapi.forge.hostile import BY_NAME

        several = FastAPI()
        urls = ["https://a.example.com", "https://b.example.com/realms/x"]
        init_axioms(several, issuers=[Issuer(url, "my-api") for url in urls])
        several.get("/me", dependencies=[Depends(require_auth)])(lambda: "in")
        outer = FastAPI()
        outer.mount("/inner", protected())

        def test_issuers(axioms_client):
            client = axioms_client(several)
            assert [client.as_("alice", iss=url).get("/me").status_code for url in urls] == [200, 200]

        def test_keys_are_apart(forge, axioms_client):
            client = axioms_client(several)
            stolen = forge.keys_of(urls[0]).sign({**client.trust.claims("alice"), "iss": urls[1]})
            assert client.get("/me", headers={"Authorization": f"Bearer {stolen}"}).status_code == 401

        @pytest.mark.parametrize("hostile_token", [BY_NAME["alg-none"], BY_NAME["aud-absent"]], ids=str)
        def test_chosen(axioms_client, hostile_token):
            axioms_client(several).refuses(hostile_token, "/me")
            axioms_client(outer).refuses(hostile_token, "/inner/me")
            assert axioms_client(outer).as_("alice").get("/inner/me").status_code == 200
            axioms_client(several).refuses(hostile_token, "/me", iss=urls[1])

        def test_tenants(axioms_client):
            tenants = FastAPI()
            init_axioms(tenants, issuers=[Issuer("https://login.example.com/{tenantid}", "a", tenants=["acme"])])
            tenants.get("/me", dependencies=[Depends(require_auth)])(lambda: "in")
            client, acme = axioms_client(tenants), "https://login.example.com/acme"
            assert client.as_("alice", iss=acme).get("/me").status_code == 200
            for name in ("iss-with-another-ending", "kid-unknown", "exp-past"):
                client.refuses(BY_NAME[name], "/me", iss=acme)
        """,
    )
    result.assert_outcomes(passed=5)


def test_fails_where_it_should(project: pytest.Pytester) -> None:
    """An application that lets one in, answers wrongly, or calls a URL of the token fails, with a sentence that says why."""
    result = run(
        project,
        """
        import json, base64, urllib.error, urllib.request
        from fastapi import HTTPException, Request
        from fastapi.responses import JSONResponse
        from applications import protected
        from axioms_fastapi.forge.hostile import BY_NAME

        app = protected()

        @app.get("/open")
        def opened():
            return "in"

        @app.get("/forbidden")
        def forbidden():
            raise HTTPException(403)

        @app.get("/silent")
        def silent():
            raise HTTPException(401)

        @app.get("/echo")
        def echo(request: Request):
            token = request.headers["Authorization"]
            challenge = {"WWW-Authenticate": 'Bearer realm="x", error="invalid_token"'}
            return JSONResponse({"bad": token}, 401, challenge)

        @app.get("/calling")
        def calling(request: Request):
            segment = request.headers["Authorization"].split(".")[0].split()[1]
            url = json.loads(base64.urlsafe_b64decode(segment + "=="))["jku"]
            try:
                urllib.request.build_opener(urllib.request.ProxyHandler({})).open(url, timeout=0.2)
            except OSError:
                pass
            raise HTTPException(401, headers={"WWW-Authenticate": 'Bearer realm="x", error="invalid_token"'})

        def test_open(axioms_client):
            axioms_client(app).refuses(BY_NAME["exp-past"], "/open")

        def test_forbidden(axioms_client):
            axioms_client(app).refuses(BY_NAME["exp-past"], "/forbidden")

        def test_silent(axioms_client):
            axioms_client(app).refuses(BY_NAME["exp-past"], "/silent")

        def test_echo(axioms_client):
            axioms_client(app).refuses(BY_NAME["exp-past"], "/echo")

        def test_calling(axioms_client):
            axioms_client(app).refuses(BY_NAME["jku-elsewhere"], "/calling")
        """,
    )
    result.assert_outcomes(failed=5)
    result.stdout.fnmatch_lines(
        [
            "exp-past: expected 401, got 200: it was let in. It has expired an hour ago. (RFC 7519, *)",
            "exp-past: expected 401, got 403: nobody knows who the caller is, which is 401 (RFC 6750, section 3.1)*",
            "exp-past: WWW-Authenticate is missing*",
            "exp-past: the answer repeats a part of the token*",
            "jku-elsewhere: the application has called a URL of the token. *",
        ]
    )
