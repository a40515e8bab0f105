"""From facts to what falls due next, and to the deadlines that people are shown. Pure and total: it fires nothing.

A deadline is never stored as an instruction: its occurrence follows from the entries (occurrences.py), so that whatever
changes the facts (a transition, an amendment, a reversal) needs no timer code of its own.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Literal, NamedTuple

import msgspec

from workflow.changes import DeadlineRow
from workflow.definition import Deadline
from workflow.facts import Facts, Occurrence
from workflow.keeping import expiries
from workflow.ledger import is_paused
from workflow.rules import Rules

_REMINDER, _NOTICE, _FIRING, _EXPIRY = range(4)


class Relisted(NamedTuple):
    """The deadlines that are listed no longer, and the rows of those that are new or have changed."""

    dropped: tuple[str, ...]
    rows: tuple[DeadlineRow, ...]


class Event(msgspec.Struct, frozen=True, order=True, gc=False):
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
    specs = rules.definition.deadlines
    for name, run in facts.occurrences.items():
        if run.closed is None and not (run.ledger and is_paused(run.ledger)):
            spec = specs[name]
            for prompt in run.pending:
                yield Event(prompt.at, _REMINDER, spec.order, prompt.number, name, run.due_at)
            if spec.then is None:
                yield Event(max(run.due_at, run.since_at), _NOTICE, spec.order, 0, name, run.due_at)
            else:
                moment = max(run.due_at, run.since_at, facts.state_since)
                yield Event(moment, _FIRING, spec.order, 0, name, run.due_at)
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
    return tuple(name for name, occurrence in facts.occurrences.items() if _is_shown(occurrence))


def _is_shown(occurrence: Occurrence | None) -> bool:
    return occurrence is not None and occurrence.closed in (None, "missed")


def listed(rules: Rules, facts: Facts) -> dict[str, DeadlineRow]:
    """The deadlines that people are shown: those that run, and those missed while their span lasts."""
    specs = rules.definition.deadlines
    return {name: _row(specs[name], facts.occurrences[name]) for name in shown(facts) if name in specs}


def relisted(rules_before: Rules, before: Facts | None, rules: Rules, after: Facts) -> Relisted:
    """What changes of the deadlines listed. What no entry has touched is the same object, and not compared."""
    old_specs, specs = rules_before.definition.deadlines, rules.definition.deadlines
    runs = {} if before is None else before.occurrences
    gone, rows = [], []
    for name in dict.fromkeys((*runs, *after.occurrences)):
        was, run = runs.get(name), after.occurrences.get(name)
        if run is was and rules is rules_before:
            continue
        row = _listed_row(specs, name, run)
        if row is None:
            gone += [name] if _is_shown(was) else []
        elif row != _listed_row(old_specs, name, was):
            rows.append(row)
    return Relisted(tuple(gone), tuple(rows))


def _listed_row(specs: Mapping[str, Deadline], name: str, run: Occurrence | None) -> DeadlineRow | None:
    return _row(specs[name], run) if run is not None and _is_shown(run) and name in specs else None


def _row(spec: Deadline, occurrence: Occurrence) -> DeadlineRow:
    return DeadlineRow(
        name=spec.name,
        anchored_at=occurrence.anchored_at,
        last_day=occurrence.last_day,
        due_at=occurrence.due_at,
        status=status_of(occurrence),
        then=spec.then,
    )
