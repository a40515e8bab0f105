"""Deciding what people ask: a transition's request becomes entries in a journal, or all the reasons why not.

The journal is settled by the caller first. Pure but for the journal, which is thrown away where a request is refused.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec
from msgspec.structs import replace

from workflow import blockers, guards
from workflow.calendar import local_day
from workflow.commands import Fire, Moment
from workflow.defaults import following
from workflow.definition import IMPORT, SCHEDULER, SUPERVISOR, Transition
from workflow.errors import Blocker
from workflow.facts import Facts
from workflow.fold import fold
from workflow.history import HistoryEntry
from workflow.journal import Draft, Journal
from workflow.lateness import give_way, is_graced, make_way
from workflow.moments import day_of, resolved
from workflow.refusals import Refused
from workflow.requests import Given, read_fields, reason_of, refuse_unknown
from workflow.settling import follow, settle
from workflow.situation import Past, Situation


class Request(msgspec.Struct, frozen=True):
    """A request for a trigger, read: its values, its moment, and the facts and past that it is judged by."""

    command: Fire
    given: Given
    at: datetime
    facts: Facts
    past: Past
    imported: bool = False


def decide_fire(journal: Journal, command: Fire, actor: str) -> None:
    """Enter what `command` asks for, and what follows from it at once. Raises Refused, UnknownName.

    A late fact has what the scheduler did after it reversed first, and what has fallen due since settled after.
    """
    mark = journal.mark()
    try:
        request = read_request(journal, command, imported=actor == IMPORT)
        late = request.at < journal.facts.state_since and _make_way(journal, request, actor)
        _decide(journal, replace(request, facts=journal.facts, past=journal.past) if late else request, actor, late)
    except Refused:
        journal.rewind(mark)
        raise
    if late:
        settle(journal, journal.now)


def _make_way(journal: Journal, request: Request, actor: str) -> bool:
    """Reverse what stands in the way of a late fact, where that is asked for or allowed; tells whether it did."""
    command, transition = request.command, chosen(journal, request)
    way = [] if isinstance(transition, Blocker) else _in_the_way(journal, request, transition)
    if is_graced(journal, way):
        give_way(journal, command, way, actor)
    elif way and command.late:
        make_way(journal, command, way, actor)
    else:
        return False
    return True


def _decide(journal: Journal, request: Request, actor: str, late: bool) -> None:
    transition = chosen(journal, request)
    if isinstance(transition, Blocker):
        raise Refused([*_unreadable(journal, request), transition])
    judged = _judged(journal, request, transition, asked_without_values=False)
    if judged.reasons:
        raise Refused(judged.reasons)
    follow(journal, journal.append(_draft(journal, request, judged, actor, late)).entry)


def read_request(journal: Journal, command: Fire, *, imported: bool = False) -> Request:
    """Read a command's values and moment. Raises Refused for a moment before the placement, UnknownName."""
    definition = journal.rules.definition
    at = moment_of(journal, command)
    on = local_day(at, journal.facts.territory)
    known = _facts_of(journal, at)
    return Request(
        command=command,
        given=read_fields(definition, command.fields, command.dates, on),
        at=at,
        facts=known,
        past=journal.past if known is journal.facts else journal.past.until(at, by_rules_of_today=True),
        imported=imported,
    )


def moment_of(journal: Journal, command: Fire) -> datetime:
    """When the fact of a command happened: what it says, the date field that dates its trigger, or now."""
    definition, facts = journal.rules.definition, journal.facts
    refuse_unknown("trigger", [command.trigger], definition.transitions)
    moment: Moment = command.at
    dated_by = next((t.dated_by for t in definition.transitions[command.trigger] if t.dated_by), None)
    if moment is None and dated_by in command.fields:
        text = {str(dated_by): command.fields[str(dated_by)]}
        moment = day_of(read_fields(definition, text, command.dates, None).values.get(str(dated_by)))
    return resolved(moment, facts.territory, journal.now, facts)


def _facts_of(journal: Journal, at: datetime) -> Facts:
    """The facts that a request of this moment is judged by: a recorded fact may be earlier than the last move."""
    facts = journal.facts
    if at >= facts.state_since:
        return facts
    past = journal.past.until(at, by_rules_of_today=True)
    if not past.entries or past.entries[0].entry.kind == "migration":
        raise Refused([blockers.before_placement(at, journal.past.entries[0].entry.occurred_at)])
    return fold(journal.desk.rules_of, journal.reference, past.entries)


def chosen(journal: Journal, request: Request) -> Transition | Blocker:
    """The transition that the request is for: the first that stands in the state and whose condition holds."""
    trigger, state = request.command.trigger, request.facts.state
    definition = journal.rules.definition
    standing = definition.transitions_from(state, trigger)
    if not standing:
        allowed = [name for name in definition.states if definition.transitions_from(name, trigger)]
        return blockers.not_from_state(trigger, state, allowed)
    for each in standing:
        if each.when is None or guards.holds(_situation(journal, request, each, "")):
            return each
    return blockers.no_condition_holds(trigger, state)


def _situation(journal: Journal, request: Request, transition: Transition, role: str) -> Situation:
    values = request.given.values
    return Situation(
        rules=journal.rules,
        facts=request.facts,
        past=request.past,
        transition=transition,
        occurred_at=request.at,
        role=role,
        reason_given=bool(request.command.reason),
        given={**values, **following(journal.rules.definition, request.facts.fields, values)},
    )


