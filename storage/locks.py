"""What SQLite's one writer gives for nothing, and other databases need a lock for: order, where rows alone give none.

Transaction-level advisory locks only: they end with the transaction, whatever becomes of its process. On SQLite each
of these does nothing.
"""

from collections.abc import Iterable
from typing import Final

from sqlalchemy import Connection

# The upper 24 bits of a lock's key say what it is for; the rest is its number.
_CHAIN: Final = 0x504152 << 40
_SCHEMA: Final = 0x504153 << 40
_WRITERS: Final = 0x504154 << 40
_NUMBER_BITS: Final = 40

_HOLD = "SELECT pg_advisory_xact_lock(%s)"
# The last id that the history has given away: whatever this transaction writes comes after it.
_LAST_ID = "SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM history_id_seq"
_HOLD_WRITER = f"SELECT pg_advisory_xact_lock_shared(%s | ({_LAST_ID}))"  # no text from outside
# `classid` and `objid` are the halves of a key (PostgreSQL, view pg_locks).
_FIRST_WRITER = """
    SELECT min(((classid::bigint << 32) | objid::bigint) - %s) FROM pg_locks
    WHERE locktype = 'advisory' AND objsubid = 1 AND granted AND pid <> pg_backend_pid()
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
    AND classid::bigint >> 8 = %s
"""


def _is_postgres(connection: Connection) -> bool:
    return connection.dialect.name == "postgresql"


def hold_chain(connection: Connection) -> None:
    """Let nobody else append to the chain of acts before this transaction ends."""
    if _is_postgres(connection):
        connection.exec_driver_sql(_HOLD, (_CHAIN,))


def hold_schema(connection: Connection) -> None:
    """Let nobody else make or upgrade the tables before this transaction ends."""
    if _is_postgres(connection):
        connection.exec_driver_sql(_HOLD, (_SCHEMA,))


def announce_entries(connection: Connection) -> None:
    """Tell readers that this transaction will write entries, with ids after those that are given away by now."""
    if _is_postgres(connection):
        connection.exec_driver_sql(_HOLD_WRITER, (_WRITERS,))


def hold_everything(connection: Connection, tables: Iterable[str]) -> None:
    """Let nobody else write to these tables before this transaction ends; who reads may go on."""
    if _is_postgres(connection):
        names = ", ".join(f'"{name}"' for name in tables)
        connection.exec_driver_sql(f"LOCK TABLE {names} IN EXCLUSIVE MODE")


def number_after_rows(connection: Connection, tables: Iterable[str]) -> None:
    """Have the next ids of these tables follow those of rows that were written with their own."""
    if _is_postgres(connection):
        for name in tables:
            connection.exec_driver_sql(
                f"SELECT setval('{name}_id_seq', max(id)) FROM {name} HAVING max(id) IS NOT NULL"  # noqa: S608 # ours
            )


def last_id(connection: Connection) -> int:
    """The last id that the history has given away, committed or not."""
    return int(connection.exec_driver_sql(_LAST_ID).scalar_one())


def first_writer(connection: Connection) -> int | None:
    """The smallest last id that a transaction which is still writing entries began after; None without any."""
    if not _is_postgres(connection):
        return None
    found = connection.exec_driver_sql(_FIRST_WRITER, (_WRITERS, _WRITERS >> _NUMBER_BITS)).scalar_one()
    return None if found is None else int(found)
