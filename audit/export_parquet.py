"""Columns for analysts: Apache Parquet, written by `pyarrow`, which only the extra `parquet` installs."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path

import pyarrow as arrow
from pyarrow import parquet

from audit.export_schema import VERSION, Cell, wide_columns
from audit.export_stream import Stream

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


def write(stream: Stream, path: Path, group_rows: int = GROUP_ROWS) -> None:
    """One row per entry, in row groups of so many; instants are UTC to the microsecond, money is decimal."""
    shown = columns(stream)
    schema = arrow.schema(
        [arrow.field(column.id, _TYPES[column.kind], metadata={"fr": column.fr, "en": column.en}) for column in shown],
        metadata={"parcours.export.version": str(VERSION)},
    )
    rows = ([column.get(item) for column in shown] for item in stream.items())
    batches = _batches(rows, schema)
    with parquet.ParquetWriter(path, schema, compression="zstd") as writer:
        while group := list(islice(batches, group_rows // BATCH_ROWS)):
            writer.write_table(arrow.Table.from_batches(group), row_group_size=group_rows)


def _batches(rows: Iterator[Sequence[Cell]], schema: arrow.Schema) -> Iterator[arrow.RecordBatch]:
    """Python's own values only ever exist for a few rows: Arrow's take a tenth of the room."""
    while some := list(islice(rows, BATCH_ROWS)):
        columns = zip(schema.types, zip(*some, strict=True), strict=True)
        yield arrow.record_batch([arrow.array(values, kind) for kind, values in columns], schema=schema)
