"""Excel's own form: real dates and numbers, every text a text. Row by row, so that memory stays flat.

Refuses to know how the file is made: `xlsxwriter` writes it.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import xlsxwriter

from audit.export_cells import cell, spreadsheet_columns
from audit.export_schema import Cell, Column
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


def write(stream: Stream, path: Path, sheet_rows: int = SHEET_ROWS) -> None:
    """A header and one row per entry; after `sheet_rows` rows, the header's included, on a further sheet."""
    shown = columns(stream)
    # The temporary files of constant_memory lie beside the export: the system's folder may be small.
    with xlsxwriter.Workbook(str(path), {**_OPTIONS, "tmpdir": str(path.absolute().parent)}) as workbook:
        sheets = _Sheets(workbook, shown, sheet_rows)
        for item in stream.items():
            sheets.write([cell(column, item) for column in shown])


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
        for at, (column, value) in enumerate(zip(self._columns, values, strict=True)):
            if value is not None:
                self._put(at, column, value)
        self._row += 1

    def _put(self, at: int, column: Column, value: Cell) -> None:
        # Never its `write`, which guesses the kind of cell from the value.
        put = getattr(self._sheet, _method(value))
        put(self._row, at, _fitting(value), self._formats.get(column.kind))

    def _open(self) -> None:
        self._count += 1
        self._sheet = self._workbook.add_worksheet("entries" if self._count == 1 else f"entries {self._count}")
        self._sheet.freeze_panes(1, 1)
        for at, column in enumerate(self._columns):
            self._sheet.set_column(at, at, _WIDTHS.get(column.kind, 16))
            self._sheet.write_string(0, at, column.id, self._bold)
        self._row = 1


def _method(value: Cell) -> str:
    if isinstance(value, int | Decimal):
        return "write_number"
    return "write_datetime" if _is_date(value) else "write_string"


def _fitting(value: Cell) -> Cell:
    """The value as a cell can hold it: a longer text ends in an ellipsis, a day before Excel's first is a text."""
    if isinstance(value, date):
        return value if _is_date(value) else value.isoformat()
    if isinstance(value, str) and len(value) > _LONGEST:
        return f"{value[: _LONGEST - 1]}…"
    return value


def _is_date(value: Cell) -> bool:
    """Whether Excel counts this day as everybody does: it believes in a 29th of February 1900."""
    return isinstance(value, date) and (value.date() if isinstance(value, datetime) else value) >= _FIRST_DAY
