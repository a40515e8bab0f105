"""What SQLite's one writer gives for nothing, and other databases need a lock for: order, where rows alone give none.

Transaction-level advisory locks only: they end with the transaction, whatever becomes of its process. On SQLite each
of these does nothing.
"""

from collections.abc import Iterable
from typing import Final

from sqlalchemy import Connection

# The upper 24 bits of a lock's key say what it is for.
_CHAIN: Final = 0x504152 << 40
_SCHEMA: Final = 0x504153 << 40
_PARTS: Final = 0x504155 << 40

_HOLD = "SELECT pg_advisory_xact_lock(%s)"
# The function is asked for one number after the other, until it says yes.
_FREE_PART = """
    SELECT part FROM generate_series(0, %s) AS part WHERE pg_try_advisory_xact_lock(%s + part::bigint) LIMIT 1
"""
# Whoever decides locks rows of this table first, and keeps the table's lock as long (PostgreSQL, 13.3.1).
_DECIDING = """
    SELECT EXISTS (
        SELECT FROM pg_locks WHERE locktype = 'relation' AND relation = 'placement'::regclass
        AND mode IN ('RowShareLock', 'RowExclusiveLock') AND granted AND pid IS DISTINCT FROM pg_backend_pid()
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
    )
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


def free_part(connection: Connection, parts: int) -> int:
    """A number below `parts` that no other transaction has, or the last one where all are had; kept until the end."""
    if not _is_postgres(connection):
        return 0
    found = connection.exec_driver_sql(_FREE_PART, (parts - 1, _PARTS)).scalar()
    return parts - 1 if found is None else int(found)


def hold_everything(connection: Connection, tables: Iterable[str]) -> None:
    """Let nobody else write to these tables before this transaction ends; who reads may go on."""
    if _is_postgres(connection):
        names = ", ".join(f'"{name}"' for name in tables)
        connection.exec_driver_sql(f"LOCK TABLE {names} IN EXCLUSIVE MODE")


def is_decided_on(connection: Connection) -> bool:
    """Whether another transaction that may write entries is open: it has rows of `placement` in hand, or made some."""
    return _is_postgres(connection) and bool(connection.exec_driver_sql(_DECIDING).scalar_one())
