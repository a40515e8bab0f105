"""Writes history entries to a file, one row each, as a stream: memory stays flat whatever their number.

A file appears under its name only when it is complete. Knows no settings and no terminal.
"""

import csv
import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Literal, TextIO

from audit.records import KEYS, DefinitionOf, Record, entry_record
from storage.queries import Queries, StoredEntry

COLUMNS = ("reference", *KEYS)
By = Literal["recorded", "occurred"]


def records(
    queries: Queries,
    definition_of: DefinitionOf,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    territory: str | None = None,
    by: By = "recorded",
) -> Iterator[Record]:
    """The entries from `since` on and before `until`, as they were written, with their reference."""
    reversed_by = _reversals(queries.entries(territory=territory))
    for stored in queries.entries(since, until, territory, by):
        seq = reversed_by.get((stored.placement, stored.seq))
        yield {"reference": stored.reference, **entry_record(stored.chained(), definition_of, seq)}


def _reversals(entries: Iterable[StoredEntry]) -> Mapping[tuple[str, int], int]:
    """(placement, seq of a reversed entry) -> seq of its reversal, which may lie outside what is exported."""
    # Canonical bytes hold this text for every reversal, so that the others need not be parsed.
    candidates = (stored for stored in entries if b'"kind":"reversal"' in stored.data)
    found = ((stored.placement, stored.chained().entry) for stored in candidates)
    return {(placement, e.concerns): e.seq for placement, e in found if e.kind == "reversal" and e.concerns is not None}


def export_csv(rows: Iterable[Record], stream: TextIO) -> int:
    """RFC 4180 with a header; `fields` is JSON, nothing is an empty cell. Gives the number of rows."""
    writer = csv.writer(stream, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    count = 0
    for row in rows:
        writer.writerow([_cell(row[name]) for name in COLUMNS])
        count += 1
    return count


def export_jsonl(rows: Iterable[Record], stream: TextIO) -> int:
    """One JSON object a line, UTF-8. Gives the number of rows."""
    count = 0
    for row in rows:
        stream.write(json.dumps(row, ensure_ascii=False) + "\n")
        count += 1
    return count


WRITERS: Mapping[str, Callable[[Iterable[Record], TextIO], int]] = {"csv": export_csv, "jsonl": export_jsonl}


def export(rows: Iterable[Record], form: str, target: Path) -> int:
    """Write rows to a file in one of the forms of WRITERS. Raises OSError; then the target is as it was."""
    partial = target.with_name(f"{target.name}.partial")
    try:
        with partial.open("w", encoding="utf-8", newline="") as stream:
            count = WRITERS[form](rows, stream)
            stream.flush()
            os.fsync(stream.fileno())
        partial.replace(target)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise
    return count


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else str(value)
