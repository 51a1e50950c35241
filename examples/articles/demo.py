"""`make demo`: the forge, the example application, and a walk through it with live tokens.

Run from the project's root: `python -m examples.articles.demo`. With `--check` every answer is compared with what the walk
expects, and any difference is a failure.
"""

import argparse
import os
import shlex
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import httpx2

from axioms_fastapi.forge import Mint, SigningKey

from .login import log_in
from .walk import ABOUT, PERSONAS, WALK, Step

HERE = Path(__file__).parent
AUDIENCE = "https://api.example.com"
EIGHT_HOURS = 8 * 3600


def main() -> int:
    """Start both servers, take the walk, and wait for Ctrl-C, or with --check return what the walk came to."""
    parser = argparse.ArgumentParser(description="A walk through the example application with live tokens.")
    parser.add_argument(
        "--check", action="store_true", help="compare every answer, then stop; exit status 1 on any difference"
    )
    check = parser.parse_args().check
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]  # also where nobody looks at a terminal
    # Interrupted, ended, or its terminal closed: the children must not outlive it.
    for sign in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(sign, signal.default_int_handler)
    try:
        with ExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            forge, api = start_servers(stack, folder)
            client = stack.enter_context(httpx2.Client(trust_env=False, timeout=10))
            tokens = {name: token_of(client, forge, api, name, claims) for name, claims in PERSONAS.items()}
            failures = walk(client, api, tokens)
            if check:
                print(f"\n{len(WALK) - failures} of {len(WALK)} calls answered as they should.")
                return 1 if failures else 0
            print(
                f"\nTry more in your browser: {api}/docs (Authorize, Login: be alice, bob, mallory or anybody else)\n"
                f"The issuer: {forge} (its page makes any token)\nCtrl-C stops both."
            )
            signal.pause()
    except KeyboardInterrupt:
        print("\nStopped.")
    return 0


def start_servers(stack: ExitStack, folder: Path) -> tuple[str, str]:
    """The URLs of the running forge and the running application, whose database lives in `folder`."""
    forge_port, api_port = port_near(8787), port_near(8000)
    forge, api = f"http://127.0.0.1:{forge_port}", f"http://127.0.0.1:{api_port}"
    axioms = [sys.executable, "-c", "from axioms_fastapi.cli import main; main()"]
    stack.enter_context(running([*axioms, "forge", "--port", str(forge_port)], "Issuer", folder / "forge.log", {}))
    settings = {
        "AXIOMS_AUDIENCE": AUDIENCE,
        "AXIOMS_ISS_URL": forge,
        "AXIOMS_JWKS_URL": f"{forge}/.well-known/jwks.json",
        "AXIOMS_DOCS_AUTHORIZATION_URL": f"{forge}/authorize",
        "AXIOMS_DOCS_TOKEN_URL": f"{forge}/token",
        "DATABASE_URL": f"sqlite:///{folder / 'articles.db'}",
    }
    uvicorn = [sys.executable, "-m", "uvicorn", "main:app", "--app-dir", str(HERE), "--port", str(api_port)]
    stack.enter_context(running(uvicorn, "Uvicorn running on", folder / "api.log", settings))
    return forge, api


