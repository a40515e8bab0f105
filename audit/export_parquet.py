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
GROUP_ROWS, BATCH_ROWS = 20_000, 500

columns = wide_columns
_NEVER_TWICE = ("hash", "prev_hash")
"""Columns of which a dictionary would be as long as they are."""
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
    batches = _batches(_together(stream.pages(), min(BATCH_ROWS, group_rows)), shown, schema)
    repeating = [column.id for column in shown if column.id not in _NEVER_TWICE]
    with parquet.ParquetWriter(path, schema, compression="zstd", use_dictionary=repeating) as writer:
        while group := list(islice(batches, group_rows // BATCH_ROWS or 1)):
            # In one piece: each piece of a column would be encoded on its own.
            writer.write_table(arrow.Table.from_batches(group).combine_chunks(), row_group_size=group_rows)


def _together(pages: Iterator[Sequence[Item]], rows: int) -> Iterator[Sequence[Item]]:
    """Pages of so many entries each, but for the last."""
    gathered: list[Item] = []
    for page in pages:
        gathered += page
        while len(gathered) >= rows:
            yield gathered[:rows]
            del gathered[:rows]
    if gathered:
        yield gathered


def _batches(
    pages: Iterator[Sequence[Item]], shown: Sequence[Column], schema: arrow.Schema
) -> Iterator[arrow.RecordBatch]:
    """Python's own values only ever exist for a few rows: Arrow's take a tenth of the room."""
    said = [column for column in shown if not column.id.startswith(FIELD)]
    reads = {column.id.removeprefix(FIELD): read_as(column.kind) for column in shown[len(said) :]}
    columns = columns_of(said, _WRITTEN, exact=exact)
    for page in pages:
        values = [*columns(page), *_fields(page, reads)]
        yield arrow.record_batch(list(map(_array, values, shown, repeat(len(page)))), schema=schema)


def _fields(page: Sequence[Item], reads: Mapping[str, Callable[[Any], Cell]]) -> Iterator[Sequence[Cell] | None]:
    """The columns of fields; None where nothing is in one: of dozens, an entry sets one or two."""
    found: dict[str, list[Cell]] = {}
    for row, item in enumerate(page):
        for name, value in item.entry.fields.items() if item.entry.fields else ():
            if name in reads:
                column = found.get(name) or found.setdefault(name, [None] * len(page))
                column[row] = reads[name](value)
    return map(found.get, reads)


def _array(values: Sequence[Cell] | None, column: Column, rows: int) -> arrow.Array:
    kind = _TYPES[column.kind]
    if values is None or (values[0] is None and values.count(None) == rows):
        return arrow.nulls(rows, kind)
    # Arrow reads the moments of a whole column much faster than Python makes them of their texts.
    return arrow.array(values, arrow.string()).cast(kind) if column.kind == "instant" else arrow.array(values, kind)
