"""SQLite as this project needs it: which library, how a connection is opened, and what its error codes mean.

It knows nothing of tables. One SQLite library per process: everything that opens a database does so here.
"""

import importlib
import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from types import ModuleType
from typing import Any, Final

WAL, TRUNCATE = "wal", "truncate"

# Primary result codes (sqlite.org/rescode.html); extended ones carry them in their low byte.
BUSY, LOCKED, NOMEM, READONLY, IOERR, CORRUPT, FULL, CANTOPEN, CONSTRAINT, NOTADB = (
    5, 6, 7, 8, 10, 11, 13, 14, 19, 26,
)  # fmt: skip
# After these SQLite may have ended the transaction on its own: the connection must not be used any more.
FATAL: Final = frozenset({NOMEM, IOERR, CORRUPT, FULL, NOTADB})

_PRAGMAS = (
    "synchronous=FULL",
    "foreign_keys=ON",
    "recursive_triggers=ON",
    "trusted_schema=OFF",
    # Pages that are split or moved leave copies behind: what is erased later must not be found in them.
    "secure_delete=ON",
    "cell_size_check=ON",
    "wal_autocheckpoint=10000",
    "temp_store=MEMORY",
    "cache_size=-32768",
)


def wal_is_safe(version: tuple[int, ...]) -> bool:
    """Whether this version is free of the WAL-reset race, which can corrupt (sqlite.org/wal.html)."""
    return version >= (3, 51, 3) or (3, 50, 7) <= version < (3, 51) or (3, 44, 6) <= version < (3, 45)


def library() -> ModuleType:
    """The interpreter's SQLite where its WAL is safe, else the one of `pysqlite3` where that is installed."""
    if wal_is_safe(sqlite3.sqlite_version_info):
        return sqlite3
    try:
        return importlib.import_module("pysqlite3.dbapi2")
    except ImportError:
        return sqlite3


def journal_mode(version: tuple[int, ...]) -> str:
    """Write-ahead where this version may be trusted with it, a truncated rollback journal otherwise."""
    return WAL if wal_is_safe(version) else TRUNCATE


def connect(
    module: ModuleType, path: Path, *, mode: str = "rw", patience_s: float = 10.0, read_only: bool = False
) -> Any:
    """Open a file; with `mode` `rw` it must exist. Transactions are begun by whoever uses the connection."""
    connection = module.connect(
        f"{path.absolute().as_uri()}?mode={mode}",
        uri=True,
        timeout=patience_s,
        isolation_level=None,
        check_same_thread=False,
    )
    _prepare(connection, journal_mode(module.sqlite_version_info), read_only)
    return connection


def _prepare(connection: Any, wanted: str, read_only: bool) -> None:
    for pragma in _PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")
    (current,) = connection.execute("PRAGMA journal_mode").fetchone()
    # A reader leaves another program's file as it is, but never works in a mode that may corrupt.
    if current != wanted and (not read_only or current == WAL):
        connection.execute(f"PRAGMA journal_mode={wanted}")
    if read_only:
        connection.execute("PRAGMA query_only=ON")


def empty_log(connection: Any) -> bool:
    """Bring the write-ahead log into the database and cut it to nothing; false where a reader still needs it."""
    return not connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]


def sync_log(path: Path) -> None:
    """Put the size of a file's write-ahead log on disk: SQLite cuts it, and leaves the rest to the next commit.

    Without that, what was erased could be back after a power loss. Raises OSError.
    """
    with suppress(FileNotFoundError):
        descriptor = os.open(f"{path}-wal", os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def code_of(error: BaseException | None) -> int:
    """The primary result code of a SQLite error; 0 where it carries none."""
    code = int(getattr(error, "sqlite_errorcode", 0) or 0) & 0xFF
    # The driver's own word, with no code, on a text that is none: nobody writes one.
    return CORRUPT if not code and isinstance(error, library().OperationalError) else code


def problems(ask: Callable[[str], Iterable[Sequence[Any]]]) -> Iterator[str]:
    """What SQLite finds wrong with a file and its references; `ask` runs one statement."""
    yield from (str(row[0]) for row in ask("PRAGMA integrity_check") if row[0] != "ok")
    for table, row, parent, _ in ask("PRAGMA foreign_key_check"):
        yield f"row {row} of {table} refers to a row of {parent} that is not there"
