"""JSON Lines: one object for each entry, with the keys of `history --json` and the reference."""

import json
from collections.abc import Mapping
from pathlib import Path

from audit.export_schema import narrow_columns
from audit.export_stream import Stream
from audit.records import entry_record

NAMES: Mapping[str, str] = {}
columns = narrow_columns


def write(stream: Stream, path: Path) -> None:
    """One JSON object a line, UTF-8, ended by a line feed."""
    with path.open("w", encoding="utf-8", newline="") as file:
        for item in stream.items():
            record = entry_record(item.chained, stream.definition_of, item.reversed_by)
            file.write(json.dumps({"reference": item.stored.reference, **record}, ensure_ascii=False) + "\n")
