"""From facts to the open deadlines and the next moment to wake. Pure and total: it fires nothing.

A deadline is never stored as an instruction: its occurrence follows from the entries, so that whatever changes
the facts (a transition, an amendment, a reversal) needs no timer code of its own.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime
from functools import partial
from typing import Literal, NamedTuple

from msgspec.structs import replace

from workflow.calendar import (
    Due,
    Length,
    after,
    before,
    counting_of,
    deadline,
    end_of_day,
    last_day,
    local_day,
    start_of_day,
)
from workflow.changes import DeadlineRow
from workflow.definition import Anchor, Deadline, EntryAnchor, FieldLength, Reminder
from workflow.facts import Facts, Occurrence, Prompt
from workflow.history import HistoryEntry
from workflow.keeping import expiries
from workflow.ledger import (
    LEDGER_KINDS,
    Count,
    LedgerItem,
    civil_last_day,
    exact_instant,
    is_paused,
    kept_date,
)
from workflow.relabelling import terms_of
from workflow.rules import Rules
from workflow.stopping import Ledger, carried, in_step, under

_REMINDER, _NOTICE, _FIRING, _EXPIRY = range(4)
DROPPED = "dropped"
"""How an occurrence has ended that a migration has ended; another migration may let it run again."""

_OVER = frozenset({"fired", "met", "left", "waived", DROPPED})
_MARKS = {"missed": "missed", "milestone": "missed", "timeout": "fired"}


class Anchored(NamedTuple):
    """Where a clock counts from: the seq of the entry that set it, its local day, its instant."""

    seq: int
    on: date
    at: datetime


class Event(NamedTuple):
    """What falls due next for a placement; events compare in the order in which they must be applied.

    Where a period of retention ends, `deadline` is the name of its category.
    """

    moment: datetime
    rank: int
    order: int
    prompt: int
    deadline: str
    instant: datetime

    @property
    def is_reminder(self) -> bool:
        """Whether this is a reminder rather than the deadline itself."""
        return self.rank == _REMINDER

    @property
    def is_expiry(self) -> bool:
        """Whether a period of retention ends, rather than a deadline."""
        return self.rank == _EXPIRY


def observe(rules: Rules, facts: Facts, entry: HistoryEntry) -> Mapping[str, Occurrence]:
    """The occurrences after `entry`, given the facts with its other effects applied."""
    if entry.kind in ("note", "erasure", "approval"):
        return facts.occurrences
    if entry.kind == "reminder":
        return _with(facts, entry, _reminded)
    if entry.kind in LEDGER_KINDS:
        return _with(facts, entry, partial(_adjusted, rules, facts))
    if entry.kind == "migration":
        return _migrated(rules, facts, entry)
    marked = _with(facts, entry, _closed) if entry.kind in _MARKS else facts.occurrences
    if entry.kind in ("missed", "milestone"):
        return marked
    specs, reviewed = rules.definition.deadlines, dict(marked)
    for name in dict.fromkeys((*marked, *rules.clocks_in(facts.state))):
        # What a migration has ended is kept: another one may bring its deadline back.
        if name in specs and (occurrence := _review(rules, facts, specs[name], marked.get(name), entry)) is not None:
            reviewed[name] = occurrence
    return reviewed


def _with(
    facts: Facts, entry: HistoryEntry, mark: Callable[[Occurrence, HistoryEntry], Occurrence]
) -> Mapping[str, Occurrence]:
    name = str(entry.deadline)
    occurrence = facts.occurrences.get(name)
    return facts.occurrences if occurrence is None else {**facts.occurrences, name: mark(occurrence, entry)}


def _adjusted(rules: Rules, facts: Facts, occurrence: Occurrence, entry: HistoryEntry) -> Occurrence:
    value = entry.fields.get("to", entry.fields.get("by"))
    # An extension to a day is kept as what it is: a new last day.
    kind = "move" if "to" in entry.fields else entry.kind
    item = LedgerItem(kind, entry.occurred_at, None if value is None else str(value))
    noted = replace(occurrence, ledger=(*occurrence.ledger, item))
    if entry.kind == "move" and value is None:
        return replace(noted, closed="waived", pending=())
    spec = rules.definition.deadlines[str(entry.deadline)]
    anchor = Anchored(noted.anchor_seq, noted.anchored_on, noted.anchored_at)
    return _moved(rules, facts, spec, noted, anchor, entry)


def _migrated(rules: Rules, facts: Facts, entry: HistoryEntry) -> Mapping[str, Occurrence]:
    """The occurrences under other rules: each keeps its date, is computed anew, ends, or runs again."""
    names = dict.fromkeys((*facts.occurrences, *rules.definition.deadlines))
    carried = ((name, _carried(rules, facts, name, entry)) for name in names)
    return {name: occurrence for name, occurrence in carried if occurrence is not None}


def _carried(rules: Rules, facts: Facts, name: str, entry: HistoryEntry) -> Occurrence | None:
    current, spec, terms = facts.occurrences.get(name), rules.definition.deadlines.get(name), terms_of(entry)
    if spec is None:
        return current and _dropped(current)
    if current is not None and current.closed in (None, DROPPED):
        current = _kept(facts, spec, current, entry, keeps=name in terms.keep)
    reviewed = _review(rules, facts, spec, current, entry)
    if reviewed is None or reviewed.closed is not None:
        return reviewed
    return _dropped(reviewed) if name in terms.drop else _prompted(rules, facts, spec, reviewed, entry)


def _dropped(occurrence: Occurrence) -> Occurrence:
    return occurrence if occurrence.closed else replace(occurrence, closed=DROPPED, pending=())


def _kept(facts: Facts, spec: Deadline, current: Occurrence, entry: HistoryEntry, *, keeps: bool) -> Occurrence:
    """The occurrence as it runs on; a date is kept until the next migration, which says so again or does not."""
    lines = under(spec, [item for item in current.ledger if item.kind != "keep"])
    if not keeps:
        return replace(current, closed=None, ledger=lines)
    anchor = anchored(facts, spec)
    kept = LedgerItem("keep", entry.occurred_at, kept_date(current.last_day, current.due_at))
    # The new rules may count from elsewhere: it is the same clock all the same.
    seq = current.anchor_seq if anchor is None else anchor.seq
    return replace(current, closed=None, anchor_seq=seq, ledger=(*lines, kept))


def _prompted(rules: Rules, facts: Facts, spec: Deadline, occurrence: Occurrence, entry: HistoryEntry) -> Occurrence:
    """The reminders of the rules of today: those sent have their numbers, and none comes for a moment that is over."""
    if occurrence.closed is not None:
        return occurrence
    numbers = {at: number for number, at in enumerate(reminder_moments(rules, facts, spec, occurrence))}
    sent = tuple(replace(prompt, number=numbers.get(prompt.at, prompt.number)) for prompt in occurrence.sent)
    told = replace(occurrence, sent=sent)
    later = (prompt for prompt in _prompts(rules, facts, spec, told) if prompt.at > entry.occurred_at)
    return replace(told, pending=tuple(later))


def _closed(occurrence: Occurrence, entry: HistoryEntry) -> Occurrence:
    # A notice of a date that came with a move which was reversed since ends nothing that runs without that move.
    if entry.kind != "timeout" and entry.due_at != occurrence.due_at:
        return occurrence
    return replace(occurrence, closed=_MARKS[entry.kind], pending=())


def _reminded(occurrence: Occurrence, entry: HistoryEntry) -> Occurrence:
    # Replayed up to an earlier moment, a history may hold a reminder of a date that it does not know yet.
    told = next((prompt for prompt in occurrence.pending if prompt.at == entry.occurred_at), None)
    if told is None:
        return occurrence
    pending = tuple(prompt for prompt in occurrence.pending if prompt is not told)
    return replace(occurrence, pending=pending, sent=(*occurrence.sent, replace(told, seq=entry.seq)))


def _review(
    rules: Rules, facts: Facts, spec: Deadline, current: Occurrence | None, entry: HistoryEntry
) -> Occurrence | None:
    anchor = anchored(facts, spec) if in_span(facts, spec) else None
    if anchor is None or is_met(facts, spec):
        return current and _ended(facts, spec, current)
    if current is None or current.anchor_seq != anchor.seq:
        opened = _opened(rules, facts, spec, anchor, entry, _stops_of(current, anchor))
        return opened or (current and _ended(facts, spec, current))
    if current.closed:
        return current
    stopped = replace(current, ledger=in_step(facts, spec, current.ledger, current.anchored_at))
    return _moved(rules, facts, spec, stopped, anchor, entry)


def _stops_of(current: Occurrence | None, anchor: Anchored) -> Ledger:
    """What an occurrence that still runs leaves to the next one: a date put right does not undo that a clock stood."""
    return () if current is None or current.closed else carried(current.ledger, anchor.at)


def _ended(facts: Facts, spec: Deadline, current: Occurrence) -> Occurrence:
    if current.closed in _OVER:
        return current
    met = in_span(facts, spec) and is_met(facts, spec)
    return replace(current, closed="met" if met else "left", pending=())


def anchored(facts: Facts, spec: Deadline) -> Anchored | None:
    """The anchor of a deadline as the facts have it: the first of its list that is set; None where none is."""
    return next(filter(None, (anchored_by(facts, anchor) for anchor in spec.anchors)), None)


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


def computed(rules: Rules, facts: Facts, spec: Deadline, anchor: Anchored) -> Due | None:
    """When a deadline falls due for an anchor, with its explanation; None where its length is not known yet."""
    spec = spec.in_force(anchor.on)
    length = length_of(facts, spec)
    if length is None:
        return None
    return deadline(anchor.at, facts.territory, length, counting=spec.counting, roll=spec.roll, calendar=rules.calendar)


def dated(
    rules: Rules, facts: Facts, spec: Deadline, anchor: Anchored, ledger: Sequence[LedgerItem] = ()
) -> tuple[date, datetime] | None:
    """The last day and the instant of a deadline with this anchor and ledger; None where its length is not known."""
    due, spec = computed(rules, facts, spec, anchor), spec.in_force(anchor.on)
    length = length_of(facts, spec)
    if due is None or length is None:
        return None
    if length.exact is not None:
        instant = exact_instant(due.instant, ledger, facts.territory)
        return local_day(instant, facts.territory), instant
    day = due.last_day
    if ledger:
        counting = counting_of(length, spec.counting)
        strict = last_day(anchor.on, length, spec.counting, "none", facts.territory, rules.calendar)
        day = civil_last_day(strict, ledger, Count(counting, spec.roll, facts.territory, rules.calendar))
    return day, start_of_day(day, facts.territory) if spec.milestone else end_of_day(day, facts.territory)


def _opened(
    rules: Rules, facts: Facts, spec: Deadline, anchor: Anchored, entry: HistoryEntry, stops: Ledger
) -> Occurrence | None:
    ledger = in_step(facts, spec, stops, anchor.at)
    due = dated(rules, facts, spec, anchor, ledger)
    if due is None:
        return None
    opened = Occurrence(
        anchor_seq=anchor.seq,
        anchored_on=anchor.on,
        anchored_at=anchor.at,
        since_at=max(entry.occurred_at, facts.state_since),
        last_day=due[0],
        due_at=due[1],
        ledger=ledger,
    )
    return replace(opened, pending=_prompts(rules, facts, spec, opened))


def _moved(
    rules: Rules, facts: Facts, spec: Deadline, current: Occurrence, anchor: Anchored, entry: HistoryEntry
) -> Occurrence:
    due = dated(rules, facts, spec, anchor, current.ledger)
    if due is None or due == (current.last_day, current.due_at):
        return current
    moved = replace(
        current,
        anchored_on=anchor.on,
        anchored_at=anchor.at,
        since_at=max(entry.occurred_at, facts.state_since),
        last_day=due[0],
        due_at=due[1],
    )
    return replace(moved, pending=_prompts(rules, facts, spec, moved))


def _prompts(rules: Rules, facts: Facts, spec: Deadline, occurrence: Occurrence) -> tuple[Prompt, ...]:
    if not spec.reminders:
        return ()
    already = {(prompt.number, prompt.at) for prompt in occurrence.sent}
    moments = reminder_moments(rules, facts, spec, occurrence)
    return tuple(
        Prompt(number, at)
        for number, at in enumerate(moments)
        if at > occurrence.since_at and at < occurrence.due_at and (number, at) not in already
    )


def reminder_moments(rules: Rules, facts: Facts, spec: Deadline, occurrence: Occurrence) -> Iterator[datetime]:
    """The moment of each reminder of a deadline: the start of its local day, in the definition's order."""
    for reminder in spec.reminders:
        yield start_of_day(_reminder_day(rules, facts, reminder, occurrence), facts.territory)


