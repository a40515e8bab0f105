"""What would have been: the dates that deadlines which have fired, or were missed, would have had after a correction.

It changes nothing and decides nothing. What has fired stays; whoever wants it otherwise reverses it.
"""

from collections.abc import Iterator, Sequence
from datetime import date, datetime

from workflow import due_dates
from workflow.calendar import local_day
from workflow.commands import Otherwise
from workflow.definition import Anchor, Deadline, FieldAnchor
from workflow.due_dates import Anchored
from workflow.facts import Facts, Occurrence
from workflow.history import ChainedEntry, HistoryEntry
from workflow.journal import Journal
from workflow.rules import Rules
from workflow.standing import standing

_ENDS = frozenset({"timeout", "missed", "milestone"})
_CORRECTS = frozenset({"amendment", "reversal"})


def otherwise_in(journal: Journal, before: Facts, count: int) -> tuple[Otherwise, ...]:
    """What would have been by the corrections among the entries of a journal after the first `count`."""
    if not any(item.entry.kind in _CORRECTS for item in journal.entries[count:]):
        return ()
    return tuple(otherwise(journal.rules, before, journal.facts, journal.past.entries))


def otherwise(rules: Rules, before: Facts, after: Facts, entries: Sequence[ChainedEntry]) -> Iterator[Otherwise]:
    """The deadlines that have ended and whose date a correction would have changed, in the definition's order."""
    ends = {entry.deadline: entry for entry in standing(entries) if entry.kind in _ENDS}
    for spec in rules.deadlines:
        end, run = ends.get(spec.name), before.occurrences.get(spec.name)
        if end is not None and run is not None and _has_ended(run, end, after.occurrences.get(spec.name)):
            anchor = _anchor_of(before, spec, run)
            was, would = _date(rules, before, spec, run, anchor), _date(rules, after, spec, run, anchor)
            if was != would:
                yield Otherwise(spec.name, end.seq, end.kind, run.last_day, run.due_at, *(would or (None, None)))


def _has_ended(run: Occurrence, end: HistoryEntry, now: Occurrence | None) -> bool:
    """Whether this entry ended this run, and no other has begun since."""
    return end.due_at == run.due_at and now is not None and now.closed is not None and now.anchor_seq == run.anchor_seq


def _anchor_of(facts: Facts, spec: Deadline, run: Occurrence) -> Anchor | None:
    """Which of its anchors a run counts from, as far as the facts still say."""
    found = ((anchor, due_dates.anchored_by(facts, anchor)) for anchor in spec.anchors)
    return next((anchor for anchor, at in found if at is not None and at.seq == run.anchor_seq), None)


def _date(
    rules: Rules, facts: Facts, spec: Deadline, run: Occurrence, anchor: Anchor | None
) -> tuple[date, datetime] | None:
    if isinstance(anchor, FieldAnchor):
        at = due_dates.anchored_by(facts, anchor)
    else:
        # An entry stays when it was; its local day is that of the territory.
        at = Anchored(run.anchor_seq, local_day(run.anchored_at, facts.territory), run.anchored_at)
    return None if at is None else due_dates.dated(rules, facts, spec, at, run.ledger)
