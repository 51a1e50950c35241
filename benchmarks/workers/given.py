"""What the parent gives its workers: who issues, and files of tokens that nobody has seen yet."""

import base64
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import repeat
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Given:
    """One run: the issuer, where its keys are, and tokens by algorithm."""

    issuer: str
    audience: str
    jwks_urls: dict[str, str]
    openid_config_url: str
    token_files: dict[str, str]

    @classmethod
    def from_arguments(cls) -> "Given":
        """What the file named on the command line says."""
        return cls.from_file(Path(sys.argv[1]))

    @classmethod
    def from_file(cls, path: Path) -> "Given":
        """What the file says."""
        return cls(**json.loads(path.read_text()))

    @property
    def jwks_url(self) -> str:
        """The RS256 key set."""
        return self.jwks_urls["RS256"]

    def fresh(self, algorithm: str = "RS256") -> Iterator[str]:
        """Tokens, each once: an iterator that all cases of a process share never gives a token twice."""
        with open(self.token_files[algorithm], encoding="ascii") as tokens:
            for line in tokens:
                yield line.rstrip("\n")
        raise SystemExit("the tokens that were minted for this run are used up")

    def one(self, algorithm: str = "RS256") -> str:
        """The last token of its file, which `fresh` does not come to."""
        return Path(self.token_files[algorithm] + ".one").read_text()

    def repeated(self) -> Iterator[str]:
        """The same token for ever."""
        return repeat(self.one())

    def tampered(self) -> str:
        """The same token with another subject, under a signature that is not its own."""
        header, payload, signature = self.one().split(".")
        claims: dict[str, Any] = json.loads(base64.urlsafe_b64decode(payload + "=="))
        changed = json.dumps(claims | {"sub": "mallory"}).encode()
        return ".".join((header, base64.urlsafe_b64encode(changed).rstrip(b"=").decode(), signature))
