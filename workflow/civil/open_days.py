"""Counting over open days: `working` (ouvrés) and `workable` (ouvrables).

The open days of a calendar are one sorted array, and counting is a matter of positions in it.
Knows nothing of lengths, deadlines or instants.
"""

from array import array
from bisect import bisect_left, bisect_right
from datetime import date
from functools import cache

from workflow.civil.holidays import Calendar
from workflow.civil.territories import CalendarError, territory

# Of a proleptic ordinal, the remainder by seven is the ISO weekday, Sunday being 0.
_WEEKLY_REST = {"working": frozenset({0, 6}), "workable": frozenset({0})}

OPEN_DAY_COUNTINGS = frozenset(_WEEKLY_REST)
"""`working`: Monday to Friday but holidays. `workable`: every day but Sundays and holidays."""


def is_open(day: date, counting: str, code: str, calendar: Calendar) -> bool:
    """Whether a day counts as a working (or workable) one in a territory."""
    resting = day.toordinal() % 7 in _WEEKLY_REST[counting]
    return not resting and calendar.is_holiday(day, code) is None


def nth_open_day(day: date, n: int, counting: str, code: str, calendar: Calendar) -> date:
    """The n-th open day after a day, or before it where n is negative; the day itself for 0.

    `CalendarError` where the counting leaves the years that the calendar covers.
    """
    if n == 0:
        return day
    days = _days_from(day, counting, code, calendar)
    place = bisect_right(days, day.toordinal()) - 1 if n > 0 else bisect_left(days, day.toordinal())
    if 0 <= place + n < len(days):
        return date.fromordinal(days[place + n])
    sought = f"{abs(n)} {counting} days"
    raise _too_few(calendar, f"{sought} depuis le {day}", f"{sought} from {day}")


def next_open_day(day: date, counting: str, code: str, calendar: Calendar) -> date:
    """The day itself where it is open, else the first open day that follows."""
    days = _days_from(day, counting, code, calendar)
    place = bisect_left(days, day.toordinal())
    if place < len(days):
        return date.fromordinal(days[place])
    raise _too_few(calendar, f"le {counting} day qui suit le {day}", f"the next {counting} day from {day}")


def open_days_between(start: date, end: date, counting: str, code: str, calendar: Calendar) -> int:
    """How many open days there are from `start`, included, to `end`, excluded; 0 where that is empty."""
    if end <= start:
        return 0
    days = _days_from(start, counting, code, calendar)
    calendar.check_covers(end)
    return bisect_left(days, end.toordinal()) - bisect_left(days, start.toordinal())


def _days_from(day: date, counting: str, code: str, calendar: Calendar) -> "array[int]":
    calendar.check_covers(day)
    return _open_days(counting, territory(code).holidays, calendar)


@cache
def _open_days(counting: str, group: str, calendar: Calendar) -> "array[int]":
    first = date(calendar.first_year, 1, 1).toordinal()
    last = date(calendar.last_year, 12, 31).toordinal()
    resting = _WEEKLY_REST[counting]
    holidays = {day.toordinal() for day in calendar.of_group(group)}
    days = range(first, last + 1)
    return array("l", (day for day in days if day % 7 not in resting and day not in holidays))


def _too_few(calendar: Calendar, fr: str, en: str) -> CalendarError:
    """What is said where a calendar ends before what was sought."""
    version, first, last = calendar.version, calendar.first_year, calendar.last_year
    return CalendarError(
        f"le calendrier {version} couvre les années {first} à {last}, trop peu pour {fr}",
        f"calendar {version} covers the years {first} to {last}, too few for {en}",
    )
