"""The key file: made once, readable by its owner only."""

import os
from pathlib import Path

import pytest

from audit.keys import load_key, make_key, public_text
from audit.notes import parse_vkey, sign, verified
from workflow.errors import IntegrityBroken, StoreUnavailable


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "signing.key"


def test_a_key_is_kept_and_loaded_again(path: Path) -> None:
    made = make_key(path, "log.example")
    loaded = load_key(path)
    assert loaded.verifier == made.verifier
    assert verified(sign("text\n", loaded), [made.verifier])[1] == (made.verifier,)


def test_only_the_owner_can_read_the_file(path: Path) -> None:
    umask = os.umask(0)
    try:
        make_key(path, "log.example")
    finally:
        os.umask(umask)
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_key_is_never_overwritten(path: Path) -> None:
    make_key(path, "log.example")
    before = path.read_bytes()
    with pytest.raises(StoreUnavailable, match="is not overwritten"):
        make_key(path, "log.example")
    assert path.read_bytes() == before


def test_a_key_is_not_made_through_a_link(tmp_path: Path, path: Path) -> None:
    path.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(StoreUnavailable):
        make_key(path, "log.example")
    assert not (tmp_path / "elsewhere").exists()


def test_a_name_that_no_key_can_have_leaves_no_file(path: Path) -> None:
    with pytest.raises(IntegrityBroken):
        make_key(path, "two words")
    assert not path.exists()


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o666, 0o610])
def test_a_key_that_others_can_reach_is_not_loaded(path: Path, mode: int) -> None:
    make_key(path, "log.example")
    path.chmod(mode)
    with pytest.raises(IntegrityBroken, match="others may read the key file"):
        load_key(path)


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"PRIVATE+KEY+x", b"x" * 5000])
def test_a_file_without_a_key_says_so(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    path.chmod(0o600)
    with pytest.raises(IntegrityBroken, match="holds no key"):
        load_key(path)


def test_a_missing_file_or_folder_says_so(tmp_path: Path, path: Path) -> None:
    with pytest.raises(StoreUnavailable, match="cannot be read"):
        load_key(path)
    with pytest.raises(StoreUnavailable, match="cannot be made"):
        make_key(tmp_path / "nowhere" / "signing.key", "log.example")
    with pytest.raises(StoreUnavailable, match="cannot be read"):
        load_key(tmp_path)


def test_what_is_handed_out_is_the_public_key(path: Path) -> None:
    signer = make_key(path, "log.example")
    assert parse_vkey(public_text(signer).strip()) == signer.verifier
    assert path.read_text().strip().split("+", 4)[-1] not in public_text(signer)


def test_a_key_that_could_not_be_written_whole_leaves_no_file(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StoreUnavailable, match="No space left"):
        make_key(path, "log.example")
    monkeypatch.undo()
    assert list(path.parent.iterdir()) == []
    assert load_key_made_again(path)


def load_key_made_again(path: Path) -> bool:
    """A second attempt meets nothing of the first."""
    return make_key(path, "log.example").verifier == load_key(path).verifier
