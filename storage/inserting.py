"""INSERT … ON CONFLICT, which SQLite and PostgreSQL say in the same words and SQLAlchemy in two classes."""

from typing import TYPE_CHECKING

from sqlalchemy import Table
from sqlalchemy.engine import Dialect

if TYPE_CHECKING:
    from sqlalchemy.dialects.sqlite import Insert


def insert_into(table: Table, dialect: Dialect) -> "Insert":
    """An insert that can say what to do with a row that is there already."""
    if dialect.name == "postgresql":
        from sqlalchemy.dialects import postgresql

        # The same methods with the same arguments.
        found: Insert = postgresql.insert(table)  # type: ignore[assignment]
        return found
    from sqlalchemy.dialects import sqlite

    return sqlite.insert(table)
