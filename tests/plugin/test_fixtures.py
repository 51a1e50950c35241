"""The plugin as a project uses it: pytest runs in a folder of its own, under the strict settings that careful projects have."""

import subprocess
import sys
from pathlib import Path

import pytest

import axioms_fastapi.testing  # noqa: F401 - or each of the runs below would import it anew

pytest_plugins = ["pytester"]

INI = """
[pytest]
addopts = --strict-config --strict-markers -p no:cacheprovider -p no:hypothesispytest
filterwarnings = error
"""

APP = """
from typing import Annotated

from fastapi import Depends, FastAPI, WebSocket

from axioms_fastapi import (
    Claims, check_object_ownership, init_axioms, register_axioms_exception_handler, require_auth,
    require_permissions, require_roles, require_scopes,
)

app = FastAPI()
init_axioms(
    app,
    AXIOMS_AUDIENCE="my-api",
    AXIOMS_ISS_URL="https://auth.example.com/realms/acme",
    AXIOMS_ROLES_CLAIMS="realm_access.roles",
    AXIOMS_PERMISSIONS_CLAIMS="https://example.com/permissions",
)
register_axioms_exception_handler(app)


@app.get("/me")
async def me(payload: Annotated[Claims, Depends(require_auth)]):
    return payload


@app.get("/read", dependencies=[Depends(require_scopes("read:data"))])
async def read():
    return "in"


@app.get("/admin", dependencies=[Depends(require_roles("admin")), Depends(require_permissions("users:read"))])
async def admin():
    return "in"


@app.get("/notes/{owner}")
async def note(note: Annotated[dict, Depends(check_object_ownership(lambda owner: {"user": owner}))]):
    return note


@app.websocket("/ws")
async def ws(socket: WebSocket, payload: Annotated[Claims, Depends(require_auth)]):
    await socket.accept()
    await socket.send_text(payload.sub)
    await socket.close()
"""


@pytest.fixture
def project(pytester: pytest.Pytester) -> pytest.Pytester:
    """A project with a protected application and no tests yet."""
    pytester.makeini(INI)
    pytester.makepyfile(project_app=APP)
    pytester.syspathinsert()
    return pytester


def run(project: pytest.Pytester, source: str, *arguments: str) -> pytest.RunResult:
    project.makepyfile(test_it=source)
    return project.runpytest_inprocess(*arguments)


def test_client(project: pytest.Pytester) -> None:
    """`axioms_client(app).as_(...)` sends a real token, whose rights stand where the application's settings look for them."""
    result = run(
        project,
        """
        from project_app import app

        def test_caller(axioms_client):
            client = axioms_client(app)
            alice = client.as_("alice", scopes=["read:data", "other"], email="a@example.com")
            claims = alice.get("/me").json()
            assert (claims["sub"], claims["iss"]) == ("alice", "https://auth.example.com/realms/acme")
            assert (claims["aud"], claims["scope"], claims["email"]) == ("my-api", "read:data other", "a@example.com")
            assert alice.get("/read").status_code == 200
            assert client.as_("alice").get("/read").status_code == 403
            assert client.get("/read").status_code == 401

        def test_places(axioms_client):
            admin = axioms_client(app).as_(roles=["admin"], permissions=["users:read"], realm_access={"x": 1})
            assert admin.get("/admin").status_code == 403  # a claim that is given outright wins
            admin = axioms_client(app).as_(roles=["admin"], permissions=["users:read"])
            claims = admin.get("/me").json()
            assert claims["realm_access"] == {"roles": ["admin"]}
            assert claims["https://example.com/permissions"] == ["users:read"]
            assert admin.get("/admin").status_code == 200

        def test_owner(axioms_client):
            assert axioms_client(app).as_("alice").get("/notes/alice").status_code == 200
            assert axioms_client(app).as_("alice").get("/notes/bob").status_code == 403

        def test_websocket(axioms_client):
            with axioms_client(app).as_("alice").websocket_connect("/ws") as socket:
                assert socket.receive_text() == "alice"

        def test_callers_are_apart(axioms_client):
            client = axioms_client(app)
            alice, bob = client.as_("alice"), client.as_("bob")
            assert [who.get("/me").json()["sub"] for who in (alice, bob, alice)] == ["alice", "bob", "alice"]
            assert alice.as_("carol").get("/me").json()["sub"] == "carol"
            assert alice.get("/me", headers={"Authorization": f"Bearer {bob.token('dave')}"}).json()["sub"] == "dave"
        """,
    )
    result.assert_outcomes(passed=5)


