"""Settling: everything of one placement that has fallen due, in the order in which it fell due, automatics included.

What it enters depends on the instants alone and never on when it runs, so that downtime does not change history.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from workflow import blockers, guards
from workflow.deadlines import Event
from workflow.definition import SCHEDULER, Deadline, Transition
from workflow.errors import Blocker, ParcoursError
from workflow.expiring import expire
from workflow.history import HistoryEntry, Kind
from workflow.journal import Draft, Journal
from workflow.situation import Situation

MAX_FIRINGS = 1_000
_GONE_WRONG = (ParcoursError, ValueError, LookupError, TypeError)


class Undecidable(Exception):
    """The placement cannot be decided: an incident, never a reason to stop a sweep."""

    def __init__(self, code: str, message: str) -> None:
        self.code = code
        super().__init__(message)


class decidable:  # noqa: N801 # read as a word of the `with` statement
    """Whatever goes wrong in deciding, but for these answers, makes the placement undecidable."""

    __slots__ = ("_passed",)

    def __init__(self, *answers: type[Exception]) -> None:
        self._passed: tuple[type[Exception], ...] = (Undecidable, *answers)

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, _GONE_WRONG) and not isinstance(error, self._passed):
            raise Undecidable(getattr(error, "code", type(error).__name__), str(error)) from error


def settle(journal: Journal, until: datetime) -> None:
    """Enter all that falls due at or before `until`. Raises Undecidable after 1,000 firings."""
    for _ in range(MAX_FIRINGS):
        event = journal.next_event
        if event is None or event.moment > until:
            return
        _enter(journal, event)
    raise Undecidable("too_many_firings", f"more than {MAX_FIRINGS} deadlines fell due in one settling")


def settle_next(journal: Journal) -> None:
    """Enter what falls due first, if anything does, and nothing else."""
    event = journal.next_event
    if event is not None:
        _enter(journal, event)


def _enter(journal: Journal, event: Event) -> None:
    if event.is_expiry:
        expire(journal, event.deadline, event.moment, event.instant)
        return
    spec = journal.rules.definition.deadlines[event.deadline]
    if event.is_reminder:
        journal.append(_draft("reminder", event))
    elif spec.then is None:
        journal.append(_draft("milestone" if spec.milestone else "missed", event))
    else:
        _fire(journal, spec, event)


def _draft(kind: Kind, event: Event, **said: Any) -> Draft:
    return Draft(
        kind=kind,
        occurred_at=event.moment,
        actor=SCHEDULER,
        deadline=event.deadline,
        due_at=event.instant,
        **said,
    )


def _fire(journal: Journal, spec: Deadline, event: Event) -> None:
    situation, refusals = _chosen(journal, str(spec.then), event.moment)
    verdict = guards.ask(situation) if situation else None
    refused = [*refusals, *(verdict.blockers if verdict else ())]
    if situation is None or verdict is None or refused:
        outcomes = dict.fromkeys((blocker.code for blocker in refused), False)
        journal.append(_draft("missed", event, guards=outcomes))
        return
    target = journal.rules.graph.target(journal.facts.state, situation.transition)
    fired = {"trigger": spec.then, "to": target, "role": SCHEDULER, "guards": verdict.outcomes}
    follow(journal, journal.append(_draft("timeout", event, **fired)).entry)


def _chosen(journal: Journal, trigger: str, at: datetime) -> tuple[Situation | None, Sequence[Blocker]]:
    facts = journal.facts
    standing = journal.rules.definition.transitions_from(facts.state, trigger)
    for transition in standing:
        situation = _situation(journal, transition, at)
        if SCHEDULER in transition.by and guards.holds(situation):
            if transition.since is not None and transition.since not in facts.entered:
                return None, [blockers.not_since(trigger, transition.since)]
            return situation, ()
    return None, [blockers.not_from_state(trigger, facts.state, ())]


def _situation(journal: Journal, transition: Transition, at: datetime) -> Situation:
    return Situation(
        rules=journal.rules,
        facts=journal.facts,
        past=journal.past,
        transition=transition,
        occurred_at=at,
        role=SCHEDULER,
        reason_given=False,
    )


def follow(journal: Journal, entry: HistoryEntry) -> None:
    """Take the automatic transitions of the state that `entry` entered, and of those that they enter in turn."""
    for _ in range(MAX_FIRINGS):
        transition = _automatic(journal, entry.occurred_at) if entry.changes_state else None
        if transition is None:
            return
        target = journal.rules.graph.target(journal.facts.state, transition)
        taken = Draft(
            kind="automatic",
            occurred_at=entry.occurred_at,
            actor=SCHEDULER,
            trigger=transition.trigger,
            to=target,
            correlation=entry.correlation,
        )
        entry = journal.append(taken).entry
    raise Undecidable("automatic_cycle", f"more than {MAX_FIRINGS} automatic transitions followed one another")


def _automatic(journal: Journal, at: datetime) -> Transition | None:
    for each in journal.rules.definition.automatic_from.get(journal.facts.state, ()):
        if each.when is None or guards.holds(_situation(journal, each, at)):
            return each
    return None
