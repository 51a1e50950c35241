"""`axioms decode`: what a token says, and whether it holds; what is not proven is never shown as if it were."""

import json
import time
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from axioms_fastapi.cli.application import application
from axioms_fastapi.cli.moments import distance, in_words
from axioms_fastapi.forge import ForgeKeys, Mint, SigningKey
from axioms_fastapi.forge.hostile import HOSTILE, Category, KeysAtHand, World
from processes import free_port
from serving import KeyServer

AUDIENCE = "https://api.example.com"


def decode(*arguments: str, stdin: bytes | None = None) -> Result:
    return CliRunner().invoke(application, ["decode", *arguments], input=stdin)


def flat(text: str) -> str:
    """The text without what the terminal's width made of it."""
    return " ".join(text.replace("│", " ").split())


class TestShow:
    def test_people(self, mint: Mint) -> None:
        """Header and claims are shown, dates in words, under a banner that says that nothing is proven."""
        result = decode(mint.mint({"sub": "alice", "exp": int(time.time()) + 3595, "roles": ["editor"]}))
        text = flat(result.stdout)
        assert result.exit_code == 0
        assert text.index("UNVERIFIED: anybody may have written this.") < text.index("Header")
        assert "VERIFIED:" not in text.replace("UNVERIFIED:", "")
        for words in ('alg "RS256"', 'sub "alice"', 'roles ["editor"]', "UTC, in 59 minutes", "Signature: 256 bytes"):
            assert words in text, words

    def test_programs(self, mint: Mint) -> None:
        """--json is JSON, and says that it is not verified."""
        shown = json.loads(decode(mint.mint({"sub": "alice"}), "--json").stdout)
        assert shown["verified"] is False
        assert (shown["header"]["alg"], shown["claims"]["sub"], shown["signature_bytes"]) == ("RS256", "alice", 256)
        assert (shown["checks"], shown["remarks"]) == ([], [])

    @pytest.mark.parametrize("form", ["{}", "Bearer {}", "  bearer   {}\n"])
    def test_pasted(self, mint: Mint, form: str) -> None:
        """A token may be pasted with its scheme, as one argument, as two, or through standard input."""
        written = form.format(mint.mint({"sub": "alice"}))
        for result in (
            decode(written, "--json"),
            decode(*written.split(), "--json"),
            decode("-", "--json", stdin=written.encode()),
        ):
            assert json.loads(result.stdout)["claims"]["sub"] == "alice"

    @pytest.mark.parametrize(
        ("written", "sentence"),
        [
            ("", "There is nothing to decode"),
            ("opaque", "it has 1 segment, and a signed one has three"),
            ("a.b", "it has 2 segments"),
            ("a.b.c.d", "it has 4 segments"),
            ("!.e30.c", "Its header is no base64url text"),
            ("e30.e30.!", "Its signature is no base64url text"),
            ("YQ.e30.", "Its header is no JSON that can be read"),
            ("e30.YQ.", "Its payload is no JSON that can be read"),
            ("W10.e30.", "Its header is no JSON object"),
            ("\u00e9.e30.c", "Its header is no base64url text"),
            ("x" * 1_048_577, "longer than"),
        ],
    )
    def test_no_token(self, written: str, sentence: str) -> None:
        """What is no token is one sentence that says what is wrong with it."""
        result = decode("-", stdin=written.encode())
        assert (result.exit_code, result.stdout, result.stderr.count("\n")) == (1, "", 1)
        assert sentence in result.stderr

    def test_bytes_of_any_kind(self) -> None:
        """Standard input that is no text is no token."""
        assert decode("-", stdin=b"\xff\xfe.\x00").exit_code == 1

    def test_terminal_is_safe(self) -> None:
        """Nothing in a token gives orders to the terminal: neither escapes, nor markup, nor letters that turn the line."""
        hostile = "\x1b[31m\x07\u202e\x9b[bold]\r\n"
        token = SigningKey.generate("ES256").sign_claims({"sub": hostile, hostile: 1}, {"alg": "ES256", "kid": hostile})
        shown = decode(token).stdout
        assert not {"\x1b", "\x07", "\u202e", "\x9b", "\r"} & set(shown)
        assert "[bold]" in shown
        assert "\\u202e" in shown

    def test_remarks(self, mint: Mint) -> None:
        """What should strike a reader is said: no signature, a shared secret, a key in the header, a name twice, encryption."""
        key = SigningKey.generate("ES256", kid="k")
        twice = key.sign_raw(b'{"alg":"ES256"}', b'{"sub":"a","sub":"b"}')
        notes = {
            "eyJhbGciOiJub25lIn0.e30.": "not signed at all",
            SigningKey.from_secret(b"x").sign_claims({}): "shared secret",
            mint.mint(header={"jku": "https://x.test"}): "(jku)",
            twice: "refuse it unread: malformed, an object with the same name twice",
            "eyJhbGciOiJkaXIifQ....x": "It is encrypted",
        }
        for token, words in notes.items():
            assert words in flat(decode(token).stdout)
            assert any(words in remark for remark in json.loads(decode(token, "--json").stdout)["remarks"])

    @pytest.mark.parametrize("hostile", [one for one in HOSTILE if one.category is not Category.HEADER], ids=str)
    def test_hostile(self, forge_keys: ForgeKeys, mint: Mint, hostile: object) -> None:
        """Every hostile token is shown or refused in a sentence; none of them ends in a traceback, and none is verified."""
        assert isinstance(hostile, type(HOSTILE[0]))
        keys = ForgeKeys([*forge_keys, SigningKey.generate("EdDSA", kid="okp")])
        world = World(
            "https://i.test",
            AUDIENCE,
            KeysAtHand(keys),
            keys.public_jwks()["keys"],
            keys.select().header,
            mint.claims(),
        )
        token = hostile.credentials(world).token
        assert token is not None
        result = decode("-", "--json", stdin=token.encode())
        assert result.exit_code in {0, 1}, result.output
        if result.exit_code == 0:
            assert json.loads(result.stdout)["verified"] is False
        else:
            assert result.stderr.count("\n") == 1


