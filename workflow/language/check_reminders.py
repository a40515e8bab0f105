"""Reminders that would come at or after their deadline, found by trying four years of anchors.

Only reminders that count from the anchor can be late, and those on the day of a milestone; one counted back
from the last day is early by its form.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, time, timedelta

from workflow.calendar import (
    Calendar,
    CalendarError,
    Length,
    after,
    calendars_beside,
    last_day,
    load_calendar,
    zone_of,
)
from workflow.civil.wording import length_fr
from workflow.definition import Deadline, Definition, FieldLength, Reminder
from workflow.errors import Finding, Happening
from workflow.language.positions import Source

# Four years, a leap year among them, in a territory with the common holidays.
_ANCHORS = tuple(date(2021, 1, 1) + timedelta(days=n) for n in range(1461))
_TERRITORY = "75"

Days = tuple[Happening, ...]
"""What shows a late reminder, day by day."""


def late_reminders(definition: Definition, spec: Deadline, source: Source) -> Iterator[Finding]:
    """A finding for each reminder of a deadline that can fall at or after it, with days on which it does."""
    calendar = _calendar(definition, source)
    for index, reminder in enumerate(spec.reminders):
        late = next(_late(definition, spec, reminder, calendar), None)
        if late is not None:
            place = source.value("deadlines", spec.name, "remind", index)
            length, days = late
            en = f"the reminder {reminder.text!r} can come at or after its deadline, {length}: make it earlier"
            told = length_fr(length, "calendar")
            fr = f"le rappel « {reminder.text} » peut tomber le jour de son échéance ou après, {told} : avancez-le"
            yield replace(source.finding(place, "late_reminder", fr, en), path=days)


def _late(
    definition: Definition, spec: Deadline, reminder: Reminder, calendar: Calendar
) -> Iterator[tuple[Length, Days]]:
    """The lengths, of the rule and of its revisions, for which a reminder can be late, and days that show it."""
    for rule in (spec, *(spec.in_force(revision.from_on) for revision in spec.revisions)):
        length = _shortest(definition, rule)
        days = _days_when_late(rule, length, reminder, calendar)
        if days is not None:
            yield length, days


def _shortest(definition: Definition, spec: Deadline) -> Length:
    if not isinstance(spec.length, FieldLength):
        return spec.length
    # A field without a minimum may say nought.
    shortest = max(0, definition.fields[spec.length.field].minimum or 0)
    most = spec.length.at_most
    return Length(shortest if most is None else min(shortest, most), spec.length.unit)


def _days_when_late(spec: Deadline, length: Length, reminder: Reminder, calendar: Calendar) -> Days | None:
    """The days on which it is late, as far as days are known; None where it never is."""
    if reminder.direction == "before":
        return () if spec.milestone and reminder.length.count == 0 else None
    if length.exact is not None:
        # A fact entered with its day alone begins at midnight: the reminder's days are then whole ones.
        return () if timedelta(days=_days(reminder)) >= length.exact else None
    found = (_compared(day, spec, length, reminder, calendar) for day in _ANCHORS)
    return next((days for days in found if days is not None), None)


def _calendar(definition: Definition, source: Source) -> Calendar:
    """The one that the definition names; where it is wrong, which is another finding, the current one."""
    try:
        return load_calendar(definition.calendar, calendars_beside(source.file))
    except (CalendarError, OSError):
        return load_calendar()


def _days(reminder: Reminder) -> int:
    return {"days": 1, "weeks": 7, "months": 28, "years": 365}[reminder.length.unit] * reminder.length.count


def _compared(anchor: date, spec: Deadline, length: Length, reminder: Reminder, calendar: Calendar) -> Days | None:
    """Anchor, last day and reminder, where the reminder is late; None where it is in time."""
    try:
        last = last_day(anchor, length, spec.counting, spec.roll, _TERRITORY, calendar)
        reminded = after(anchor, str(reminder.length), _TERRITORY, calendar)
    except CalendarError:
        return None
    if reminded < last or (reminded == last and not spec.milestone):
        return None
    return (
        _on(anchor, "jour d'où l'on compte", "the day from which it counts"),
        _on(last, f"dernier jour : {spec.label.fr}", f"last day: {spec.label.en}"),
        _on(reminded, f"rappel « {reminder.text} »", f"reminder {reminder.text!r}"),
    )


def _on(day: date, fr: str, en: str) -> Happening:
    return Happening(datetime.combine(day, time(), zone_of(_TERRITORY)), fr, en)
