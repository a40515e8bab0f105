"""What goes into the cells of a spreadsheet: local moments, and texts that no spreadsheet runs as a formula.

Only the spreadsheet forms change texts; whoever needs the exact ones takes a form for programs.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Final

from audit.export_said import moment
from audit.export_schema import Column, event_columns, field_columns
from audit.export_stream import Stream
from workflow.calendar import zone_of

# OWASP, CSV injection: also after blanks and invisible characters, and in their full-width forms.
_UNSEEN = r"\s\u00ad\u180e\u200b-\u200f\u2028-\u202f\u2060-\u2064\ufeff\x00-\x1f\x7f"
_RUNS = re.compile(rf"[{_UNSEEN}]*[=+\-@＝＋－＠]")
_BEGINS = ("\t", "\r", "\n", "'")


def zone_column() -> Column:
    """In which zone the local moments of a row are."""
    return Column(
        "zone", "text", "Fuseau des heures de la ligne", "Zone of the row's times", "zone(territory)", {"zone": _zone}
    )


def _zone(territory: str) -> str:
    return zone_of(territory).key


@lru_cache(maxsize=4096)
def neutral(text: str) -> str:
    """The text, after an apostrophe where a spreadsheet could take it for a formula."""
    return f"'{text}" if text.startswith(_BEGINS) or _RUNS.match(text) else text


# LibreOffice writes a truth value as the formula =TRUE(), each program shows it in words of its own.
YES_OR_NO: Final[Mapping[bool, str]] = {True: "oui", False: "non"}


@lru_cache(maxsize=8192)
def local(instant: str, territory: str) -> datetime:
    """A moment where the placement is, without offset, to the second."""
    return moment(instant).astimezone(zone_of(territory)).replace(tzinfo=None, microsecond=0)


def spreadsheet_columns(stream: Stream) -> tuple[Column, ...]:
    """The columns of the spreadsheet forms."""
    return *event_columns(stream), zone_column(), *field_columns(stream.definitions)
