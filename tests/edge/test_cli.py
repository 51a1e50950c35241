"""The `axioms` command, run as a person runs it: in a process of its own."""

import contextlib
import json
import os
import re
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator

import httpx2
import pytest
from joserfc import jws
from joserfc.jwk import KeySet

from axioms_fastapi.forge.server import ServerStartError, listen

START = "from axioms_fastapi.cli import main; main()"


def axioms(*arguments: str, before: str = "") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", before + START, *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)


@contextlib.contextmanager
def running_process(*arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-c", START, *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process:
        try:
            yield process
        finally:
            process.terminate()


@contextlib.contextmanager
def running_forge(*arguments: str) -> Iterator[str]:
    with running_process("forge", "--port", "0", *arguments) as process:
        yield first_screen(process)


def first_screen(process: subprocess.Popen[bytes]) -> str:
    screen, deadline = b"", time.monotonic() + 30
    while b"Ctrl+C" not in screen:
        assert select.select([process.stdout], [], [], deadline - time.monotonic())[0], screen
        chunk = os.read(process.stdout.fileno(), 65536)
        assert chunk, screen
        screen += chunk
    return screen.decode()


def setting(screen: str, name: str) -> str:
    return re.search(rf"^{name}=(\S+)$", screen, re.MULTILINE)[1]


class TestForge:
    def test_first_screen_is_true(self):
        """The settings that are printed are those of the tokens and of the server that was started."""
        with running_forge() as screen, httpx2.Client(trust_env=False) as client:
            issuer = setting(screen, "AXIOMS_ISS_URL")
            assert client.get(setting(screen, "AXIOMS_JWKS_URL")).json()["keys"]
            assert client.get(f"{issuer}/.well-known/openid-configuration").json()["issuer"] == issuer
            assert client.post(f"{issuer}/token", json={}).json()["access_token"]
            assert setting(screen, "AXIOMS_AUDIENCE") == "https://api.example.com"
            assert f'-d \'{{"iss":"{issuer}","aud":"https://api.example.com","sub":"user123"}}\'' in screen

    def test_tutorial_request(self):
        """The tutorial's request gets a token over HTTP, and the key set that discovery names verifies it."""
        with running_forge("--host", "localhost") as screen, httpx2.Client(trust_env=False) as client:
            issuer = setting(screen, "AXIOMS_ISS_URL")
            request = {"iss": issuer, "aud": "https://api.example.com", "sub": "user123", "roles": ["admin"]}
            token = client.post(f"{issuer}/token", json=request).json()["access_token"]
            discovery = client.get(f"{issuer}/.well-known/openid-configuration").json()
            jwks = KeySet.import_key_set(client.get(discovery["jwks_uri"]).json())
        claims = json.loads(jws.deserialize_compact(token, jwks, ["RS256"]).payload)
        assert request.items() <= claims.items()
        assert abs(claims["iat"] - time.time()) < 60

    def test_restart(self):
        """A forge that is started anew has keys of other names: an application that knows the old ones asks again."""
        kids = []
        for _ in range(2):
            with running_forge() as screen:
                document = httpx2.get(setting(screen, "AXIOMS_JWKS_URL")).json()
                kids.append({key["kid"] for key in document["keys"]})
            time.sleep(1)
        assert kids[0].isdisjoint(kids[1])
        assert all(re.fullmatch(r"(rsa|ec)-key-\d{9}", kid) for kid in kids[0] | kids[1])

    def test_interrupt(self):
        """Ctrl+C ends the forge quietly: nothing more is printed, neither a traceback nor a request."""
        with running_process("forge", "--port", "0") as process:
            issuer = setting(first_screen(process), "AXIOMS_ISS_URL")
            httpx2.post(f"{issuer}/token", json={}, trust_env=False)
            process.send_signal(signal.SIGINT)
            assert process.communicate(timeout=30) == (b"", None)
            assert process.returncode == 0

    def test_issuer_option(self):
        """--issuer is the issuer of tokens and discovery, while the keys stay where they can be fetched."""
        with running_forge("--issuer", "https://login.test/") as screen, httpx2.Client(trust_env=False) as client:
            assert setting(screen, "AXIOMS_ISS_URL") == "https://login.test/"
            jwks_url = setting(screen, "AXIOMS_JWKS_URL")
            discovery = client.get(jwks_url.replace("jwks.json", "openid-configuration")).json()
            assert (discovery["issuer"], discovery["jwks_uri"]) == ("https://login.test/", jwks_url)

    def test_port_taken(self):
        """A port in use is one sentence that names it and the option, without a traceback."""
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
            result = axioms("forge", "--port", str(port))
        assert (result.returncode, result.stdout) == (1, "")
        assert re.fullmatch(rf"Port {port} of 127\.0\.0\.1 cannot be used .*--port\.\n", result.stderr)

    @pytest.mark.parametrize(
        ("arguments", "sentence"),
        [
            (["--host", "0.0.0.0"], "anybody who can reach it can mint any token."),
            (["--issuer", "login.test"], "not 'login.test'."),
            (["--issuer", "https://login.test/?a"], "not 'https://login.test/?a'."),
        ],
    )
    def test_bad_option(self, arguments, sentence):
        """A host that is not loopback and an issuer that is no URL are refused in one sentence."""
        result = axioms("forge", *arguments)
        assert (result.returncode, result.stdout, result.stderr.count("\n")) == (1, "", 1)
        assert result.stderr.endswith(sentence + "\n")


class TestListen:
    @pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.0.1", "example.com", "localhost.example.com", ""])
    def test_other_hosts_are_refused(self, host):
        """Nothing but loopback is listened on, and the refusal says why."""
        with pytest.raises(ServerStartError, match="anybody who can reach it can mint any token"):
            listen(host, 0)

    @pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "localhost", "LOCALHOST"])
    def test_loopback_hosts(self, host):
        """The whole of 127.0.0.0/8 and localhost are loopback."""
        with listen(host, 0) as listener:
            assert listener.getsockname()[0].startswith("127.")


class TestAxioms:
    def test_version(self):
        """--version names the package and its version."""
        result = axioms("--version")
        assert (result.returncode, result.stderr) == (0, "")
        assert re.fullmatch(r"axioms-fastapi \d+\.\d+\.\d+\S*\n", result.stdout)

    @pytest.mark.parametrize("missing", ["typer", "rich", "uvicorn"])
    def test_missing_extra(self, missing):
        """Without the forge extra the command says what to install, in one sentence."""
        result = axioms("forge", before=f"import sys; sys.modules[{missing!r}] = None; ")
        assert (result.returncode, result.stdout) == (1, "")
        assert (
            result.stderr == 'The axioms command needs the forge extra; from the checkout: pip install -e ".[forge]"\n'
        )
