"""What goes into the cells of a spreadsheet: local moments, and texts that no spreadsheet runs as a formula.

Only the spreadsheet forms change texts; whoever needs the exact ones takes a form for programs.
"""

import re
from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from audit.export_schema import Cell, Column, event_columns, field_columns
from audit.export_stream import Item, Stream
from workflow.calendar import zone_of

# OWASP, CSV injection: also after blanks and invisible characters, and in their full-width forms.
_UNSEEN = r"\s\u00ad\u180e\u200b-\u200f\u2028-\u202f\u2060-\u2064\ufeff\x00-\x1f\x7f"
_RUNS = re.compile(rf"[{_UNSEEN}]*[=+\-@＝＋－＠]")
_BEGINS = ("\t", "\r", "\n", "'")


def zone(item: Item) -> ZoneInfo:
    """The zone of the placement's territory."""
    return zone_of(item.stored.territory)


def zone_column() -> Column:
    """In which zone the local moments of a row are."""
    return Column("zone", "text", "Fuseau des heures de la ligne", "Zone of the row's times", lambda i: zone(i).key)


@lru_cache(maxsize=4096)
def neutral(text: str) -> str:
    """The text, after an apostrophe where a spreadsheet could take it for a formula."""
    return f"'{text}" if text.startswith(_BEGINS) or _RUNS.match(text) else text


def cell(column: Column, item: Item) -> Cell:
    """A value for a spreadsheet: texts neutral, yes or no in French, instants local, without offset, to the second."""
    value = column.get(item)
    if value is None:
        return None
    if isinstance(value, bool):
        # LibreOffice writes a truth value as the formula =TRUE(), each program shows it in words of its own.
        return "oui" if value else "non"
    if isinstance(value, str):
        return neutral(value)
    if isinstance(value, datetime):
        return _local(value, item.stored.territory)
    return value


# All instants in an entry are UTC: equal ones are the same one.
@lru_cache(maxsize=4096)
def _local(moment: datetime, territory: str) -> datetime:
    return moment.astimezone(zone_of(territory)).replace(tzinfo=None, microsecond=0)


def spreadsheet_columns(stream: Stream) -> tuple[Column, ...]:
    """The columns of the spreadsheet forms."""
    return *event_columns(stream), zone_column(), *field_columns(stream.definitions)
