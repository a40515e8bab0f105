"""The ledger of one deadline: pauses, resumptions, extensions, moves, and what they make of its date.

A due date is always computed from anchor, rule and ledger; a paused stretch covers the local days from that of the
pause, included, to that of the resumption, excluded, and is given back in the deadline's own counting.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TypeVar

import msgspec

from workflow.calendar import (
    Calendar,
    CalendarError,
    count_open_days,
    end_of_day,
    last_day,
    local_day,
    parse_length,
    rolled,
    shift_open_days,
)

_T = TypeVar("_T", date, datetime)
LEDGER_KINDS = frozenset({"pause", "resume", "extension", "move"})


class LedgerItem(msgspec.Struct, frozen=True, array_like=True):
    """One line: a kind of entry, when it took effect, and the length or the day that it speaks of."""

    kind: str
    at: datetime
    value: str | None = None


@dataclass(frozen=True, slots=True)
class Count:
    """How a deadline counts, for one placement."""

    counting: str
    roll: str
    territory: str
    calendar: Calendar


def is_paused(ledger: Sequence[LedgerItem]) -> bool:
    """Whether the clock stands still: a pause that no resumption has ended."""
    last = next((item.kind for item in reversed(ledger) if item.kind in ("pause", "resume")), None)
    return last == "pause"


def civil_last_day(base: date, ledger: Sequence[LedgerItem], count: Count) -> date:
    """The last day, from the one that the rule alone gives: moved, paused days given back, extended; the roll last."""
    day, since_move = moved(base, ledger)
    for first, after in covered(stretches(since_move), count.territory):
        day = given_back(day, first, after, count)
    for length in extensions(since_move):
        day = extended(day, length, count)
    return rolled(day, count.roll, count.territory, count.calendar)


def given_back(day: date, first: date, after: date, count: Count) -> date:
    """The day, later by as many days (that count) as a paused stretch covers."""
    days = count_open_days(first, after, count.counting, count.territory, count.calendar)
    return shift_open_days(day, days, count.counting, count.territory, count.calendar)


def extended(day: date, length: str, count: Count) -> date:
    """The day so much later, in the deadline's own counting. Raises CalendarError for hours and less."""
    parsed = parse_length(length)
    if parsed.exact is not None:
        raise CalendarError(f"{length} cannot extend a deadline that is counted in days")
    if parsed.unit == "days" and parsed.counting is None:
        return shift_open_days(day, parsed.count, count.counting, count.territory, count.calendar)
    return last_day(day, parsed, "calendar", "none", count.territory, count.calendar)


def exact_instant(base: datetime, ledger: Sequence[LedgerItem], territory: str) -> datetime:
    """The instant of a deadline counted in hours or less: paused time and extensions are given back exactly."""
    since_move = list(ledger)
    for number, item in enumerate(ledger):
        if item.kind == "move" and item.value is not None:
            base, since_move = end_of_day(date.fromisoformat(item.value), territory), list(ledger[number + 1 :])
    for first, after in merged(stretches(since_move)):
        base += after - first
    for length in extensions(since_move):
        base += parse_length(length).exact or timedelta()
    return base


def moved(base: date, ledger: Sequence[LedgerItem]) -> tuple[date, Sequence[LedgerItem]]:
    """The day of the last move, or the one that the rule gives, and the lines that count after it."""
    moves = [number for number, item in enumerate(ledger) if item.kind == "move" and item.value is not None]
    if not moves:
        return base, ledger
    return date.fromisoformat(str(ledger[moves[-1]].value)), ledger[moves[-1] + 1 :]


def extensions(ledger: Iterable[LedgerItem]) -> list[str]:
    """The lengths by which it was extended."""
    return [item.value for item in ledger if item.kind == "extension" and item.value is not None]


def stretches(ledger: Iterable[LedgerItem]) -> list[tuple[datetime, datetime]]:
    """The paused stretches that are over; a resumption ends all pauses."""
    over, since = [], None
    for item in ledger:
        if item.kind == "pause":
            since = item.at if since is None else min(since, item.at)
        elif item.kind == "resume" and since is not None:
            over.append((since, item.at))
            since = None
    return over


def covered(paused: Iterable[tuple[datetime, datetime]], territory: str) -> list[tuple[date, date]]:
    """The local days of the stretches, overlaps once."""
    return merged((local_day(first, territory), local_day(after, territory)) for first, after in paused)


def merged(intervals: Iterable[tuple[_T, _T]]) -> list[tuple[_T, _T]]:
    """The same intervals in order, overlaps once."""
    apart: list[tuple[_T, _T]] = []
    for first, after in sorted(intervals):
        if apart and first <= apart[-1][1]:
            apart[-1] = (apart[-1][0], max(apart[-1][1], after))
        else:
            apart.append((first, after))
    return apart
