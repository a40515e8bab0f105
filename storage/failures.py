"""What a database's errors mean to us: one sentence that says what was tried, on what, and why not.

Decided by error codes, never by the text of an error.
"""

import sys
from types import ModuleType

from sqlalchemy.exc import DBAPIError, PendingRollbackError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from storage import sqlite
from workflow.errors import IntegrityBroken, ParcoursError, StoreBusy, StoreInterrupted, StoreUnavailable

LOCKED = "another program has kept {name} locked for too long; try again"
_BUSY = frozenset({sqlite.BUSY, sqlite.LOCKED})
_SENTENCES = {
    sqlite.NOMEM: "there is not enough memory to use {name}",
    sqlite.READONLY: "{name} cannot be written: check the permissions of the file and of its directory",
    sqlite.IOERR: "the disk under {name} failed to read or write; nothing was acknowledged",
    sqlite.FULL: "the disk that holds {name} is full; nothing was acknowledged",
    sqlite.CANTOPEN: "{name} cannot be opened: check that it exists and may be read and written",
    sqlite.NOTADB: "{name} is not an SQLite database",
}
_BROKEN = {
    sqlite.CORRUPT: "{name} is damaged: stop writing and restore a verified backup",
    sqlite.CONSTRAINT: "{name} contradicts itself and refused a change: run `parcours doctor` ({detail})",
}
# By SQLSTATE.
_OF_SERVER = {
    "25P03": "{name} ended a transaction that did nothing for too long; nothing of it was kept",
    "25P04": "{name} ended a transaction that took too long; nothing of it was kept",
    "25006": "{name} takes no changes: it is a standby, or set to read-only",
    "28000": "{name} does not let this account in ({detail})",
    "28P01": "{name} does not let this account in ({detail})",
    "3D000": "{name} does not exist: have it created first",
    "42501": "the account may not do this in {name} ({detail})",
    "53100": "the disk that holds {name} is full; nothing was acknowledged",
    "53200": "there is not enough memory to use {name}",
}


def given_up(name: str) -> StoreUnavailable:
    """What those are told whose transaction ended with somebody else's failure, or with an earlier one of their own."""
    return StoreUnavailable(f"an earlier failure ended the transaction on {name}; nothing of it was kept")


class explained:  # noqa: N801 # read as a word of the `with` statement
    """Turns the database's errors, or its driver's, into ours; others pass.

    Raises StoreUnavailable where the outside world failed, IntegrityBroken where the stored rows contradict
    each other or what is written to them.
    """

    def __init__(self, name: str) -> None:
        self._name = name

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, Exception):
            told = _told(error, self._name)
            if told is not None:
                raise told from error


def _told(error: Exception, name: str) -> ParcoursError | None:
    """What an error of the database means; None where it is none."""
    if isinstance(error, PoolTimeout):
        return StoreBusy(LOCKED.format(name=name))
    if isinstance(error, PendingRollbackError):
        return given_up(name)
    if isinstance(error, UnicodeDecodeError):
        # The driver reads names and texts of a damaged file, its own error's too, as if they were text.
        return IntegrityBroken(_BROKEN[sqlite.CORRUPT].format(name=name))
    original = error.orig if isinstance(error, DBAPIError) else error
    postgres = _postgres()
    if postgres is not None and postgres.is_ours(original):
        return _of_server(postgres, error, original, name)
    if original is error and not sqlite.code_of(error):
        return None
    return _translated(original, name)


def _translated(original: BaseException | None, name: str) -> ParcoursError:
    code = sqlite.code_of(original)
    if code in _BROKEN:
        return IntegrityBroken(_BROKEN[code].format(name=name, detail=original))
    if code in _BUSY:
        return StoreBusy(LOCKED.format(name=name))
    sentence = _SENTENCES.get(code, "{name} could not be used: {detail}")
    return StoreUnavailable(sentence.format(name=name, detail=original))


def _postgres() -> ModuleType | None:
    """The module that knows PostgreSQL's errors; not loaded where none can have come from there."""
    return sys.modules.get("storage.postgres")


def _of_server(postgres: ModuleType, error: Exception, original: BaseException | None, name: str) -> ParcoursError:
    detail = postgres.sentence_of(original)
    kind = postgres.kind_of(original)
    if kind is postgres.Kind.BUSY:
        return StoreBusy(f"{name} is busy, or kept locked by another program for too long; try again ({detail})")
    if kind is postgres.Kind.DAMAGED:
        return IntegrityBroken(_BROKEN[sqlite.CORRUPT].format(name=name))
    if kind is postgres.Kind.BROKEN:
        return IntegrityBroken(_BROKEN[sqlite.CONSTRAINT].format(name=name, detail=detail))
    if kind is postgres.Kind.INTERRUPTED and is_connected(error):
        return StoreInterrupted(f"{name} gave a transaction up before it was committed; try again ({detail})")
    if kind is postgres.Kind.INTERRUPTED:
        return StoreUnavailable(f"{name} cannot be reached ({detail})")
    sentence = _OF_SERVER.get(postgres.code_of(original), "{name} could not be used: {detail}")
    return StoreUnavailable(sentence.format(name=name, detail=detail))


def is_connected(error: Exception) -> bool:
    """Whether an error befell a statement, and not the attempt to connect."""
    return isinstance(error, DBAPIError) and error.statement is not None
