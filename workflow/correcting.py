"""Deciding corrections of what happened: a reversal, an amendment. History is never edited, only added to.

A correction asks for the role `supervisor` and a reason. What follows from it (deadlines reopened, dates moved) is
derived from the facts like everything else.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from msgspec.structs import replace

from workflow import blockers, deadlines, guards, refusals
from workflow.calendar import local_day
from workflow.commands import Amend, Reverse
from workflow.defaults import following
from workflow.definition import SUPERVISOR, Transition, Value
from workflow.errors import Blocker
from workflow.facts import Occurrence
from workflow.fold import fold
from workflow.history import MOVED, ChainedEntry, HistoryEntry
from workflow.journal import Draft, Journal
from workflow.moments import resolved
from workflow.placing import waiting_fields
from workflow.refusals import Refused
from workflow.relabelling import name_today
from workflow.requests import Given, read_fields, reason_of
from workflow.rules import Rules
from workflow.situation import Situation
from workflow.standing import last_move
from workflow.stranding import state_missing
from workflow.taking_back import taken_back


def decide_reverse(journal: Journal, command: Reverse, actor: str) -> None:
    """Undo the last move with what followed it, or one entry; give what then is overdue a new date, or waive it.

    Raises Refused: there is nothing to reverse, or a deadline would fire again at once.
    """
    found = refusals.entitled("reverse", command.roles, command.reason)
    undone, reasons = _undone(journal, command.entry)
    found += reasons
    if command.extend_to is not None:
        found += refusals.past_day(journal, command.extend_to)
    if found:
        raise Refused(found)
    mark = journal.mark()
    undo(journal, undone, actor, command.reason, correlation=command.correlation)
    overdue = _overdue(journal)
    if overdue and command.extend_to is None and not command.waive:
        journal.rewind(mark)
        raise Refused([blockers.date_needed(overdue)])
    for name in overdue:
        _defer(journal, name, command, actor)


def _undone(journal: Journal, seq: int | None) -> tuple[list[HistoryEntry], list[Blocker]]:
    """What a reversal undoes, and every reason why it cannot."""
    if seq is not None:
        return taken_back(journal.past.entries, seq)
    moves = last_move(journal.past.entries)
    if not moves or moves[0].kind == "placed":
        return [], [blockers.nothing_to_reverse()]
    if _is_erased(journal) and not journal.rules.definition.is_final(str(_before(journal, moves[0]))):
        return [], [blockers.erased_stays_over()]
    return moves, []


def _is_erased(journal: Journal) -> bool:
    return any(item.entry.kind == "erasure" for item in journal.past.entries)


def undo(
    journal: Journal,
    moves: Sequence[HistoryEntry],
    actor: str,
    reason: str | None,
    *,
    role: str | None = SUPERVISOR,
    correlation: str | None = None,
) -> None:
    """Enter a reversal for each of `moves`, the last one first. Raises Refused where the state before is no more."""
    states = journal.rules.definition.states
    back_to = _before(journal, moves[0])
    if moves[0].changes_state and back_to not in states:
        raise Refused([state_missing(str(back_to), journal.rules.definition)])
    code, text = reason_of(journal.rules.definition, reason)
    items = {item.entry.seq: item for item in journal.past.entries}
    for entry in reversed(moves):
        reversal = Draft(
            kind="reversal",
            occurred_at=journal.now,
            actor=actor,
            # What kept the state is undone in the state of today, which may be another by now.
            to=_before(journal, entry) if entry.changes_state else None,
            role=role,
            reason=code,
            text=text,
            concerns=items[entry.seq],
            correlation=correlation,
        )
        journal.append(reversal)


def _before(journal: Journal, entry: HistoryEntry) -> str | None:
    """The state that an entry left, by its name of today."""
    return name_today(journal.past.entries, entry.seq, entry.from_state)


def _overdue(journal: Journal) -> list[str]:
    """The open deadlines that the next sweep would fire, in the definition's order."""
    coming = deadlines.events(journal.rules, journal.facts)
    due = {event.deadline for event in coming if event.moment <= journal.now and not event.is_reminder}
    return [name for name in journal.rules.definition.deadlines if name in due]


def _defer(journal: Journal, deadline: str, command: Reverse, actor: str) -> None:
    """A new last day for a deadline; with none, it is waived. The reversal beside it holds the reason's text."""
    to = command.extend_to
    move = Draft(
        kind="move",
        occurred_at=journal.now,
        actor=actor,
        role=SUPERVISOR,
        deadline=deadline,
        fields={"to": None if to is None else to.isoformat()},
        reason=reason_of(journal.rules.definition, command.reason)[0],
        correlation=command.correlation,
    )
    journal.append(move)


