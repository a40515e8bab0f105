"""How many days a deadline's length can be, from the day of its anchor to the day on which it falls due.

Days of the placement's own zone: they are whole whatever its clocks do. Months, open days and rolls depend on the
anchor, so that a length is an interval; the difference of two lengths from one anchor is another, often narrower.
Errs, if at all, by intervals that are too wide.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from workflow.calendar import Calendar, CalendarError, Length, last_day
from workflow.civil.open_days import OPEN_DAY_COUNTINGS
from workflow.definition import Deadline, Definition, FieldLength

# Four years with a leap year among them, and the years about one that is no leap year.
_YEARS = ((2021, 2024), (2096, 2103))
# One territory of each group of holidays: Paris, Alsace-Moselle, and those overseas.
_PLACES = ("75", "57", "971", "972", "973", "974", "976", "975", "977", "978", "986", "987", "988")
_HOUR_S, _DAY_S = 3_600, 86_400
_MOST_UNITS = 9_999


@dataclass(frozen=True, slots=True)
class Rule:
    """How long: a length with its counting and roll. A milestone is due when its last day begins."""

    length: Length
    counting: str = "calendar"
    roll: str = "none"
    milestone: bool = False

    @property
    def is_exact(self) -> bool:
        """Whether it is counted from an instant, not from a day."""
        return self.length.exact is not None

    @property
    def is_even(self) -> bool:
        """Whether it is as many days after every anchor."""
        open_days = (self.length.counting or self.counting) in OPEN_DAY_COUNTINGS
        return self.length.unit in ("days", "weeks") and self.roll == "none" and not open_days


@dataclass(frozen=True, slots=True)
class Span:
    """From so many days to so many; `highest` None: there is no limit."""

    lowest: int
    highest: int | None


def rules_of(definition: Definition, spec: Deadline) -> tuple[Rule, ...]:
    """The rules a deadline may follow: as it was first and as it was revised, with the bounds of a field's length."""
    forms = [(spec.length, spec.counting, spec.roll), *((r.length, r.counting, r.roll) for r in spec.revisions)]
    return tuple(
        Rule(length, counting, roll, spec.milestone)
        for form, counting, roll in forms
        for length in _lengths(definition, form)
    )


def _lengths(definition: Definition, form: Length | FieldLength) -> Iterator[Length]:
    if isinstance(form, Length):
        yield form
        return
    field = definition.fields[form.field]
    most = [bound for bound in (field.maximum, form.at_most) if bound is not None]
    lowest = max(0, field.minimum or 0)
    yield Length(min([lowest, *most]), form.unit)
    yield Length(max(lowest, min(most, default=_MOST_UNITS)), form.unit)


def is_endless(definition: Definition, spec: Deadline) -> bool:
    """Whether a field may make a deadline as long as one likes."""
    forms = [spec.length, *(revision.length for revision in spec.revisions)]
    fields = [form for form in forms if isinstance(form, FieldLength)]
    return any(form.at_most is None and definition.fields[form.field].maximum is None for form in fields)


@lru_cache(maxsize=512)
def span_of(rule: Rule, calendar: Calendar) -> Span:
    """The days from the anchor's day to the one on which it is due: at its first moment, or for hours within it."""
    exact = rule.length.exact
    if exact is not None:
        seconds = int(exact.total_seconds())
        # A day of 23 or 25 hours may lie between.
        slack = _HOUR_S if seconds else 0
        return Span(max(0, seconds - slack) // _DAY_S, -(-(seconds + slack) // _DAY_S))
    found = [_due(rule, anchor, place, calendar) for anchor, place in _anchors(rule, calendar)]
    counts = [days for days in found if days is not None]
    return Span(min(counts), max(counts)) if counts else Span(0, None)


@lru_cache(maxsize=2048)
def spread_of(one: Rule, other: Rule, calendar: Calendar) -> Span | None:
    """How many days later than `other` the due day of `one` is, both from one anchor; None where nothing is known."""
    if one.is_exact or other.is_exact:
        return None
    if one.is_even and other.is_even:
        days = span_of(one, calendar).lowest - span_of(other, calendar).lowest
        return Span(days, days)
    wider = other if one.is_even else one
    differences = [
        a - b
        for anchor, place in _anchors(wider, calendar)
        if (a := _due(one, anchor, place, calendar)) is not None
        and (b := _due(other, anchor, place, calendar)) is not None
    ]
    return Span(min(differences), max(differences)) if differences else None


def _anchors(rule: Rule, calendar: Calendar) -> Iterator[tuple[date, str]]:
    if rule.is_even:
        yield date(2021, 1, 1), "75"
        return
    by_place = rule.roll != "none" or (rule.length.counting or rule.counting) in OPEN_DAY_COUNTINGS
    years = ((calendar.first_year, calendar.last_year),) if by_place else _YEARS
    for first, last in years[: None if by_place or _is_long(rule) else 1]:
        days = (date(last, 12, 31) - date(first, 1, 1)).days + 1
        for number in range(days):
            for place in _PLACES if by_place else ("75",):
                yield date(first, 1, 1) + timedelta(days=number), place


def _is_long(rule: Rule) -> bool:
    return rule.length.count * {"months": 1, "years": 12}.get(rule.length.unit, 0) >= 12


def _due(rule: Rule, anchor: date, place: str, calendar: Calendar) -> int | None:
    try:
        last = last_day(anchor, rule.length, rule.counting, rule.roll, place, calendar)
    except CalendarError:
        return None
    return (last - anchor).days + (0 if rule.milestone else 1)
