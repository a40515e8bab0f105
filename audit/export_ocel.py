"""Event logs with objects: OCEL 2.0 as SQLite. Events are entries; objects are placements and host structures.

The standard library's SQLite writes it: a file of its own, never the one that the store has open.
"""

import re
import sqlite3
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from datetime import UTC, datetime
from itertools import chain, groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

from audit.export_said import Said, exact
from audit.export_schema import ACTIVITY, Cell, Column, Kind, event_columns, rows_of
from audit.export_stream import Stream
from storage.queries import PlacementItem

PLACEMENT, HOST = "placement", "host"
ATTRIBUTES: Mapping[str, Sequence[str]] = {PLACEMENT: ("territory", "state"), HOST: ("name",)}
"""The attributes of objects; a placement's state changes with its events."""

NAMES: Mapping[str, str] = {"activity": "ocel_type", "occurred_at": "ocel_time", "reference": "ocel_object_id"}
"""Columns that OCEL has a place of its own for."""
columns = event_columns

_AT_ONCE = 1_000
_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
_TYPES = {"integer": "INTEGER", "boolean": "BOOLEAN", "instant": "TIMESTAMP"}
_TABLES = """
CREATE TABLE event_map_type (ocel_type TEXT PRIMARY KEY, ocel_type_map TEXT NOT NULL UNIQUE);
CREATE TABLE object_map_type (ocel_type TEXT PRIMARY KEY, ocel_type_map TEXT NOT NULL UNIQUE);
CREATE TABLE event (
    ocel_id TEXT PRIMARY KEY, ocel_type TEXT NOT NULL REFERENCES event_map_type (ocel_type));
CREATE TABLE object (
    ocel_id TEXT PRIMARY KEY, ocel_type TEXT NOT NULL REFERENCES object_map_type (ocel_type));
CREATE TABLE event_object (
    ocel_event_id TEXT NOT NULL REFERENCES event (ocel_id),
    ocel_object_id TEXT NOT NULL REFERENCES object (ocel_id),
    ocel_qualifier TEXT NOT NULL,
    PRIMARY KEY (ocel_event_id, ocel_object_id, ocel_qualifier));
CREATE TABLE object_object (
    ocel_source_id TEXT NOT NULL REFERENCES object (ocel_id),
    ocel_target_id TEXT NOT NULL REFERENCES object (ocel_id),
    ocel_qualifier TEXT NOT NULL,
    PRIMARY KEY (ocel_source_id, ocel_target_id, ocel_qualifier));
"""


def attribute_columns(stream: Stream) -> tuple[Column, ...]:
    """The columns that events have as attributes: all that OCEL has no place of its own for."""
    own = {*NAMES, *ATTRIBUTES[PLACEMENT]}
    return tuple(column for column in event_columns(stream) if column.id not in own)


def write(stream: Stream, path: Path) -> None:
    """One event per entry, related to its placement and to the host structure of this placement."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        # A file that is thrown away unless it becomes whole needs no journal.
        connection.executescript(f"PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; {_TABLES}")
        connection.execute("BEGIN")
        writer = _Writer(connection, attribute_columns(stream))
        placements = stream.placements()
        for reference, events in groupby(writer.events(stream), itemgetter(0)):
            writer.placement(next(each for each in placements if each.reference == reference), events)
        writer.flush()
        connection.execute("COMMIT")


def text(moment: datetime) -> str:
    """An instant as all of OCEL has it: UTC, six digits, Z."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds").removesuffix("+00:00") + "Z"


_WRITTEN: Mapping[Kind, str] = {"instant": "(None if {0} is None else exact({0}))"}
_Event = Sequence[Any]
"""A reference, what an entry of it says, its activity, and the values of its attributes."""


class _Writer:
    """Gathers rows by table, and writes many at once."""

    def __init__(self, connection: sqlite3.Connection, columns: Sequence[Column]) -> None:
        self._connection, self._columns = connection, columns
        self._events = rows_of([ACTIVITY, *columns], _WRITTEN, row="(reference, e, {0})", exact=exact)
        self._rows: dict[str, list[Sequence[Cell]]] = defaultdict(list)
        self._count = 0
        self._tables: dict[str, str] = {}
        for kind, names in ATTRIBUTES.items():
            attributes = [f"{name} TEXT" for name in names]
            self._declare("object", kind, kind, ["ocel_time TIMESTAMP", "ocel_changed_field TEXT", *attributes])

    def events(self, stream: Stream) -> Iterator[_Event]:
        """What is told of each entry, placement by placement."""
        return chain.from_iterable(map(self._events, stream.pages(grouped=True)))

    def placement(self, placement: PlacementItem, events: Iterator[_Event]) -> None:
        """A placement, its host, and its events."""
        reference = f"{PLACEMENT}:{placement.reference}"
        self._object(reference, PLACEMENT, [placement.territory, None])
        objects = [(reference, PLACEMENT)]
        if placement.host_siret is not None:
            host = f"{HOST}:{placement.host_siret}"
            self._object(host, HOST, [placement.host_name])
            self._add("object_object", [reference, host, HOST])
            objects.append((host, HOST))
        for event in events:
            self._event(objects, *event)

    def flush(self) -> None:
        """Write what was gathered."""
        for table, rows in self._rows.items():
            # Hosts come again with each of their placements: the first one stays.
            words = ["INSERT OR IGNORE INTO", table, "VALUES", f"({', '.join('?' * len(rows[0]))})"]
            self._connection.executemany(" ".join(words), rows)
        self._rows.clear()
        self._count = 0

    def _object(self, name: str, kind: str, values: Sequence[Cell]) -> None:
        self._add("object", [name, kind])
        self._add(f"object_{kind}", [name, text(_BEGINNING), None, *values])

    def _event(
        self, objects: Sequence[tuple[str, str]], reference: str, entry: Said, activity: str, *values: Cell
    ) -> None:
        name, moment = f"{reference}#{entry.seq}", exact(entry.occurred_at)
        table = self._tables.get(activity) or self._declare_event(activity)
        self._add("event", [name, activity])
        self._add(table, [name, moment, *values])
        for related, qualifier in objects:
            self._add("event_object", [name, related, qualifier])
        if entry.changes_state:
            self._add(f"object_{PLACEMENT}", [objects[0][0], moment, "state", None, entry.to_state])

    def _add(self, table: str, row: Sequence[Cell]) -> None:
        self._rows[table].append(row)
        self._count += 1
        if self._count >= _AT_ONCE:
            self.flush()

    def _declare_event(self, activity: str) -> str:
        attributes = [f'"{column.id}" {_TYPES.get(column.kind, "TEXT")}' for column in self._columns]
        # Numbered, since two activities may differ in blanks and signs only.
        mapped = re.sub(r"[^A-Za-z0-9]+", "_", activity) + f"_{len(self._tables) + 1}"
        self._tables[activity] = self._declare("event", activity, mapped, ["ocel_time TIMESTAMP", *attributes])
        return self._tables[activity]

    def _declare(self, family: str, kind: str, mapped: str, columns: Sequence[str]) -> str:
        """The table of one type of events or objects."""
        table = f"{family}_{mapped}"
        # A placement has a row for each change of its state; what is said again of a host is left out.
        key = "" if kind == PLACEMENT else " PRIMARY KEY"
        first = f"ocel_id TEXT{key} REFERENCES {family} (ocel_id)"
        self._connection.execute(f"CREATE TABLE {table} ({', '.join([first, *columns])})")
        self._add(f"{family}_map_type", [kind, mapped])
        return table
