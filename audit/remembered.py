"""The last checkpoint, remembered in a file outside the database: how a restored backup is noticed.

The file lies beside the key, out of reach of whoever can only write the database. It refuses to judge: sealing
and verifying compare.
"""

import os
import secrets
from contextlib import suppress
from pathlib import Path

from audit.flushing import sync_folder
from workflow.errors import StoreUnavailable

_MAX_BYTES = 1_000_000


class Remembered:
    """The file; its content is a checkpoint as a signed note."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self) -> bytes | None:
        """The note; None where nothing was remembered yet. Raises StoreUnavailable."""
        try:
            with self.path.open("rb") as stream:
                return stream.read(_MAX_BYTES)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise StoreUnavailable(f"the checkpoint {self.path} cannot be read: {error.strerror}") from error

    def version(self) -> object:
        """What differs once the note was replaced; None where there is no file, or it cannot be looked at."""
        try:
            status = self.path.stat()
        except OSError:
            return None
        return status.st_ino, status.st_mtime_ns, status.st_size

    def write(self, note: bytes) -> None:
        """Replace the note; once this returns the new one is safely on disk. Raises StoreUnavailable."""
        # A name of its own: two sealers may be done at the same moment.
        partial = self.path.with_name(f"{self.path.name}.{secrets.token_hex(4)}.partial")
        try:
            with partial.open("wb") as stream:
                stream.write(note)
                stream.flush()
                os.fsync(stream.fileno())
            partial.replace(self.path)
            sync_folder(self.path.parent)
        except OSError as error:
            with suppress(OSError):
                partial.unlink()
            raise StoreUnavailable(f"the checkpoint {self.path} cannot be written: {error.strerror}") from error


def beside(key: Path) -> Remembered:
    """The file that goes with a signing key."""
    return Remembered(key.with_name(f"{key.name}.checkpoint"))
