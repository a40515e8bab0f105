"""From facts to what falls due next, and to the deadlines that people are shown. Pure and total: it fires nothing.

A deadline is never stored as an instruction: its occurrence follows from the entries (occurrences.py), so that whatever
changes the facts (a transition, an amendment, a reversal) needs no timer code of its own.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Literal, NamedTuple

from workflow.changes import DeadlineRow
from workflow.definition import Deadline
from workflow.facts import Facts, Occurrence
from workflow.keeping import expiries
from workflow.ledger import is_paused
from workflow.rules import Rules

_REMINDER, _NOTICE, _FIRING, _EXPIRY = range(4)


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
