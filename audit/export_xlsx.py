"""Excel's own form: real dates and numbers, every text a text. Row by row, so that memory stays flat.

Refuses to know how the file is made: `xlsxwriter` writes it.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from itertools import chain
from pathlib import Path
from typing import Any

import xlsxwriter

from audit.export_cells import YES_OR_NO, local, neutral, spreadsheet_columns
from audit.export_schema import Cell, Column, Kind, rows_of
from audit.export_stream import Stream

NAMES: Mapping[str, str] = {}
columns = spreadsheet_columns

SHEET_ROWS = 1_048_576
_LONGEST = 32_767
_FIRST_DAY = date(1900, 3, 1)
_OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
# In French, whatever the language of the program that opens the file.
_FORMATS = {"instant": "[$-40C]dd/mm/yyyy hh:mm:ss", "date": "[$-40C]dd/mm/yyyy", "money": "#,##0.00"}
_WIDTHS = {"instant": 19, "date": 11, "integer": 9, "boolean": 9}


_WRITTEN: Mapping[Kind, str] = {
    "text": "(None if (v := {0}) is None else neutral(v))",
    "json": "neutral({0})",
    "boolean": "(None if (v := {0}) is None else yes_or_no[v])",
    "instant": "(None if (v := {0}) is None else local(v, territory))",
}


def write(stream: Stream, path: Path, sheet_rows: int = SHEET_ROWS) -> None:
    """A header and one row per entry; after `sheet_rows` rows, the header's included, on a further sheet."""
    shown = columns(stream)
    rows = rows_of(shown, _WRITTEN, neutral=neutral, yes_or_no=YES_OR_NO, local=local)
    # The temporary files of constant_memory lie beside the export: the system's folder may be small.
    with xlsxwriter.Workbook(str(path), {**_OPTIONS, "tmpdir": str(path.absolute().parent)}) as workbook:
        sheets = _Sheets(workbook, shown, sheet_rows)
        for row in chain.from_iterable(map(rows, stream.pages())):
            sheets.write(row)


class _Sheets:
    """The sheets of one workbook, filled one after the other."""

    def __init__(self, workbook: Any, columns: Sequence[Column], rows: int) -> None:
        self._workbook, self._columns, self._rows, self._count = workbook, columns, rows, 0
        self._formats = {kind: workbook.add_format({"num_format": text}) for kind, text in _FORMATS.items()}
        self._bold = workbook.add_format({"bold": True})
        self._open()

    def write(self, values: Sequence[Cell]) -> None:
        if self._row == self._rows:
            self._open()
        for at, (put, value) in enumerate(zip(self._puts, values, strict=True)):
            if value is not None:
                put(self._row, at, value)
        self._row += 1

    def _put_of(self, column: Column) -> Callable[[int, int, Any], object]:
        """What writes a cell of a column; never the library's `write`, which guesses the kind from the value."""
        sheet, how = self._sheet, self._formats.get(column.kind)

        def day(row: int, at: int, value: date) -> None:
            if _is_date(value):
                sheet.write_datetime(row, at, value, how)
            else:
                sheet.write_string(row, at, value.isoformat(), how)

        if column.kind in ("instant", "date"):
            return day
        if column.kind in ("integer", "money"):
            return lambda row, at, value: sheet.write_number(row, at, value, how)
        return lambda row, at, value: sheet.write_string(row, at, _fitting(value), how)

    def _open(self) -> None:
        self._count += 1
        self._sheet = self._workbook.add_worksheet("entries" if self._count == 1 else f"entries {self._count}")
        self._sheet.freeze_panes(1, 1)
        for at, column in enumerate(self._columns):
            self._sheet.set_column(at, at, _WIDTHS.get(column.kind, 16))
            self._sheet.write_string(0, at, column.id, self._bold)
        self._puts = [self._put_of(column) for column in self._columns]
        self._row = 1


def _fitting(text: str) -> str:
    """The text as a cell can hold it: a longer one ends in an ellipsis."""
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def _is_date(value: date) -> bool:
    """Whether Excel counts this day as everybody does: it believes in a 29th of February 1900."""
    return (value.date() if isinstance(value, datetime) else value) >= _FIRST_DAY
