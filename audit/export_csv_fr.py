"""CSV as a French spreadsheet opens it by a double click: semicolons, a BOM, local dates, decimal commas."""

import csv
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
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


@lru_cache(maxsize=4096)
def _written(moment: date) -> str:
    """A day, or a local moment, as it is written in French."""
    return f"{moment:%d/%m/%Y %H:%M:%S}" if isinstance(moment, datetime) else f"{moment:%d/%m/%Y}"


def _text(value: Cell) -> str:
    if value is None:
        return ""
    if isinstance(value, date):
        return _written(value)
    return str(value).replace(".", ",") if isinstance(value, Decimal) else str(value)