class TestVerify:
    def test_issuer(self, issuer: str, mint: Mint) -> None:
        """With the issuer its keys are found by discovery, and what holds is listed."""
        result = decode(mint.mint(), "--verify", "--issuer", issuer, "--audience", AUDIENCE)
        text = flat(result.stdout)
        assert result.exit_code == 0, text
        assert text.index("VERIFIED: what is listed below") < text.index("Header")
        for words in (
            "holds signature: RS256",
            f"holds issuer: {issuer}",
            f"holds audience: {AUDIENCE}",
            "holds expiry:",
        ):
            assert words in text

    def test_keys_of_a_url_or_file(self, issuer: str, forge_keys: ForgeKeys, mint: Mint, tmp_path: Path) -> None:
        """--jwks takes the URL of a key set or a file."""
        file = tmp_path / "keys.json"
        file.write_text(json.dumps(forge_keys.public_jwks()))
        for jwks in (f"{issuer}/.well-known/jwks.json", str(file)):
            shown = json.loads(decode(mint.mint(), "--verify", "--jwks", jwks, "--json").stdout)
            assert shown["verified"] is True
            assert [check["what"] for check in shown["checks"]] == ["signature", "expiry", "begin"]

    @pytest.mark.parametrize(
        ("change", "arguments", "failed"),
        [
            ({"exp": 1000}, [], "expiry"),
            ({"exp": "never"}, [], "expiry"),
            ({"nbf": 9_999_999_999}, [], "begin"),
            ({"iss": "https://other.test"}, [], "issuer"),
            ({"aud": "other"}, ["--audience", AUDIENCE], "audience"),
            ({"aud": ["other"]}, ["--audience", AUDIENCE], "audience"),
        ],
    )
    def test_claims_that_fail(
        self, issuer: str, mint: Mint, change: dict[str, object], arguments: list[str], failed: str
    ) -> None:
        """A check that fails is named, the banner says that nothing is to be believed, and the exit status is 1."""
        result = decode(mint.mint(change), "--verify", "--issuer", issuer, *arguments)
        text = flat(result.stdout)
        assert result.exit_code == 1
        assert "NOT VERIFIED: believe nothing of it." in text
        assert f"FAILS {failed}:" in text

    def test_forged(self, issuer: str) -> None:
        """A signature of somebody else is said to fail, and no claim is said to hold beside it."""
        forged = Mint([SigningKey.generate("RS256", kid="rsa-key-1")], issuer, AUDIENCE).mint()
        shown = json.loads(decode(forged, "--verify", "--issuer", issuer, "--json").stdout)
        assert shown["verified"] is False
        assert [(check["what"], check["held"]) for check in shown["checks"]] == [("signature", False)]

    def test_name_twice(self, issuer: str, forge_keys: ForgeKeys) -> None:
        """A signed payload that has two meanings is not verified."""
        key = forge_keys.select()
        token = key.sign_raw(json.dumps(key.header).encode(), b'{"exp":9999999999,"sub":"a","sub":"b"}')
        assert json.loads(decode(token, "--verify", "--issuer", issuer, "--json").stdout)["verified"] is False

    @pytest.mark.parametrize(
        ("arguments", "sentence"),
        [
            (["--issuer", "http://example.com"], "over plain http anybody on the way could replace the keys"),
            (["--issuer", "example.com"], "--issuer is 'example.com'"),
            (["--jwks", "ftp://x/y"], "--jwks is 'ftp://x/y'"),
            (["--jwks", "no-such-file.json"], "--jwks no-such-file.json cannot be read"),
        ],
    )
    def test_no_keys(self, mint: Mint, arguments: list[str], sentence: str) -> None:
        """Keys that cannot be had are one sentence."""
        result = decode(mint.mint(), "--verify", *arguments)
        assert (result.exit_code, result.stdout, result.stderr.count("\n")) == (1, "", 1)
        assert sentence in result.stderr

    def test_key_server_down(self, mint: Mint, key_server: KeyServer) -> None:
        """A key server that does not answer, or not with keys, is one sentence."""
        key_server.answer("/broken", body=b"<html>")
        for url in (f"http://127.0.0.1:{free_port()}/keys", f"{key_server.url}/missing", f"{key_server.url}/broken"):
            result = decode(mint.mint(), "--verify", "--jwks", url)
            assert (result.exit_code, result.stderr.count("\n")) == (1, 1), result.output
            assert f"The keys of {url} cannot be had" in result.stderr

    @pytest.mark.parametrize(
        ("arguments", "words"),
        [(["--verify"], "--verify needs the keys"), (["--issuer", "https://x.test"], "are for --verify")],
    )
    def test_usage(self, mint: Mint, arguments: list[str], words: str) -> None:
        """Options that do not go together are a usage error, so that nobody takes for verified what was only shown."""
        result = decode(mint.mint(), *arguments)
        assert (result.exit_code, result.stdout) == (2, "")
        assert words in flat(result.stderr)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "now"),
        (0.2, "now"),
        (1, "in 1 second"),
        (59, "in 59 seconds"),
        (60, "in 1 minute"),
        (-3600, "1 hour ago"),
        (200_000, "in 2 days"),
    ],
)
def test_distance(seconds: float, words: str) -> None:
    """A span is told in its largest unit."""
    assert distance(seconds) == words


@pytest.mark.parametrize("seconds", [1e300, -1e300, 10**400, float("inf")])
def test_no_calendar(seconds: float) -> None:
    """A number that is no date is told as such."""
    assert in_words(seconds, 0) == "a moment that no calendar has"
