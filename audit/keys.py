"""The file of the key that signs checkpoints: made once, readable by its owner only, never overwritten.

It refuses to know which key is used when, and to read a key that others on the machine could have read.
Whoever holds this file can sign a false history; what holds that person off
is a checkpoint that an auditor kept.
"""

import os
import stat
import tempfile
from contextlib import suppress
from pathlib import Path

from audit.flushing import sync_folder
from audit.notes import Signer, new_signer, parse_skey
from workflow.errors import IntegrityBroken, StoreUnavailable

_MAX_BYTES = 4096


def make_key(path: Path, name: str) -> Signer:
    """Make a fresh Ed25519 key under a name and keep it in a new file.

    Raises StoreUnavailable where the file exists or cannot be written, IntegrityBroken for a wrong name.
    """
    signer = new_signer(name)
    try:
        _write_whole(path, signer.skey + "\n")
        sync_folder(path.parent)
    except FileExistsError:
        raise StoreUnavailable(f"the key file {path} exists: it is not overwritten") from None
    except OSError as error:
        raise StoreUnavailable(f"the key file {path} cannot be made: {error.strerror}") from error
    return signer


def replace_key(successor: Path, path: Path, former: Signer) -> None:
    """Put the file of a new key in the place of the former one, at once; that one is kept under its id beside it.

    Raises StoreUnavailable.
    """
    try:
        # A database from before the change can be gone on from by the former key only.
        with suppress(FileExistsError):
            os.link(path, path.with_name(f"{path.name}.{former.verifier.key_id.hex()}"))
        # Else a power loss could leave neither name of it.
        sync_folder(path.parent)
        successor.replace(path)
        sync_folder(path.parent)
    except OSError as error:
        raise StoreUnavailable(f"the key file {path} cannot be replaced: {error.strerror}") from error


def _write_whole(path: Path, text: str) -> None:
    """A file that has its name only once all of it is on disk: a key of which half is there could never be replaced."""
    # Made readable by its owner only (mkstemp).
    descriptor, name = tempfile.mkstemp(prefix=".new-", suffix=path.name, dir=path.parent)
    unnamed = Path(name)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        # Never in place of another key: what that one signed could no longer be continued.
        path.hardlink_to(unnamed)
    finally:
        unnamed.unlink()


def load_key(path: Path) -> Signer:
    """Load the key of a file.

    Raises StoreUnavailable where it cannot be read, IntegrityBroken where others may read it or it is no key.
    """
    try:
        with path.open("rb") as stream:
            _refuse_shared(path, os.fstat(stream.fileno()))
            data = stream.read(_MAX_BYTES)
    except OSError as error:
        raise StoreUnavailable(f"the key file {path} cannot be read: {error.strerror}") from error
    try:
        return parse_skey(data.decode().strip())
    except (UnicodeDecodeError, IntegrityBroken) as error:
        reason = error if isinstance(error, IntegrityBroken) else "it is not text"
        raise IntegrityBroken(f"the key file {path} holds no key: {reason}") from None


def public_text(signer: Signer) -> str:
    """The line to hand to auditors by another channel than the exports: the public key with its name."""
    return signer.verifier.vkey + "\n"


def _refuse_shared(path: Path, status: os.stat_result) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise IntegrityBroken(f"the key file {path} is not a regular file")
    if stat.S_IMODE(status.st_mode) & ~0o700:
        raise IntegrityBroken(
            f"others may read the key file {path}: run `chmod 600 {path}`, and make a new key if anybody did"
        )
    if status.st_uid not in (os.geteuid(), 0):
        raise IntegrityBroken(f"the key file {path} belongs to somebody else")
