"""CSV as a French spreadsheet opens it by a double click: semicolons, a BOM, local dates, decimal commas."""

from codecs import BOM_UTF8
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

from audit.csv_lines import quoted
from audit.csv_pages import Pages, Rest
from audit.export_cells import YES_OR_NO, local, neutral, spreadsheet_columns
from audit.export_schema import FIELD, Column, Kind, read_as
from audit.export_stream import BUFFER, Stream

NAMES: Mapping[str, str] = {}
columns = spreadsheet_columns
_WRITTEN: Mapping[Kind, str] = {
    "text": "('' if (v := {0}) is None else neutral(v))",
    "json": "neutral({0})",
    "integer": "('' if (v := {0}) is None else str(v))",
    "boolean": "yes_or_no[{0}]",
    "instant": "('' if {0} is None else moment({0}, territory))",
}


def write(stream: Stream, path: Path) -> None:
    """A header of column ids and one row per entry; no cell is taken for a formula."""
    shown = columns(stream)
    said = [column for column in shown if not column.id.startswith(FIELD)]
    rest = _rest_of(shown[len(said) :])
    pages = Pages(said, _WRITTEN, ";", rest, neutral=neutral, yes_or_no=YES_OR_NO, moment=_moment)
    with path.open("wb", buffering=BUFFER) as file:
        file.write(BOM_UTF8)
        file.write(quoted([column.id for column in shown], ";"))
        file.writelines(map(pages.text, stream.pages()))


def _rest_of(of_fields: Sequence[Column]) -> Rest:
    """What makes the cells of fields, which come last."""
    places = {column.id.removeprefix(FIELD): (at, _text_of(column.kind)) for at, column in enumerate(of_fields)}

    def rest(fields: Mapping[str, Any]) -> Sequence[str]:
        cells = [""] * len(places)
        for name, value in fields.items():
            if value is not None and name in places:
                at, text = places[name]
                cells[at] = text(value)
        return cells

    return rest


@lru_cache(maxsize=8192)
def _moment(instant: str, territory: str) -> str:
    return f"{local(instant, territory):%d/%m/%Y %H:%M:%S}"


def _text_of(kind: Kind) -> Callable[[Any], str]:
    """What writes a field's value of this kind."""
    read = read_as(kind)

    @lru_cache(maxsize=1024, typed=True)
    def text(value: Any) -> str:
        match read(value):
            case bool(said):
                return YES_OR_NO[said]
            case str(said):
                return neutral(said)
            case Decimal() as said:
                return str(said).replace(".", ",")
            case date() as said:
                return f"{said:%d/%m/%Y}"
            case said:
                return str(said)

    return text
