"""Tells in French and English how a date was computed, one step at a time.

Repeats no rule: it asks `periods` for the results and says what lies between them. Nothing here runs
when a date is only computed.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from workflow.civil import wording
from workflow.civil.holidays import Calendar
from workflow.civil.open_days import OPEN_DAY_COUNTINGS, is_open
from workflow.civil.periods import Length, add_length, counting_of, is_clamped, last_day, rolled
from workflow.civil.territories import territory
from workflow.civil.zones import local_day, zone_of


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a computation: a code, a sentence in each language, and the facts in it.

    In `details`, dates are `2021-03-16`, instants `2021-03-16T23:00:00Z`.
    """

    code: str
    fr: str
    en: str
    details: Mapping[str, str | int] = field(hash=False)


def explain(
    anchor: datetime, code: str, length: Length, counting: str, roll: str, calendar: Calendar, due: datetime
) -> tuple[Step, ...]:
    """Every step from the anchor to the instant `due`; the last two are the last day and the instant."""
    holds = counting_of(length, counting, roll)
    opening = (anchor_step(anchor, code), rule_step(length, holds))
    if length.exact is not None:
        return (*opening, *end_steps(local_day(due, code), due, code))
    anchor_day = local_day(anchor, code)
    counted = last_day(anchor_day, length, holds, "none", code, calendar)
    last = rolled(counted, roll, code, calendar)
    return (
        *opening,
        *count_steps(anchor_day, counted, length, holds, code, calendar),
        *(roll_steps(counted, last, code, calendar) if roll != "none" else ()),
        *end_steps(last, due, code),
    )


def anchor_step(anchor: datetime, code: str) -> Step:
    """The anchor's instant, and the local day that it falls on."""
    local, place = anchor.astimezone(zone_of(code)), territory(code)
    return Step(
        "anchor",
        f"Point de départ : {wording.moment_fr(local)}, fuseau {place.zone} ({code}, {place.name}).",
        f"Starting point: {wording.moment_en(local)}, {place.zone} time ({code}, {place.name}).",
        {"instant": iso(anchor), "day": local.date().isoformat(), "zone": place.zone, "territory": code},
    )


def rule_step(length: Length, counting: str) -> Step:
    """The length and the way in which it is counted."""
    how_fr, how_en = wording.how_counted(length, counting)
    return Step(
        "rule",
        f"Durée : {wording.length_fr(length, counting)}, {how_fr}.",
        f"Length: {wording.length_en(length, counting)}, {how_en}.",
        {"count": length.count, "unit": length.unit, "counting": counting},
    )


def count_steps(
    anchor_day: date, counted: date, length: Length, counting: str, code: str, calendar: Calendar
) -> Iterator[Step]:
    """What happened between the anchor's day and the day at which the counting ended, before any roll."""
    if counting in OPEN_DAY_COUNTINGS:
        days = _days(anchor_day + timedelta(days=1), counted)
        closed = (day for day in days if not is_open(day, counting, code, calendar))
        yield from (_skipped(day, counting, code, calendar) for day in closed)
    elif is_clamped(anchor_day, length):
        yield _month_end(anchor_day, add_length(anchor_day, length))
    if counting == "clear":
        yield _one_day_moved("clear", counted, "le dernier jour ne compte pas", "the last day does not count")
    elif counting == "inclusive" and not is_clamped(anchor_day, length):
        yield _one_day_moved("inclusive", counted, "le premier jour compte", "the first day counts")


def roll_steps(counted: date, last: date, code: str, calendar: Calendar) -> Iterator[Step]:
    """Each day that the roll passes over, and where it ends."""
    passed = _days(counted, last - timedelta(days=1))
    yield from (_skipped(day, "working", code, calendar) for day in passed)
    fr, en = wording.day_fr(last), wording.day_en(last)
    details = {"day": last.isoformat()}
    if last == counted:
        yield Step("roll_not_needed", f"Pas de report : le {fr} est un jour ouvré.",
                   f"No roll: {en} is a working day.", details)  # fmt: skip
    else:
        yield Step("rolled", f"Report au premier jour ouvré suivant, le {fr}.",
                   f"Rolled to the next working day, {en}.", details)  # fmt: skip


def in_force_step(day: date) -> Step:
    """The step that says which rule is counted by: the one for clocks that begin on this day or later."""
    return Step(
        "in_force",
        f"Règle en vigueur pour ce qui commence à partir du {wording.day_fr(day)}.",
        f"Rule in force for what begins on {wording.day_en(day)} or later.",
        {"from": day.isoformat()},
    )


def end_steps(last: date, due: datetime, code: str) -> tuple[Step, Step]:
    """The last day, and the instant at which the deadline falls due."""
    local = due.astimezone(zone_of(code))
    return (
        Step("last_day", f"Dernier jour : {wording.day_fr(last)}.", f"Last day: {wording.day_en(last)}.",
             {"day": last.isoformat()}),
        Step("instant", f"Échéance : {wording.moment_fr(local)}, soit {iso(due)}.",
             f"Due: {wording.moment_en(local)}, that is {iso(due)}.", {"instant": iso(due)}),
    )  # fmt: skip


def iso(instant: datetime) -> str:
    """An instant as in the exports: UTC, microseconds only where there are some."""
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _days(first: date, last: date) -> Iterator[date]:
    return map(date.fromordinal, range(first.toordinal(), last.toordinal() + 1))


def _skipped(day: date, counting: str, code: str, calendar: Calendar) -> Step:
    holiday = calendar.is_holiday(day, code)
    reason = "holiday" if holiday else wording.WEEKDAYS_EN[day.weekday()].lower()
    fr = holiday or f"un {wording.WEEKDAYS_FR[day.weekday()]}"
    en = calendar.in_english(holiday) if holiday else f"a {wording.WEEKDAYS_EN[day.weekday()]}"
    return Step(
        "day_skipped",
        f"Le {wording.day_fr(day)} n'est pas un jour{wording.kind_fr(counting)} : {fr}.",
        f"{wording.day_en(day)} is not a {counting} day: {en}.",
        {"day": day.isoformat(), "reason": reason, **({"name": holiday} if holiday else {})},
    )


def _month_end(anchor_day: date, end: date) -> Step:
    return Step(
        "month_end",
        f"{wording.month_fr(end).capitalize()} n'a pas de {anchor_day.day} : fin le {wording.day_fr(end)}.",
        f"{wording.month_en(end)} has no day {anchor_day.day}: the end is {wording.day_en(end)}.",
        {"day_number": anchor_day.day, "day": end.isoformat()},
    )


def _one_day_moved(code: str, day: date, why_fr: str, why_en: str) -> Step:
    when_fr, when_en = ("lendemain", "later") if code == "clear" else ("jour précédent", "earlier")
    return Step(
        code,
        f"Comme {why_fr}, la période finit le {when_fr}, {wording.day_fr(day)}.",
        f"Since {why_en}, the period ends a day {when_en}, on {wording.day_en(day)}.",
        {"day": day.isoformat()},
    )
