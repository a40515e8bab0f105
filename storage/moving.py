"""Copying rows from one database to another, of whichever kind: all of them, compared row by row, or nothing.

Knows tables and rows, not what they mean. Who runs on a database is not copied with it.
"""

import hashlib
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, Row, Table, delete, func, select
from sqlalchemy.engine import Dialect

from storage import locks
from storage.bulk import BulkWrites
from storage.database import Database
from storage.executing import executor_of
from storage.rows import Values
from storage.tables.schema import METADATA
from workflow.errors import IntegrityBroken, StoreUnavailable

BATCH: Final = 1_000
_STAYS: Final = frozenset({"runner"})


@dataclass(frozen=True, slots=True)
class Moved:
    """What was moved: rows by table, and the SHA-256 over all of them in the order of their keys."""

    rows: dict[str, int]
    digest: str


def move(source: Database, target: Database) -> Moved:
    """Copy every row to a database that holds none, and compare.

    Nobody writes to the source meanwhile; it stays as it is. Raises StoreUnavailable where the target holds something
    already, IntegrityBroken where it does not give back what was written; then no row is there.
    """
    source.verify_schema()
    target.make()
    with source.writing(silent=True) as outgoing:
        locks.hold_everything(outgoing, tables())
        return _to(target, outgoing, list(_moved_tables()))


def snapshot(source: Database, target: Database, *, without: Collection[str] = ()) -> Moved:
    """Copy one view of a database, to which others may write meanwhile; rows of the tables `without` are left out.

    Raises as `move` does.
    """
    source.verify_schema()
    target.make()
    with source.reading() as outgoing:
        return _to(target, outgoing, [table for table in _moved_tables() if table.name not in without])


def _to(target: Database, outgoing: Connection, chosen: Sequence[Table]) -> Moved:
    with target.writing(silent=True) as incoming:
        _refuse_full(incoming, target.name)
        rows = {table.name: _copied(table, outgoing, incoming) for table in chosen}
        digest = _digest(outgoing, chosen)
        if _digest(incoming, chosen) != digest:
            raise IntegrityBroken(f"{target.name} does not give back what was written to it: nothing was copied")
    return Moved(rows, digest)


def tables() -> list[str]:
    """The names of all tables that are moved, parents first."""
    return [table.name for table in _moved_tables()]


def _moved_tables() -> Iterator[Table]:
    return (table for table in METADATA.sorted_tables if table.name not in _STAYS)


def _refuse_full(connection: Connection, name: str) -> None:
    for table in ("installation", "placement", "definition"):
        if connection.execute(select(func.count()).select_from(METADATA.tables[table])).scalar_one():
            raise StoreUnavailable(f"{name} is in use already: move to a database that holds nothing")


def _copied(table: Table, outgoing: Connection, incoming: Connection) -> int:
    # What making a database puts into it is replaced.
    if incoming.execute(select(table).limit(1)).first() is not None:
        incoming.execute(delete(table))
    written, stored = BulkWrites(incoming.dialect).copied(table), _stored(table, incoming.dialect)
    executor = executor_of(incoming)
    return sum(written.run(executor, map(stored, batch)) for batch in _batches(outgoing, table))


def _stored(table: Table, dialect: Dialect) -> Callable[[Row[*tuple[Any, ...]]], Values]:
    """How the values of a row are given to this kind of database."""
    binds = [column.type.dialect_impl(dialect).bind_processor(dialect) for column in table.c]
    return lambda row: tuple(bind(value) if bind else value for bind, value in zip(binds, row, strict=True))


def _batches(connection: Connection, table: Table) -> Iterator[list[Row[*tuple[Any, ...]]]]:
    """All rows in the order of their key, which is the same on every kind of database."""
    asked = select(table).order_by(*table.primary_key.columns)
    found = connection.execute(asked, execution_options={"yield_per": BATCH})
    for batch in found.partitions():
        yield list(batch)


def _digest(connection: Connection, chosen: Sequence[Table]) -> str:
    total = hashlib.sha256()
    for table in chosen:
        total.update(f"{table.name}\n".encode())
        for batch in _batches(connection, table):
            for row in batch:
                total.update(repr(tuple(row)).encode())
    return total.hexdigest()
