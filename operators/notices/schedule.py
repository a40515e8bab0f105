"""When something is sent: at once, in the hours in which offices work, or again after a pause. Reads no clock."""

from datetime import date, datetime, time, timedelta
from typing import Final

from workflow.calendar import Calendar, CalendarError, is_open, zone_of

OPENS: Final = time(8)
CLOSES: Final = time(19)
"""Mail about a placement leaves between these, on working days, in the placement's zone; digests at the first."""

FIRST_RETRY: Final = timedelta(minutes=1)
LONGEST_RETRY: Final = timedelta(days=1)

_SATURDAY: Final = 5


def retry_in(attempts: int, chance: float) -> timedelta:
    """The pause after so many attempts in vain: a minute, then twice as long each time, at most a day.

    Half of it is left to `chance` (0 to 1), so that what failed together does not come back together.
    """
    whole = min(FIRST_RETRY * (1 << min(attempts - 1, 20)), LONGEST_RETRY)
    return whole / 2 + whole / 2 * chance


def office_hours(moment: datetime, code: str, calendar: Calendar) -> datetime:
    """This moment, or the next one at which mail leaves for a territory."""
    zone = zone_of(code)
    local = moment.astimezone(zone)
    day = local.date()
    if local.time() >= CLOSES:
        day += timedelta(days=1)
    while not is_working(day, code, calendar):
        day += timedelta(days=1)
    return max(moment, datetime.combine(day, OPENS, zone).astimezone(moment.tzinfo))


def is_working(day: date, code: str, calendar: Calendar) -> bool:
    """Whether offices work on a day; beyond the years of the calendar, from Monday to Friday."""
    try:
        return is_open(day, "working", code, calendar)
    except CalendarError:
        return day.weekday() < _SATURDAY
