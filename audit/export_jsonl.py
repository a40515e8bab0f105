"""JSON Lines: one object for each entry, with the keys of `history --json` and the reference."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec

from audit.export_schema import narrow_columns
from audit.export_stream import Stream
from audit.records import entry_record

NAMES: Mapping[str, str] = {}
columns = narrow_columns


def write(stream: Stream, path: Path) -> None:
    """One JSON object a line, UTF-8, ended by a line feed."""
    with path.open("wb") as file:
        file.writelines(lines(stream))


def lines(stream: Stream) -> Iterator[bytes]:
    """The lines, one after the other."""
    encode = msgspec.json.Encoder().encode
    for item in stream.items():
        record = entry_record(item.chained, stream.definition_of, item.reversed_by)
        yield encode({"reference": item.stored.reference, **record}) + b"\n"