def _reminder_day(rules: Rules, facts: Facts, reminder: Reminder, occurrence: Occurrence) -> date:
    length = str(reminder.length)
    if reminder.direction == "after":
        return after(occurrence.anchored_on, length, facts.territory, rules.calendar)
    return before(occurrence.last_day, length, facts.territory, rules.calendar)


def next_event(rules: Rules, facts: Facts) -> Event | None:
    """What falls due first: at one instant reminders, deadlines without `then`, the others in order; retention last."""
    return min(events(rules, facts), default=None)


def events(rules: Rules, facts: Facts) -> Iterator[Event]:
    """All that is going to fall due as the facts stand, in no order."""
    for name, occurrence in facts.occurrences.items():
        if occurrence.closed is not None or is_paused(occurrence.ledger):
            continue
        spec = rules.definition.deadlines[name]
        for prompt in occurrence.pending:
            yield Event(prompt.at, _REMINDER, spec.order, prompt.number, name, occurrence.due_at)
        moment = max(occurrence.due_at, occurrence.since_at, *([facts.state_since] if spec.then else []))
        yield Event(moment, _FIRING if spec.then else _NOTICE, spec.order, 0, name, occurrence.due_at)
    for expiry in expiries(rules, facts):
        yield Event(expiry.moment, _EXPIRY, expiry.order, 0, expiry.category, expiry.due_at)


def wakes_at(rules: Rules, facts: Facts) -> datetime | None:
    """The next moment at which this placement needs the daemon; None where it never does by itself."""
    event = next_event(rules, facts)
    return event.moment if event else None


def status_of(occurrence: Occurrence) -> Literal["running", "paused", "missed"]:
    """How a listed deadline stands."""
    if occurrence.closed:
        return "missed"
    return "paused" if is_paused(occurrence.ledger) else "running"


def shown(facts: Facts) -> tuple[str, ...]:
    """The names of the deadlines that people are shown."""
    return tuple(name for name, occurrence in facts.occurrences.items() if occurrence.closed in (None, "missed"))


def listed(rules: Rules, facts: Facts) -> dict[str, DeadlineRow]:
    """The deadlines that people are shown: those that run, and those missed while their span lasts."""
    specs = rules.definition.deadlines
    return {name: _row(specs[name], facts.occurrences[name]) for name in shown(facts) if name in specs}


def _row(spec: Deadline, occurrence: Occurrence) -> DeadlineRow:
    return DeadlineRow(
        name=spec.name,
        anchored_at=occurrence.anchored_at,
        last_day=occurrence.last_day,
        due_at=occurrence.due_at,
        status=status_of(occurrence),
        then=spec.then,
    )