def decide_amend(journal: Journal, command: Amend, actor: str) -> None:
    """Correct values, held to the guards of the transitions that set them; no open deadline comes forward unasked.

    Raises Refused, UnknownName.
    """
    definition, facts = journal.rules.definition, journal.facts
    at = resolved(command.at, facts.territory, journal.now, facts)
    given = read_fields(definition, command.fields, command.dates, local_day(at, facts.territory))
    found = [*refusals.entitled("amend", command.roles, command.reason), *given.blockers]
    found += refusals.future(journal, at)
    found += _amend_refusals(journal, given)
    if found:
        raise Refused(found)
    code, text = reason_of(definition, command.reason)
    before = dict(facts.occurrences)
    amendment = Draft(
        kind="amendment",
        occurred_at=at,
        actor=actor,
        role=SUPERVISOR,
        fields={**given.values, **following(definition, facts.fields, given.values)},
        reason=code,
        text=text,
        key=command.key,
        correlation=command.correlation,
    )
    amended = _with_dates(journal, amendment, before)
    if not command.accept_earlier:
        _keep_later(journal, before, amended, actor)


def _with_dates(journal: Journal, amendment: Draft, before: Mapping[str, Occurrence]) -> ChainedEntry:
    """Enter an amendment that says which running deadlines it moves: their last day before, and by the rule after."""
    mark = journal.mark()
    amended = journal.append(amendment)
    days = ((name, _last_day(before.get(name)), _last_day(each)) for name, each in journal.facts.occurrences.items())
    moved: dict[str, Value] = {f"{MOVED}{name}": f"{old} {new}" for name, old, new in days if old != new}
    if not moved:
        return amended
    journal.rewind(mark)
    return journal.append(replace(amendment, fields={**amendment.fields, **moved}))


def _last_day(occurrence: Occurrence | None) -> str:
    return "-" if occurrence is None or occurrence.closed else occurrence.last_day.isoformat()


def _amend_refusals(journal: Journal, given: Given) -> Iterable[Blocker]:
    definition, facts = journal.rules.definition, journal.facts
    if not given.values and not given.blockers:
        yield blockers.nothing_to_amend()
    waiting = waiting_fields(definition)
    for name, value in given.values.items():
        if value is None and definition.fields[name].required:
            yield blockers.field_needed(name)
        if name in waiting and not facts.is_set(name):
            yield blockers.never_set(name)
    for entry in _setters(journal, given.values):
        yield from _held_to(journal, given, entry)


def _setters(journal: Journal, values: Mapping[str, Value]) -> list[HistoryEntry]:
    """The entries of the triggers that set these fields."""
    setters = {journal.facts.setters[name] for name in values if name in journal.facts.setters}
    return [item.entry for item in journal.past.entries if item.entry.seq in setters and item.entry.trigger]


def _held_to(journal: Journal, given: Given, entry: HistoryEntry) -> Iterable[Blocker]:
    """What the transition that set a value would say, had the new value come with it."""
    transition = _transition_of(journal.desk.rules_of(entry.definition.digest), entry)
    if transition is None:
        return
    yield from guards.ask(_as_it_was(journal, given, transition, entry)).blockers
    value = given.values.get(str(transition.dated_by))
    day = local_day(entry.occurred_at, journal.facts.territory)
    if isinstance(value, str) and date.fromisoformat(value) != day:
        yield blockers.dates_disagree(str(transition.dated_by), date.fromisoformat(value), day)


def _transition_of(rules: Rules, entry: HistoryEntry) -> Transition | None:
    to = entry.to_state if entry.changes_state else None
    standing = rules.definition.transitions.get(str(entry.trigger), ())
    return next((each for each in standing if entry.from_state in each.sources and each.to == to), None)


def _as_it_was(journal: Journal, given: Given, transition: Transition, entry: HistoryEntry) -> Situation:
    earlier = [item for item in journal.past.entries if item.entry.seq < entry.seq]
    said = {name: journal.past.value(entry.seq, name) for name in entry.commitments}
    return Situation(
        rules=journal.desk.rules_of(entry.definition.digest),
        facts=fold(journal.desk.rules_of, journal.reference, earlier),
        past=journal.past,
        transition=transition,
        occurred_at=entry.occurred_at,
        role=entry.role or "",
        reason_given=entry.reason is not None,
        given={**entry.fields, **said, **given.values},
    )


def _keep_later(journal: Journal, before: Mapping[str, Occurrence], amended: ChainedEntry, actor: str) -> None:
    """Where an open deadline came forward, an extension keeps the later day."""
    for name, old in before.items():
        new = journal.facts.occurrences.get(name)
        if old.closed is None and new is not None and new.closed is None and new.due_at < old.due_at:
            extension = Draft(
                kind="extension",
                occurred_at=amended.entry.occurred_at,
                actor=actor,
                role=SUPERVISOR,
                deadline=name,
                fields={"to": old.last_day.isoformat()},
                correlation=amended.entry.correlation,
                concerns=amended,
            )
            journal.append(extension)
