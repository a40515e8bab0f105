"""What people read of one placement: its deadlines with their status and reminders, and how a date was computed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from workflow import deadlines, due_dates
from workflow.calendar import Step, counting_of, deadline
from workflow.changes import Incident
from workflow.civil.steps import end_steps, in_force_step
from workflow.definition import Deadline, Value
from workflow.errors import NotFound, UnknownName
from workflow.facts import Facts, Occurrence, Waiting
from workflow.ledger import Count
from workflow.ledger_steps import ledger_steps
from workflow.rules import Rules


@dataclass(frozen=True, slots=True)
class ReminderView:
    """One reminder: its moment, whether it was sent, and the seq of its entry."""

    at: datetime
    sent: bool
    seq: int | None


@dataclass(frozen=True, slots=True)
class DeadlineView:
    """One deadline of a placement; without dates while it waits for its anchor (`not_started`)."""

    name: str
    anchored_at: datetime | None
    last_day: date | None
    due_at: datetime | None
    status: str
    then: str | None
    reminders: tuple[ReminderView, ...] = ()


@dataclass(frozen=True, slots=True)
class RequestView:
    """A correction that waits, and what exactly it asks for, personal values included; erased ones are None.

    `options` are what it says besides the values of fields, `reason` the code and `text` the words of its reason.
    """

    waiting: Waiting
    options: Mapping[str, str]
    fields: Mapping[str, Value]
    reason: str | None
    text: str | None


@dataclass(frozen=True, slots=True)
class PlacementView:
    """A placement as recorded; `behind` says that something is due and not entered yet, `pending` what."""

    facts: Facts
    rules: Rules
    deadlines: tuple[DeadlineView, ...]
    wakes_at: datetime | None
    behind: bool
    pending: tuple[str, ...]
    personal: Mapping[str, Value]
    incident: Incident | None
    requests: tuple[RequestView, ...] = ()


@dataclass(frozen=True, slots=True)
class Explanation:
    """How the date of a deadline came out, step by step."""

    deadline: str
    anchored_at: datetime
    last_day: date
    due_at: datetime
    status: str
    steps: tuple[Step, ...]


def deadline_views(rules: Rules, facts: Facts) -> tuple[DeadlineView, ...]:
    """The deadlines to show: running, missed, or waiting for an anchor in a state where they would run."""
    views = (_deadline_view(rules, facts, spec) for spec in rules.deadlines)
    return tuple(view for view in views if view is not None)


def _deadline_view(rules: Rules, facts: Facts, spec: Deadline) -> DeadlineView | None:
    occurrence = facts.occurrences.get(spec.name)
    if occurrence is not None and occurrence.closed in (None, "missed"):
        return DeadlineView(
            name=spec.name,
            anchored_at=occurrence.anchored_at,
            last_day=occurrence.last_day,
            due_at=occurrence.due_at,
            status=deadlines.status_of(occurrence),
            then=spec.then,
            reminders=_reminders(rules, facts, spec, occurrence),
        )
    waits = due_dates.in_span(facts, spec) and not due_dates.is_met(facts, spec)
    if not waits or due_dates.anchored(facts, spec) is not None:
        return None
    return DeadlineView(spec.name, None, None, None, "not_started", spec.then)


def _ending(occurrence: Occurrence) -> str:
    return occurrence.closed or deadlines.status_of(occurrence)


def _reminders(rules: Rules, facts: Facts, spec: Deadline, occurrence: Occurrence) -> tuple[ReminderView, ...]:
    entries = {(prompt.number, prompt.at): prompt.seq for prompt in occurrence.sent}
    moments = enumerate(due_dates.reminder_moments(rules, facts, spec, occurrence))
    return tuple(ReminderView(at, (number, at) in entries, entries.get((number, at))) for number, at in moments)


def pending(rules: Rules, facts: Facts, now: datetime) -> tuple[str, ...]:
    """The deadlines (and reminders' deadlines) that are due and not entered yet, in the definition's order.

    Then the categories of personal data whose period of retention has ended: `retention of NAME`.
    """
    due = [event for event in deadlines.events(rules, facts) if event.moment <= now]
    names = {event.deadline for event in due if not event.is_expiry}
    expired = sorted((event.order, f"retention of {event.deadline}") for event in due if event.is_expiry)
    return (*(name for name in rules.definition.deadlines if name in names), *(text for _, text in expired))


def explained(rules: Rules, facts: Facts, name: str) -> Explanation:
    """How the date of a deadline, open or past, was computed.

    Raises UnknownName for a deadline that the definition does not have, NotFound for one that never ran here.
    """
    spec = rules.definition.deadlines.get(name)
    if spec is None:
        raise UnknownName("deadline", name, tuple(rules.definition.deadlines))
    occurrence = facts.occurrences.get(name)
    if occurrence is None:
        raise NotFound(f"the deadline {name} has not started for {facts.reference}")
    return Explanation(
        deadline=name,
        anchored_at=occurrence.anchored_at,
        last_day=occurrence.last_day,
        due_at=occurrence.due_at,
        status=_ending(occurrence),
        steps=_steps(rules, facts, spec, occurrence),
    )


def _steps(rules: Rules, facts: Facts, spec: Deadline, occurrence: Occurrence) -> tuple[Step, ...]:
    """Empty where the facts of today no longer give the date that a deadline of the past had."""
    revision, spec = spec.revision_of(occurrence.anchored_on), spec.in_force(occurrence.anchored_on)
    length = due_dates.length_of(facts, spec)
    if length is None:
        return ()
    said = () if revision is None else (in_force_step(revision.from_on),)
    roll = "none" if occurrence.ledger else spec.roll
    due = deadline(
        occurrence.anchored_at, facts.territory, length, counting=spec.counting, roll=roll, calendar=rules.calendar
    )
    if occurrence.ledger:
        count = Count(counting_of(length, spec.counting), spec.roll, facts.territory, rules.calendar)
        return (*said, *ledger_steps(due, occurrence, length, count, rules.definition.states))
    if due.last_day != occurrence.last_day:
        return ()
    return (*said, *due.steps[:-2], *end_steps(occurrence.last_day, occurrence.due_at, facts.territory))
