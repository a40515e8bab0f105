"""The baseline on PostgreSQL: the rows that a sweep wrote, written by hand in transactions of many placements.

Each table's rows go by the column (`unnest`, binary), all statements of a transaction in one pipeline. Nothing is
decided, hashed or read.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import psycopg
from sqlalchemy.dialects.postgresql import psycopg as dialect

from storage.bulk import BulkWrites
from storage.compiling import columns_of
from storage.tables.schema import METADATA

BATCH = 1_000
_TABLES = ("placement", "history", "unsealed", "outbox", "deadline")
# These never change.
_FIXED = ("id", "reference", "created_at")

Rows = list[tuple[Any, ...]]
Batch = list[tuple[str, tuple[list[Any], ...]]]
"""The statements of one transaction, each with its columns."""


def difference(before: str, after: str, size: int = BATCH) -> list[Batch]:
    """What must be written to make the first database the second, so many placements a transaction; both by URL."""
    # Published without types for its own arguments.
    made: Any = dialect.dialect
    writes = BulkWrites(made(paramstyle="format"))
    with psycopg.connect(before) as old, psycopg.connect(after) as new:
        moved = [name for (name,) in new.execute("SELECT id FROM placement ORDER BY wakes_at, reference")]
        rows = {table: (_rows(old, table), _rows(new, table)) for table in _TABLES}
    changed = _moved(*rows["placement"])
    new_rows = {table: _new(*rows[table]) for table in ("history", "unsealed", "outbox", "deadline")}
    gone = _by_placement({row[:2] for row in rows["deadline"][0]} - {row[:2] for row in rows["deadline"][1]})
    parts = (
        (writes.moved_placements.text, changed),
        (writes.entries.text, new_rows["history"]),
        (writes.unsealed.text, new_rows["unsealed"]),
        (writes.notices.text, new_rows["outbox"]),
        (writes.dropped_deadlines.text, gone),
        (writes.deadlines.text, new_rows["deadline"]),
    )
    order = [name for name in moved if name in changed]
    return [_batch(parts, order[first : first + size]) for first in range(0, len(order), size)]


def write(url: str, batches: Sequence[Batch], ready: Callable[[], object]) -> None:
    """Write these transactions, durably, on a connection of their own, once `ready` has returned."""
    with psycopg.connect(url, autocommit=True) as connection:
        ready()
        for batch in batches:
            with connection.pipeline(), connection.transaction():
                for text, columns in batch:
                    connection.execute(text, columns)


def _rows(connection: "psycopg.Connection[Any]", table: str) -> set[tuple[Any, ...]]:
    names = ", ".join(f'"{name}"' for name in _columns(table))
    return set(connection.execute(f"SELECT {names} FROM {table}").fetchall())  # noqa: S608


def _columns(table: str) -> Sequence[str]:
    return columns_of(METADATA.tables[table])


def _moved(old: Iterable[tuple[Any, ...]], new: Iterable[tuple[Any, ...]]) -> dict[str, Rows]:
    names = _columns("placement")
    seq = names.index("seq")
    before = {row[0]: row[seq] for row in old}
    moving = [number for number, name in enumerate(names) if name not in _FIXED]
    rows = (row for row in new if row[seq] != before[row[0]])
    return {row[0]: [(*(row[number] for number in moving), row[0], before[row[0]])] for row in rows}


def _new(old: set[tuple[Any, ...]], new: set[tuple[Any, ...]]) -> dict[str, Rows]:
    return _by_placement(new - old)


def _by_placement(rows: Iterable[tuple[Any, ...]]) -> dict[str, Rows]:
    found: dict[str, Rows] = defaultdict(list)
    for row in rows:
        found[row[0]].append(row)
    return found


def _batch(parts: Iterable[tuple[str, dict[str, Rows]]], placements: Sequence[str]) -> Batch:
    chosen = [(text, [row for name in placements for row in rows.get(name, ())]) for text, rows in parts]
    return [(text, tuple(map(list, zip(*rows, strict=True)))) for text, rows in chosen if rows]
