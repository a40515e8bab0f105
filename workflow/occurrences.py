"""From entries to occurrences: how each run of a deadline begins, moves, and ends. Pure and total.

An entry can change only those deadlines that depend on something it changes (dependence.py); no other is looked at.
"""

from collections.abc import Callable, Iterable, Mapping
from functools import partial

from msgspec.structs import replace

from workflow import due_dates
from workflow.definition import Deadline
from workflow.due_dates import Anchored
from workflow.facts import Facts, Occurrence, Prompt
from workflow.history import HistoryEntry
from workflow.ledger import LEDGER_KINDS, LedgerItem, kept_date
from workflow.relabelling import terms_of
from workflow.rules import Rules
from workflow.stopping import Ledger, carried, in_step, under

DROPPED = "dropped"
"""How an occurrence has ended that a migration has ended; another migration may let it run again."""

_OVER = frozenset({"fired", "met", "left", "waived", DROPPED})
_MARKS = {"missed": "missed", "milestone": "missed", "timeout": "fired"}


def observe(rules: Rules, before: Facts, facts: Facts, entry: HistoryEntry) -> Mapping[str, Occurrence]:
    """The occurrences after `entry`, given the facts before it, and those with its other effects applied."""
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
    return _reviewed(rules, facts, entry, marked, _to_review(rules, before, facts, entry))


def _to_review(rules: Rules, before: Facts, facts: Facts, entry: HistoryEntry) -> Iterable[str]:
    """The deadlines that an entry may change; all, where they were last looked at by other rules, or never."""
    if entry.kind == "placed" or before.definition != rules.definition.digest:
        return dict.fromkeys((*facts.occurrences, *rules.clocks_in(facts.state)))
    return rules.dependence.affected(before, facts, entry, rules.emptied_by_entry(entry))


def _reviewed(
    rules: Rules, facts: Facts, entry: HistoryEntry, marked: Mapping[str, Occurrence], names: Iterable[str]
) -> Mapping[str, Occurrence]:
    specs, changed = rules.definition.deadlines, {}
    for name in names:
        # What a migration has ended is kept: another one may bring its deadline back.
        if name in specs:
            current = marked.get(name)
            occurrence = _review(rules, facts, specs[name], current, entry)
            if occurrence is not current and occurrence is not None:
                changed[name] = occurrence
    return {**marked, **changed} if changed else marked


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
    anchor = due_dates.anchored(facts, spec)
    kept = LedgerItem("keep", entry.occurred_at, kept_date(current.last_day, current.due_at))
    # The new rules may count from elsewhere: it is the same clock all the same.
    seq = current.anchor_seq if anchor is None else anchor.seq
    return replace(current, closed=None, anchor_seq=seq, ledger=(*lines, kept))


def _prompted(rules: Rules, facts: Facts, spec: Deadline, occurrence: Occurrence, entry: HistoryEntry) -> Occurrence:
    """The reminders of the rules of today: those sent have their numbers, and none comes for a moment that is over."""
    if occurrence.closed is not None:
        return occurrence
    numbers = {at: number for number, at in enumerate(due_dates.reminder_moments(rules, facts, spec, occurrence))}
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
    anchor = due_dates.anchored(facts, spec) if due_dates.in_span(facts, spec) else None
    if anchor is None or due_dates.is_met(facts, spec):
        return current and _ended(facts, spec, current)
    if current is None or current.anchor_seq != anchor.seq:
        opened = _opened(rules, facts, spec, anchor, entry, _stops_of(current, anchor))
        return opened or (current and _ended(facts, spec, current))
    return current if current.closed else _moved(rules, facts, spec, _stopped(facts, spec, current), anchor, entry)


def _stopped(facts: Facts, spec: Deadline, current: Occurrence) -> Occurrence:
    """The occurrence with the line that the state of the placement calls for; the same where it calls for none."""
    ledger = in_step(facts, spec, current.ledger, current.anchored_at)
    return current if ledger is current.ledger else replace(current, ledger=ledger)


def _stops_of(current: Occurrence | None, anchor: Anchored) -> Ledger:
    """What an occurrence that still runs leaves to the next one: a date put right does not undo that a clock stood."""
    return () if current is None or current.closed else carried(current.ledger, anchor.at)


def _ended(facts: Facts, spec: Deadline, current: Occurrence) -> Occurrence:
    if current.closed in _OVER:
        return current
    met = due_dates.in_span(facts, spec) and due_dates.is_met(facts, spec)
    return replace(current, closed="met" if met else "left", pending=())


def _opened(
    rules: Rules, facts: Facts, spec: Deadline, anchor: Anchored, entry: HistoryEntry, stops: Ledger
) -> Occurrence | None:
    ledger = in_step(facts, spec, stops, anchor.at)
    due = due_dates.dated(rules, facts, spec, anchor, ledger)
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
    return replace(opened, pending=_prompts(rules, facts, spec, opened)) if spec.reminders else opened


def _moved(
    rules: Rules, facts: Facts, spec: Deadline, current: Occurrence, anchor: Anchored, entry: HistoryEntry
) -> Occurrence:
    due = due_dates.dated(rules, facts, spec, anchor, current.ledger)
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
    since_at, due_at = occurrence.since_at, occurrence.due_at
    moments = enumerate(due_dates.reminder_moments(rules, facts, spec, occurrence))
    return tuple([Prompt(*each) for each in moments if since_at < each[1] < due_at and each not in already])
