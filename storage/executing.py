"""Statements that are text already, run on a transaction that SQLAlchemy has opened and will end.

What SQLAlchemy makes around a statement and its rows takes several times as long as SQLite does for one of them, so its
cursor is used itself. A server's answer takes longer than both: there nothing is to be gained.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import PendingRollbackError

from storage import sqlite
from storage.rows import Values


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

    # No cursor has a name: one that lived on would reset its statement when it goes, in another thread's hands.

    def rows(self, text: str, values: Values = ()) -> Sequence[Sequence[Any]]:
        try:
            found: list[tuple[Any, ...]] = self._driver.execute(text, values).fetchall()
        except BaseException as error:
            self._judge(error)
            raise
        return found

    def write(self, text: str, values: Values = ()) -> int:
        return self._written(self._driver.execute, text, values)

    def write_each(self, text: str, rows: Iterable[Values]) -> int:
        return self._written(self._driver.executemany, text, rows)

    def _written(self, run: Callable[[str, Any], Any], text: str, values: Iterable[Any]) -> int:
        try:
            count: int = run(text, values).rowcount
        except BaseException as error:
            self._judge(error)
            raise
        return count

    def pages(self, text: str, values: Values, size: int) -> Iterator[Sequence[Sequence[Any]]]:
        cursor = None
        try:
            cursor = self._driver.execute(text, values)
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
                if cursor is not None:
                    cursor.close()

    def _judge(self, error: BaseException) -> None:
        try:
            self._driver.cursor().close()
        except Exception:
            raise PendingRollbackError("the transaction was given up before") from error
        if not isinstance(error, Exception) or sqlite.code_of(error) in sqlite.FATAL:
            self.connection.invalidate(error)
