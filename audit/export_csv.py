"""CSV for programs, as in RFC 4180. Refuses to know what a spreadsheet makes of it: cells are left as they are."""

from collections.abc import Mapping
from pathlib import Path

from audit.csv_lines import quoted
from audit.csv_pages import Pages
from audit.export_said import short
from audit.export_schema import Kind, narrow_columns
from audit.export_stream import BUFFER, Stream

NAMES: Mapping[str, str] = {}
columns = narrow_columns
_YES_OR_NO = {True: "true", False: "false", None: ""}
_WRITTEN: Mapping[Kind, str] = {
    "text": "({0} or '')",
    "integer": "('' if (v := {0}) is None else str(v))",
    "boolean": "yes_or_no[{0}]",
    "instant": "('' if (v := {0}) is None else short(v))",
}


def write(stream: Stream, path: Path) -> None:
    """A header and one row per entry; `fields` is JSON, nothing is an empty cell, instants are UTC."""
    shown = columns(stream)
    pages = Pages(shown, _WRITTEN, yes_or_no=_YES_OR_NO, short=short)
    with path.open("wb", buffering=BUFFER) as file:
        file.write(quoted([column.id for column in shown]))
        file.writelines(map(pages.text, stream.pages()))
