"""From facts to the date of one deadline: where its clock counts from, whether it runs, how long, and until when.

Pure and total: it looks at the facts as they are, and not at what has happened to the deadline so far (occurrences.py).
"""

from collections.abc import Sequence
from datetime import date, datetime
from functools import lru_cache

import msgspec

from workflow.calendar import (
    Length,
    after,
    alike,
    before,
    counting_of,
    deadline,
    end_of_day,
    last_day,
    local_day,
    start_of_day,
)
from workflow.definition import Anchor, Deadline, EntryAnchor, FieldLength, Reminder
from workflow.facts import Facts, Occurrence
from workflow.ledger import Count, LedgerItem, civil_last_day, exact_instant
from workflow.rules import Rules


class Anchored(msgspec.Struct, frozen=True, gc=False):
    """Where a clock counts from: the seq of the entry that set it, its local day, its instant."""

    seq: int
    on: date
    at: datetime


def anchored(facts: Facts, spec: Deadline) -> Anchored | None:
    """The anchor of a deadline as the facts have it: the first of its list that is set; None where none is."""
    for anchor in spec.anchors:
        found = anchored_by(facts, anchor)
        if found is not None:
            return found
    return None


def anchored_by(facts: Facts, anchor: Anchor) -> Anchored | None:
    """Where one of a deadline's anchors stands; None where it is not set."""
    if isinstance(anchor, EntryAnchor):
        entered = facts.entered.get(anchor.state)
        if entered is None:
            return None
        seq, at = (entered.first_seq, entered.first_at) if anchor.first else (entered.last_seq, entered.last_at)
        return Anchored(seq, local_day(at, facts.territory), at)
    value = facts.fields.get(anchor.field)
    if value is None:
        return None
    day = date.fromisoformat(str(value))
    return Anchored(facts.setters[anchor.field], day, start_of_day(day, facts.territory))


def in_span(facts: Facts, spec: Deadline) -> bool:
    """Whether the clock of a deadline may run: in one of its states, and after the entry named by `since`."""
    return facts.state in spec.span and (spec.since is None or spec.since in facts.entered)


def is_met(facts: Facts, spec: Deadline) -> bool:
    """Whether what the deadline waits for was recorded."""
    until = spec.until
    if until is None:
        return False
    if until.field is not None:
        return facts.is_set(until.field)
    return facts.counts.get(str(until.trigger), 0) >= until.times


def length_of(facts: Facts, spec: Deadline) -> Length | None:
    """How long a deadline (as it is in force) runs for this placement; None where a field that tells it is not set."""
    if not isinstance(spec.length, FieldLength):
        return spec.length
    value = facts.fields.get(spec.length.field)
    if not isinstance(value, int):
        return None
    return Length(value if spec.length.at_most is None else min(value, spec.length.at_most), spec.length.unit)


def dated(
    rules: Rules, facts: Facts, spec: Deadline, anchor: Anchored, ledger: Sequence[LedgerItem] = ()
) -> tuple[date, datetime] | None:
    """The last day and the instant of a deadline with this anchor and ledger; None where its length is not known."""
    spec = spec.in_force(anchor.on) if spec.revisions else spec
    length = length_of(facts, spec)
    if length is None:
        return None
    if length.exact is not None:
        due = deadline(anchor.at, facts.territory, length, counting=spec.counting, roll=spec.roll)
        instant = exact_instant(due.instant, ledger, facts.territory)
        return local_day(instant, facts.territory), instant
    if not ledger:
        return _by_the_rule(rules, spec.name, length, anchor.on, alike(facts.territory))
    counting = counting_of(length, spec.counting)
    strict = last_day(anchor.on, length, spec.counting, "none", facts.territory, rules.calendar)
    day = civil_last_day(strict, ledger, Count(counting, spec.roll, facts.territory, rules.calendar))
    return day, _instant(spec, day, facts.territory)


# Many placements count from the same days, and most territories have the same.
@lru_cache(maxsize=65536)
def _by_the_rule(rules: Rules, name: str, length: Length, on: date, territory: str) -> tuple[date, datetime]:
    spec = rules.definition.deadlines[name].in_force(on)
    day = last_day(on, length, spec.counting, spec.roll, territory, rules.calendar)
    return day, _instant(spec, day, territory)


def _instant(spec: Deadline, day: date, territory: str) -> datetime:
    return start_of_day(day, territory) if spec.milestone else end_of_day(day, territory)


def reminder_moments(rules: Rules, facts: Facts, spec: Deadline, occurrence: Occurrence) -> tuple[datetime, ...]:
    """The moment of each reminder of a deadline: the start of its local day, in the definition's order."""
    return _reminded(rules, spec.name, occurrence.anchored_on, occurrence.last_day, alike(facts.territory))


@lru_cache(maxsize=65536)
def _reminded(rules: Rules, name: str, anchored_on: date, last: date, territory: str) -> tuple[datetime, ...]:
    def day(reminder: Reminder) -> date:
        length = str(reminder.length)
        if reminder.direction == "after":
            return after(anchored_on, length, territory, rules.calendar)
        return before(last, length, territory, rules.calendar)

    return tuple(start_of_day(day(each), territory) for each in rules.definition.deadlines[name].reminders)
