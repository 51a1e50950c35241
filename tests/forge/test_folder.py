"""What a forge keeps in a folder: keys and an authority that survive a restart."""

import stat

import pytest

from axioms_fastapi.forge import ForgeKeys
from axioms_fastapi.forge.folder import Folder, FolderError
from axioms_fastapi.forge.tls import Authority


def test_keys_survive(tmp_path):
    """Keys of every kind come back with their names and algorithms, rotated ones too."""
    folder = Folder(tmp_path / "new" / "forge")
    keys = folder.keys("RS256", "ES384", "EdDSA", "HS256")
    keys.rotate("ES384")
    folder.keep(keys)
    again = folder.keys()
    assert again.public_jwks() == keys.public_jwks()
    assert [(key.kid, key.alg) for key in again] == [(key.kid, key.alg) for key in keys]
    assert again.rotate("ES384")[0].kid == "ec-key-3"


def test_authority_survives(tmp_path):
    """The authority comes back, so that clients need trust it once."""
    assert (
        Folder(tmp_path).authority().ca_pem == Folder(tmp_path).authority().ca_pem == (tmp_path / "ca.pem").read_bytes()
    )


def test_only_the_owner_can_read(tmp_path):
    """Private keys are for their owner alone."""
    folder = Folder(tmp_path / "forge")
    folder.keys("EdDSA")
    folder.authority()
    for path in folder.path.iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.path.stat().st_mode) == 0o700


@pytest.mark.parametrize(
    "text", ["", "{}", '{"keys": []}', '{"keys": [{"kid": 1, "alg": "RS256", "key": {"kty": "x"}}]}']
)
def test_no_keys(tmp_path, text):
    """A file that holds no keys is named."""
    (tmp_path / "keys.json").write_text(text)
    with pytest.raises(FolderError, match=r"keys\.json holds no keys of a forge"):
        Folder(tmp_path).keys()


def test_no_authority(tmp_path):
    """Files that hold no authority are named."""
    Authority.generate()
    (tmp_path / "ca.pem").write_text("x")
    (tmp_path / "ca-key.pem").write_text("x")
    with pytest.raises(FolderError, match="is no authority"):
        Folder(tmp_path).authority()


def test_no_folder(tmp_path):
    """A folder that cannot be made is named."""
    (tmp_path / "file").write_text("x")
    with pytest.raises(FolderError, match="cannot be written to"):
        Folder(tmp_path / "file" / "forge").keep(ForgeKeys.generate("EdDSA"))
