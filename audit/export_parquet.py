"""Columns for analysts: Apache Parquet, written by `pyarrow`, which only the extra `parquet` installs."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import chain, islice, repeat
from pathlib import Path
from typing import Any

import pyarrow as arrow
from pyarrow import parquet

from audit.export_said import exact
from audit.export_schema import FIELD, VERSION, Cell, Column, Kind, columns_of, read_as, wide_columns
from audit.export_stream import Item, Stream
from workflow.definition import Value

NAMES: Mapping[str, str] = {}
GROUP_ROWS, BATCH_ROWS = 20_000, 500

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
    batches = _batches(_together(stream.pages(), min(BATCH_ROWS, group_rows)), shown, schema)
    with parquet.ParquetWriter(path, schema, compression="zstd") as writer:
        while group := list(islice(batches, group_rows // BATCH_ROWS or 1)):
            # In one piece: each piece of a column would be encoded on its own.
            writer.write_table(arrow.Table.from_batches(group).combine_chunks(), row_group_size=group_rows)


def _together(pages: Iterator[Sequence[Item]], rows: int) -> Iterator[Sequence[Item]]:
    """Pages of so many entries each, but for the last."""
    items = chain.from_iterable(pages)
    while page := list(islice(items, rows)):
        yield page


def _batches(
    pages: Iterator[Sequence[Item]], shown: Sequence[Column], schema: arrow.Schema
) -> Iterator[arrow.RecordBatch]:
    """Python's own values only ever exist for a few rows: Arrow's take a tenth of the room."""
    said = [column for column in shown if not column.id.startswith(FIELD)]
    reads = {column.id.removeprefix(FIELD): read_as(column.kind) for column in shown[len(said) :]}
    columns = columns_of(said, _WRITTEN, exact=exact)
    for page in pages:
        fields = _Fields(reads)
        for row, item in enumerate(page):
            if item.entry.fields:
                fields.put(row, item.entry.fields)
        values = [*columns(page), *fields.columns(len(page))]
        yield arrow.record_batch(list(map(_array, values, shown, repeat(len(page)))), schema=schema)


class _Fields:
    """The columns of fields: of dozens an entry sets one or two, and many are set by no entry of a batch."""

    def __init__(self, reads: Mapping[str, Callable[[Any], Cell]]) -> None:
        self._reads = reads
        self._found: dict[str, list[Cell]] = defaultdict(list)

    def put(self, row: int, fields: Mapping[str, Value]) -> None:
        """What the entry of a row sets."""
        for name, value in fields.items():
            if name in self._reads:
                column = self._found[name]
                if len(column) < row:
                    column += repeat(None, row - len(column))
                column.append(self._reads[name](value))

    def columns(self, rows: int) -> Iterator[Sequence[Cell] | None]:
        """Each column of so many rows; None where nothing is in it."""
        for name in self._reads:
            column = self._found.get(name)
            yield column and [*column, *repeat(None, rows - len(column))]


def _array(values: Sequence[Cell] | None, column: Column, rows: int) -> arrow.Array:
    kind = _TYPES[column.kind]
    if values is None or (values[0] is None and values.count(None) == rows):
        return arrow.nulls(rows, kind)
    # Arrow reads the moments of a whole column much faster than Python makes them of their texts.
    return arrow.array(values, arrow.string()).cast(kind) if column.kind == "instant" else arrow.array(values, kind)
