"""The baseline on PostgreSQL: the rows that a sweep wrote, written by hand in transactions of many placements.

Each table's rows go by the column (`unnest`, binary), all statements of a transaction in one pipeline. Nothing is
decided, hashed or read.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import psycopg
from sqlalchemy.dialects.postgresql import psycopg as dialect

from storage.bulk import BulkWrites
from storage.compiling import columns_of
from storage.stored import SELDOM, Names, moving
from storage.tables.schema import METADATA

BATCH = 1_000
_TABLES = ("placement", "history", "acted", "unsealed", "outbox", "deadline", "exclusive")

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
    seldom = _differing(*rows["placement"])
    changed = _moved(seldom, *rows["placement"])
    new_rows = {table: _new(table, *rows[table]) for table in ("history", "acted", "unsealed", "outbox", "deadline")}
    parts = (
        (writes.moved_placements(seldom).text, changed),
        (writes.entries.text, new_rows["history"]),
        (writes.acted.text, new_rows["acted"]),
        (writes.unsealed.text, new_rows["unsealed"]),
        (writes.notices.text, new_rows["outbox"]),
        (writes.dropped_deadlines.text, _gone("deadline", ("placement", "name"), *rows["deadline"])),
        (writes.deadlines.text, new_rows["deadline"]),
        (writes.released.text, _gone("exclusive", ("field", "placement"), *rows["exclusive"])),
    )
    counts = _counts(*rows["placement"])
    order = [name for name in moved if name in changed]
    shares = [order[first : first + size] for first in range(0, len(order), size)]
    return [[*_batch(parts, share), (writes.tallies.text, _added_up(counts, share))] for share in shares]


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
    return set(connection.execute(f"SELECT {names} FROM {table}").fetchall())  # noqa: S608 - names of its own tables


def _columns(table: str) -> Sequence[str]:
    return columns_of(METADATA.tables[table])


def _differing(old: Iterable[tuple[Any, ...]], new: Iterable[tuple[Any, ...]]) -> Names:
    """Of the columns that seldom change, those that did for any placement."""
    names, before = _columns("placement"), {row[0]: row for row in old}
    pairs = [(before[row[0]], row) for row in new]
    return tuple(name for name in SELDOM if any(a[at] != b[at] for at in [names.index(name)] for a, b in pairs))


def _moved(seldom: Names, old: Iterable[tuple[Any, ...]], new: Iterable[tuple[Any, ...]]) -> dict[str, Rows]:
    names = _columns("placement")
    seq = names.index("seq")
    before = {row[0]: row[seq] for row in old}
    set_to = [names.index(name) for name in moving(seldom)]
    rows = (row for row in new if row[seq] != before[row[0]])
    return {row[0]: [(*(row[number] for number in set_to), row[0], before[row[0]])] for row in rows}


def _new(table: str, old: set[tuple[Any, ...]], new: set[tuple[Any, ...]]) -> dict[str, Rows]:
    return _by_placement(new - old, _columns(table))


def _gone(
    table: str, key: Sequence[str], old: Iterable[tuple[Any, ...]], new: Iterable[tuple[Any, ...]]
) -> dict[str, Rows]:
    at = [_columns(table).index(name) for name in key]
    before, after = ({tuple(row[number] for number in at) for row in rows} for rows in (old, new))
    return _by_placement(before - after, key)


def _by_placement(rows: Iterable[tuple[Any, ...]], columns: Sequence[str]) -> dict[str, Rows]:
    at, found = columns.index("placement"), defaultdict[str, Rows](list)
    for row in rows:
        found[row[at]].append(row)
    return found


def _counts(old: Iterable[tuple[Any, ...]], new: Iterable[tuple[Any, ...]]) -> dict[str, Rows]:
    """Where each placement is counted no more, and where it is: (state, territory, -1 or 1)."""
    names = _columns("placement")
    state, territory = names.index("state"), names.index("territory")
    before, after = ({row[0]: (row[state], row[territory]) for row in rows} for rows in (old, new))
    return {name: [(*before[name], -1), (*after[name], 1)] for name in after if before[name] != after[name]}


def _added_up(counts: dict[str, Rows], placements: Sequence[str]) -> tuple[list[Any], ...]:
    total: Counter[tuple[str, str]] = Counter()
    for name in placements:
        for state, territory, count in counts.get(name, ()):
            total[state, territory] += count
    given: dict[str, list[Any]] = {"part": [0] * len(total), "placements": list(total.values())}
    given |= {"state": [state for state, _ in total], "territory": [territory for _, territory in total]}
    return tuple(given[name] for name in _columns("tally"))


def _batch(parts: Iterable[tuple[str, dict[str, Rows]]], placements: Sequence[str]) -> Batch:
    chosen = [(text, [row for name in placements for row in rows.get(name, ())]) for text, rows in parts]
    return [(text, tuple(map(list, zip(*rows, strict=True)))) for text, rows in chosen if rows]
