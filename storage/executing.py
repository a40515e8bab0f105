"""Statements that are text already, run on a transaction that SQLAlchemy has opened and will end.

What SQLAlchemy makes around a statement and its rows takes several times as long as SQLite does for one of them, so its
cursor is used itself. A server's answer takes longer than both: there nothing is to be gained.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import PendingRollbackError

from storage import sqlite
from storage.rows import Values


class Executor(ABC):
    """Runs one statement at a time on `connection`. An error is one that `explained` knows."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    @abstractmethod
    def rows(self, text: str, values: Values = ()) -> Sequence[Sequence[Any]]:
        """All rows that it gives."""

    @abstractmethod
    def write(self, text: str, values: Values = ()) -> int:
        """How many rows the database took."""

    @abstractmethod
    def write_each(self, text: str, rows: Sequence[Values]) -> int:
        """The same statement for each of these rows; how many the database took in all."""


def executor_of(connection: Connection) -> Executor:
    """The one for this kind of database."""
    return _OnCursor(connection) if connection.dialect.name == "sqlite" else _OnConnection(connection)


class _OnConnection(Executor):
    def rows(self, text: str, values: Values = ()) -> Sequence[Sequence[Any]]:
        return self.connection.exec_driver_sql(text, values).all()

    def write(self, text: str, values: Values = ()) -> int:
        return self.connection.exec_driver_sql(text, values).rowcount

    def write_each(self, text: str, rows: Sequence[Values]) -> int:
        return self.connection.exec_driver_sql(text, list(rows)).rowcount


class _OnCursor(Executor):
    """After an error that may have ended the transaction the connection is given up, as SQLAlchemy would."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self._driver: Any = connection.connection.dbapi_connection

    def rows(self, text: str, values: Values = ()) -> Sequence[Sequence[Any]]:
        with self._cursor() as cursor:
            found: list[tuple[Any, ...]] = cursor.execute(text, values).fetchall()
            return found

    def write(self, text: str, values: Values = ()) -> int:
        with self._cursor() as cursor:
            return int(cursor.execute(text, values).rowcount)

    def write_each(self, text: str, rows: Sequence[Values]) -> int:
        with self._cursor() as cursor:
            return int(cursor.executemany(text, rows).rowcount)

    def _cursor(self) -> "_Cursor":
        if self.connection.invalidated:
            raise PendingRollbackError("the transaction was given up before")
        return _Cursor(self.connection, self._driver.cursor())


class _Cursor:
    """A cursor for one statement. One that lived on would reset that statement when it goes, in another's hands."""

    __slots__ = ("_connection", "_cursor")

    def __init__(self, connection: Connection, cursor: Any) -> None:
        self._connection, self._cursor = connection, cursor

    def __enter__(self) -> Any:
        return self._cursor

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        self._cursor.close()
        if error is not None and (not isinstance(error, Exception) or sqlite.code_of(error) in sqlite.FATAL):
            self._connection.invalidate(error)
