"""OCEL 2.0 as JSON: the SQLite form, read back and written as a stream, so that both say the same."""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from itertools import groupby
from pathlib import Path
from typing import Any, TextIO

from audit import export_ocel
from audit.export_ocel import ATTRIBUTES, attribute_columns
from audit.export_schema import Column, event_columns
from audit.export_stream import Stream

NAMES: Mapping[str, str] = {"activity": "type", "occurred_at": "time", "reference": "relationships.objectId"}
columns = event_columns
_TYPES = {"integer": "integer", "boolean": "boolean", "instant": "time"}


def write(stream: Stream, path: Path) -> None:
    """The same events, objects and relations as in the SQLite form."""
    between = path.with_name(f"{path.name}.sqlite")
    try:
        export_ocel.write(stream, between)
        with closing(sqlite3.connect(between)) as connection, path.open("w", encoding="utf-8", newline="\n") as file:
            _document(connection, attribute_columns(stream), file)
    finally:
        between.unlink(missing_ok=True)


def _document(connection: sqlite3.Connection, shown: Sequence[Column], file: TextIO) -> None:
    attributes = [{"name": column.id, "type": _TYPES.get(column.kind, "string")} for column in shown]
    mapped = dict(connection.execute("SELECT ocel_type, ocel_type_map FROM event_map_type ORDER BY ocel_type"))
    file.write("{\n")
    _array(file, "objectTypes", _object_types())
    _array(file, "eventTypes", ({"name": name, "attributes": attributes} for name in mapped))
    _array(file, "objects", _objects(connection))
    _array(file, "events", _events(connection, mapped, shown), last=True)
    file.write("}\n")


def _array(file: TextIO, name: str, items: Iterable[Mapping[str, Any]], *, last: bool = False) -> None:
    file.write(f"{json.dumps(name)}: [")
    for count, item in enumerate(items):
        file.write((",\n" if count else "\n") + json.dumps(item, ensure_ascii=False))
    file.write("\n]\n" if last else "\n],\n")


def _object_types() -> Iterator[Mapping[str, Any]]:
    for kind, names in ATTRIBUTES.items():
        yield {"name": kind, "attributes": [{"name": name, "type": "string"} for name in names]}


def _objects(connection: sqlite3.Connection) -> Iterator[Mapping[str, Any]]:
    for kind, names in ATTRIBUTES.items():
        words = ["SELECT * FROM", f"object_{kind}", "ORDER BY ocel_id, rowid"]
        for name, rows in groupby(connection.execute(" ".join(words)), lambda row: row[0]):
            values = [value for row in rows for value in _values(row, names)]
            yield {"id": name, "type": kind, "attributes": values, "relationships": _related(connection, name)}


def _values(row: Sequence[Any], names: Sequence[str]) -> Iterator[Mapping[str, Any]]:
    for name, value in zip(names, row[3:], strict=True):
        if value is not None:
            yield {"name": name, "time": row[1], "value": value}


def _related(connection: sqlite3.Connection, name: str) -> list[Mapping[str, Any]]:
    asked = "SELECT ocel_target_id, ocel_qualifier FROM object_object WHERE ocel_source_id = ?"
    return [{"objectId": target, "qualifier": how} for target, how in connection.execute(asked, (name,))]


def _events(
    connection: sqlite3.Connection, mapped: Mapping[str, str], shown: Sequence[Column]
) -> Iterator[Mapping[str, Any]]:
    asked = "SELECT ocel_object_id, ocel_qualifier FROM event_object WHERE ocel_event_id = ?"
    for activity, table in mapped.items():
        for name, moment, *values in connection.execute(" ".join(["SELECT * FROM", f"event_{table}"])):
            related = connection.execute(asked, (name,))
            yield {
                "id": name,
                "type": activity,
                "time": moment,
                "attributes": list(_attributes(shown, values)),
                "relationships": [{"objectId": target, "qualifier": how} for target, how in related],
            }


def _attributes(shown: Sequence[Column], values: Sequence[Any]) -> Iterator[Mapping[str, Any]]:
    for column, value in zip(shown, values, strict=True):
        if value is not None:
            yield {"name": column.id, "value": bool(value) if column.kind == "boolean" else value}
