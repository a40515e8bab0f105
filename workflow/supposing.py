"""What would follow if something happened: every date, worked out in memory on a copy of the placement's facts.

A supposition asks no permission: roles, values that would have to come with it and guards are left aside. It has to be
a move that the definition allows in the placement's state.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from workflow import blockers
from workflow.calendar import local_day
from workflow.commands import Moment
from workflow.correcting import undo
from workflow.definition import SCHEDULER, Definition, Transition, Value
from workflow.errors import UnknownName
from workflow.facts import Facts
from workflow.history import HistoryEntry
from workflow.journal import Draft, Journal
from workflow.lateness import people_in_the_way
from workflow.moments import resolved
from workflow.refusals import Refused
from workflow.requests import read_fields
from workflow.rules import Rules
from workflow.session import Session
from workflow.settling import follow, settle
from workflow.standing import standing
from workflow.views import DeadlineView, deadline_views


@dataclass(frozen=True, slots=True, kw_only=True)
class Supposition:
    """`what` names a trigger, the state that it leads to or its date field, or a word of one of these; `at` when."""

    what: str
    at: Moment = None


@dataclass(frozen=True, slots=True)
class Supposed:
    """What a supposition was taken to be."""

    trigger: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Consequence:
    """One deadline as it stands, and as it would: None where it is not shown."""

    name: str
    before: DeadlineView | None
    after: DeadlineView | None


@dataclass(frozen=True, slots=True)
class WhatIf:
    """What was supposed, the entries that would be made (all that falls due by then included), and every date."""

    reference: str
    supposed: tuple[Supposed, ...]
    entries: tuple[HistoryEntry, ...]
    facts: Facts
    deadlines: tuple[Consequence, ...]


def suppose(session: Session, facts: Facts, said: Sequence[Supposition], values: Mapping[str, str]) -> WhatIf:
    """Suppose one thing after the other. Raises Refused, UnknownName; Undecidable for an incident."""
    moments = [resolved(each.at, facts.territory, session.now, None) for each in said]
    later = session.at(max([session.now, *moments]))
    journal = later.settled(facts, session.now)
    rules, before = journal.rules, deadline_views(journal.rules, facts)
    given = _given(rules.definition, values)
    supposed = [_suppose(journal, each, at, given) for each, at in zip(said, moments, strict=True)]
    after = deadline_views(rules, journal.facts)
    entries = tuple(item.entry for item in journal.entries)
    return WhatIf(facts.reference, tuple(supposed), entries, journal.facts, tuple(_compared(before, after)))


def _given(definition: Definition, values: Mapping[str, str]) -> Mapping[str, Value]:
    read = read_fields(definition, values, "iso", None)
    if read.blockers:
        raise Refused(read.blockers)
    return read.values


def _suppose(journal: Journal, said: Supposition, at: datetime, given: Mapping[str, Value]) -> Supposed:
    settle(journal, at)
    _make_way(journal, at)
    state = journal.facts.state
    transition = _meant(journal.rules, state, said.what)
    taken = {name: value for name, value in given.items() if name in (*transition.needs, *transition.takes)}
    if transition.dated_by is not None:
        taken[transition.dated_by] = local_day(at, journal.facts.territory).isoformat()
    draft = Draft(
        kind="transition" if transition.to else "recorded",
        occurred_at=at,
        actor="supposed",
        to=journal.rules.graph.target(state, transition) if transition.to else None,
        trigger=transition.trigger,
        fields=taken,
    )
    follow(journal, journal.append(draft).entry)
    settle(journal, max(journal.desk.now, at))
    return Supposed(transition.trigger, at)


def _make_way(journal: Journal, at: datetime) -> None:
    """What the scheduler did after the moment is put aside; what people did stands in the way."""
    way = [entry for entry in standing(journal.past.entries) if entry.changes_state and entry.occurred_at > at]
    if people := people_in_the_way(way):
        raise Refused([blockers.operators_in_the_way(people)])
    if way:
        undo(journal, way, SCHEDULER, None)


def _meant(rules: Rules, state: str, word: str) -> Transition:
    """The transition that a word means in a state. Raises UnknownName where it means none, or more than one."""
    standing_here = [
        transition
        for trigger in rules.definition.transitions
        for transition in rules.definition.transitions_from(state, trigger)
    ]
    exactly = [each for each in standing_here if word in _names(each)]
    found = exactly or [each for each in standing_here if word in {part for n in _names(each) for part in n.split("_")}]
    if len({each.trigger for each in found}) != 1:
        known = found or standing_here
        raise UnknownName("trigger", word, tuple(dict.fromkeys(each.trigger for each in known)))
    return found[0]


def _names(transition: Transition) -> list[str]:
    return [name for name in (transition.trigger, transition.to, transition.dated_by) if name is not None]


def _compared(before: Sequence[DeadlineView], after: Sequence[DeadlineView]) -> list[Consequence]:
    old, new = ({view.name: view for view in views} for views in (before, after))
    return [Consequence(name, old.get(name), new.get(name)) for name in dict.fromkeys((*old, *new))]
