"""Columns for analysts: Apache Parquet, written by `pyarrow`, which only the extra `parquet` installs."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice, repeat
from pathlib import Path
from typing import Any

import pyarrow as arrow
from pyarrow import parquet

from audit.export_said import exact
from audit.export_schema import FIELD, VERSION, Cell, Column, Kind, columns_of, read_as, wide_columns
from audit.export_stream import Item, Stream

NAMES: Mapping[str, str] = {}
GROUP_ROWS, BATCH_ROWS = 20_000, 200

columns = wide_columns
_TYPES: Mapping[str, arrow.DataType] = {
    "text": arrow.string(),
    "json": arrow.string(),
    "integer": arrow.int64(),
    "boolean": arrow.bool_(),
    "instant": arrow.timestamp("us", tz="UTC"),
    "date": arrow.date32(),
    "money": arrow.decimal128(16, 2),
}
_WRITTEN: Mapping[Kind, str] = {"instant": "(None if {0} is None else exact({0}))"}


def write(stream: Stream, path: Path, group_rows: int = GROUP_ROWS) -> None:
    """One row per entry, in row groups of so many; instants are UTC to the microsecond, money is decimal."""
    shown = columns(stream)
    schema = arrow.schema(
        [arrow.field(column.id, _TYPES[column.kind], metadata={"fr": column.fr, "en": column.en}) for column in shown],
        metadata={"parcours.export.version": str(VERSION)},
    )
    batches = _batches(stream.items(), shown, schema, min(BATCH_ROWS, group_rows))
    with parquet.ParquetWriter(path, schema, compression="zstd") as writer:
        while group := list(islice(batches, group_rows // BATCH_ROWS or 1)):
            writer.write_table(arrow.Table.from_batches(group), row_group_size=group_rows)


def _batches(
    items: Iterator[Item], shown: Sequence[Column], schema: arrow.Schema, rows: int
) -> Iterator[arrow.RecordBatch]:
    """Python's own values only ever exist for a few rows: Arrow's take a tenth of the room."""
    said = [column for column in shown if not column.id.startswith(FIELD)]
    reads = {column.id.removeprefix(FIELD): read_as(column.kind) for column in shown[len(said) :]}
    by_column = columns_of(said, _WRITTEN, exact=exact)
    while some := list(islice(items, rows)):
        fields = _fields(some, reads)
        values = [*by_column(some), *map(fields.get, reads)]
        yield arrow.record_batch(list(map(_array, values, shown, repeat(len(some)))), schema=schema)


def _fields(items: Sequence[Item], reads: Mapping[str, Callable[[Any], Cell]]) -> dict[str, list[Cell]]:
    """The columns of those fields that any of these set: of dozens of fields an entry sets one or two."""
    found: dict[str, list[Cell]] = {}
    for at, item in enumerate(items):
        for name, value in item.entry.fields.items():
            if name in reads:
                found.setdefault(name, [None] * len(items))[at] = reads[name](value)
    return found


def _array(values: Sequence[Cell] | None, column: Column, rows: int) -> arrow.Array:
    kind = _TYPES[column.kind]
    if values is None or values.count(None) == rows:
        return arrow.nulls(rows, kind)
    # Arrow reads the moments of a whole column much faster than Python makes them of their texts.
    return arrow.array(values).cast(kind) if column.kind == "instant" else arrow.array(values, kind)
