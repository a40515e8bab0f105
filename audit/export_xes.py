"""Event logs for process mining: XES (IEEE 1849-2016), one trace per placement, named by its reference.

Written as a stream; every value is escaped by the standard library.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from functools import cache, lru_cache
from itertools import groupby
from pathlib import Path
from xml.sax.saxutils import quoteattr

from audit.export_schema import Cell, Column, event_columns
from audit.export_stream import Item, Stream

NAMES: Mapping[str, str] = {
    "activity": "concept:name",
    "occurred_at": "time:timestamp",
    "actor": "org:resource",
    "role": "org:role",
    "reference": "trace concept:name",
    "territory": "trace territory",
}
"""Columns that a standard extension has a key for; those of _OF_TRACE are attributes of the trace."""
columns = event_columns

_EXTENSIONS = (("Concept", "concept"), ("Time", "time"), ("Lifecycle", "lifecycle"), ("Organizational", "org"))
_OF_TRACE = ("reference", "territory")
# What XML 1.0 cannot hold, escaped or not.
_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_COMPLETE = '<string key="lifecycle:transition" value="complete"/>\n'


def write(stream: Stream, path: Path) -> None:
    """One event per entry, in the order of the entries of its placement; `lifecycle:transition` is `complete`."""
    of_event = [column for column in columns(stream) if column.id not in _OF_TRACE]
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(_head(of_event))
        for _, items in groupby(stream.items(grouped=True), lambda item: item.stored.reference):
            file.writelines(_trace(items, of_event))
        file.write("</log>\n")


def _head(columns: Sequence[Column]) -> Iterator[str]:
    yield '<?xml version="1.0" encoding="UTF-8"?>\n'
    yield '<log xes.version="1849-2016" xes.features="" xmlns="http://www.xes-standard.org/">\n'
    for name, prefix in _EXTENSIONS:
        uri = f"http://www.xes-standard.org/{prefix}.xesext"
        yield f"<extension name={quoteattr(name)} prefix={quoteattr(prefix)} uri={quoteattr(uri)}/>\n"
    yield '<global scope="trace">\n<string key="concept:name" value=""/>\n</global>\n<global scope="event">\n'
    yield '<string key="concept:name" value=""/>\n'
    yield f'<date key="time:timestamp" value="1970-01-01T00:00:00+00:00"/>\n{_COMPLETE}</global>\n'
    yield '<classifier name="Activity" keys="concept:name"/>\n'
    yield '<classifier name="Activity and kind" keys="concept:name kind"/>\n'


def _trace(items: Iterator[Item], columns: Sequence[Column]) -> Iterator[str]:
    first = next(items)
    yield "<trace>\n" + _attribute("concept:name", first.stored.reference)
    yield _attribute("territory", first.stored.territory)
    yield _event(first, columns)
    for item in items:
        yield _event(item, columns)
    yield "</trace>\n"


def _event(item: Item, columns: Sequence[Column]) -> str:
    said = "".join(_attribute(NAMES.get(column.id, column.id), column.get(item)) for column in columns)
    return f"<event>\n{_COMPLETE}{said}</event>\n"


# Most values of an event are those of the one before; `typed`, since 1 is not true.
@lru_cache(maxsize=8192, typed=True)
def _attribute(key: str, value: Cell) -> str:
    if value is None:
        return ""
    kind, text = _typed(value)
    return f"<{kind} key={_key(key)} value={quoteattr(_FORBIDDEN.sub(chr(0xFFFD), text))}/>\n"


_key = cache(quoteattr)


def _typed(value: Cell) -> tuple[str, str]:
    if isinstance(value, bool):
        return "boolean", "true" if value else "false"
    if isinstance(value, int):
        return "int", str(value)
    if isinstance(value, datetime):
        return "date", value.isoformat(timespec="microseconds")
    return "string", value.isoformat() if isinstance(value, date) else str(value)
