"""Deciding that a placement goes on under another version of its definition, and telling what that will do.

A migration settles first under the old rules. It moves nothing: a deadline that runs keeps its date, or has it computed
by the new rules, or ends, and what then lies in the past falls due at the migration's own moment.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Literal

from workflow import deadlines, refusals
from workflow.commands import Migrate
from workflow.definition import SUPERVISOR, Definition
from workflow.errors import Blocker
from workflow.facts import Facts, Occurrence
from workflow.journal import Draft, Journal
from workflow.occurrences import DROPPED
from workflow.refusals import Refused
from workflow.relabelling import Terms
from workflow.requests import reason_of, refuse_unknown
from workflow.rules import Rules
from workflow.stranding import stranding

Fate = Literal["same", "keep", "recompute", "drop", "open", "end"]


@dataclass(frozen=True, slots=True)
class DatePlan:
    """What becomes of one deadline: its last day and instant before (None: it did not run), and after (None: it ends).

    `fate`: the new rules give the same date; the old one is kept; it is computed anew; the migration ends it; it begins
    to run; or the new rules have no clock here.
    """

    name: str
    fate: Fate
    before: tuple[date, datetime] | None
    after: tuple[date, datetime] | None


@dataclass(frozen=True, slots=True)
class Planned:
    """What a migration does to one placement, or why it cannot be.

    `revision` is that of the placement before it, all that is due entered (`settled` counts those entries); `version`
    is the one that it leaves, None where that is lost. `fires` names the deadlines that fall due at once; `idle`:
    it leaves no clock running, in a state that is not meant to wait for ever.
    """

    reference: str
    revision: int
    version: int | None
    state: str
    to_state: str
    settled: int = 0
    dates: tuple[DatePlan, ...] = ()
    fires: tuple[str, ...] = ()
    idle: bool = False
    blockers: tuple[Blocker, ...] = ()


def check_names(command: Migrate, target: Definition) -> None:
    """Raise UnknownName for a deadline that the version does not have, or a state that none is replaced by."""
    refuse_unknown("deadline", [*command.keep, *command.drop], target.deadlines)
    refuse_unknown("state", command.states.values(), target.states)


def decide_migrate(journal: Journal, command: Migrate, rules: Rules, actor: str) -> Planned:
    """Enter the migration, and tell what it does. Raises Refused, with nothing entered."""
    found = refusals.entitled("definition migrate", command.roles, command.reason)
    before, version = journal.facts, journal.rules.definition
    found += stranding(None if version == rules.definition else version, rules.definition, before, command.states)
    if found:
        raise Refused(found)
    was_idle = _is_idle(journal.rules, before)
    terms = _terms(journal, command, rules, actor)
    dates = _tried(journal, command, rules, terms, actor)
    _enter(journal, command, rules, terms, actor, dates)
    planned = _planned(before, journal, dates)
    return replace(planned, idle=planned.idle and not was_idle)


def refused(facts: Facts, version: int | None, reasons: Sequence[Blocker]) -> Planned:
    """The plan of a placement that cannot be migrated."""
    return Planned(facts.reference, facts.revision, version, facts.state, facts.state, blockers=tuple(reasons))


def _terms(journal: Journal, command: Migrate, rules: Rules, actor: str) -> Terms:
    """The terms as they bear on this placement; unless earlier dates are accepted, none that runs comes forward."""
    before = journal.facts
    states = {old: new for old, new in command.states.items() if old == before.state or old in before.entered}
    running = {name for name, each in before.occurrences.items() if each.closed is None}
    terms = Terms(frozenset(command.keep) & running, frozenset(command.drop), states)
    dates = _tried(journal, command, rules, terms, actor)
    ended = frozenset(each.name for each in dates if each.fate == "drop") & terms.drop
    earlier = frozenset() if command.accept_earlier else frozenset(each.name for each in dates if _is_earlier(each))
    return Terms(terms.keep | earlier, ended, states)


def _is_earlier(plan: DatePlan) -> bool:
    return plan.before is not None and plan.after is not None and plan.after[1] < plan.before[1]


def _tried(journal: Journal, command: Migrate, rules: Rules, terms: Terms, actor: str) -> tuple[DatePlan, ...]:
    """The dates that these terms lead to; the journal is left as it was."""
    mark, before = journal.mark(), journal.facts
    _enter(journal, command, rules, terms, actor, ())
    dates = _dates(before, journal.facts, terms)
    journal.rewind(mark)
    return dates


def _enter(
    journal: Journal, command: Migrate, rules: Rules, terms: Terms, actor: str, dates: Sequence[DatePlan]
) -> None:
    code, text = reason_of(rules.definition, command.reason)
    moved = [_said(each) for each in dates if each.fate != "same"]
    said = {**terms.as_fields(), **({"dates": "; ".join(moved)} if moved else {})}
    draft = Draft(
        kind="migration",
        occurred_at=journal.now,
        actor=actor,
        to=terms.states.get(journal.facts.state),
        role=SUPERVISOR,
        fields=said,
        reason=code,
        text=text,
        correlation=command.correlation,
    )
    journal.migrate(rules, draft)


def _said(plan: DatePlan) -> str:
    """One deadline in the entry: what becomes of it, its name, its last day before and after."""
    days = ["-" if each is None else each[0].isoformat() for each in (plan.before, plan.after)]
    return " ".join((plan.fate, plan.name, *days))


def _dates(before: Facts, after: Facts, terms: Terms) -> tuple[DatePlan, ...]:
    names = dict.fromkeys((*before.occurrences, *after.occurrences))
    plans = (_date(name, before.occurrences.get(name), after.occurrences.get(name), terms) for name in names)
    return tuple(plan for plan in plans if plan is not None)


def _date(name: str, old: Occurrence | None, new: Occurrence | None, terms: Terms) -> DatePlan | None:
    was = None if old is None or old.closed else (old.last_day, old.due_at)
    will = None if new is None or new.closed else (new.last_day, new.due_at)
    if was is None and will is None:
        dropped_at_once = new is not None and new.closed == DROPPED and (old is None or old.closed != DROPPED)
        return DatePlan(name, "drop", None, None) if dropped_at_once else None
    return DatePlan(name, _fate(name, was, will, new, terms), was, will)


def _fate(
    name: str,
    was: tuple[date, datetime] | None,
    will: tuple[date, datetime] | None,
    new: Occurrence | None,
    terms: Terms,
) -> Fate:
    if will is None:
        return "drop" if new is not None and new.closed == DROPPED else "end"
    if was is None:
        return "open"
    if name in terms.keep:
        return "keep"
    return "same" if was == will else "recompute"


def _planned(before: Facts, journal: Journal, dates: tuple[DatePlan, ...]) -> Planned:
    after, rules = journal.facts, journal.rules
    coming = deadlines.events(rules, after)
    due = {each.deadline for each in coming if each.moment <= journal.now and not each.is_reminder}
    return Planned(
        reference=before.reference,
        revision=before.revision,
        version=None,
        state=before.state,
        to_state=after.state,
        dates=dates,
        fires=tuple(name for name in rules.definition.deadlines if name in due),
        idle=_is_idle(rules, after),
    )


def _is_idle(rules: Rules, facts: Facts) -> bool:
    state = rules.definition.states.get(facts.state)
    if state is None or state.final or state.open_ended:
        return False
    return all(each.closed for each in facts.occurrences.values())