def port_near(preferred: int) -> int:
    """The preferred port, or any free one where it is taken."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", preferred))
        except OSError:
            probe.bind(("127.0.0.1", 0))
            print(f"Port {preferred} is taken; using {probe.getsockname()[1]}.")
        return int(probe.getsockname()[1])


@contextmanager
def running(command: list[str], says: str, log: Path, settings: Mapping[str, str]) -> Iterator[None]:
    """The command runs, and says that it listens. Settings of the surroundings do not reach it.

    An answer at its URL would prove less: it may come from another program that took the port a moment earlier.
    """
    surroundings = {name: value for name, value in os.environ.items() if not name.startswith("AXIOMS_")}
    environment = {**surroundings, "PYTHONUNBUFFERED": "1", **settings}
    with log.open("wb") as sink:
        # A session of its own: Ctrl-C reaches this program alone, which then ends its children in order.
        child = subprocess.Popen(
            command, cwd=log.parent, env=environment, stdin=subprocess.DEVNULL, stdout=sink, stderr=subprocess.STDOUT,
            start_new_session=True,
        )  # fmt: skip
    try:
        deadline = time.monotonic() + 30
        while says not in log.read_text(errors="replace"):
            if child.poll() is not None or time.monotonic() > deadline:
                raise SystemExit(f"{shlex.join(command)} did not start:\n{log.read_text(errors='replace')[-3000:]}")
            time.sleep(0.1)
        yield
    finally:
        child.terminate()
        try:
            child.wait(10)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def token_of(client: httpx2.Client, forge: str, api: str, name: str, claims: Mapping[str, Any]) -> str:
    """A token of somebody who logged in at the forge; yesterday's was only asked for, and the forged one has a key of our own."""
    lifetime = -86_400 if name == "EXPIRED" else EIGHT_HOURS
    wanted = {"aud": AUDIENCE, **claims, "exp": int(time.time()) + lifetime}
    if name == "FORGED":
        return Mint([SigningKey.generate("RS256", kid="rsa-key-1")], forge, AUDIENCE).mint(wanted)
    if name == "EXPIRED":
        return str(client.post(f"{forge}/token", json=wanted).raise_for_status().json()["access_token"])
    return log_in(client, forge, f"{api}/docs/oauth2-redirect", AUDIENCE, wanted)


def walk(client: httpx2.Client, api: str, tokens: Mapping[str, str]) -> int:
    """Print the tokens and make every call; how many of them answered otherwise than they should."""
    print(
        "Alice, Bob and Mallory have logged in at the issuer, as /docs does it (authorization code with PKCE). Paste these\n"
        "lines into another terminal, then any of the calls below. They were made once already, so what creates or\n"
        "publishes something answers anew when it is repeated.\n"
    )
    for name, token in tokens.items():
        print(f"# {name}: {ABOUT[name]}\n{name}={token}\n")
    made: dict[str, str] = defaultdict(lambda: "0")  # where an earlier step failed, later ones fail too, and say so
    failures = 0
    for number, step in enumerate(WALK, 1):
        path = step.path.format_map(made)
        headers = {"Authorization": f"Bearer {tokens[step.caller]}"} if step.caller else {}
        response = client.request(step.method, api + path, headers=headers)
        differences = list(compared(step, response))
        failures += bool(differences)
        print(f"{number:2}. {step.title}\n    {curl_line(step, api + path)}")
        print(f"    {response.status_code} {shortened(response.text)}")
        for difference in differences:
            print(f"    FAILED: {difference}")
        if step.remember and not differences:
            made[step.remember] = str(response.json()[step.remember]["id"])
    return failures


def curl_line(step: Step, url: str) -> str:
    """The call as a person would type it, the token in a variable."""
    parts = [r"curl -sw ' %{http_code}\n'"]
    if step.method != "GET":
        parts.append(f"-X {step.method}")
    if step.caller:
        parts.append(f'-H "Authorization: Bearer ${step.caller}"')
    return " ".join([*parts, f"'{url}'" if "?" in url else url])


def compared(step: Step, response: httpx2.Response) -> Iterator[str]:
    """What of the answer is not as the step says."""
    if response.status_code != step.status:
        yield f"the status is {response.status_code}, expected {step.status}"
        return
    answered = response.json() if response.content else {}
    for name, value in step.body.items():
        if answered.get(name) != value:
            yield f"{name} is {answered.get(name)!r}, expected {value!r}"
    challenge = response.headers.get("WWW-Authenticate", "")
    if step.challenge is not None and step.challenge not in challenge:
        yield f"WWW-Authenticate is {challenge!r}, expected {step.challenge} in it"
    if (step.status in {401, 403}) != bool(challenge):
        yield f"WWW-Authenticate is {challenge!r} on a {step.status}"


def shortened(text: str) -> str:
    """The body, on one line of a terminal."""
    return text if len(text) <= 140 else f"{text[:137]}..."


if __name__ == "__main__":
    sys.exit(main())
