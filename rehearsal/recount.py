"""Deadlines counted once more, naively: from the entries alone, days one by one, to hold the engine to its dates.

Shares with the engine what the definition says, the published holidays and the zones of `tzdata`; no arithmetic.
Corrections (ledger, reversals, migrations) are not counted here.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from workflow.calendar import Calendar, Length, zone_of
from workflow.civil.territories import territory as territory_of
from workflow.definition import Deadline, EntryAnchor, FieldLength, Value
from workflow.history import HistoryEntry
from workflow.rules import Rules

_DAY = timedelta(days=1)
_EXACT = {"seconds": 1, "minutes": 60, "hours": 3600}


@dataclass(frozen=True)
class Recounted:
    """When a deadline falls due by the recount: its last day, its instant, and the entry that set its anchor."""

    last_day: date
    due_at: datetime
    anchor: int
    anchored_on: date


def recounted(rules: Rules, entries: Sequence[HistoryEntry], name: str) -> Recounted | None:
    """When the deadline falls due after these entries; None where its anchor or length is not set."""
    spec, code = rules.definition.deadlines[name], territory_in(entries)
    anchor = _anchor(rules, entries, spec, code)
    if anchor is None:
        return None
    seq, on, at = anchor
    spec = spec.in_force(on)
    length = _length(rules, entries, spec)
    if length is None:
        return None
    if length.unit in _EXACT:
        due = at + timedelta(seconds=length.count * _EXACT[length.unit])
        return Recounted(_local_day(due, code), due, seq, on)
    last = _last_day(on, length, length.counting or spec.counting, code, rules.calendar)
    while spec.roll == "next_working_day" and not _is_open(last, "working", code, rules.calendar):
        last += _DAY
    return Recounted(last, _first_moment(last if spec.milestone else last + _DAY, code), seq, on)


def reminder_moments(rules: Rules, name: str, counted: Recounted, code: str) -> Iterator[datetime]:
    """The moment of each reminder by the recount."""
    for reminder in rules.definition.deadlines[name].reminders:
        length = reminder.length
        if reminder.direction == "after":
            day = _last_day(counted.anchored_on, length, length.counting or "calendar", code, rules.calendar)
        else:
            day = _back(counted.last_day, length, code, rules.calendar)
        yield _first_moment(day, code)


def territory_in(entries: Sequence[HistoryEntry]) -> str:
    """The territory of the placement whose entries these are."""
    return str(next(entry.fields["territory"] for entry in reversed(entries) if "territory" in entry.fields))


def _anchor(
    rules: Rules, entries: Sequence[HistoryEntry], spec: Deadline, code: str
) -> tuple[int, date, datetime] | None:
    for anchor in spec.anchors:
        if isinstance(anchor, EntryAnchor):
            into = [entry for entry in entries if entry.to_state == anchor.state and entry.from_state != anchor.state]
            if into:
                entry = into[0] if anchor.first else into[-1]
                return entry.seq, _local_day(entry.occurred_at, code), entry.occurred_at
            continue
        value, seq = value_in(rules, entries, anchor.field)
        if value is not None:
            day = date.fromisoformat(str(value))
            return seq, day, _first_moment(day, code)
    return None


def value_in(rules: Rules, entries: Sequence[HistoryEntry], name: str) -> tuple[Value, int]:
    """A public field's value after these entries, and the entry that last changed it."""
    value: Value = None
    setter, empties = 0, rules.definition.fields[name].unset_by
    for entry in entries:
        if name in entry.fields and entry.fields[name] != value:
            value, setter = entry.fields[name], entry.seq
        if entry.trigger in empties or (entry.to_state != entry.from_state and entry.to_state in empties):
            value = None
    return value, setter


def _length(rules: Rules, entries: Sequence[HistoryEntry], spec: Deadline) -> Length | None:
    if not isinstance(spec.length, FieldLength):
        return spec.length
    count, _ = value_in(rules, entries, spec.length.field)
    if not isinstance(count, int):
        return None
    most = count if spec.length.at_most is None else spec.length.at_most
    return Length(min(count, most), spec.length.unit)


@lru_cache(maxsize=65536)
def _last_day(day: date, length: Length, counting: str, code: str, calendar: Calendar) -> date:
    if counting in ("working", "workable"):
        left = length.count
        while left:
            day += _DAY
            left -= _is_open(day, counting, code, calendar)
        return day
    last = _ahead(day, length)
    if counting == "clear":
        return last + _DAY
    # The first day counts: one day less, but for a day number that the last month does not have.
    fits = length.unit not in ("months", "years") or last.day == day.day
    return last - _DAY if counting == "inclusive" and fits else last


def _ahead(day: date, length: Length) -> date:
    if length.unit in ("months", "years"):
        return _months_away(day, length.count * (12 if length.unit == "years" else 1), _DAY)
    for _ in range(length.count * (7 if length.unit == "weeks" else 1)):
        day += _DAY
    return day


def _back(day: date, length: Length, code: str, calendar: Calendar) -> date:
    if length.counting is not None:
        left = length.count
        while left:
            day -= _DAY
            left -= _is_open(day, length.counting, code, calendar)
        return day
    if length.unit in ("months", "years"):
        return _months_away(day, length.count * (12 if length.unit == "years" else 1), -_DAY)
    return day - length.count * (7 if length.unit == "weeks" else 1) * _DAY


@lru_cache(maxsize=65536)
def _months_away(day: date, months: int, step: timedelta) -> date:
    """Walk until the same day number so many months away, or that month's last day where it has none."""
    wanted, left, current = day.day, months, day
    while left:
        following = current + step
        left -= following.month != current.month
        current = following
    # Walked back, the month was entered at its end; forwards, at its beginning.
    while step > timedelta() and current.day < wanted and (current + _DAY).month == current.month:
        current += _DAY
    while step < timedelta() and current.day > wanted:
        current -= _DAY
    return current


def _is_open(day: date, counting: str, code: str, calendar: Calendar) -> bool:
    resting = ("Saturday", "Sunday") if counting == "working" else ("Sunday",)
    return day.strftime("%A") not in resting and day not in calendar.of_group(territory_of(code).holidays)


def _local_day(at: datetime, code: str) -> date:
    return at.astimezone(zone_of(code)).date()


def _first_moment(day: date, code: str) -> datetime:
    return _first_moment_in(day, zone_of(code))


@lru_cache(maxsize=65536)
def _first_moment_in(day: date, zone: ZoneInfo) -> datetime:
    """The first second at which the zone's clocks show the day, found by halving."""
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    early, late = int((noon - 3 * _DAY).timestamp()), int((noon + 3 * _DAY).timestamp())
    while early < late:
        middle = (early + late) // 2
        shows = datetime.fromtimestamp(middle, zone).date()
        early, late = (early, middle) if shows >= day else (middle + 1, late)
    return datetime.fromtimestamp(early, UTC)
