"""Where an issuer's keys come from: the seam that the verifier asks, and keys that are given as a value."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from .encoding import parse_json_object
from .errors import InvalidToken, Reason
from .jwk import Algorithms, KeySet, VerificationKey, parse_key_set, public_jwk_of_pem


@dataclass(frozen=True, slots=True)
class KeyStatus:
    """How a key source is doing, for readiness probes and metrics. `age` is in seconds since the last good fetch.

    `generation` counts the key sets that were taken over, `fetches` the attempts, `failures` those that failed; the three only
    grow. `failures_in_a_row` is 0 when the last attempt succeeded.
    """

    ready: bool
    keys: int
    age: float | None
    generation: int
    fetches: int
    failures: int
    failures_in_a_row: int


class KeySource(Protocol):
    """Something that finds the keys which may have signed a token."""

    def at_hand(self, kid: str | None, algorithm: str) -> tuple[VerificationKey, ...]:
        """The keys that are known and fresh: none where `find` must be asked. Waits for nobody, and starts nothing."""
        ...

    async def find(self, kid: str | None, algorithm: str) -> tuple[VerificationKey, ...]:
        """At least one key. Raises InvalidToken where the issuer has no such key, ProviderUnavailable where nobody can say."""
        ...

    async def prefetch(self) -> bool:
        """Get ready before the first request; whether that succeeded. Raises nothing."""
        ...

    async def close(self) -> None:
        """End what goes on in the background."""
        ...

    def status(self) -> KeyStatus:
        """How it is doing. Asks nobody."""
        ...


@dataclass(frozen=True, slots=True)
class StaticKeys:
    """Keys that are given as a Python value and never change."""

    key_set: KeySet

    @classmethod
    def parse(cls, written: Mapping[str, Any] | str | Path, algorithms: Algorithms) -> "StaticKeys":
        """The keys of a JWK set, of a PEM text, or of a file that holds either. Raises ValueError where none is usable."""
        if isinstance(written, Path):
            written = written.read_text(encoding="utf-8")
        if isinstance(written, str):
            text = written.strip()
            written = parse_json_object(text.encode()) if text.startswith("{") else {"keys": [public_jwk_of_pem(text)]}
        # A value that was built in Python is held against the same rules as one that was fetched.
        return cls(parse_key_set(parse_json_object(json.dumps(dict(written)).encode()), algorithms))

    def at_hand(self, kid: str | None, algorithm: str) -> tuple[VerificationKey, ...]:
        """See KeySource."""
        return self.key_set.candidates(kid, algorithm)

    async def find(self, kid: str | None, algorithm: str) -> tuple[VerificationKey, ...]:
        """See KeySource."""
        return known_keys(self.key_set, kid, algorithm)

    async def prefetch(self) -> bool:
        """See KeySource."""
        return True

    async def close(self) -> None:
        """See KeySource."""

    def status(self) -> KeyStatus:
        """See KeySource."""
        return KeyStatus(
            ready=True, keys=self.key_set.size, age=None, generation=1, fetches=0, failures=0, failures_in_a_row=0
        )


def known_keys(key_set: KeySet, kid: str | None, algorithm: str) -> tuple[VerificationKey, ...]:
    """The keys of the set that may have signed. Raises InvalidToken where there is none."""
    keys = key_set.candidates(kid, algorithm)
    if not keys:
        raise InvalidToken(Reason.UNKNOWN_KEY, detail="the issuer has no key of this kid for this algorithm")
    return keys
