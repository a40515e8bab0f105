"""Backups: a copy of a running database, checked before it gets its name."""

import os
from contextlib import closing
from pathlib import Path
from typing import Any

from storage import sqlite
from storage.database import is_postgres, sqlite_path
from storage.failures import explained
from storage.sqlite_database import SqliteDatabase
from workflow.errors import IntegrityBroken, StoreUnavailable


def backup(url: str, target: Path, *, with_keys: bool = False) -> None:
    """Copy a database, which may be in use, to a new file that is safely on disk once this returns.

    The keys of personal values are left out unless asked for: what is erased later must not live on there.
    Raises StoreUnavailable where the target exists or cannot be written, IntegrityBroken where the copy does
    not pass its check; then nothing is left behind.
    """
    if is_postgres(url):
        raise StoreUnavailable("PostgreSQL has backups of its own: take them with pg_dump, or as the server's files")
    source = SqliteDatabase(sqlite_path(url))
    source.verify_schema()
    source.close()
    partial = target.with_name(f"{target.name}.partial")
    try:
        _refuse_existing(target, partial)
        with explained(str(target)):
            _copy(source.path, partial, with_keys)
        _name(partial, target)
    except OSError as error:
        raise StoreUnavailable(f"no backup was written to {target}: {error.strerror}") from error


def _refuse_existing(*paths: Path) -> None:
    for path in paths:
        if path.exists():
            raise StoreUnavailable(f"{path} exists: a backup never replaces a file")


def _copy(source: Path, partial: Path, with_keys: bool) -> None:
    library = sqlite.library()
    try:
        with closing(sqlite.connect(library, source)) as connection:
            connection.execute("VACUUM INTO ?", (str(partial),))
        with closing(library.connect(partial, isolation_level=None)) as copy:
            if not with_keys:
                _forget_keys(copy)
            _check(copy, partial)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise


def _forget_keys(copy: Any) -> None:
    for statement in ("PRAGMA secure_delete=ON", "DELETE FROM person_key", "VACUUM"):
        copy.execute(statement)


def _check(copy: Any, partial: Path) -> None:
    if wrong := list(sqlite.problems(lambda text: copy.execute(text).fetchall())):
        raise IntegrityBroken(f"the copy {partial} does not pass its check: {wrong[0]}")


def _name(partial: Path, target: Path) -> None:
    """Put the copy on disk, then let it appear under its name, unless somebody else took that meanwhile."""
    try:
        _flush(partial)
        os.link(partial, target)
        _flush(target.parent)
    finally:
        partial.unlink(missing_ok=True)


def _flush(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
