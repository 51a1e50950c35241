"""Key sets from a server that fails, lies or is attacked: each answer is good but for its one fault."""

import asyncio
import gzip
import json
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from fastapi import Depends, FastAPI

from axioms_fastapi import Issuer, Refusal, init_axioms, register_axioms_exception_handler, require_auth
from axioms_fastapi.forge import Mint, SigningKey
from conformance.door import AUDIENCE, Answer, ask, bearer
from serving import KeyServer

ISSUER = "https://issuer.example.com"
KEYS = "/keys"


class Fetching:
    """An API whose keys come from the key server of the test."""

    def __init__(self, server: KeyServer, key: SigningKey, tally: Counter[str], **settings: Any) -> None:
        self.server, self.key, self.tally = server, key, tally
        server.requests.clear()
        server.answers.clear()
        self.good = {"keys": [key.public_jwk()]}
        server.answer(KEYS, self.good)
        self.app = FastAPI()
        issuer = Issuer(ISSUER, AUDIENCE, jwks_url=server.url + KEYS)
        self.axioms = init_axioms(self.app, issuers=[issuer], **settings)
        register_axioms_exception_handler(self.app)
        self.app.add_api_route("/", lambda: "in", dependencies=[Depends(require_auth)])

    def token(self, key: SigningKey | None = None, **header: Any) -> str:
        """A good token of that key."""
        return Mint([key or self.key], ISSUER, AUDIENCE).mint(header=header)

    def ask(self, token: str | None = None) -> Answer:
        """The answer to a request with that token, or a good one."""
        answer = ask(self.app, bearer(token or self.token()))
        self.tally["accepted" if answer.status == 200 else "refused"] += 1
        return answer

    async def status(self, token: str | None = None) -> int:
        """The same without a loop of its own, for many at a time."""
        try:
            await self.axioms.authenticate({"headers": bearer(token or self.token())})
        except Refusal as refusal:
            self.tally["refused"] += 1
            return refusal.status
        self.tally["accepted"] += 1
        return 200

    @property
    def fetches(self) -> int:
        """How often the key server was asked."""
        return self.server.count(KEYS)


MakeFetching = Callable[..., Fetching]


@pytest.fixture
def make(jwks_server: KeyServer, trusted_keys: dict[str, SigningKey], tally: Counter[str]) -> MakeFetching:
    return lambda **settings: Fetching(jwks_server, trusted_keys["ec"], tally, **settings)


@pytest.mark.conformance("A101", "A58")
def test_a101_a_thousand_unknown_kids(make: MakeFetching) -> None:
    """A thousand unknown kids, with the trusted key's signature or another, cost one fetch; valid tokens notice nothing."""
    fetching = make()
    assert fetching.ask().status == 200

    async def flood() -> list[int]:
        hostile = [fetching.token(kid=f"unknown-{number}") for number in range(1000)]
        return await asyncio.gather(
            *(fetching.status(token) for pair in zip(hostile, [None] * 1000, strict=True) for token in pair)
        )

    assert Counter(asyncio.run(flood())) == {401: 1000, 200: 1000}
    assert fetching.fetches == 2


@pytest.mark.conformance("A102", "A15")
@pytest.mark.parametrize("new_kid", ["another", "ec"])
def test_a102_rotation(make: MakeFetching, new_kid: str) -> None:
    """The first token of a new kid is accepted with one fetch. A key of another kind under an old kid comes with the next one."""
    fetching = make()
    assert fetching.ask().status == 200
    new = SigningKey.generate("RS256", kid=new_kid)
    fetching.server.answer(KEYS, {"keys": [new.public_jwk()]})
    assert fetching.ask(fetching.token(new)).status == 200
    assert fetching.ask().status == 401
    assert fetching.fetches == 2


