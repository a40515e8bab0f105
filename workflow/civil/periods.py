"""Lengths and the civil arithmetic of periods: from a day and a rule to the last day, or back.

Knows nothing of instants or zones: everything here is civil dates, never 24 hours.
"""

import re
from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from workflow.civil.holidays import Calendar
from workflow.civil.open_days import OPEN_DAY_COUNTINGS, next_open_day, nth_open_day, open_days_between
from workflow.civil.territories import CalendarError

COUNTINGS = ("calendar", "inclusive", "clear", "working", "workable")
ROLLS = ("none", "next_working_day")

EXACT_UNITS = {"seconds": 1, "minutes": 60, "hours": 3600}
"""The units counted from the anchor's instant, in seconds."""

_MONTHS = {"months": 1, "years": 12}
_DAYS = {"days": 1, "weeks": 7}
_A_YEAR_HOLDS = {
    "seconds": 31622400,
    "minutes": 527040,
    "hours": 8784,
    "days": 366,
    "weeks": 53,
    "months": 12,
}
UNITS = (*EXACT_UNITS, *_DAYS, *_MONTHS)

_LENGTH = re.compile(r"([0-9]{1,12}) +(?:(working|workable) +)?([a-z]+?)s?")
_EXAMPLES = "15 days, 4 months, 48 hours"


@dataclass(frozen=True, slots=True)
class Length:
    """So many of a unit; `counting` only where the length itself says it (`10 working days`)."""

    count: int
    unit: str
    counting: str | None = None

    def __post_init__(self) -> None:
        if self.unit not in UNITS:
            raise _not_one_of("l'unité", "unit", self.unit, UNITS)
        if not 0 <= self.count <= 9999 * _A_YEAR_HOLDS.get(self.unit, 1):
            raise CalendarError(
                f"une durée de {self.count} {self.unit} n'est pas comprise entre 0 et 9999 ans",
                f"a length of {self.count} {self.unit} is not within 0 and 9999 years",
            )
        if self.counting is not None and (self.counting not in OPEN_DAY_COUNTINGS or self.unit != "days"):
            raise CalendarError(
                f"« {self.counting} {self.unit} » ne se compte pas : seuls se comptent working days et workable days",
                f"{self.counting} {self.unit} cannot be counted: only working or workable days can",
            )

    def __str__(self) -> str:
        unit = self.unit.removesuffix("s") if self.count == 1 else self.unit
        return " ".join(filter(None, (str(self.count), self.counting, unit)))

    @property
    def exact(self) -> timedelta | None:
        """The length in time for hours, minutes and seconds; None for what is counted in civil days."""
        seconds = EXACT_UNITS.get(self.unit)
        return None if seconds is None else timedelta(seconds=self.count * seconds)


@lru_cache(maxsize=4096)
def parse_length(text: str) -> Length:
    """The length written as `15 days`, `1 month`, `10 working days`; `CalendarError` for anything else."""
    found = _LENGTH.fullmatch(text.strip(" "))
    if found is None or f"{found[3]}s" not in UNITS:
        raise CalendarError(
            f"« {text} » n'est pas une durée : attendu un nombre entier et une unité, "
            f"comme {_EXAMPLES} ou 10 working days",
            f"{text!r} is not a length: expected a whole number and a unit, such as {_EXAMPLES} or 10 working days",
        )
    count, counting, unit = found.groups()
    return Length(int(count), f"{unit}s", counting)


def counting_of(length: Length, counting: str, roll: str = "none") -> str:
    """The counting that holds, once the length, the counting and the roll are found to agree.

    `CalendarError` where they do not: hours know calendar counting and no roll, open days are counted in
    days only, and a length that names its counting bears no other.
    """
    if counting not in COUNTINGS:
        raise _not_one_of("dans counting, la valeur", "counting", counting, COUNTINGS)
    if roll not in ROLLS:
        raise _not_one_of("dans roll, la valeur", "roll", roll, ROLLS)
    if length.counting not in (None, counting) and counting != "calendar":
        raise CalendarError(
            f"« {length} » ne peut se compter en {counting} : la durée dit déjà comment",
            f"{length} cannot be counted as {counting}: the length already says how",
        )
    holds = length.counting or counting
    if holds in OPEN_DAY_COUNTINGS and length.unit != "days":
        raise CalendarError(
            f"« {length} » ne peut se compter en {holds} : les jours ouvrés ou ouvrables se comptent en days",
            f"{length} cannot be counted as {holds}: open days are counted in days",
        )
    if length.unit in EXACT_UNITS and (holds, roll) != ("calendar", "none"):
        raise CalendarError(
            f"« {length} » est une durée exacte : elle ne prend ni counting ni roll",
            f"{length} is exact: it takes neither a counting nor a roll",
        )
    return holds


