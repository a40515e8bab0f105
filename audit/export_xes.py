"""Event logs for process mining: XES (IEEE 1849-2016), one trace per placement, named by its reference.

Written as a stream; every value in which something may need it is escaped by the standard library.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import chain, groupby
from operator import itemgetter
from pathlib import Path
from xml.sax.saxutils import quoteattr

from audit.export_said import exact
from audit.export_schema import Column, Kind, event_columns, rows_of
from audit.export_stream import BUFFER, Stream

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
_BEGIN, _END = f"<event>\n{_COMPLETE}", "</event>\n"


_WRITTEN: Mapping[Kind, str] = {
    "text": "('' if (v := {0}) is None else string({1!r}, v))",
    "json": "string({1!r}, {0})",
    "integer": "('' if (v := {0}) is None else number({1!r}, v))",
    "boolean": "truth({1!r}, {0})",
    "instant": "('' if (v := {0}) is None else moment({1!r}, v))",
}


def write(stream: Stream, path: Path) -> None:
    """One event per entry, in the order of the entries of its placement; `lifecycle:transition` is `complete`."""
    of_event = [column for column in columns(stream) if column.id not in _OF_TRACE]
    keys = {column.id: quoteattr(NAMES.get(column.id, column.id)) for column in of_event}
    names = {"string": _string, "number": _number, "truth": _truth, "moment": _moment}
    rows = rows_of(
        of_event, _WRITTEN, keys, "(reference, territory, ''.join((begin, {0}, end)))", begin=_BEGIN, end=_END, **names
    )
    with path.open("w", encoding="utf-8", newline="\n", buffering=BUFFER) as file:
        file.writelines(_head(of_event))
        events = chain.from_iterable(map(rows, stream.pages(grouped=True)))
        for _, of_trace in groupby(events, itemgetter(0)):
            file.writelines(_trace(of_trace))
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


def _trace(events: Iterator[tuple[str, str, str]]) -> Iterator[str]:
    reference, territory, first = next(events)
    yield "<trace>\n" + _string('"concept:name"', reference)
    yield _string('"territory"', territory)
    yield first
    for _, _, event in events:
        yield event
    yield "</trace>\n"


def _string(key: str, text: str) -> str:
    # Letters and digits stand for themselves, and hashes are never met again. Of bytes it is found out much faster.
    plain = text.isascii() and text.encode().isalnum()
    return f'<string key={key} value="{text}"/>\n' if plain else _escaped(key, text)


# Most other texts of an event are those of the one before.
@lru_cache(maxsize=8192)
def _escaped(key: str, text: str) -> str:
    return f"<string key={key} value={quoteattr(_FORBIDDEN.sub(chr(0xFFFD), text))}/>\n"


def _number(key: str, value: int) -> str:
    return f'<int key={key} value="{value}"/>\n'


def _truth(key: str, value: bool) -> str:
    return f'<boolean key={key} value="{"true" if value else "false"}"/>\n'


@lru_cache(maxsize=8192)
def _moment(key: str, text: str) -> str:
    return f'<date key={key} value="{exact(text)[:-1]}+00:00"/>\n'
