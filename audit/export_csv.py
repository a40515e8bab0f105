"""CSV for programs, as in RFC 4180. Refuses to know what a spreadsheet makes of it: cells are left as they are."""

import csv
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from audit.export_schema import Cell, narrow_columns
from audit.export_stream import Stream
from audit.records import instant

NAMES: Mapping[str, str] = {}
columns = narrow_columns


def write(stream: Stream, path: Path) -> None:
    """A header and one row per entry; `fields` is JSON, nothing is an empty cell, instants are UTC."""
    shown = columns(stream)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\r\n")
        writer.writerow([column.id for column in shown])
        writer.writerows([_cell(column.get(item)) for column in shown] for item in stream.items())


def _cell(value: Cell) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(instant(value)) if isinstance(value, datetime) else str(value)
