"""Backups: a copy of a running database in a file of its own, checked before it gets its name; and the way back."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from storage import sqlite
from storage.database import is_postgres, open_database, sqlite_path
from storage.failures import explained
from storage.moving import move, snapshot
from storage.sqlite_database import SqliteDatabase
from workflow.errors import IntegrityBroken, StoreUnavailable


def backup(url: str, target: Path, *, with_keys: bool = False) -> None:
    """Copy a database, which may be in use, to a new file that is safely on disk once this returns.

    The copy is an SQLite file, of a server's database too. The keys of personal values are left out unless asked for:
    what is erased later must not live on there. Raises StoreUnavailable where the target exists or cannot be written,
    IntegrityBroken where the copy does not pass its check; then nothing is left behind.
    """
    partial = _partial(target)
    try:
        with explained(str(target)):
            _copy_rows(url, partial, with_keys) if is_postgres(url) else _copy(sqlite_path(url), partial, with_keys)
        _name(partial, target)
    except OSError as error:
        raise StoreUnavailable(f"no backup was written to {target}: {error.strerror}") from error


def restore(copy: Path, url: str) -> None:
    """Make a copy the database that a URL names, which holds nothing yet, and bring its schema up to date.

    The copy stays as it is. Raises StoreUnavailable where the copy cannot be read or the database is there already,
    IntegrityBroken where the copy does not pass its check; then nothing is left behind.
    """
    if Path(f"{copy}-wal").exists():
        raise StoreUnavailable(f"{copy} is in use, or not all of it: take copies with `parcours backup`")
    if is_postgres(url):
        with tempfile.TemporaryDirectory() as folder:
            within = Path(folder) / "copy.db"
            _take(copy, within)
            _moved(within, url)
        return
    target = sqlite_path(url)
    _refuse_existing(*(target.with_name(f"{target.name}{rest}") for rest in ("-wal", "-shm", "-journal")))
    partial = _partial(target)
    _take(copy, partial)
    _name(partial, target)


def _partial(target: Path) -> Path:
    """The name of a file that is not whole yet; neither it nor its target may be there."""
    partial = target.with_name(f"{target.name}.partial")
    _refuse_existing(target, partial)
    return partial


def _take(copy: Path, partial: Path) -> None:
    """A copy of the copy, checked and of today's schema; nothing where that cannot be."""
    try:
        with _whole_or_gone(partial):
            shutil.copyfile(copy, partial)
            with explained(str(copy)), closing(sqlite.connect(sqlite.library(), partial)) as connection:
                _check(connection, copy)
            with closing(SqliteDatabase(partial)) as made:
                if made.revision() is None:
                    raise StoreUnavailable(f"{copy} holds no Parcours database: it is no copy of one")
                made.make()
    except OSError as error:
        raise StoreUnavailable(f"{copy} cannot be restored: {error.strerror}") from error


@contextmanager
def _whole_or_gone(partial: Path) -> Iterator[None]:
    """Leave nothing of a file behind, nor of what lies beside it, where it did not become whole."""
    try:
        yield
    except BaseException:
        for suffix in ("", "-wal", "-shm", "-journal"):
            partial.with_name(f"{partial.name}{suffix}").unlink(missing_ok=True)
        raise


def _moved(copy: Path, url: str) -> None:
    with closing(SqliteDatabase(copy)) as source, closing(open_database(url)) as target:
        move(source, target)


def _copy_rows(url: str, partial: Path, with_keys: bool) -> None:
    with _whole_or_gone(partial), closing(open_database(url)) as source, closing(SqliteDatabase(partial)) as target:
        snapshot(source, target, without=() if with_keys else ("person_key",))
        target.empty_log()


def _refuse_existing(*paths: Path) -> None:
    for path in paths:
        if path.exists():
            raise StoreUnavailable(f"{path} exists: a copy never replaces a file")


def _copy(source: Path, partial: Path, with_keys: bool) -> None:
    with closing(SqliteDatabase(source)) as database:
        database.verify_schema()
    library = sqlite.library()
    with _whole_or_gone(partial):
        with closing(sqlite.connect(library, source)) as connection:
            connection.execute("VACUUM INTO ?", (str(partial),))
        with closing(library.connect(partial, isolation_level=None)) as copy:
            if not with_keys:
                _forget_keys(copy)
            _check(copy, partial)


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
