"""SqlStore: a database of placements behind the protocols of workflow/store.py."""

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING
from weakref import ref

from sqlalchemy import Connection, RootTransaction

from storage.database import PATIENCE, Database, T, open_database
from storage.instants import instant, instant_if_any, micros
from storage.queries import Queries
from storage.runners import Runners
from storage.seals import SealReading, Seals
from storage.sql_reading import SqlReading
from storage.sql_writing import SqlUnitOfWork
from storage.statements import Reads, statements_for
from workflow.changes import Installation
from workflow.errors import StoreUnavailable
from workflow.store import UnitOfWork

if TYPE_CHECKING:
    from storage.accounts import Accounts
    from storage.batch_runs import BatchRuns
    from storage.batches import Batches
    from storage.counting import Counts
    from storage.deliveries import Deliveries
    from storage.feeds import Feeds
    from storage.identities import Identities
    from storage.marks import Marks
    from storage.notice_choices import NoticeChoices
    from storage.searching import Search
    from storage.tokens import Tokens
    from storage.views import SavedViews

_LOG_BYTES, _SECRET_BYTES = 16, 32


def unguarded(reading: SealReading, name: str) -> None:
    """The guard that lets everybody write."""


class SqlStore:
    """Implements workflow.store.Store. Opens nothing until it is used; threads may share it.

    `patience` bounds how long a writer waits for another before StoreUnavailable. Up to `together` threads that want to
    write at once share a commit, where the database has one writer; each is answered after it. `guard` is asked at the
    beginning of every transaction that may write, with the database's name; what it raises ends it.
    """

    def __init__(
        self,
        url: str,
        *,
        patience: timedelta = PATIENCE,
        together: int = 1,
        guard: Callable[[SealReading, str], None] = unguarded,
    ) -> None:
        self._guard = guard
        self._guarded: Callable[[], RootTransaction | None] = lambda: None
        self._database = open_database(url, patience=patience, together=together)
        self._reads, self._statements = statements_for(self._database.dialect)
        self.queries = Queries(self._database)
        self.seals = Seals(self._database)
        self.runners = Runners(self._database)

    # Loaded with their tables once they are asked: most commands ask few of them.

    @cached_property
    def accounts(self) -> "Accounts":
        from storage.accounts import Accounts

        return Accounts(self._database)

    @cached_property
    def tokens(self) -> "Tokens":
        from storage.tokens import Tokens

        return Tokens(self._database)

    @cached_property
    def notice_choices(self) -> "NoticeChoices":
        from storage.notice_choices import NoticeChoices

        return NoticeChoices(self._database)

    @cached_property
    def batches(self) -> "Batches":
        from storage.batches import Batches

        return Batches(self._database)

    @cached_property
    def batch_runs(self) -> "BatchRuns":
        from storage.batch_runs import BatchRuns

        return BatchRuns(self._database)

    @cached_property
    def identities(self) -> "Identities":
        from storage.identities import Identities

        return Identities(self._database)

    @cached_property
    def search(self) -> "Search":
        from storage.searching import Search

        return Search(self._database)

    @cached_property
    def views(self) -> "SavedViews":
        from storage.views import SavedViews

        return SavedViews(self._database)

    @cached_property
    def feeds(self) -> "Feeds":
        from storage.feeds import Feeds

        return Feeds(self._database)

    @cached_property
    def deliveries(self) -> "Deliveries":
        from storage.deliveries import Deliveries

        return Deliveries(self._database)

    @cached_property
    def counts(self) -> "Counts":
        from storage.counting import Counts

        return Counts(self._database)

    @cached_property
    def marks(self) -> "Marks":
        from storage.marks import Marks

        return Marks(self._database)

    @contextmanager
    def reading(self) -> Iterator[SqlReading]:
        with self._database.reading() as connection:
            yield SqlReading(connection, self._reads)

    @contextmanager
    def writing(self, *, guarded: bool = True) -> Iterator[SqlUnitOfWork]:
        with self._database.writing() as connection:
            unit = self._unit(connection, guarded=guarded)
            yield unit
        self._empty_log(unit.erased)

    def transact(self, work: Callable[[UnitOfWork], T]) -> T:
        def within(connection: Connection) -> tuple[T, bool]:
            unit = self._unit(connection)
            return work(unit), unit.erased

        given, erased = self._database.transact(within)
        self._empty_log(erased)
        return given

    def _unit(self, connection: Connection, *, guarded: bool = True) -> SqlUnitOfWork:
        if guarded:
            self._ask_guard(connection)
        return SqlUnitOfWork(connection, self._statements, self._database.name)

    def _ask_guard(self, connection: Connection) -> None:
        """Once in a transaction, however many share it."""
        begun = connection.get_transaction()
        if begun is None:
            raise AssertionError("nothing was begun")
        if begun is not self._guarded():
            self._guard(SealReading(connection), self._database.name)
            self._guarded = ref(begun)

    def _empty_log(self, erased: bool) -> None:
        if erased or self._database.log_is_kept:
            self._database.empty_log()

    def repeating(self, operation: Callable[[], T]) -> T:
        return self._database.repeating(operation)

    def installation(self) -> Installation:
        with self._database.reading() as connection:
            return self._installation(connection, self._reads)

    def change_token(self) -> object:
        return self._database.change_token()

    @property
    def database(self) -> Database:
        """The database that it is."""
        return self._database

    def close(self) -> None:
        """Close every connection; a later use opens new ones."""
        self._database.close()

    def initialise(self, *, sandbox: bool, now: datetime) -> Installation:
        """Make the database, or bring its schema up to date; it stays what it was made as. Repeatable.

        Raises StoreUnavailable where the file cannot be used, or a sandbox is asked of a production database.
        """
        self._database.make()
        log, secret = secrets.token_hex(_LOG_BYTES), secrets.token_bytes(_SECRET_BYTES)
        with self._database.writing() as connection:
            row = (1, log, secret, sandbox, micros(now), None, None)
            connection.exec_driver_sql(self._statements.new_installation, row)
            made = self._installation(connection, self._statements)
        if sandbox and not made.sandbox:
            name = self._database.name
            raise StoreUnavailable(f"{name} is a production database and stays one: choose another one")
        return made

    def start_sandbox_clock(self, setting: str, real_now: datetime) -> datetime:
        """When, in real time, this sandbox first saw its running clock; another setting starts it anew.

        Raises StoreUnavailable on a production database, which obeys the system clock only.
        """
        with self._database.writing() as connection:
            made = self._installation(connection, self._statements)
            if not made.sandbox:
                raise StoreUnavailable(f"{self._database.name} is a production database: it has no other clock")
            if made.clock_setting == setting and made.clock_started_at is not None:
                return made.clock_started_at
            connection.exec_driver_sql(self._statements.start_clock, (setting, micros(real_now)))
            return real_now

    def _installation(self, connection: Connection, statements: Reads) -> Installation:
        row = connection.exec_driver_sql(statements.installation).first()
        if row is None:
            raise StoreUnavailable(f"{self._database.name} was not initialised: run `parcours init`")
        log, secret, sandbox, created, setting, started = row
        return Installation(log, secret, bool(sandbox), instant(created), setting, instant_if_any(started))
