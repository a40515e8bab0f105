"""JSON Lines: one object for each entry, with the keys of `history --json` and the reference."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from audit.export_said import short
from audit.export_schema import Column, Kind, narrow_columns, rows_of
from audit.export_stream import BUFFER, Stream
from audit.records import shown_fields

NAMES: Mapping[str, str] = {}
columns = narrow_columns
_WRITTEN: Mapping[Kind, str] = {
    "instant": "(None if (v := {0}) is None else short(v))",
    "json": "(shown(e, definition_of) if e.fields else nothing)",
}


def write(stream: Stream, path: Path) -> None:
    """One JSON object a line, UTF-8, ended by a line feed."""
    with path.open("wb", buffering=BUFFER) as file:
        file.writelines(pages(stream))


def pages(stream: Stream) -> Iterator[bytes]:
    """The lines, some at a time."""
    shown = columns(stream)
    names = {"line": _line_of(shown), "short": short, "shown": shown_fields, "nothing": {}}
    rows = rows_of(shown, _WRITTEN, {}, "line({0})", definition_of=stream.definition_of, **names)
    return map(msgspec.json.Encoder().encode_lines, map(rows, stream.pages()))


def _line_of(shown: tuple[Column, ...]) -> type[msgspec.Struct]:
    """An object with these columns for keys, in their order."""
    keys = {f"column_{at}": column.id for at, column in enumerate(shown)}
    return msgspec.defstruct("Line", [(name, Any) for name in keys], rename=keys, gc=False)