def test_restored(project: pytest.Pytester) -> None:
    """After a test the application trusts what it trusted before, also where the test fails."""
    result = run(
        project,
        """
        from project_app import app

        before = app.state.axioms

        def test_fails(axioms_client):
            assert axioms_client(app).trust.axioms is app.state.axioms is not before
            raise RuntimeError

        def test_restored():
            assert app.state.axioms is before

        def test_block(forge):
            with forge.trusted_by(app) as trust:
                assert app.state.axioms is trust.axioms is not before
            assert app.state.axioms is before
        """,
    )
    result.assert_outcomes(passed=2, failed=1)


def test_lifespan(project: pytest.Pytester) -> None:
    """The application starts once for all clients that come from one, and what it began with belongs to all of them."""
    result = run(
        project,
        """
        from contextlib import asynccontextmanager
        import asyncio
        from fastapi import Depends, FastAPI, Request
        from axioms_fastapi import init_axioms, require_auth

        log = []

        @asynccontextmanager
        async def lifespan(app):
            log.append("start")
            yield {"loop": asyncio.get_running_loop()}
            log.append("stop")

        app = FastAPI(lifespan=lifespan)
        init_axioms(app, AXIOMS_AUDIENCE="a", AXIOMS_ISS_URL="https://auth.example.com")

        @app.get("/", dependencies=[Depends(require_auth)])
        async def root(request: Request):
            return request.state.loop is asyncio.get_running_loop()

        def test_from_the_first(axioms_client):
            log.clear()
            with axioms_client(app) as client:
                assert client.as_("alice").get("/").json() is True
                with client.as_("bob") as bob:
                    assert bob.get("/").json() is True
                assert client.as_("carol").get("/").json() is True
            assert log == ["start", "stop"]

        def test_from_another(axioms_client):
            log.clear()
            with axioms_client(app).as_("alice") as alice:
                assert alice.get("/").json() is True
                assert alice.as_("bob").get("/").json() is True
            assert log == ["start", "stop"]
        """,
    )
    result.assert_outcomes(passed=2)


def test_async_client(project: pytest.Pytester) -> None:
    """`axioms_async_client` is the same for asynchronous tests, in their own event loop."""
    result = run(
        project,
        """
        import asyncio
        import pytest
        from fastapi import Depends, FastAPI
        from axioms_fastapi import init_axioms, require_auth
        from axioms_fastapi.forge.hostile import BY_NAME
        from project_app import app

        @pytest.mark.anyio
        async def test_it(axioms_async_client):
            async with axioms_async_client(app) as client:
                assert (await client.get("/read")).status_code == 401
                alice = client.as_("alice", scopes=["read:data"])
                assert (await alice.get("/read")).status_code == 200
                assert (await alice.get("/me")).json()["sub"] == "alice"
                assert (await client.refuses(BY_NAME["alg-none"], "/me")).status_code == 401

        @pytest.mark.anyio
        async def test_same_loop(axioms_async_client):
            inner = FastAPI()
            init_axioms(inner, AXIOMS_AUDIENCE="a", AXIOMS_ISS_URL="https://auth.example.com")
            loops = []

            @inner.get("/", dependencies=[Depends(require_auth)])
            async def root():
                loops.append(asyncio.get_running_loop())

            assert (await axioms_async_client(inner).as_().get("/")).status_code == 200
            assert loops == [asyncio.get_running_loop()]

        @pytest.fixture
        def anyio_backend():
            return "asyncio"
        """,
    )
    result.assert_outcomes(passed=2)