@pytest.mark.conformance("A103")
def test_a103_cold_outage(make: MakeFetching) -> None:
    """Without keys a hundred requests are a 503 with Retry-After, and one fetch."""
    fetching = make()
    fetching.server.answer(KEYS, status=500)

    async def many() -> list[int]:
        return await asyncio.gather(*(fetching.status() for _ in range(100)))

    assert set(asyncio.run(many())) == {503}
    answer = fetching.ask()
    assert (answer.status, answer.values("Retry-After")) == (503, ["1"])
    assert answer.values("WWW-Authenticate") == []
    assert fetching.fetches == 1


@pytest.mark.conformance("A104")
def test_a104_cold_start(make: MakeFetching) -> None:
    """Two hundred first requests cost exactly one fetch, and one that hangs up ends it for nobody."""
    fetching = make()
    fetching.server.answer(KEYS, fetching.good, delay=0.2)

    async def many() -> list[int]:
        leaver = asyncio.create_task(fetching.status())
        await asyncio.sleep(0.05)
        stayers = [asyncio.create_task(fetching.status()) for _ in range(200)]
        leaver.cancel()
        return await asyncio.gather(*stayers)

    assert asyncio.run(many()) == [200] * 200
    assert fetching.fetches == 1


def spoilt(key: SigningKey) -> dict[str, dict[str, Any]]:
    """Answers that hold the good key, and have one fault."""
    good = json.dumps({"keys": [key.public_jwk()]}).encode()
    others = [SigningKey.generate("ES256", kid=f"other-{number}").public_jwk() for number in range(100)]
    return {
        "600-KB": {"body": good[:-1] + b" " * 600_000 + b"}"},
        "30-MB": {"body": good[:-1] + b" " * 30_000_000 + b"}"},
        "one-byte-too-many": {"body": good[:-1] + b" " * (512 * 1024 - len(good) + 1) + b"}"},
        "101-keys": {"document": {"keys": [key.public_jwk(), *others]}},
        "100000-keys": {"body": b'{"keys":[' + good[9:-2] + b",{}" * 100_000 + b"]}"},
        "gzip": {"body": gzip.compress(good), "headers": {"Content-Encoding": "gzip"}},
        "gzip-bomb": {"body": gzip.compress(good + b" " * 30_000_000), "headers": {"Content-Encoding": "gzip"}},
        "another-encoding": {"body": good, "headers": {"Content-Encoding": "br"}},
        "slow-drip": {"body": good[:1], "drip": 0.05},
        "endless": {"body": b" " * 50_000, "drip": 0.001},
        "hangs": {"body": good, "delay": 2.0},
        "HTML": {"body": b"<html>" + good + b"</html>"},
        "byte-order-mark": {"body": b"\xef\xbb\xbf" + good},
        "UTF-16": {"body": good.decode().encode("utf-16")},
        "name-twice": {"body": good[:-1] + b',"keys":[]}'},
        "name-twice-before": {"body": b'{"keys":[],' + good[1:]},
        "trailing-data": {"body": good + b"{}"},
        "NaN": {"body": good[:-1] + b',"x":NaN}'},
        "depth-bomb": {"body": good[:-1] + b',"x":' + b"[" * 50_000 + b"]" * 50_000 + b"}"},
        "keys-as-an-object": {"body": b'{"keys":{"0":' + good[9:-2] + b"}}"},
        "a-bare-key": {"body": good[9:-2]},
        "a-list": {"body": b"[" + good[9:-2] + b"]"},
        "status-201": {"body": good, "status": 201},
        "status-206": {"body": good, "status": 206},
        "status-304-unasked": {"body": good, "status": 304},
        "status-404": {"body": good, "status": 404},
        "status-500": {"body": good, "status": 500},
    }


FAULTS = spoilt(SigningKey.generate("ES256", kid="x")).keys()


