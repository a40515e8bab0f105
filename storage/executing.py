"""Statements that are text already, run on a transaction that SQLAlchemy has opened and will end.

What SQLAlchemy makes around a statement and its rows takes several times as long as SQLite does for one of them, so its
cursor is used itself. A server's answer takes longer than both: there nothing is to be gained.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from typing import Any, TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import PendingRollbackError

from storage import sqlite
from storage.rows import Values

T = TypeVar("T")
V = TypeVar("V")


class Executor(ABC):
    """Runs one statement at a time on a connection. An error is one that `explained` knows."""

    @property
    @abstractmethod
    def connection(self) -> Connection:
        """The connection that they run on."""

    @abstractmethod
    def rows(self, text: str, values: Values = ()) -> Sequence[Sequence[Any]]:
        """All rows that it gives."""

    @abstractmethod
    def pages(self, text: str, values: Values, size: int) -> Iterator[Sequence[Sequence[Any]]]:
        """The rows that it gives, up to `size` at a time, read as they are consumed."""

    @abstractmethod
    def write(self, text: str, values: Values = ()) -> int:
        """How many rows the database took."""

    @abstractmethod
    def write_each(self, text: str, rows: Iterable[Values]) -> int:
        """The same statement for each of these rows; how many the database took in all."""


def executor_of(connection: Connection) -> Executor:
    """The one for this kind of database."""
    return _OnCursor(connection) if connection.dialect.name == "sqlite" else _OnConnection(connection)


class _Direct(Executor):
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    @property
    def connection(self) -> Connection:
        return self._connection


class _OnConnection(_Direct):
    def rows(self, text: str, values: Values = ()) -> Sequence[Sequence[Any]]:
        return self.connection.exec_driver_sql(text, values).all()

    def pages(self, text: str, values: Values, size: int) -> Iterator[Sequence[Sequence[Any]]]:
        found = self.connection.exec_driver_sql(text, values, execution_options={"yield_per": size})
        yield from found.partitions()

    def write(self, text: str, values: Values = ()) -> int:
        return self.connection.exec_driver_sql(text, values).rowcount

    def write_each(self, text: str, rows: Iterable[Values]) -> int:
        return self.connection.exec_driver_sql(text, list(rows)).rowcount


class _OnCursor(_Direct):
    """After an error that may have ended the transaction the connection is given up, as SQLAlchemy would."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self._driver: Any = connection.connection.dbapi_connection

    def rows(self, text: str, values: Values = ()) -> Sequence[Sequence[Any]]:
        return self._ran(_fetched, text, values)

    def pages(self, text: str, values: Values, size: int) -> Iterator[Sequence[Sequence[Any]]]:
        cursor = self._cursor()
        try:
            cursor.execute(text, values)
            while rows := cursor.fetchmany(size):
                yield rows
        except GeneratorExit:
            # Whoever consumes them wants no more.
            raise
        except BaseException as error:
            self._judge(error)
            raise
        finally:
            # Whoever is late in letting it go may have closed its connection before.
            with suppress(sqlite.library().ProgrammingError):
                cursor.close()

    def write(self, text: str, values: Values = ()) -> int:
        return self._ran(_written, text, values)

    def write_each(self, text: str, rows: Iterable[Values]) -> int:
        return self._ran(_all_written, text, rows)

    def _ran(self, run: Callable[[Any, str, V], T], text: str, values: V) -> T:
        cursor = self._cursor()
        # One that lived on would reset its statement when it goes, in another thread's hands.
        try:
            result = run(cursor, text, values)
        except BaseException as error:
            cursor.close()
            self._judge(error)
            raise
        cursor.close()
        return result

    def _judge(self, error: BaseException) -> None:
        if not isinstance(error, Exception) or sqlite.code_of(error) in sqlite.FATAL:
            self.connection.invalidate(error)

    def _cursor(self) -> Any:
        try:
            return self._driver.cursor()
        except Exception as error:
            raise PendingRollbackError("the transaction was given up before") from error


def _fetched(cursor: Any, text: str, values: Values) -> list[tuple[Any, ...]]:
    found: list[tuple[Any, ...]] = cursor.execute(text, values).fetchall()
    return found


def _written(cursor: Any, text: str, values: Values) -> int:
    count: int = cursor.execute(text, values).rowcount
    return count


def _all_written(cursor: Any, text: str, rows: Iterable[Values]) -> int:
    count: int = cursor.executemany(text, rows).rowcount
    return count