def test_clock(project: pytest.Pytester) -> None:
    """`axioms_clock` stands still, moves when it is told to, and runs again after the test."""
    result = run(
        project,
        """
        from datetime import UTC, datetime
        import time
        import pytest
        from project_app import app

        def test_expiry(axioms_client, axioms_clock):
            alice = axioms_client(app).as_("alice")
            axioms_clock.advance(minutes=59)
            assert alice.get("/me").status_code == 200
            axioms_clock.advance(minutes=2)
            refused = alice.get("/me")
            assert (refused.status_code, refused.json()["error_description"]) == (401, "Token has expired")
            assert axioms_client(app).as_("alice").get("/me").status_code == 200

        def test_moment(axioms_client, axioms_clock):
            axioms_clock.freeze(datetime(2040, 1, 1, tzinfo=UTC))
            assert axioms_client(app).as_("alice").get("/me").json()["iat"] == 2208988800
            with pytest.raises(ValueError, match="no time zone"):
                axioms_clock.freeze(datetime(2040, 1, 1))

        def test_runs_again(forge):
            assert abs(forge.clock() - time.time()) < 1
            with pytest.raises(RuntimeError, match="use the fixture axioms_clock"):
                forge.clock.advance(hours=1)
        """,
    )
    result.assert_outcomes(passed=3)


def test_token(project: pytest.Pytester) -> None:
    """`axioms_token` and `forge` serve an application that a test sets up itself, with whatever claims."""
    result = run(
        project,
        """
        from fastapi import Depends, FastAPI
        from fastapi.testclient import TestClient
        from axioms_fastapi import Issuer, init_axioms, require_auth

        def test_own_application(forge, axioms_token):
            app = FastAPI()
            init_axioms(app, issuers=[Issuer(forge.issuer, forge.audience, keys=forge.jwks)])
            app.get("/", dependencies=[Depends(require_auth)])(lambda: "in")
            client = TestClient(app)
            send = lambda token: client.get("/", headers={"Authorization": f"Bearer {token}"}).status_code
            assert send(axioms_token(sub="alice")) == 200
            assert send(axioms_token(sub="alice", exp=1)) == 401
            assert send(axioms_token(aud="other")) == 401
            assert send(forge.mint.mint(omit=["sub"])) == 401

        def test_as_an_application(forge):
            client = TestClient(forge.app, base_url=forge.issuer)
            assert client.get("/.well-known/jwks.json").json() == forge.jwks
            assert client.get("/.well-known/openid-configuration").json()["issuer"] == forge.issuer
        """,
    )
    result.assert_outcomes(passed=2)


def test_no_network(project: pytest.Pytester) -> None:
    """No fixture opens a connection: the tests pass where every socket is refused."""
    result = run(
        project,
        """
        import asyncio
        import socket
        import pytest
        from axioms_fastapi.forge.hostile import BY_NAME
        from project_app import app

        # An event loop wakes itself through a pair of sockets; nothing beyond that.
        class Refusing(socket.socket):
            def connect(self, address):
                raise RuntimeError("no network")

            def bind(self, address):
                raise RuntimeError("no network")

        @pytest.fixture(autouse=True)
        def without_network(monkeypatch):
            monkeypatch.setattr(socket, "socket", Refusing)

        def test_it(axioms_client, axioms_token):
            assert axioms_client(app).as_("alice").get("/me").status_code == 200
            assert axioms_client(app).refuses(BY_NAME["jku-elsewhere"], "/me").status_code == 401
        """,
    )
    result.assert_outcomes(passed=1)


