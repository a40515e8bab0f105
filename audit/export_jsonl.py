"""JSON Lines: one object for each entry, with the keys of `history --json` and the reference."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from audit.export_said import short
from audit.export_schema import Column, Kind, narrow_columns, row_of
from audit.export_stream import BUFFER, Stream
from audit.records import shown_fields

NAMES: Mapping[str, str] = {}
columns = narrow_columns
_WRITTEN: Mapping[Kind, str] = {
    "instant": "(None if {0} is None else short({0}))",
    "json": "(shown(e, definition_of) if e.fields else nothing)",
}


def write(stream: Stream, path: Path) -> None:
    """One JSON object a line, UTF-8, ended by a line feed."""
    with path.open("wb", buffering=BUFFER) as file:
        file.writelines(lines(stream))


def lines(stream: Stream) -> Iterator[bytes]:
    """The lines, one after the other."""
    shown = columns(stream)
    line = _line_of(shown)
    row = row_of(shown, _WRITTEN, short=short, shown=shown_fields, definition_of=stream.definition_of, nothing={})
    encode = msgspec.json.Encoder().encode
    for item in stream.items():
        yield encode(line(*row(item))) + b"\n"


def _line_of(shown: tuple[Column, ...]) -> type[msgspec.Struct]:
    """An object with these columns for keys, in their order."""
    keys = {f"column_{at}": column.id for at, column in enumerate(shown)}
    return msgspec.defstruct("Line", [(name, Any) for name in keys], rename=keys, gc=False)
