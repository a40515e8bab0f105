"""Reminders that would come at or after their deadline, found by trying four years of anchors.

Only reminders that count from the anchor can be late, and those on the day of a milestone; one counted back
from the last day is early by its form.
"""

from collections.abc import Iterator
from datetime import date, timedelta

from workflow.calendar import (
    Calendar,
    CalendarError,
    Length,
    after,
    calendars_beside,
    last_day,
    load_calendar,
)
from workflow.definition import Deadline, Definition, FieldLength, Reminder
from workflow.errors import Finding
from workflow.language.positions import Source

# Four years, a leap year among them, in a territory with the common holidays.
_ANCHORS = tuple(date(2021, 1, 1) + timedelta(days=n) for n in range(1461))
_TERRITORY = "75"


def late_reminders(definition: Definition, spec: Deadline, source: Source) -> Iterator[Finding]:
    """A finding for each reminder of a deadline that can fall at or after it."""
    for index, reminder in enumerate(spec.reminders):
        length = next(_too_short(definition, spec, reminder, source), None)
        if length is not None:
            place = source.value("deadlines", spec.name, "remind", index)
            message = f"the reminder {reminder.text!r} can come at or after its deadline, {length}: make it earlier"
            yield source.finding(place, "late_reminder", message)


def _too_short(definition: Definition, spec: Deadline, reminder: Reminder, source: Source) -> Iterator[Length]:
    """The lengths, of the rule and of its revisions, for which a reminder can be late."""
    for rule in (spec, *(spec.in_force(revision.from_on) for revision in spec.revisions)):
        length = _shortest(definition, rule)
        if _can_be_late(definition, rule, length, reminder, source):
            yield length


def _shortest(definition: Definition, spec: Deadline) -> Length:
    if not isinstance(spec.length, FieldLength):
        return spec.length
    # A field without a minimum may say nought.
    shortest = max(0, definition.fields[spec.length.field].minimum or 0)
    most = spec.length.at_most
    return Length(shortest if most is None else min(shortest, most), spec.length.unit)


def _can_be_late(definition: Definition, spec: Deadline, length: Length, reminder: Reminder, source: Source) -> bool:
    if reminder.direction == "before":
        return spec.milestone and reminder.length.count == 0
    if length.exact is not None:
        # A fact entered with its day alone begins at midnight: the reminder's days are then whole ones.
        return timedelta(days=_days(reminder)) >= length.exact
    calendar = _calendar(definition, source)
    return any(_is_late(day, spec, length, reminder, calendar) for day in _ANCHORS)


def _calendar(definition: Definition, source: Source) -> Calendar:
    """The one that the definition names; where it is wrong, which is another finding, the current one."""
    try:
        return load_calendar(definition.calendar, calendars_beside(source.file))
    except (CalendarError, OSError):
        return load_calendar()


def _days(reminder: Reminder) -> int:
    return {"days": 1, "weeks": 7, "months": 28, "years": 365}[reminder.length.unit] * reminder.length.count


def _is_late(anchor: date, spec: Deadline, length: Length, reminder: Reminder, calendar: Calendar) -> bool:
    try:
        last = last_day(anchor, length, spec.counting, spec.roll, _TERRITORY, calendar)
        reminded = after(anchor, str(reminder.length), _TERRITORY, calendar)
    except CalendarError:
        return False
    return reminded > last or (spec.milestone and reminded == last)
