"""`axioms forge` with its options, run as a person runs it."""

import json
import os
import re
import select
import signal
import ssl
import subprocess
import sys
import time
from contextlib import contextmanager

import httpx2
import pytest

from axioms_fastapi.forge.server import ServerStartError, listen
from reading_tokens import claims_of, header_of

COMMAND = [sys.executable, "-c", "from axioms_fastapi.cli import main; main()", "forge", "--port", "0"]


@contextmanager
def running(*options):
    with subprocess.Popen([*COMMAND, *options], stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process:
        try:
            yield process, first_screen(process)
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(timeout=30)


def first_screen(process):
    screen, deadline = b"", time.monotonic() + 30
    while b"Ctrl+C" not in screen:
        assert select.select([process.stdout], [], [], deadline - time.monotonic())[0], screen
        chunk = os.read(process.stdout.fileno(), 65536)
        assert chunk, screen
        screen += chunk
    return screen.decode()


def setting(screen, name):
    return re.search(rf"^{name}=(\S+)$", screen, re.MULTILINE)[1]


def url_of(screen):
    return re.search(r"(https?://\S+)/swagger", screen)[1]


def client(**options):
    return httpx2.Client(trust_env=False, **options)


def test_profile():
    """--profile stands in for a provider at its exact path, and the first screen has its audience and its keys."""
    with running("--profile", "entra-v2", "--marker", "--now", "1700000000") as (_, screen), client() as http:
        iss = setting(screen, "AXIOMS_ISS_URL")
        assert iss.endswith("/11111111-2222-3333-4444-555555555555/v2.0")
        claims = claims_of(http.post(f"{url_of(screen)}/token", json={}))
        assert (claims["iss"], claims["iat"], claims["test_issuer"]) == (iss, 1_700_000_000, True)
        assert claims["aud"] == setting(screen, "AXIOMS_AUDIENCE")
        assert http.get(setting(screen, "AXIOMS_JWKS_URL")).json()["keys"]


def test_issuers_and_algorithms():
    """--path, --tenants and --alg make more issuers, and other keys."""
    options = ["--path", "/a", "--path", "/b/", "--tenants", "/{tenant}/v2.0", "--alg", "EdDSA", "--alg", "PS256"]
    with running(*options) as (_, screen), client() as http:
        url = url_of(screen)
        assert header_of(http.post(f"{url}/token", json={}))["alg"] == "EdDSA"
        issuers = [claims_of(http.post(f"{url}{path}/token", json={}))["iss"] for path in ("/a", "/b", "/acme/v2.0")]
        assert issuers == [f"{url}/a", f"{url}/b/", f"{url}/acme/v2.0"]


def test_tls_and_folder(tmp_path):
    """--tls serves https and --folder keeps keys and authority: after a restart both are the same, rotated keys too."""
    folder = tmp_path / "forge"
    seen = []
    for _ in range(2):
        with running("--tls", "--folder", str(folder), "--alg", "ES256") as (_, screen):
            assert str(folder / "ca.pem") in screen
            trusting = ssl.create_default_context(cafile=folder / "ca.pem")
            with client(verify=trusting) as http:
                seen.append(http.get(setting(screen, "AXIOMS_JWKS_URL")).json())
                http.post(f"{url_of(screen)}/keys/rotate")
    assert [len(keys["keys"]) for keys in seen] == [1, 2]
    assert seen[0]["keys"][0] in seen[1]["keys"]


def test_nothing_on_disk(tmp_path, monkeypatch):
    """Without a folder the forge writes no file where it was started."""
    monkeypatch.chdir(tmp_path)
    with running("--tls") as (_, screen), client(verify=False) as http:
        assert http.post(f"{url_of(screen)}/token", json={}).status_code == 200
        assert list(tmp_path.iterdir()) == []


def test_beyond_loopback():
    """With the flag any address is listened on; its help says what that risks."""
    with running("--host", "0.0.0.0", "--unsafe-beyond-loopback") as (_, screen), client() as http:
        assert url_of(screen).startswith("http://127.0.0.1:")
        assert http.get(url_of(screen)).status_code == 200
    text = subprocess.run(
        [*COMMAND, "--help"], capture_output=True, text=True, check=True, env={**os.environ, "COLUMNS": "300"}
    )
    assert "Whoever reaches it can be anybody" in text.stdout


@pytest.mark.parametrize("host", ["forge.example.com", "", "0.0.0.0.0"])
def test_beyond_loopback_needs_an_address(host):
    """No name is looked up."""
    with pytest.raises(ServerStartError, match="must be an IP address"):
        listen(host, 0, unsafe_beyond_loopback=True)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--profile", "entra"], "'entra' is no profile; there are auth0"),
        (["--path", "a"], "An issuer's path is like /a"),
        (["--tenants", "/t"], "A tenant template is a path"),
        (["--alg", "none"], "'none' is not a signature algorithm"),
        (["--host", "0.0.0.0"], "--unsafe-beyond-loopback"),
    ],
)
def test_bad_option(options, said):
    """A bad option is one sentence on standard error, and nothing is started."""
    result = subprocess.run([*COMMAND, *options], capture_output=True, text=True, timeout=30, check=False)
    assert (result.returncode, result.stdout, result.stderr.count("\n")) == (1, "", 1)
    assert said in result.stderr


def test_bad_folder(tmp_path):
    """A folder that cannot be used is one sentence."""
    (tmp_path / "keys.json").write_text(json.dumps({"keys": []}))
    command = [*COMMAND, "--folder", str(tmp_path)]
    result = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert (result.returncode, result.stderr.count("\n")) == (1, 1)
    assert "holds no keys of a forge" in result.stderr


def test_json():
    """--json says where it listens in one line, for whoever started it on a free port."""
    with subprocess.Popen([*COMMAND, "--json"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process:
        said = json.loads(process.stdout.readline())
        with client() as http:
            assert http.get(said["settings"]["AXIOMS_JWKS_URL"]).json()["keys"]
            assert (
                http.get(f"{said['url']}/.well-known/openid-configuration").json()["issuer"]
                == (said["settings"]["AXIOMS_ISS_URL"])
            )
        process.send_signal(signal.SIGINT)
        assert (process.wait(timeout=30), process.stdout.read()) == (0, b"")


def axioms(*arguments):
    command = [sys.executable, "-c", "from axioms_fastapi.cli import main; main()", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def test_status_and_stop():
    """`axioms status` names issuer and keys of a running forge, `axioms stop` ends it; where none runs, both exit with 1."""
    with subprocess.Popen([*COMMAND, "--json"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process:
        url = json.loads(process.stdout.readline())["url"]
        status = axioms("status", "--forge", url)
        assert (status.returncode, status.stdout.splitlines()[0]) == (0, f"Issuer  {url}")
        assert json.loads(axioms("status", "--forge", url, "--json").stdout)["keys"] == re.findall(
            r"\S+-key-\d+", status.stdout
        )
        stopped = axioms("stop", "--forge", url)
        assert (stopped.returncode, stopped.stdout) == (0, f"The forge at {url} stops.\n")
        assert (process.wait(timeout=30), process.stdout.read()) == (0, b"")
    for command in ("status", "stop"):
        answer = axioms(command, "--forge", url)
        assert (answer.returncode, answer.stdout) == (1, "")
        assert answer.stderr.startswith(f"No forge answers at {url}")
