"""Names on disk: a file that was synced is found again after a power loss only once its folder was synced too."""

import os
from pathlib import Path


def sync_folder(path: Path) -> None:
    """Put the names in a folder safely on disk: new files, new names of files (fsync(2)). Raises OSError."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