def _not_one_of(fr: str, en: str, given: str, known: Sequence[str]) -> CalendarError:
    listed = ", ".join(known)
    return CalendarError(
        f"{fr} « {given} » n'existe pas : attendu {listed}", f"{en} {given!r} is unknown: expected one of {listed}"
    )


@lru_cache(maxsize=65536)
def last_day(anchor_day: date, length: Length, counting: str, roll: str, code: str, calendar: Calendar) -> date:
    """The last day of a period that begins with a fact of `anchor_day` in the territory of this code.

    The anchor's day is not counted, but for `inclusive`; months count from it, to the same day number or
    that month's last day (Code de procédure civile, art. 641); `clear` ends a day later; `roll` comes last
    (art. 642).
    `CalendarError` where the rule is contradictory, or leaves the years 1 to 9999 or those of the calendar.
    """
    holds = counting_of(length, counting, roll)
    if holds in OPEN_DAY_COUNTINGS:
        day = nth_open_day(anchor_day, length.count, holds, code, calendar)
    else:
        day = _shifted(add_length(anchor_day, length), _correction(anchor_day, length, holds))
    return rolled(day, roll, code, calendar)


def rolled(day: date, roll: str, code: str, calendar: Calendar) -> date:
    """The day itself, or with `next_working_day` the first working day from it on."""
    return day if roll == "none" else next_open_day(day, "working", code, calendar)


@lru_cache(maxsize=65536)
def before(day: date, length: str, code: str, calendar: Calendar) -> date:
    """The day that lies `5 days`, `1 month` or `3 working days` before a day, as reminders say it.

    A month before is the same day number, or that month's last day; working days are counted back.
    """
    back = parse_length(length)
    if back.counting is not None:
        return nth_open_day(day, -back.count, back.counting, code, calendar)
    return add_length(day, back, sign=-1)


def after(day: date, length: str, code: str, calendar: Calendar) -> date:
    """The day that lies `10 days`, `1 month` or `3 working days` after a day, which is not counted."""
    return last_day(day, parse_length(length), "calendar", "none", code, calendar)


def shift_open_days(day: date, n: int, counting: str, code: str, calendar: Calendar) -> date:
    """The day `n` days later (earlier if negative) in a deadline's own counting: open days, or plain days."""
    if counting in OPEN_DAY_COUNTINGS:
        return nth_open_day(day, n, counting, code, calendar)
    return _shifted(day, n)


def count_open_days(start: date, end: date, counting: str, code: str, calendar: Calendar) -> int:
    """The days from `start` to `end`, itself excluded, in a deadline's own counting.

    0 where `end` is not later. So much does a pause from `start` to a resumption on `end` cover.
    """
    if counting in OPEN_DAY_COUNTINGS:
        return open_days_between(start, end, counting, code, calendar)
    return max(0, (end - start).days)


def add_length(day: date, length: Length, *, sign: int = 1) -> date:
    """The day so many calendar days, weeks, months or years from a day; backwards with a `sign` of -1."""
    if length.unit in _MONTHS:
        return _add_months(day, sign * length.count * _MONTHS[length.unit])
    if length.unit in _DAYS:
        return _shifted(day, sign * length.count * _DAYS[length.unit])
    raise CalendarError(
        f"« {length} » se compte depuis un instant, et non depuis un jour",
        f"{length} is counted from an instant, not from a day",
    )


def is_clamped(anchor_day: date, length: Length) -> bool:
    """Whether a period of months ends in a month that has not the anchor's day number, on its last day."""
    return length.unit in _MONTHS and add_length(anchor_day, length).day != anchor_day.day


def _correction(anchor_day: date, length: Length, counting: str) -> int:
    if counting == "inclusive":
        return 0 if is_clamped(anchor_day, length) else -1
    return 1 if counting == "clear" else 0


def _add_months(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if not 1 <= year <= 9999:
        raise CalendarError(
            f"{months:+} mois depuis le {day} sort des années 1 à 9999",
            f"{months:+} months from {day} leaves the years 1 to 9999",
        )
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _shifted(day: date, days: int) -> date:
    try:
        return day + timedelta(days=days)
    except OverflowError as error:
        raise CalendarError(
            f"{days:+} jours depuis le {day} sort des années 1 à 9999",
            f"{days:+} days from {day} leaves the years 1 to 9999",
        ) from error
