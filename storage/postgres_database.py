"""A database of a PostgreSQL server: writers in READ COMMITTED that lock their rows, readers on one snapshot each."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import cached_property
from threading import Lock
from typing import Any, cast

from sqlalchemy import Connection, Engine, create_engine, inspect
from sqlalchemy.engine import Dialect
from sqlalchemy.exc import DBAPIError

from storage import postgres_checks
from storage.database import PATIENCE, Database, T
from storage.failures import explained
from storage.migrations import REVISIONS
from storage.repeating import repeated
from workflow.clock import Clock, MeasuredClock
from workflow.errors import OutcomeUnknown, StoreUnavailable

try:
    from storage import amcheck, postgres
except ImportError:
    raise StoreUnavailable(
        "PostgreSQL needs its driver, which is not installed: install parcours with its extra, parcours[postgres]"
    ) from None

CHANNEL = "parcours"
# Whoever only locked a row has an id too: then somebody is woken for nothing.
_NOTIFY = f"SELECT pg_notify('{CHANNEL}', '') WHERE pg_current_xact_id_if_assigned() IS NOT NULL"
_LOOK = "SELECT min(wakes_at) FROM placement WHERE wakes_at IS NOT NULL"


class PostgresDatabase(Database):
    """Two pools of connections: one that writes, and one of read-only connections.

    `patience` bounds how long a statement waits for a lock. A connection that was lost is found out before it is used.
    """

    def __init__(self, url: str, *, patience: timedelta = PATIENCE) -> None:
        super().__init__()
        self._address = postgres.address(url)
        self.name, self._patience = self._address.name, patience
        self._watcher: Any = None
        self._token_lock, self._told = Lock(), 0

    @cached_property
    def _writer(self) -> Engine:
        return self._engine(postgres.WRITING)

    @cached_property
    def _reader(self) -> Engine:
        return self._engine(postgres.READING, read_only=True)

    def _engine(self, limits: postgres.Limits, *, read_only: bool = False) -> Engine:
        return create_engine(
            "postgresql+psycopg://",
            creator=lambda: postgres.connect(self._address, limits, self._patience, read_only=read_only),
            paramstyle="format",
            pool_pre_ping=True,
            pool_timeout=self._patience.total_seconds(),
        )

    @property
    def dialect(self) -> Dialect:
        return self._reader.dialect

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        self.verify_schema()
        with explained(self.name), self._reader.begin() as connection:
            yield connection

    @contextmanager
    def writing(self, *, silent: bool = False) -> Iterator[Connection]:
        self.verify_schema()
        with explained(self.name), self._writer.connect() as connection:
            transaction = connection.begin()
            try:
                yield connection
                if not silent:
                    connection.exec_driver_sql(_NOTIFY)
            except BaseException:
                transaction.rollback()
                raise
            self._commit(transaction.commit)

    def _commit(self, commit: Callable[[], None]) -> None:
        try:
            commit()
        except DBAPIError as error:
            if isinstance(error.orig, postgres.Unreplicated):
                raise OutcomeUnknown(
                    f"{self.name} committed a change that no standby has confirmed, and that a failover may lose: ask "
                    f"again with the same --key"
                ) from error
            # What the server itself refused (a deferred constraint, say) is not there; all else nobody knows.
            if not error.connection_invalidated and postgres.code_of(error.orig):
                raise
            raise OutcomeUnknown(
                f"the connection to {self.name} was lost while a change was committed: it is there whole or not at "
                f"all; look, or ask again with the same --key"
            ) from error

    def repeating(self, operation: Callable[[], T]) -> T:
        return repeated(operation)

    def revision(self) -> str | None:
        with explained(self.name), self._reader.begin() as connection:
            if not inspect(connection).has_table("alembic_version"):
                return None
            return connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()

    def make(self) -> None:
        revision = self.revision()
        if revision == REVISIONS[-1]:
            return
        if revision is not None and revision not in REVISIONS:
            self.verify_schema()
        with explained(self.name), self._reader.begin() as connection:
            postgres_checks.refuse_unfit(connection, self.name, is_ours=revision is not None)
        from storage.migrations.running import upgrade

        engine = self._engine(postgres.UPGRADING)
        with explained(self.name):
            upgrade(engine)
        engine.dispose()

    def change_token(self) -> object:
        """What was told on the channel, and the moment that a daemon waits for: the first is a hint, the second holds.

        A notification may be lost, with its connection or in a pooler; the next moment to wake is asked each time.
        """
        self.verify_schema()
        with self._token_lock, explained(self.name):
            try:
                watcher = self._watcher or self._watch()
                (wakes_at,) = watcher.execute(_LOOK).fetchone()
            except BaseException:
                self._forget_watcher()
                raise
            return self._told, wakes_at

    def _watch(self) -> Any:
        watcher = postgres.connect(self._address, postgres.WATCHING, self._patience, read_only=True)
        watcher.autocommit = True
        watcher.add_notify_handler(self._hear)
        watcher.execute(f"LISTEN {CHANNEL}")
        # What was told while nobody listened is not known: look once more.
        self._told += 1
        self._watcher = watcher
        return watcher

    def _hear(self, notification: object) -> None:
        self._told += 1

    def _forget_watcher(self) -> None:
        watcher, self._watcher = self._watcher, None
        if watcher is not None:
            watcher.close()

    def clock(self) -> Clock:
        return MeasuredClock(self.present)

    def present(self) -> datetime:
        moment = self._asked(lambda connection: connection.exec_driver_sql("SELECT clock_timestamp()").scalar_one())
        return cast("datetime", moment).astimezone(UTC)

    def empty_log(self) -> None:
        # What was deleted stays in the server's own log and in free space until it is used again: storage.md says so.
        return

    def _asked(self, ask: Callable[[Connection], T]) -> T:
        # A transaction of its own for each question: what is asked must be the present, not an old view.
        with explained(self.name), self._reader.begin() as connection:
            return ask(connection)

    def integrity(self) -> tuple[str, ...]:
        with self.reading() as connection:
            found = list(postgres_checks.problems(connection))
            return (*found, *(amcheck.problems(connection) if amcheck.is_there(connection) else ()))

    def checks_pages(self) -> bool:
        return self._asked(amcheck.is_there)

    def close(self) -> None:
        for name in ("_writer", "_reader"):
            if engine := self.__dict__.pop(name, None):
                engine.dispose()
        with self._token_lock:
            self._forget_watcher()
