"""Columns for analysts: Apache Parquet, written by `pyarrow`, which only the extra `parquet` installs."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pyarrow as arrow
from pyarrow import compute, parquet

from audit.export_said import CANONICAL, exact
from audit.export_schema import FIELD, VERSION, Cell, Column, columns_of, read_as, wide_columns
from audit.export_stream import Page, Stream

NAMES: Mapping[str, str] = {}
GROUP_ROWS, PIECE_ROWS = 20_000, 1_000

columns = wide_columns
_NEVER_TWICE = ("hash", "prev_hash")
"""Columns of which a dictionary would be as long as they are, and least and greatest values say nothing."""
_READ_AS: Mapping[str, arrow.DataType] = {"instant": arrow.string()}
"""Kinds that Arrow makes of another one."""
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
    tables = _tables(stream.pages(), _Group(shown, schema, group_rows))
    repeating = [column.id for column in shown if column.id not in _NEVER_TWICE]
    told = {"use_dictionary": repeating, "write_statistics": repeating}
    with parquet.ParquetWriter(path, schema, compression="zstd", **told) as writer:
        for table in tables:
            writer.write_table(table, row_group_size=group_rows)


def _tables(pages: Iterator[Page], group: "_Group") -> Iterator[arrow.Table]:
    for page in pages:
        left = page
        while left.entry:
            left = group.added(left)
            if not group.room:
                yield group.table()
    if group.rows:
        yield group.table()


class _Group:
    """The values of one row group, column by column.

    What every entry says is had of each page while its entries are still near the processor, and becomes Arrow's soon:
    that takes a tenth of the room of Python's own values. Of dozens of fields an entry sets one or two.
    """

    def __init__(self, shown: Sequence[Column], schema: arrow.Schema, most: int) -> None:
        said = [column for column in shown if not column.id.startswith(FIELD)]
        self._said, self._schema, self._most = said, schema, most
        self._columns = columns_of(said)
        self._fields = {column.id.removeprefix(FIELD): column for column in shown[len(said) :]}
        self._reads = {name: read_as(column.kind) for name, column in self._fields.items()}
        self._begin()

    def _begin(self) -> None:
        self.rows = 0
        self._values: list[list[Cell]] = [[] for _ in self._said]
        self._pieces: list[list[arrow.Array]] = [[] for _ in self._said]
        self._set: dict[str, list[Cell]] = {}

    @property
    def room(self) -> int:
        """How many rows may be added."""
        return self._most - self.rows

    def added(self, page: Page) -> Page:
        """Add as many of these as there is room for; gives the others."""
        taken, left = page.part(slice(self.room)), page.part(slice(self.room, None))
        for column, values in zip(self._values, self._columns(taken), strict=True):
            column += values
        self._add_fields(taken)
        self.rows += len(taken.entry)
        if len(self._values[0]) >= PIECE_ROWS:
            self._make_pieces()
        return left

    def _add_fields(self, page: Page) -> None:
        columns, read = self._set, self._reads
        for row, entry in enumerate(page.entry, self.rows):
            for name, value in entry.fields.items():
                if name in read:
                    if name not in columns:
                        columns[name] = [None] * self._most
                    columns[name][row] = read[name](value)

    def _make_pieces(self) -> None:
        for column, values, pieces in zip(self._said, self._values, self._pieces, strict=True):
            pieces.append(arrow.array(values, _READ_AS.get(column.kind) or _TYPES[column.kind]))
            values.clear()

    def table(self) -> arrow.Table:
        """All rows so far, each column in one piece: each piece would be encoded on its own. And begin anew."""
        self._make_pieces()
        said = map(_whole, self._said, self._pieces)
        fields = (_field(self._set.get(name), _TYPES[column.kind], self.rows) for name, column in self._fields.items())
        made = arrow.Table.from_arrays([*said, *fields], schema=self._schema)
        self._begin()
        return made


def _whole(column: Column, pieces: Sequence[arrow.Array]) -> arrow.Array:
    array = arrow.concat_arrays(pieces)
    return _moments(array).cast(_TYPES[column.kind]) if column.kind == "instant" else array


def _field(values: Sequence[Cell] | None, kind: arrow.DataType, rows: int) -> arrow.Array:
    return arrow.nulls(rows, kind) if values is None else arrow.array(values[:rows], kind)


def _moments(texts: arrow.StringArray) -> arrow.StringArray:
    """As Arrow reads them, a whole column at a time: much faster than Python makes them one by one."""
    if _are_canonical(texts):
        return texts
    return arrow.array([None if text is None else exact(text) for text in texts.to_pylist()], arrow.string())


def _are_canonical(texts: arrow.StringArray) -> bool:
    """Whether all have microseconds and a Z at the end, as they are written."""
    lengths = compute.min_max(compute.binary_length(texts)).as_py()
    return set(lengths.values()) == {CANONICAL} and bool(compute.all(compute.ends_with(texts, "Z")).as_py())
