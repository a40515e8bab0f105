"""Before anything is written: does the database continue the checkpoint that is remembered outside it?

One small file and one row are compared before the first change, and again when the file was written anew: a restored
backup is noticed before it is written to. It refuses to verify signatures and trees: sealing and `audit verify` do.
"""

import base64
from collections.abc import Callable
from typing import Final

from audit.remembered import Remembered
from storage.seals import SealReading
from workflow.errors import IntegrityBroken, StoreUnavailable

_NEVER: Final = object()

Guard = Callable[[SealReading, str], None]
"""Refuses to have a database, by its name, written to."""


def expecting(remembered: Remembered) -> Guard:
    """A guard that raises DatabaseOlder where the sealed history is shorter than remembered, or another one.

    Whoever may not read the file cannot compare: for them the one who seals does.
    """

    compared: object = _NEVER

    def guard(reading: SealReading, name: str) -> None:
        nonlocal compared
        version = remembered.version()
        # An open database goes on from itself: only what is remembered can change under it.
        if version == compared:
            return
        _compare(reading, name, remembered)
        compared = version

    return guard


def _compare(reading: SealReading, name: str, remembered: Remembered) -> None:
    note = _readable(remembered)
    if note is None:
        return
    size, root = _told(remembered, note)
    sealed = reading.seal_at(size)
    if sealed is None or sealed.root != root:
        raise _older(reading, name, note)


def _readable(remembered: Remembered) -> bytes | None:
    try:
        return remembered.read()
    except StoreUnavailable as error:
        if isinstance(error.__cause__, PermissionError):
            return None
        raise


def _told(remembered: Remembered, note: bytes) -> tuple[int, bytes]:
    """The size and the root in a checkpoint, read without the libraries that would verify it."""
    try:
        _, size, root, *_ = note.split(b"\n")
        return int(size), base64.b64decode(root, validate=True)
    except ValueError:
        raise IntegrityBroken(f"{remembered.path} holds no checkpoint: run `parcours audit verify`") from None


def _older(reading: SealReading, name: str, note: bytes) -> IntegrityBroken:
    from audit.notes import parse_checkpoint, parse_note
    from audit.restored import DatabaseOlder

    last = reading.last_seal()
    return DatabaseOlder(name, parse_checkpoint(parse_note(note).text), last.size if last else 0)
