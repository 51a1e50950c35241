"""The door that every conformance test knocks at: an API that trusts one issuer, asked over ASGI.

Each attempt goes the whole way of a request, and each refusal is held against what is true of every refusal: the right header
by a strict parser, printable and short, no word of the token in it, nothing of the application run, nothing fetched that is
not configured.
"""

import asyncio
import json
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, FastAPI
from starlette.types import ASGIApp, Message

from axioms_fastapi import (
    Claims,
    Issuer,
    Reason,
    Refusal,
    init_axioms,
    register_axioms_exception_handler,
    require_auth,
)
from axioms_fastapi.forge import Mint, SigningKey
from conformance.strict_parser import Challenge, parse_challenges
from serving import KeyServer

AUDIENCE = "https://api.example.com"
# RFC 6750, section 3: %x20-21 / %x23-5B / %x5D-7E
RFC6750_TEXT = frozenset(map(chr, range(0x20, 0x7F))) - {'"', "\\"}

Header = tuple[bytes, bytes]


@dataclass(frozen=True)
class Answer:
    """What came back over ASGI."""

    status: int
    headers: tuple[Header, ...]
    body: bytes

    def values(self, name: str) -> list[str]:
        """The values of a header, one for each line of it."""
        return [value.decode("latin-1") for known, value in self.headers if known == name.lower().encode()]

    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)

    @property
    def challenge(self) -> Challenge:
        """The one challenge of the answer, by the strict parser."""
        (value,) = self.values("WWW-Authenticate")
        (challenge,) = parse_challenges(value)
        return challenge


def ask(
    app: ASGIApp,
    headers: Iterable[Header] = (),
    *,
    method: str = "GET",
    path: str = "/",
    query: bytes = b"",
    body: bytes = b"",
) -> Answer:
    """The application's answer, without a socket in between: headers are bytes, and may be what no client would send."""
    sent: list[Message] = []
    received = iter([{"type": "http.request", "body": body, "more_body": False}])

    async def receive() -> Message:
        return next(received, {"type": "http.disconnect"})

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query,
        "root_path": "",
        "headers": [(b"host", b"api.example.com"), *headers],
        "server": ("127.0.0.1", 80),
        "client": ("127.0.0.1", 50000),
        "state": {},
    }
    asyncio.run(_run(app, scope, receive, send))
    start = next(message for message in sent if message["type"] == "http.response.start")
    content = b"".join(message.get("body", b"") for message in sent if message["type"] == "http.response.body")
    return Answer(start["status"], tuple(start["headers"]), content)


async def _run(app: ASGIApp, *arguments: Any) -> None:
    await app(*arguments)


def bearer(token: str) -> list[Header]:
    """The Authorization header of a token."""
    return [(b"authorization", b"Bearer " + token.encode("utf-8"))]


