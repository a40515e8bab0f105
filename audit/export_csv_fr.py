"""CSV as a French spreadsheet opens it by a double click: semicolons, a BOM, local dates, decimal commas."""

import csv
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

from audit.export_cells import cell, spreadsheet_columns
from audit.export_schema import Cell
from audit.export_stream import Stream

NAMES: Mapping[str, str] = {}
columns = spreadsheet_columns


def write(stream: Stream, path: Path) -> None:
    """A header of column ids and one row per entry; no cell is taken for a formula."""
    shown = columns(stream)
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, delimiter=";", lineterminator="\r\n")
        writer.writerow([column.id for column in shown])
        writer.writerows([_text(cell(column, item)) for column in shown] for item in stream.items())


def _text(value: Cell) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return f"{value:%d/%m/%Y %H:%M:%S}"
    if isinstance(value, date):
        return f"{value:%d/%m/%Y}"
    return str(value).replace(".", ",") if isinstance(value, Decimal) else str(value)
