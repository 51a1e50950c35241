"""What a forge keeps in a folder, where it is given one: its keys and its authority, so that a restart changes neither.

Without a folder nothing is kept. The files hold private keys and can be read by their owner alone.
"""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey

from .keys import ForgeKeys
from .signing import SigningKey
from .tls import Authority

KINDS: Mapping[str, type[RSAKey] | type[ECKey] | type[OKPKey] | type[OctKey]] = {
    "RSA": RSAKey,
    "EC": ECKey,
    "OKP": OKPKey,
    "oct": OctKey,
}
KEYS, CA, CA_KEY = "keys.json", "ca.pem", "ca-key.pem"


class FolderError(Exception):
    """The folder cannot be used; its text is one sentence for the person who named it."""


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder that a forge keeps things in; it is made where it is not there."""

    path: Path

    def keys(self, *algs: str) -> ForgeKeys:
        """The keys that were kept, or new ones that are kept from now on. Raises FolderError."""
        if not self._has(KEYS):
            keys = ForgeKeys.generate(*algs)
            self.keep(keys)
            return keys
        try:
            return ForgeKeys([_signing_key(jwk) for jwk in json.loads(self._read(KEYS))["keys"]])
        except (ValueError, KeyError, TypeError) as error:
            raise FolderError(
                f"{self.path / KEYS} holds no keys of a forge: remove it, or name another folder."
            ) from error

    def keep(self, keys: ForgeKeys) -> None:
        """These keys are what a later forge finds. Raises FolderError."""
        members = [{"kid": key.kid, "alg": key.alg, "key": key.private_key.as_dict(private=True)} for key in keys]
        self._write(KEYS, json.dumps({"keys": members}, indent=1).encode("utf-8"))

    def authority(self) -> Authority:
        """The authority that was kept, or a new one that is kept from now on. Raises FolderError."""
        if not self._has(CA_KEY):
            authority = Authority.generate()
            self._write(CA_KEY, authority.private_key_pem)
            self._write(CA, authority.ca_pem)
            return authority
        try:
            return Authority.from_pem(self._read(CA), self._read(CA_KEY))
        except ValueError as error:
            raise FolderError(f"{self.path / CA} is no authority: remove it and {CA_KEY}.") from error

    def _has(self, name: str) -> bool:
        return (self.path / name).exists()

    def _read(self, name: str) -> bytes:
        try:
            return (self.path / name).read_bytes()
        except OSError as error:
            raise FolderError(f"{self.path / name} cannot be read ({error.strerror}).") from error

    def _write(self, name: str, content: bytes) -> None:
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            with os.fdopen(os.open(self.path / name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
                file.write(content)
        except OSError as error:
            raise FolderError(f"{self.path} cannot be written to ({error.strerror}).") from error


def _signing_key(member: dict[str, Any]) -> SigningKey:
    key = KINDS[member["key"]["kty"]].import_key(member["key"])
    return SigningKey(member["kid"], member["alg"], key)
