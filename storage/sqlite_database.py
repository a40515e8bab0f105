"""A database in an SQLite file: one connection writes, several read, and nobody else's library opens it here."""

import logging
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, inspect
from sqlalchemy.engine import Dialect
from sqlalchemy.pool import QueuePool

from storage import sqlite, sqlite_dialect
from storage.database import PATIENCE, Database, T
from storage.failures import explained
from storage.migrations import REVISIONS
from storage.shared import Shared, Writer
from storage.turns import Turns
from workflow.clock import Clock, SystemClock
from workflow.errors import StoreBusy, StoreUnavailable

_PATIENCE_FOR_READERS_S = 2.0


class SqliteDatabase(Database):
    """An engine that writes, with one connection, and one that reads, with several.

    `patience` bounds how long a writer waits for another. Up to `together` threads that wait at once share a commit.
    """

    def __init__(self, path: Path, *, patience: timedelta = PATIENCE, together: int = 1) -> None:
        super().__init__()
        self.path, self.name = path, str(path)
        self._patience_s = patience.total_seconds()
        self.turns = Turns(self._begun, self.name, self._patience_s, together)
        self._library = sqlite.library()
        self._token_lock = Lock()
        _warn_where_downgraded(self._library.sqlite_version, sqlite.journal_mode(self._library.sqlite_version_info))

    @cached_property
    def _writer(self) -> Writer:
        return Writer(self._engine("BEGIN IMMEDIATE", size=1))

    @cached_property
    def _reader(self) -> Engine:
        return self._engine("BEGIN", size=5, read_only=True)

    @cached_property
    def _watcher(self) -> Any:
        return sqlite.connect(self._library, self.path, patience_s=self._patience_s, read_only=True)

    @property
    def dialect(self) -> Dialect:
        return self._reader.dialect

    def _engine(self, begin: str, *, size: int, mode: str = "rw", read_only: bool = False) -> Engine:
        def connect() -> Any:
            return sqlite.connect(self._library, self.path, mode=mode, patience_s=self._patience_s, read_only=read_only)

        return _engine(self._library, connect, begin, size, self._patience_s)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        self.verify_schema()
        with explained(self.name), self._reader.begin() as connection:
            yield connection

    @contextmanager
    def writing(self, *, silent: bool = False) -> Iterator[Connection]:
        self.verify_schema()
        with explained(self.name), self.turns.writing() as connection:
            yield connection

    def transact(self, work: Callable[[Connection], T]) -> T:
        self.verify_schema()
        with explained(self.name):
            return self.turns.transact(work)

    def _begun(self) -> Shared:
        return Shared(self._writer, self.name)

    def repeating(self, operation: Callable[[], T]) -> T:
        # Whoever writes holds the file from the first statement on: nothing interrupts it.
        return operation()

    def revision(self) -> str | None:
        if not self.path.exists():
            return None
        with explained(self.name), self._reader.begin() as connection:
            tables = inspect(connection).get_table_names()
            if "alembic_version" not in tables:
                return None
            return connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()

    def make(self) -> None:
        revision = self.revision()
        if revision == REVISIONS[-1]:
            return
        if revision is not None and revision not in REVISIONS:
            self.verify_schema()
        if revision is None and self.path.exists() and self._has_tables():
            raise StoreUnavailable(f"{self.name} holds another program's tables: choose another file")
        from storage.migrations.running import upgrade

        engine = self._engine("BEGIN IMMEDIATE", size=1, mode="rwc")
        with explained(self.name):
            upgrade(engine)
        engine.dispose()

    def _has_tables(self) -> bool:
        with explained(self.name), self._reader.begin() as connection:
            return bool(inspect(connection).get_table_names())

    def change_token(self) -> object:
        self.verify_schema()
        with self._token_lock, explained(self.name):
            return self._watcher.execute("PRAGMA data_version").fetchone()[0]

    def clock(self) -> Clock:
        return SystemClock()

    def present(self) -> datetime:
        return SystemClock().now()

    def empty_log(self) -> None:
        """Cut the write-ahead log to nothing, on disk too; where somebody still reads it, try again later."""
        patience_s = min(self._patience_s, _PATIENCE_FOR_READERS_S)
        with explained(self.name), closing(sqlite.connect(self._library, self.path, patience_s=patience_s)) as own:
            self.log_is_kept = not (sqlite.empty_log(own) and self._is_log_synced())
        if self.log_is_kept:
            logging.getLogger("parcours.storage").warning("storage.log_kept", extra={"database": self.name})

    def _is_log_synced(self) -> bool:
        try:
            sqlite.sync_log(self.path)
        except OSError:
            return False
        return True

    def integrity(self) -> tuple[str, ...]:
        with self.reading() as connection:
            return tuple(sqlite.problems(lambda text: connection.exec_driver_sql(text).all()))

    def checks_pages(self) -> bool:
        return True

    def close(self) -> None:
        # A connection that is closed under a thread that uses it ends the process: whoever writes for longer than
        # others have patience keeps theirs.
        with suppress(StoreBusy), self.turns.nobody_writing():
            if writer := self.__dict__.pop("_writer", None):
                writer.close()
        if reader := self.__dict__.pop("_reader", None):
            reader.dispose()
        with self._token_lock:
            if watcher := self.__dict__.pop("_watcher", None):
                watcher.close()


def _engine(library: Any, connect: Callable[[], Any], begin: str, size: int, patience_s: float) -> Engine:
    return create_engine(
        f"{sqlite_dialect.NAME}://",
        begin=begin,
        module=library,
        creator=connect,
        poolclass=QueuePool,
        pool_size=size,
        # Writers of one process have waited for their turn; they need not poll the file's lock.
        max_overflow=0 if size == 1 else 10,
        pool_timeout=patience_s,
    )


def _warn_where_downgraded(version: str, mode: str) -> None:
    if mode == sqlite.WAL:
        return
    said = {"sqlite_version": version, "journal_mode": mode}
    logging.getLogger("parcours.storage").warning("storage.journal_downgraded", extra=said)
