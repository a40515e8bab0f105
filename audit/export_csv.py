"""CSV for programs, as in RFC 4180. Refuses to know what a spreadsheet makes of it: cells are left as they are."""

import csv
from collections.abc import Callable, Mapping
from pathlib import Path

from audit.export_schema import Column, narrow_columns
from audit.export_stream import Item, Stream
from audit.records import instant

NAMES: Mapping[str, str] = {}
columns = narrow_columns
_YES_OR_NO = {True: "true", False: "false", None: ""}


def write(stream: Stream, path: Path) -> None:
    """A header and one row per entry; `fields` is JSON, nothing is an empty cell, instants are UTC."""
    shown = columns(stream)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\r\n")
        writer.writerow([column.id for column in shown])
        gets = [_text_of(column) for column in shown]
        writer.writerows([get(item) for get in gets] for item in stream.items())


def _text_of(column: Column) -> Callable[[Item], object]:
    """What gives the cell of a column; the writer itself makes an empty one of nothing, and digits of a number."""
    get = column.get
    if column.kind == "instant":
        return lambda item: instant(get(item))  # type: ignore[arg-type]
    if column.kind == "boolean":
        return lambda item: _YES_OR_NO[get(item)]  # type: ignore[index]
    return get