class Door:
    """An API with one guarded route. `tally` counts what was refused and what was accepted.

    The keys are given as values; `server` is there for whatever a token would like to have fetched, and must not be asked.
    """

    URL = "https://issuer.example.com"

    def __init__(
        self,
        server: KeyServer,
        keys: Mapping[str, SigningKey],
        tally: Counter[str],
        token_cache_size: int,
        /,
        **issuer: Any,
    ) -> None:
        self.server = server
        self.keys = keys
        self.tally = tally
        self.ran: list[str] = []
        self.app = FastAPI()
        fields = {"audience": AUDIENCE, "keys": self.jwks, "leeway": 0, **issuer}
        issuers = [Issuer(self.URL, **fields)]
        self.axioms = init_axioms(self.app, issuers=issuers, AXIOMS_TOKEN_CACHE_SIZE=token_cache_size)
        register_axioms_exception_handler(self.app)

        methods = ["GET", "POST", "HEAD", "OPTIONS", "TRACE", "PROPFIND"]

        @self.app.api_route("/", methods=methods, include_in_schema=False)
        async def root(payload: Annotated[Claims, Depends(require_auth)]) -> str:
            self.ran.append(payload.get("sub", ""))
            return str(payload.get("sub", ""))

    @property
    def jwks(self) -> dict[str, Any]:
        """The issuer's key set."""
        return {"keys": [key.public_jwk() for key in self.keys.values()]}

    def token(
        self,
        claims: Mapping[str, Any] | None = None,
        *,
        key: SigningKey | None = None,
        header: Mapping[str, Any] | None = None,
        omit: Iterable[str] = (),
        omit_header: Iterable[str] = (),
    ) -> str:
        """A token of the trusted issuer, with changes."""
        mint = Mint(self.keys.values(), self.URL, AUDIENCE)
        return mint.mint(claims, key=key, header=header, omit=omit, omit_header=omit_header)

    def claims(self, **changes: Any) -> dict[str, Any]:
        """The claims of a good token, with changes."""
        return Mint(self.keys.values(), self.URL, AUDIENCE).claims({"sub": "alice", **changes})

    def raw(self, *, header: bytes | None = None, payload: bytes | None = None, key: SigningKey | None = None) -> str:
        """A token signed over exactly these bytes; what is not given is that of a good one."""
        key = key or next(iter(self.keys.values()))
        header = json.dumps(key.header).encode() if header is None else header
        return key.sign_raw(header, json.dumps(self.claims()).encode() if payload is None else payload)

    def lets_in(self, token: str) -> Answer:
        """The token is accepted, also when it comes again, by when it is remembered, and once more."""
        for _ in range(3):
            self.ran.clear()
            answer = ask(self.app, bearer(token))
            assert answer.status == 200, (answer.body, self._reason(bearer(token)))
            assert len(self.ran) == 1
        self.tally["accepted"] += 1
        return answer

    def turns_away(self, token: str, reason: Reason | None = None) -> Answer:
        """The token is refused as an invalid one (RFC 6750, section 3.1), also when it comes again, and for this reason."""
        refusal = self._reason(bearer(token))
        assert refusal is not None
        assert reason in {None, refusal}, refusal
        for _ in range(2):
            answer = self.refuses(bearer(token), status=401, error="invalid_token", secret=token)
        return answer

    def refuses(
        self,
        headers: Iterable[Header] = (),
        *,
        status: int,
        error: str | None,
        secret: str = "",
        path: str = "/",
        **request: Any,
    ) -> Answer:
        """The request is refused with this status and error code, and the answer is what every refusal's is."""
        fetched, self.ran = len(self.server.requests), []
        # The processor's time, which other programs do not use up: a refusal must be cheap, whatever was sent.
        started = time.process_time()
        answer = ask(self.app, headers, path=path, **request)
        seconds = time.process_time() - started
        assert answer.status == status, answer.body
        assert self.ran == []
        assert self.server.requests[fetched:] == []
        assert seconds < 1.0
        _check_refusal(answer, error, secret)
        self.tally["refused"] += 1
        return answer

    def _reason(self, headers: Iterable[Header]) -> Reason | None:
        try:
            asyncio.run(self.axioms.authenticate({"type": "http", "headers": list(headers)}))
        except Refusal as refusal:
            return refusal.reason
        return None


def _check_refusal(answer: Answer, error: str | None, secret: str) -> None:
    """What is true of every 400, 401 and 403 (RFC 6750, section 3; RFC 9110, sections 5.5 and 11)."""
    challenge = answer.challenge
    assert challenge.scheme == "Bearer"
    assert challenge.parameters["realm"]
    assert challenge.parameters.keys() <= {"realm", "scope", "error", "error_description", "error_uri"}
    assert challenge.parameters.get("error") == error
    assert ("error_description" in challenge.parameters) == (error is not None)
    for value in challenge.parameters.values():
        assert RFC6750_TEXT.issuperset(value)
    assert answer.values("Cache-Control") == ["no-store"]
    for name, value in answer.headers:
        assert len(name) + len(value) < 2048
        assert value.decode("ascii").isprintable()
    assert answer.json().keys() == {"error", "error_description"}
    everything = answer.body.decode() + "".join(str(header) for header in answer.headers)
    for segment in secret.split("."):
        assert len(segment) < 8 or segment[:8] not in everything