def refusals_of(
    journal: Journal, request: Request, transition: Transition, *, asked_without_values: bool = False
) -> list[Blocker]:
    """Every reason against a request for `transition`; without values, what it needs is no reason by itself."""
    return _judged(journal, request, transition, asked_without_values=asked_without_values).reasons


class _Judged(msgspec.Struct, frozen=True):
    """The reasons against a request, what its guards were shown, and what each that was asked has answered."""

    reasons: list[Blocker]
    situation: Situation
    outcomes: Mapping[str, bool]


def _judged(journal: Journal, request: Request, transition: Transition, *, asked_without_values: bool) -> _Judged:
    role = _role(transition, request)
    situation = _situation(journal, request, transition, role if isinstance(role, str) else "")
    missing = _missing(transition, request)
    unasked = [*transition.needs, *transition.takes] if asked_without_values else missing
    found = _unreadable(journal, request)
    if isinstance(role, Blocker) and not (asked_without_values and role.code == "role_needed"):
        found.append(role)
    found += _order(journal, request, transition)
    if not asked_without_values:
        found += _fields(request, transition, missing)
        found += _dated(request, situation)
    verdict = guards.ask(situation, missing=unasked)
    counted = [each for each in _counted_now(journal, situation, unasked) if each not in verdict.blockers]
    reasons = [*found, *verdict.blockers, *counted, *_late(journal, request, transition)]
    return _Judged(reasons, situation, verdict.outcomes)


def _counted_now(journal: Journal, situation: Situation, unasked: Sequence[str]) -> Sequence[Blocker]:
    """What counts or sums entries must hold of all of them: dated earlier, nothing may be recorded twice."""
    if situation.facts is journal.facts:
        return ()
    present = replace(situation, facts=journal.facts, past=journal.past)
    return guards.ask(present, missing=unasked, counting=True).blockers


def _unreadable(journal: Journal, request: Request) -> list[Blocker]:
    future = request.at > journal.now
    late = [blockers.in_the_future(request.at, journal.now)] if future else []
    return [*request.given.blockers, *late]


def _role(transition: Transition, request: Request) -> str | Blocker:
    roles = request.command.roles
    if transition.by <= {SCHEDULER}:
        return blockers.scheduler_only(transition.trigger)
    if request.imported:
        return IMPORT
    for role in roles:
        if role in transition.by and role != SCHEDULER:
            return role
    if SUPERVISOR in roles:
        return SUPERVISOR
    allowed = sorted(transition.by - {SCHEDULER})
    return blockers.role_not_allowed(transition.trigger, roles, allowed) if roles else blockers.role_needed(allowed)


def _order(journal: Journal, request: Request, transition: Transition) -> list[Blocker]:
    found = []
    if transition.since is not None and transition.since not in request.facts.entered:
        found.append(blockers.not_since(transition.trigger, transition.since))
    if transition.once and journal.facts.counts.get(transition.trigger):
        found.append(blockers.already_recorded(transition.trigger))
    return found


def _fields(request: Request, transition: Transition, missing: Sequence[str]) -> list[Blocker]:
    taken = (*transition.needs, *transition.takes)
    foreign = [name for name in request.command.fields if name not in taken]
    found = [blockers.field_not_taken(transition.trigger, name, taken) for name in foreign]
    if transition.reason_required and not request.command.reason:
        found.append(blockers.reason_needed(transition.trigger))
    return found + [blockers.field_needed(name) for name in missing if _is_absent(request, name)]


def _is_absent(request: Request, name: str) -> bool:
    """A value that was given but could not be read has its own blocker already."""
    return name not in request.command.fields or name in request.given.values


def _missing(transition: Transition, request: Request) -> list[str]:
    def has(name: str) -> bool:
        kept = name in transition.kept and name not in request.command.fields
        if kept:
            return request.facts.is_set(name) and name not in request.facts.erased
        return request.given.values.get(name) is not None

    return [name for name in transition.needs if not has(name)]


def _dated(request: Request, situation: Situation) -> list[Blocker]:
    name = situation.transition.dated_by
    day = day_of(request.given.values.get(name)) if name else None
    if name is None or day is None or day == situation.occurred_on:
        return []
    return [blockers.dates_disagree(name, day, situation.occurred_on)]


def _in_the_way(journal: Journal, request: Request, transition: Transition) -> list[HistoryEntry]:
    """The standing entries that moved the placement after the fact: only a move has something in its way."""
    if transition.to is None or request.at >= journal.facts.state_since:
        return []
    return [entry for entry in journal.past.standing if entry.changes_state and entry.occurred_at > request.at]


def _late(journal: Journal, request: Request, transition: Transition) -> list[Blocker]:
    way = _in_the_way(journal, request, transition)
    named = [(entry.seq, str(entry.trigger or entry.kind), entry.occurred_at) for entry in way]
    return [blockers.entries_in_the_way(request.at, named)] if named else []


def _draft(journal: Journal, request: Request, judged: _Judged, actor: str, late: bool) -> Draft:
    command, situation = request.command, judged.situation
    transition = situation.transition
    code, text = reason_of(journal.rules.definition, command.reason)
    return Draft(
        kind="transition" if transition.to else "recorded",
        occurred_at=request.at,
        actor=actor,
        to=journal.rules.graph.target(request.facts.state, transition) if transition.to else None,
        trigger=command.trigger,
        role=situation.role,
        guards=judged.outcomes,
        fields=situation.given,
        reason=code,
        text=text,
        key=command.key,
        correlation=command.correlation,
        late=late,
    )
