"""Civil time: from a fact, a territory and a rule to the last day, the instant, and the reasons.

The public face of this package's calendar; the pieces live in `territories`, `zones`, `holidays`,
`open_days`, `periods` and `calendar_steps`. Reads no clock, no settings and no database.
"""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from workflow.civil.holidays import (
    CURRENT_CALENDAR,
    Calendar,
    calendars_beside,
    known_calendars,
    load_calendar,
    shipped_calendars,
)
from workflow.civil.open_days import is_open
from workflow.civil.periods import (
    COUNTINGS,
    ROLLS,
    UNITS,
    Length,
    after,
    before,
    count_open_days,
    counting_of,
    last_day,
    parse_length,
    rolled,
    shift_open_days,
)
from workflow.civil.steps import Step, explain
from workflow.civil.territories import TERRITORIES, CalendarError, Territory, alike, territory
from workflow.civil.zones import load_zone, local_day, start_of_day, zone_of

__all__ = [
    "COUNTINGS",
    "CURRENT_CALENDAR",
    "ROLLS",
    "TERRITORIES",
    "UNITS",
    "Calendar",
    "CalendarError",
    "Due",
    "Length",
    "Step",
    "Territory",
    "after",
    "alike",
    "before",
    "calendars_beside",
    "count_open_days",
    "counting_of",
    "deadline",
    "end_of_day",
    "is_open",
    "known_calendars",
    "last_day",
    "load_calendar",
    "load_zone",
    "local_day",
    "parse_length",
    "rolled",
    "shift_open_days",
    "shipped_calendars",
    "start_of_day",
    "territory",
    "zone_of",
]


@dataclass(frozen=True, slots=True)
class Due:
    """When a deadline falls due.

    `last_day` is the last civil day in the territory; `instant` is the first moment after it, in UTC, or for
    hours, minutes and seconds the exact instant, which `last_day` then holds.
    """

    last_day: date
    instant: datetime
    _asked: tuple[datetime, str, Length, str, str, Calendar] = field(repr=False, compare=False)

    @property
    def steps(self) -> tuple[Step, ...]:
        """How it was computed, step by step; worked out at each access."""
        return explain(*self._asked, self.instant)


def deadline(
    anchor: datetime,
    territory: str,
    length: str | Length,
    *,
    counting: str = "calendar",
    roll: str = "none",
    calendar: Calendar | None = None,
) -> Due:
    """When a period of this length that begins with a fact at `anchor` is over, in a territory.

    Days, weeks, months and years are civil: the anchor's local day is not counted, and the instant is the
    first moment of the local day after the last (Code de procédure civile, art. 640 to 642; Règlement
    1182/71). Hours, minutes and seconds are exact from the anchor, and take neither a counting nor a roll.
    Without a `calendar`, the current one that is shipped. `CalendarError` for a naive anchor, an unknown
    territory, a length or rule that cannot be read, or a date outside the years 1 to 9999 or, where holidays
    matter, those of the calendar.
    """
    if isinstance(length, str):
        length = parse_length(length)
    if calendar is None:
        calendar = load_calendar()
    anchor_day = local_day(anchor, territory)
    exact = length.exact
    if exact is None:
        last = last_day(anchor_day, length, counting, roll, territory, calendar)
        instant = end_of_day(last, territory)
    else:
        counting_of(length, counting, roll)
        instant = _later(anchor, exact)
        last = local_day(instant, territory)
    return Due(last, instant, (anchor, territory, length, counting, roll, calendar))


def end_of_day(day: date, code: str) -> datetime:
    """When a deadline with this last day falls due: the first moment, in UTC, of the civil day after it."""
    if day == date.max:
        raise CalendarError(f"la fin du {day} sort des années 1 à 9999", f"the end of {day} leaves the years 1 to 9999")
    return start_of_day(day + timedelta(days=1), code)


def _later(anchor: datetime, exact: timedelta) -> datetime:
    try:
        return anchor.astimezone(UTC) + exact
    except OverflowError as error:
        begun = anchor.isoformat()
        raise CalendarError(
            f"{exact} depuis {begun} sort des années 1 à 9999", f"{exact} from {begun} leaves the years 1 to 9999"
        ) from error
