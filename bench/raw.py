"""The baseline: the rows that the engine wrote, written by hand so many placements a transaction.

It decides nothing, hashes nothing and reads nothing; what the engine takes beyond it is its price.
"""

import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from storage import sqlite

BATCH = 1_000
# These never change: writing them anew would only have the indexes and the references checked for nothing.
_FIXED = ('"id"', '"reference"', '"created_at"')
# Only new rows come to these.
_GROWING = ("acted", "unsealed", "outbox", "command_key", "person_key", "personal")
# Rows of these also change, or go: their keys.
_CHANGING = {"deadline": ("placement", "name"), "exclusive": ("placement", "field")}

Rows = list[tuple[Any, ...]]


@dataclass(frozen=True)
class Work:
    """For each kind of statement its text, and for each placement its rows; how it is counted is added up."""

    statements: dict[str, str]
    rows: dict[str, dict[str, Rows]]
    counts: dict[str, Rows]

    @property
    def placements(self) -> Sequence[str]:
        """The placements written, in the order of the sweep."""
        return list(self.rows["placement"])


def difference(before: Path, after: Path, *, sparing: bool = False) -> Work:
    """What must be written to make the first database the second; `sparing`: of placements only what changed at all."""
    connection = connect(after)
    connection.execute("ATTACH DATABASE ? AS old", (str(before),))
    tables = ("placement", "history", *_GROWING, *_CHANGING)
    columns = {table: _columns(connection, table) for table in tables}
    if sparing:
        columns["placement"] = [name for name in columns["placement"] if _differs(connection, name)]
    rows: dict[str, dict[str, Rows]] = {"placement": defaultdict(list)}
    for placement, row in _changed(connection, columns["placement"]):
        rows["placement"][placement].append(row)
    # SQLite numbers the rows of this table.
    new = connection.execute("SELECT * FROM history WHERE id > (SELECT coalesce(max(id), 0) FROM old.history)")
    rows["history"] = _by_placement((row[1:] for row in new), columns["history"])
    for table in _GROWING:
        new = connection.execute(f"SELECT * FROM main.{table} EXCEPT SELECT * FROM old.{table}")  # noqa: S608 - names of its own tables
        rows[table] = _by_placement(new, columns[table])
    for table, key in _CHANGING.items():
        names = ", ".join(key)
        gone = connection.execute(f"SELECT {names} FROM old.{table} EXCEPT SELECT {names} FROM main.{table}")  # noqa: S608 - names of its own tables
        rows[f"{table} dropped"] = _by_placement(gone, key)
        put = connection.execute(f"SELECT * FROM main.{table} EXCEPT SELECT * FROM old.{table}")  # noqa: S608 - names of its own tables
        rows[f"{table} put"] = _by_placement(put, columns[table])
    counts = _counts(connection)
    connection.close()
    return Work(_statements(columns), rows, counts)


def write(database: Path, work: Work, size: int = BATCH, count: int | None = None) -> float:
    """Write it all (or the first `count` placements), durably, so many a transaction; gives the seconds it took."""
    connection = connect(database)
    placements = work.placements[:count]
    started_s = time.perf_counter()
    for first in range(0, len(placements), size):
        connection.execute("BEGIN IMMEDIATE")
        for kind, statement in work.statements.items():
            values = [row for each in placements[first : first + size] for row in work.rows[kind].get(each, ())]
            connection.executemany(statement, values)
        connection.executemany(_COUNT, _added_up(work.counts, placements[first : first + size]))
        connection.execute("COMMIT")
    took_s = time.perf_counter() - started_s
    connection.close()
    return took_s


def connect(database: Path) -> Any:
    """A connection of the benchmark's own."""
    # The same library and the same care as the engine's: write-ahead log, synchronous=FULL.
    return sqlite.connect(sqlite.library(), database)


def _columns(connection: Any, table: str) -> list[str]:
    names = [f'"{name}"' for _, name, *_ in connection.execute(f"PRAGMA table_info({table})")]
    if table == "placement":
        return [name for name in names if name not in _FIXED]
    return names[1:] if table == "history" else names


def _differs(connection: Any, name: str) -> bool:
    """Whether a column is another for any placement: an index is written anew for each column that is set."""
    joined = "main.placement new JOIN old.placement old USING (id)"
    ((found,),) = connection.execute(f"SELECT EXISTS (SELECT 1 FROM {joined} WHERE new.{name} IS NOT old.{name})")  # noqa: S608 - names of its own tables
    return bool(found)


def _changed(connection: Any, columns: Sequence[str]) -> Iterator[tuple[str, tuple[Any, ...]]]:
    shown = ", ".join(f"new.{name}" for name in columns)
    rows = connection.execute(
        f"SELECT new.id, old.seq, {shown} FROM main.placement new JOIN old.placement old USING (id) "  # noqa: S608 - names of its own tables
        "WHERE new.seq <> old.seq ORDER BY old.wakes_at, old.reference"
    )
    for placement, seq, *values in rows:
        yield placement, (*values, placement, seq)


def _by_placement(rows: Iterable[tuple[Any, ...]], columns: Sequence[str]) -> dict[str, Rows]:
    at = [name.strip('"') for name in columns].index("placement")
    found: dict[str, Rows] = defaultdict(list)
    for row in rows:
        found[row[at]].append(tuple(row))
    return found


def _counts(connection: Any) -> dict[str, Rows]:
    """Where each placement is counted no more, and where it is: (state, territory, -1 or 1)."""
    moved = connection.execute(
        "SELECT new.id, old.state, old.territory, new.state, new.territory FROM main.placement new "
        "JOIN old.placement old USING (id) WHERE (new.state, new.territory) <> (old.state, old.territory)"
    )
    return {placement: [(*place[:2], -1), (*place[2:], 1)] for placement, *place in moved}


def _added_up(counts: dict[str, Rows], placements: Sequence[str]) -> Rows:
    total: Counter[tuple[str, str]] = Counter()
    for placement in placements:
        for state, territory, count in counts.get(placement, ()):
            total[state, territory] += count
    return [(*place, 0, count) for place, count in total.items()]


_COUNT = (
    "INSERT INTO tally (state, territory, part, placements) VALUES (?, ?, ?, ?) "
    "ON CONFLICT (state, territory, part) DO UPDATE SET placements = placements + excluded.placements"
)


def _statements(columns: dict[str, list[str]]) -> dict[str, str]:
    """By kind, in the order in which a transaction writes."""
    moved = ", ".join(f"{name} = ?" for name in columns["placement"])
    statements = {
        "placement": f"UPDATE placement SET {moved} WHERE id = ? AND seq = ?",  # noqa: S608 - names of its own tables
        **{table: _insert(table, columns[table]) for table in ("history", *_GROWING)},
    }
    for table, key in _CHANGING.items():
        named = " AND ".join(f"{name} = ?" for name in key)
        statements[f"{table} dropped"] = f"DELETE FROM {table} WHERE {named}"  # noqa: S608 - names of its own tables
        moved = ", ".join(f"{name} = excluded.{name}" for name in columns[table] if name.strip('"') not in key)
        put = f"{_insert(table, columns[table])} ON CONFLICT ({', '.join(key)}) DO UPDATE SET {moved}"
        statements[f"{table} put"] = put
    return statements


def _insert(table: str, columns: Sequence[str]) -> str:
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})"  # noqa: S608 - names of its own tables
