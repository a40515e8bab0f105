"""The server's own check of its pages and indexes: the extension `amcheck`, where it is installed and may be run.

It reads everything, and locks nobody out. Knows nothing of what the rows mean.
"""

from collections.abc import Iterator

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from storage import postgres
from storage.postgres import Kind
from storage.postgres_roles import CHECKING

_MAY = """
    SELECT count(DISTINCT proname) FROM pg_proc
    WHERE proname = ANY (%s) AND has_function_privilege(oid, 'EXECUTE') AND pg_function_is_visible(oid)
"""
_INDEXES = """
    SELECT c.relname, c.oid FROM pg_class c JOIN pg_am a ON a.oid = c.relam
    WHERE a.amname = 'btree' AND c.relkind = 'i' AND c.relnamespace = current_schema()::regnamespace
    ORDER BY c.relname
"""
_TABLES = """
    SELECT relname, oid FROM pg_class
    WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace ORDER BY relname
"""
# With `true`: that every row of the table is in the index.
_INDEX = "SELECT bt_index_check(%s::oid::regclass, true)"
_TABLE = "SELECT count(*), min(msg) FROM verify_heapam(%s::oid::regclass)"


def is_there(connection: Connection) -> bool:
    """Whether it is installed and this account may run it."""
    return bool(connection.exec_driver_sql(_MAY, (list(CHECKING),)).scalar_one() == len(CHECKING))


def problems(connection: Connection) -> Iterator[str]:
    """What it finds wrong with tables and indexes, one sentence each; nothing of what rows hold is told."""
    for name, oid in connection.exec_driver_sql(_TABLES).all():
        count, first = connection.exec_driver_sql(_TABLE, (oid,)).one()
        if count:
            yield f"the table {name} is damaged in {count} places: restore a backup ({first})"
    for name, oid in connection.exec_driver_sql(_INDEXES).all():
        if (found := _of_index(connection, oid)) is not None:
            yield f"the index {name} is damaged: rebuild it with REINDEX ({found})"


def _of_index(connection: Connection, oid: int) -> str | None:
    try:
        with connection.begin_nested():
            connection.exec_driver_sql(_INDEX, (oid,))
    except DBAPIError as error:
        if postgres.kind_of(error.orig) is not Kind.DAMAGED:
            raise
        return postgres.sentence_of(error.orig)
    return None