def test_mistakes(project: pytest.Pytester) -> None:
    """What a test cannot mean is one sentence that says what to write."""
    result = run(
        project,
        """
        import pytest
        from fastapi import FastAPI
        from axioms_fastapi import ConfigurationError, Issuer, init_axioms, roles
        from project_app import app

        def test_no_init(axioms_client):
            with pytest.raises(ConfigurationError, match=r"call init_axioms\\(app"):
                axioms_client(FastAPI())

        def test_text_for_a_list(axioms_client):
            with pytest.raises(ConfigurationError, match=r"write a list, such as roles=\\['admin'\\]"):
                axioms_client(app).as_("alice", roles="admin")

        def test_stranger(axioms_client):
            with pytest.raises(ConfigurationError, match=r"does not trust the issuer https://x.test"):
                axioms_client(app).as_("alice", iss="https://x.test")

        def test_required_claim(axioms_client):
            strict = FastAPI()
            init_axioms(strict, AXIOMS_AUDIENCE="a", AXIOMS_ISS_URL="https://a.test", AXIOMS_REQUIRED_CLAIMS="sub,org")
            with pytest.raises(ConfigurationError, match=r"requires the claim org, .* write org=\\.\\.\\."):
                axioms_client(strict).as_("alice")
            assert axioms_client(strict).token("alice", org="acme")

        def test_tenants_alone(axioms_client):
            tenants = FastAPI()
            url = "https://login.example.com/{tenantid}/v2"
            init_axioms(tenants, issuers=[Issuer(url, "a", tenants=["acme"])])
            with pytest.raises(ConfigurationError, match="say whose token it is: iss="):
                axioms_client(tenants).as_("alice")
            assert axioms_client(tenants).as_("alice", iss="https://login.example.com/acme/v2")

        def test_no_text(axioms_client):
            with pytest.raises(ConfigurationError, match=r"sub is a dict; write a text"):
                axioms_client(app).as_({"sub": "alice"})

        def test_option_of_the_forge(axioms_client):
            with pytest.raises(ConfigurationError, match=r"expires_in is no claim; write exp="):
                axioms_client(app).as_("alice", expires_in=-60)

        def test_no_application(axioms_client):
            with pytest.raises(ConfigurationError, match=r"given a str; give it the application itself"):
                axioms_client("project_app:app")

        def test_swapped(axioms_client):
            with pytest.raises(ConfigurationError, match="write refuses.hostile_token, '/path'"):
                axioms_client(app).refuses("/me", None)

        def test_policy_as_a_default(axioms_client):
            open_ = FastAPI()
            init_axioms(open_, AXIOMS_AUDIENCE="a", AXIOMS_ISS_URL="https://a.test")

            @open_.get("/")
            async def root(payload=roles("admin")):
                return "in"

            with pytest.raises(ConfigurationError, match=r"/: the parameter payload has a guard"):
                axioms_client(open_)
        """,
    )
    result.assert_outcomes(passed=10)


def test_listed(project: pytest.Pytester) -> None:
    """`pytest --fixtures` describes each fixture."""
    result = run(project, "", "--fixtures")
    names = ("forge", "axioms_client", "axioms_async_client", "axioms_token", "axioms_clock", "hostile_token")
    result.stdout.fnmatch_lines_random([f"{name}*_axioms_fastapi_pytest.py:*" for name in names])
    assert (
        "no docstring available" not in result.stdout.str().partition("_axioms_fastapi_pytest")[2].partition("---")[0]
    )


def test_costs_nothing(tmp_path: Path) -> None:
    """A project that uses no fixture of ours imports neither this package nor FastAPI."""
    (tmp_path / "test_it.py").write_text(
        "import sys\n"
        "def test_it(request):\n"
        "    assert request.config.pluginmanager.has_plugin('axioms_fastapi')\n"
        "    assert not {'axioms_fastapi', 'fastapi', 'joserfc', 'httpx2'} & set(sys.modules)\n"
    )
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stdout


def test_without_the_forge_extra(tmp_path: Path) -> None:
    """The fixtures need nothing but what the library itself needs."""
    (tmp_path / "conftest.py").write_text(
        "import sys\nsys.modules.update(dict.fromkeys(['typer', 'rich', 'uvicorn']))\n"
    )
    (tmp_path / "project_app.py").write_text(APP)
    (tmp_path / "test_it.py").write_text(
        "from project_app import app\n"
        "def test_it(axioms_client):\n"
        "    assert axioms_client(app).as_('alice').get('/me').status_code == 200\n"
    )
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stdout
