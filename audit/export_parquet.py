"""Columns for analysts: Apache Parquet, written by `pyarrow`, which only the extra `parquet` installs."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice, repeat
from pathlib import Path
from typing import cast

import pyarrow as arrow
from pyarrow import compute, parquet

from audit.export_said import CANONICAL, exact
from audit.export_schema import FIELD, VERSION, Cell, Column, columns_of, read_as, wide_columns
from audit.export_stream import Item, Stream
from workflow.definition import Value

NAMES: Mapping[str, str] = {}
GROUP_ROWS, BATCH_ROWS = 20_000, 1_000

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


def write(stream: Stream, path: Path, group_rows: int = GROUP_ROWS) -> None:
    """One row per entry, in row groups of so many; instants are UTC to the microsecond, money is decimal."""
    shown = columns(stream)
    schema = arrow.schema(
        [arrow.field(column.id, _TYPES[column.kind], metadata={"fr": column.fr, "en": column.en}) for column in shown],
        metadata={"parcours.export.version": str(VERSION)},
    )
    batches = _batches(stream.pages(), _Gathered(shown, schema, min(BATCH_ROWS, group_rows)))
    repeating = [column.id for column in shown if column.id not in _NEVER_TWICE]
    with parquet.ParquetWriter(path, schema, compression="zstd", use_dictionary=repeating) as writer:
        while group := list(islice(batches, group_rows // BATCH_ROWS or 1)):
            # In one piece: each piece of a column would be encoded on its own.
            writer.write_table(arrow.Table.from_batches(group).combine_chunks(), row_group_size=group_rows)


def _batches(pages: Iterator[Sequence[Item]], gathered: "_Gathered") -> Iterator[arrow.RecordBatch]:
    for page in pages:
        left = page
        while left:
            left = gathered.added(left)
            if not gathered.room:
                yield gathered.batch()
    if gathered.rows:
        yield gathered.batch()


class _Gathered:
    """The values of one batch, column by column: had of each page while its entries are still near the processor.

    Python's own values only ever exist for a few rows: Arrow's take a tenth of the room.
    """

    def __init__(self, shown: Sequence[Column], schema: arrow.Schema, most: int) -> None:
        said = [column for column in shown if not column.id.startswith(FIELD)]
        self._shown, self._schema, self._most = shown, schema, most
        self._columns = columns_of(said)
        self._reads = {column.id.removeprefix(FIELD): read_as(column.kind) for column in shown[len(said) :]}
        self._begin(len(said))

    def _begin(self, said: int) -> None:
        self.rows = 0
        self._said: list[list[Cell]] = [[] for _ in range(said)]
        self._fields: dict[str, list[Cell]] = {}

    @property
    def room(self) -> int:
        """How many rows may be added."""
        return self._most - self.rows

    def added(self, page: Sequence[Item]) -> Sequence[Item]:
        """Add as many of these as there is room for; gives the others."""
        taken, left = page[: self.room], page[self.room :]
        for column, values in zip(self._said, self._columns(taken), strict=True):
            column += values
        self._set([item.entry.fields for item in taken])
        self.rows += len(taken)
        return left

    def _set(self, rows: Sequence[Mapping[str, Value]]) -> None:
        """Of dozens of fields an entry sets one or two."""
        columns, read = self._fields, self._reads
        for row, fields in enumerate(rows, self.rows):
            for name, value in fields.items():
                if name in read:
                    if name not in columns:
                        columns[name] = [None] * self._most
                    columns[name][row] = read[name](value)

    def batch(self) -> arrow.RecordBatch:
        """All rows so far, and begin anew."""
        fields = (column and column[: self.rows] for column in map(self._fields.get, self._reads))
        arrays = list(map(_array, [*self._said, *fields], self._shown, repeat(self.rows)))
        self._begin(len(self._said))
        return arrow.record_batch(arrays, schema=self._schema)


def _array(values: Sequence[Cell] | None, column: Column, rows: int) -> arrow.Array:
    kind = _TYPES[column.kind]
    if values is None or (values[0] is None and values.count(None) == rows):
        return arrow.nulls(rows, kind)
    if column.kind == "instant":
        return _moments(cast("Sequence[str | None]", values)).cast(kind)
    return arrow.array(values, kind)


def _moments(texts: Sequence[str | None]) -> arrow.StringArray:
    """Texts that Arrow reads as moments, a whole column at a time: much faster than Python makes them one by one."""
    found = arrow.array(texts, arrow.string())
    if _are_canonical(found):
        return found
    return arrow.array([None if text is None else exact(text) for text in texts], arrow.string())


def _are_canonical(texts: arrow.StringArray) -> bool:
    """Whether all have microseconds and a Z at the end, as they are written."""
    lengths = compute.min_max(compute.binary_length(texts)).as_py()
    return set(lengths.values()) == {CANONICAL} and bool(compute.all(compute.ends_with(texts, "Z")).as_py())
