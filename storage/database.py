"""Opening a database by its URL: engines, transactions, and whether its schema is ours.

The one place, with sqlite.py, that knows which database it is; everything above speaks to a connection.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, inspect, make_url
from sqlalchemy.engine import Dialect, ExceptionContext
from sqlalchemy.exc import ArgumentError
from sqlalchemy.pool import QueuePool

from storage import sqlite
from storage.failures import explained
from storage.migrations import REVISIONS
from workflow.errors import StoreUnavailable

_PATIENCE_FOR_READERS_S = 2.0


class Database:
    """One database: an engine that writes, with one connection, and one that reads, with several.

    Threads may share it. `patience` bounds how long a writer waits for another.
    """

    def __init__(self, url: str, *, patience: timedelta = timedelta(seconds=10)) -> None:
        self.path = sqlite_path(url)
        self.name = str(self.path)
        self._patience_s = patience.total_seconds()
        self._library = sqlite.library()
        self._verified = False
        self.log_is_kept = False
        self._token_lock = Lock()
        _warn_where_downgraded(self._library.sqlite_version, sqlite.journal_mode(self._library.sqlite_version_info))

    @cached_property
    def _writer(self) -> Engine:
        return self._engine("BEGIN IMMEDIATE", size=1)

    @cached_property
    def _reader(self) -> Engine:
        return self._engine("BEGIN", size=5, read_only=True)

    @cached_property
    def _watcher(self) -> Any:
        return sqlite.connect(self._library, self.path, patience_s=self._patience_s, read_only=True)

    @property
    def dialect(self) -> Dialect:
        """What statements are compiled for."""
        return self._reader.dialect

    def _engine(self, begin: str, *, size: int, mode: str = "rw", read_only: bool = False) -> Engine:
        def connect() -> Any:
            return sqlite.connect(self._library, self.path, mode=mode, patience_s=self._patience_s, read_only=read_only)

        return _engine(self._library, connect, begin, size, self._patience_s)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """One consistent view. Raises StoreUnavailable, and IntegrityBroken where the file is damaged."""
        self.verify_schema()
        with explained(self.name), self._reader.begin() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """One transaction that may write, committed on leaving. Raises as `reading` does."""
        self.verify_schema()
        with explained(self.name), self._writer.begin() as connection:
            yield connection

    def verify_schema(self) -> None:
        """Compare the schema with this program's, once. Raises StoreUnavailable with what to do."""
        if self._verified:
            return
        revision = self.revision()
        if revision is None:
            raise StoreUnavailable(f"{self.name} holds no Parcours database: run `parcours init`")
        if revision not in REVISIONS:
            raise StoreUnavailable(f"{self.name} was written by a newer Parcours: use that one, or a newer one")
        if revision != REVISIONS[-1]:
            raise StoreUnavailable(f"{self.name} has an older schema: run `parcours init` to upgrade it")
        self._verified = True

    def revision(self) -> str | None:
        """The schema's revision; None where there is no database or nothing in it is ours."""
        if not self.path.exists():
            return None
        with explained(self.name), self._reader.begin() as connection:
            tables = inspect(connection).get_table_names()
            if "alembic_version" not in tables:
                return None
            return connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()

    def make(self) -> None:
        """Create the file where it is missing, and bring its schema up to date. Repeatable.

        Raises StoreUnavailable where it cannot, or the file holds another program's tables or a newer schema.
        """
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
        """A number that differs once another connection has committed. Raises StoreUnavailable."""
        self.verify_schema()
        with self._token_lock, explained(self.name):
            return self._watcher.execute("PRAGMA data_version").fetchone()[0]

    def empty_log(self) -> None:
        """Leave nothing of what was erased in the write-ahead log; where somebody still reads it, try again later."""
        patience_s = min(self._patience_s, _PATIENCE_FOR_READERS_S)
        with explained(self.name), closing(sqlite.connect(self._library, self.path, patience_s=patience_s)) as own:
            self.log_is_kept = not sqlite.empty_log(own)
        if self.log_is_kept:
            logging.getLogger("parcours.storage").warning("storage.log_kept", extra={"database": self.name})

    def integrity(self) -> tuple[str, ...]:
        """What the database finds wrong with its file and its references, one sentence each."""
        with self.reading() as connection:
            return tuple(sqlite.problems(lambda text: connection.exec_driver_sql(text).all()))

    def close(self) -> None:
        """Close every connection; a later use opens new ones."""
        for name in ("_writer", "_reader"):
            if engine := self.__dict__.pop(name, None):
                engine.dispose()
        if watcher := self.__dict__.pop("_watcher", None):
            watcher.close()


def sqlite_path(url: str) -> Path:
    """The file that a URL `sqlite:///…` names. Raises StoreUnavailable for any other URL."""
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise StoreUnavailable(f"{url!r} is no database URL: write sqlite:///parcours.db") from None
    if parsed.get_backend_name() != "sqlite" or parsed.query:
        shown = parsed.render_as_string(hide_password=True)
        raise StoreUnavailable(f"{shown} is not supported: write sqlite:///parcours.db, without options")
    if not parsed.database or parsed.database == ":memory:":
        raise StoreUnavailable(f"{url} names no file: write sqlite:///parcours.db")
    return Path(parsed.database)


def _engine(library: Any, connect: Callable[[], Any], begin: str, size: int, patience_s: float) -> Engine:
    engine = create_engine(
        "sqlite://",
        module=library,
        creator=connect,
        poolclass=QueuePool,
        pool_size=size,
        # Writers of one process queue here, in order, rather than poll the file's lock.
        max_overflow=0 if size == 1 else 10,
        pool_timeout=patience_s,
    )

    # The driver begins no transaction before a SELECT: a read-then-write would lose updates of others.
    @event.listens_for(engine, "begin")
    def begin_transaction(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    @event.listens_for(engine, "handle_error")
    def give_up_connection(context: ExceptionContext) -> None:
        if sqlite.code_of(context.original_exception) in sqlite.FATAL:
            context.is_disconnect, context.invalidate_pool_on_disconnect = True, False

    return engine


def _warn_where_downgraded(version: str, mode: str) -> None:
    if mode == sqlite.WAL:
        return
    said = {"sqlite_version": version, "journal_mode": mode}
    logging.getLogger("parcours.storage").warning("storage.journal_downgraded", extra=said)
