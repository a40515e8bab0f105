"""The ledger of one deadline: pauses, resumptions, extensions, moves, dates kept, and what they make of its date.

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
STOP, START = "stop", "start"
"""Lines that no entry of their own tells: the clock stands still in a state, and runs on."""


class LedgerItem(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """One line: a kind of entry, when it took effect, and the length or the day that it speaks of.

    `keep` is the line of a migration that kept a date: its value is that of `kept_date`. That of `stop` is the state.
    """

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
    """Whether the clock stands still, by a person's act or by the state of the placement."""
    return is_paused_by_hand(ledger) or is_stopped(ledger)


def is_paused_by_hand(ledger: Sequence[LedgerItem]) -> bool:
    """Whether somebody has paused it: a pause that no resumption has ended."""
    return standing_line(ledger, "pause", "resume") is not None


def is_stopped(ledger: Sequence[LedgerItem]) -> bool:
    """Whether the clock stands still in the state that the placement is in."""
    return standing_line(ledger, STOP, START) is not None


def standing_line(ledger: Sequence[LedgerItem], begins: str, ends: str) -> LedgerItem | None:
    """The last line that begins a stretch which no other has ended."""
    if not ledger:
        return None
    last = next((item for item in reversed(ledger) if item.kind in (begins, ends)), None)
    return last if last is not None and last.kind == begins else None


def civil_last_day(base: date, ledger: Sequence[LedgerItem], count: Count) -> date:
    """The last day, from the one that the rule alone gives: moved, paused days given back, extended; the roll last."""
    day, since_move = moved(base, ledger)
    paused, lengths = covered(stretches(since_move), count.territory), extensions(since_move)
    for first, after in paused:
        day = given_back(day, first, after, count)
    for length in lengths:
        day = extended(day, length, count)
    return (
        day
        if is_kept(ledger) and not paused and not lengths
        else rolled(day, count.roll, count.territory, count.calendar)
    )


def given_back(day: date, first: date, after: date, count: Count) -> date:
    """The day, later by as many days (that count) as a paused stretch covers."""
    days = count_open_days(first, after, count.counting, count.territory, count.calendar)
    return shift_open_days(day, days, count.counting, count.territory, count.calendar)


def extended(day: date, length: str, count: Count) -> date:
    """The day so much later, in the deadline's own counting. Raises CalendarError for hours and less."""
    parsed = parse_length(length)
    if parsed.exact is not None:
        raise CalendarError(
            f"« {length} » ne peut prolonger une échéance qui se compte en jours",
            f"{length} cannot extend a deadline that is counted in days",
        )
    if parsed.unit == "days" and parsed.counting is None:
        return shift_open_days(day, parsed.count, count.counting, count.territory, count.calendar)
    return last_day(day, parsed, "calendar", "none", count.territory, count.calendar)


def kept_date(last_day: date, due_at: datetime) -> str:
    """A date as a migration keeps it: the last day, and the instant of what is counted exactly."""
    return f"{last_day.isoformat()}/{due_at.isoformat()}"


def is_kept(ledger: Sequence[LedgerItem]) -> bool:
    """Whether the last line that sets the day outright is that of a migration."""
    return next((item.kind for item in reversed(ledger) if _sets(item)), None) == "keep"


def exact_instant(base: datetime, ledger: Sequence[LedgerItem], territory: str) -> datetime:
    """The instant of a deadline counted in hours or less: paused time and extensions are given back exactly."""
    instant, since_move = moved_exactly(base, ledger, territory)
    for first, after in merged(stretches(since_move)):
        instant += after - first
    for length in extensions(since_move):
        instant += parse_length(length).exact or timedelta()
    return instant


def moved_exactly(
    base: datetime, ledger: Sequence[LedgerItem], territory: str
) -> tuple[datetime, Sequence[LedgerItem]]:
    """The instant that was set last, or the one that the rule gives, and the lines that count after it."""
    number = _last_set(ledger)
    if number is None:
        return base, ledger
    day, _, instant = str(ledger[number].value).partition("/")
    kept = datetime.fromisoformat(instant) if instant else end_of_day(date.fromisoformat(day), territory)
    return kept, _since(ledger, number)


def moved(base: date, ledger: Sequence[LedgerItem]) -> tuple[date, Sequence[LedgerItem]]:
    """The day that was set last, or the one that the rule gives, and the lines that count after it."""
    number = _last_set(ledger)
    if number is None:
        return base, ledger
    return date.fromisoformat(str(ledger[number].value).partition("/")[0]), _since(ledger, number)


def _sets(item: LedgerItem) -> bool:
    return item.kind in ("move", "keep") and item.value is not None


def _last_set(ledger: Sequence[LedgerItem]) -> int | None:
    return next((number for number in range(len(ledger) - 1, -1, -1) if _sets(ledger[number])), None)


def _since(ledger: Sequence[LedgerItem], number: int | None) -> Sequence[LedgerItem]:
    """The lines after the one that set the day; a pause or stop that stood when a date was kept stands on."""
    if number is None:
        return ledger
    before, after = ledger[:number], ledger[number + 1 :]
    if ledger[number].kind == "move":
        return after
    standing = (standing_line(before, "pause", "resume"), standing_line(before, STOP, START))
    return [*(item for item in standing if item is not None), *after]


def extensions(ledger: Iterable[LedgerItem]) -> list[str]:
    """The lengths by which it was extended."""
    return [item.value for item in ledger if item.kind == "extension" and item.value is not None]


def stretches(ledger: Iterable[LedgerItem]) -> list[tuple[datetime, datetime]]:
    """The stretches in which the clock stood still, and which are over; a resumption ends all pauses."""
    lines = list(ledger)
    return [*_between(lines, "pause", "resume"), *_between(lines, STOP, START)]


def _between(ledger: Sequence[LedgerItem], begins: str, ends: str) -> list[tuple[datetime, datetime]]:
    over, since = [], None
    for item in ledger:
        if item.kind == begins:
            since = item.at if since is None else min(since, item.at)
        elif item.kind == ends and since is not None:
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
