"""The baseline: the rows that a sweep wrote, written by hand in transactions of 1,000 placements.

It decides nothing, hashes nothing and reads nothing; what a sweep takes beyond it is the engine's price.
"""

import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from storage import sqlite

BATCH = 1_000
# These never change: writing them anew would only have the indexes and the references checked for nothing.
_FIXED = ('"id"', '"reference"', '"created_at"')
# Each transaction writes to the tables in this order.
_TABLES = ("placement", "history", "unsealed", "outbox", "deadline dropped", "deadline put")

Rows = list[tuple[Any, ...]]


@dataclass(frozen=True)
class Work:
    """For each kind of statement its text, and for each placement its rows."""

    statements: dict[str, str]
    rows: dict[str, dict[str, Rows]]

    @property
    def placements(self) -> Sequence[str]:
        """The placements written, in the order of the sweep."""
        return list(self.rows["placement"])


def difference(before: Path, after: Path) -> Work:
    """What must be written to make the first database the second."""
    connection = _connect(after)
    connection.execute("ATTACH DATABASE ? AS old", (str(before),))
    columns = {table: _columns(connection, table) for table in ("placement", "history", "outbox", "deadline")}
    rows: dict[str, dict[str, Rows]] = {kind: defaultdict(list) for kind in _TABLES}
    for placement, row in _changed(connection, columns["placement"]):
        rows["placement"][placement].append(row)
    # An entry is never changed, and SQLite numbers the rows of this table.
    for row in connection.execute("SELECT * FROM history WHERE id > (SELECT coalesce(max(id), 0) FROM old.history)"):
        rows["history"][row[1]].append(tuple(row[1:]))
    for table in ("unsealed", "outbox"):
        for row in connection.execute(f"SELECT * FROM main.{table} EXCEPT SELECT * FROM old.{table}"):  # noqa: S608
            rows[table][row[0]].append(tuple(row))
    gone = "SELECT placement, name FROM old.deadline EXCEPT SELECT placement, name FROM main.deadline"
    for placement, name in connection.execute(gone):
        rows["deadline dropped"][placement].append((placement, name))
    for row in connection.execute("SELECT * FROM main.deadline EXCEPT SELECT * FROM old.deadline"):
        rows["deadline put"][row[0]].append(tuple(row))
    connection.close()
    return Work(_statements(columns), rows)


def write(database: Path, work: Work) -> float:
    """Write it all, durably, and give the seconds that it took."""
    connection = _connect(database)
    placements = work.placements
    started_s = time.perf_counter()
    for first in range(0, len(placements), BATCH):
        connection.execute("BEGIN IMMEDIATE")
        for kind, statement in work.statements.items():
            values = [row for each in placements[first : first + BATCH] for row in work.rows[kind].get(each, ())]
            connection.executemany(statement, values)
        connection.execute("COMMIT")
    took_s = time.perf_counter() - started_s
    connection.close()
    return took_s


def _connect(database: Path) -> Any:
    # The same library and the same care as the engine's: write-ahead log, synchronous=FULL.
    return sqlite.connect(sqlite.library(), database)


def _columns(connection: Any, table: str) -> list[str]:
    names = [f'"{name}"' for _, name, *_ in connection.execute(f"PRAGMA table_info({table})")]
    return [name for name in names if table != "placement" or name not in _FIXED]


def _changed(connection: Any, columns: Sequence[str]) -> Iterator[tuple[str, tuple[Any, ...]]]:
    shown = ", ".join(f"new.{name}" for name in columns)
    rows = connection.execute(
        f"SELECT new.id, old.seq, {shown} FROM main.placement new JOIN old.placement old USING (id) "  # noqa: S608
        "WHERE new.seq <> old.seq ORDER BY old.wakes_at, old.reference"
    )
    for placement, seq, *values in rows:
        yield placement, (*values, placement, seq)


def _statements(columns: dict[str, list[str]]) -> dict[str, str]:
    moved = ", ".join(f"{name} = ?" for name in columns["placement"])
    return {
        "placement": f"UPDATE placement SET {moved} WHERE id = ? AND seq = ?",  # noqa: S608
        "history": _insert("history", columns["history"][1:]),
        "unsealed": _insert("unsealed", ["placement", "seq"]),
        "outbox": _insert("outbox", columns["outbox"]),
        "deadline dropped": "DELETE FROM deadline WHERE placement = ? AND name = ?",
        "deadline put": _insert("deadline", columns["deadline"]).replace("INSERT", "INSERT OR REPLACE", 1),
    }


def _insert(table: str, columns: Sequence[str]) -> str:
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})"  # noqa: S608
