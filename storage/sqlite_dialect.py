"""SQLAlchemy's dialect for SQLite, with transactions that begin as they are to: its driver begins none before a SELECT.

A transaction that reads first and writes later would lose what others wrote between.
"""

from typing import Any

from sqlalchemy.dialects import registry
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite

NAME = "sqlite+parcours"


class Dialect(SQLiteDialect_pysqlite):
    """Begins each transaction with the statement `begin`."""

    supports_statement_cache = True

    def __init__(self, begin: str, **more: Any) -> None:
        super().__init__(**more)
        self._begin = begin

    def do_begin(self, dbapi_connection: Any) -> None:
        """Begin a transaction on a connection of the pool."""
        dbapi_connection.dbapi_connection.execute(self._begin)


registry.register(NAME.replace("+", "."), __name__, Dialect.__name__)