@pytest.mark.conformance("A105")
@pytest.mark.parametrize("fault", FAULTS)
def test_a105_spoilt_answer(make: MakeFetching, fault: str) -> None:
    """A spoilt answer gives no keys where there are none, in time; it never replaces a good set, which goes on serving."""
    fetching = make(AXIOMS_JWKS_TIMEOUT=0.5)
    answer = spoilt(fetching.key)[fault]
    fetching.server.answer(KEYS, **answer)
    assert fetching.ask().status == 503
    warm = make(AXIOMS_JWKS_TIMEOUT=0.5)
    assert warm.ask().status == 200
    warm.server.answer(KEYS, **answer)
    assert warm.ask(warm.token(kid="another")).status == 503
    assert warm.ask().status == 200


@pytest.mark.conformance("A105")
@pytest.mark.parametrize(
    "answer",
    [
        {"headers": {"Content-Type": "text/html"}},
        {"headers": {"Content-Type": "application/octet-stream"}},
        {"headers": {"Cache-Control": "no-store"}},
        {"headers": {"Set-Cookie": "a=b"}},
        {"headers": {"Content-Encoding": "identity"}},
        {"padding": 512 * 1024},
        {"more": 99},
    ],
    ids=str,
)
def test_a105_lawful_answer(make: MakeFetching, answer: dict[str, Any]) -> None:
    """What key servers do in earnest spoils nothing: any content type, 512 KB, a hundred keys."""
    fetching = make()
    good = json.dumps(fetching.good).encode()
    others = [
        SigningKey.generate("ES256", kid=f"other-{number}").public_jwk() for number in range(answer.get("more", 0))
    ]
    body = json.dumps({"keys": [*others, *fetching.good["keys"]]}).encode() if others else good
    body = body[:-1] + b" " * (answer.get("padding", len(body)) - len(body)) + b"}"
    fetching.server.answer(KEYS, body=body, headers=answer.get("headers", {}))
    assert fetching.ask().status == 200


@pytest.mark.conformance("A106")
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize(
    "location",
    [
        "/elsewhere",
        "http://127.0.0.1:9/keys",
        "http://169.254.169.254/latest",
        "file:///etc/passwd",
        "//evil.example.com/",
    ],
)
def test_a106_redirect(make: MakeFetching, status: int, location: str) -> None:
    """No redirect is followed, not even to a good key set on the same server."""
    fetching = make()
    fetching.server.answer("/elsewhere", fetching.good)
    fetching.server.answer(KEYS, fetching.good, status=status, headers={"Location": location})
    assert fetching.ask().status == 503
    assert set(fetching.server.requests) == {KEYS}


@pytest.mark.conformance("A109")
@pytest.mark.parametrize(
    "variable", ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy", "HTTPS_PROXY", "https_proxy"]
)
def test_a109_proxy_of_the_environment(make: MakeFetching, monkeypatch: pytest.MonkeyPatch, variable: str) -> None:
    """A proxy of the environment is not used: who sets a variable would choose the keys."""
    monkeypatch.setenv(variable, "http://127.0.0.1:9")
    assert make().ask().status == 200


@pytest.mark.conformance("A109", "63")
def test_a109_certificates_of_the_environment(
    make: MakeFetching, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    """Certificate files of the environment are not trusted either."""
    from axioms_fastapi.core.fetch import Certificates

    empty = tmp_path / "none.pem"
    empty.write_text("")
    monkeypatch.setenv("SSL_CERT_FILE", str(empty))
    assert asyncio.run(Certificates().context_for("https://a")) is not None


@pytest.mark.conformance("A58", "A111")
def test_a111_refusals_ask_nobody(make: MakeFetching, foreign_keys: dict[str, SigningKey]) -> None:
    """Once keys are there, a token that is refused for its form, its signature or its claims costs no fetch."""
    fetching = make()
    assert fetching.ask().status == 200
    for token in (
        "a.b.c",
        fetching.token(alg="HS256"),
        fetching.token(foreign_keys["ec"]),
        Mint([fetching.key], "https://other.example.com", AUDIENCE).mint(),
        Mint([fetching.key], ISSUER, "other").mint(),
        fetching.token(jku=f"{fetching.server.url}/evil"),
    ):
        assert fetching.ask(token).status == 401
    assert fetching.fetches == 1
