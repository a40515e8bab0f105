"""SQLAlchemy's dialect for SQLite as it is used here: how a transaction begins, and which errors end a connection."""

from typing import Any

from sqlalchemy.dialects import registry
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite

from storage import sqlite

NAME = "sqlite+parcours"


class Dialect(SQLiteDialect_pysqlite):
    """Begins each transaction with the statement `begin`.

    The driver by itself begins none before a SELECT: who reads first and writes later would lose what others write.
    """

    supports_statement_cache = True

    def __init__(self, begin: str, **more: Any) -> None:
        super().__init__(**more)
        self._begin = begin

    def do_begin(self, dbapi_connection: Any) -> None:
        """Begin a transaction on a connection of the pool."""
        dbapi_connection.dbapi_connection.execute(self._begin)

    def is_disconnect(self, e: BaseException, connection: Any, cursor: Any) -> bool:
        """Whether a connection is given up after this error, and with it its transaction."""
        return sqlite.code_of(e) in sqlite.FATAL


registry.register(NAME.replace("+", "."), __name__, Dialect.__name__)
