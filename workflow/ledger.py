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
    day, since_move = _moved(base, ledger)
    for first, after in _covered(_stretches(since_move), count.territory):
        days = count_open_days(first, after, count.counting, count.territory, count.calendar)
        day = shift_open_days(day, days, count.counting, count.territory, count.calendar)
    for length in _extensions(since_move):
        day = extended(day, length, count)
    return rolled(day, count.roll, count.territory, count.calendar)


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
    for first, after in _merged(_stretches(since_move)):
        base += after - first
    for length in _extensions(since_move):
        base += parse_length(length).exact or timedelta()
    return base


def _moved(base: date, ledger: Sequence[LedgerItem]) -> tuple[date, Sequence[LedgerItem]]:
    moves = [number for number, item in enumerate(ledger) if item.kind == "move" and item.value is not None]
    if not moves:
        return base, ledger
    return date.fromisoformat(str(ledger[moves[-1]].value)), ledger[moves[-1] + 1 :]


def _extensions(ledger: Iterable[LedgerItem]) -> list[str]:
    return [item.value for item in ledger if item.kind == "extension" and item.value is not None]


def _stretches(ledger: Iterable[LedgerItem]) -> list[tuple[datetime, datetime]]:
    """The paused stretches that are over; a resumption ends all pauses."""
    over, since = [], None
    for item in ledger:
        if item.kind == "pause":
            since = item.at if since is None else min(since, item.at)
        elif item.kind == "resume" and since is not None:
            over.append((since, item.at))
            since = None
    return over


def _covered(stretches: Iterable[tuple[datetime, datetime]], territory: str) -> list[tuple[date, date]]:
    """The local days of the stretches, overlaps once."""
    return _merged((local_day(first, territory), local_day(after, territory)) for first, after in stretches)


def _merged(stretches: Iterable[tuple[_T, _T]]) -> list[tuple[_T, _T]]:
    merged: list[tuple[_T, _T]] = []
    for first, after in sorted(stretches):
        if merged and first <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], after))
        else:
            merged.append((first, after))
    return merged
