"""Answering questions without writing: what may fire and why not, a dry run, a view, and whether all still holds."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

from workflow import deadlines
from workflow.carrying_out import Act, Repairs, expect, never, repaired
from workflow.commands import Answer, Fire, Moment, Outcome
from workflow.deciding import chosen, read_request, refusals_of
from workflow.errors import (
    Blocker,
    IntegrityBroken,
    NotFound,
    ParcoursError,
    TransitionRefused,
)
from workflow.facts import Facts
from workflow.fold import fold
from workflow.history import broken_link
from workflow.incidents import incident_blocker
from workflow.journal import Journal
from workflow.language.wording import Said
from workflow.moments import resolved
from workflow.otherwise import otherwise_in
from workflow.refusals import Refused
from workflow.requested import fields_in, options_in
from workflow.requests import refuse_unknown
from workflow.rules import Rules
from workflow.session import Session
from workflow.settling import Undecidable
from workflow.situation import Past
from workflow.views import PlacementView, RequestView, deadline_views, pending


def previewed(session: Session, facts: Facts, command: Fire, act: Act, repairs: Repairs = never) -> Outcome:
    """What a request would do: settled and decided in memory only. Raises TransitionRefused, StalePlacement."""
    actor = _known_actor(session, facts, command.actor)
    try:
        journal, before, count = _decided(session, facts, command, act, repairs, actor)
    except Refused as refused:
        raise TransitionRefused(facts.reference, command.trigger, refused.blockers) from refused
    except Undecidable as error:
        raise TransitionRefused(facts.reference, command.trigger, [incident_blocker(error)]) from error
    settled, made = tuple(journal.entries[:count]), tuple(journal.entries[count:])
    told = otherwise_in(journal, before, count)
    return Outcome(facts.reference, settled, made, journal.facts, otherwise=told)


def _decided(
    session: Session, facts: Facts, command: Fire, act: Act, repairs: Repairs, actor: str
) -> tuple[Journal, Facts, int]:
    """The journal of a decided request, the facts before it, and how many of its entries were due before."""
    try:
        journal = session.settled(facts)
    except Undecidable:
        if repairs(facts):
            return repaired(session, facts, command, act, actor)[0], facts, 0
        raise
    before, count = journal.facts, len(journal.entries)
    expect(journal, command)
    act(journal, actor)
    return journal, before, count


def _known_actor(session: Session, facts: Facts, name: str) -> str:
    """The id of who asked for something that waits, so that nobody is shown to approve their own; else a stand-in."""
    waiting = (each.actor for each in facts.requests if session.reading.actor(each.actor) == name)
    return next(waiting, f"operator:{name}")


def _settled(session: Session, facts: Facts, trigger: str, until: datetime | None = None) -> Journal:
    try:
        return session.settled(facts, until)
    except Undecidable as error:
        raise TransitionRefused(facts.reference, trigger, [incident_blocker(error)]) from error
    except Refused as refused:
        raise TransitionRefused(facts.reference, trigger, refused.blockers) from refused


def answers(session: Session, facts: Facts, trigger: str | None, at: Moment, roles: Sequence[str]) -> list[Answer]:
    """What may fire at a moment (by default now), and every reason why the rest may not."""
    moment = resolved(at, facts.territory, session.now, facts)
    later = session.at(max(moment, session.now))
    journal = _settled(later, facts, trigger or "can")
    definition = journal.rules.definition
    if trigger is not None:
        refuse_unknown("trigger", [trigger], definition.transitions)
    named = [trigger] if trigger else list(definition.transitions)
    return [_answer(journal, name, moment, facts.reference, roles) for name in named]


def _answer(journal: Journal, trigger: str, at: datetime, reference: str, roles: Sequence[str]) -> Answer:
    command = Fire(reference=reference, trigger=trigger, actor="", at=at, roles=roles)
    try:
        request = read_request(journal, command)
        transition = chosen(journal, request)
    except Refused as refused:
        return _refusal(journal, trigger, refused.blockers)
    if isinstance(transition, Blocker):
        return _refusal(journal, trigger, [transition])
    found = refusals_of(journal, request, transition, asked_without_values=True)
    needs = (*transition.needs, *(["reason"] if transition.reason_required else []))
    return Answer(
        trigger=trigger,
        allowed=not found,
        to=transition.to or journal.facts.state,
        by=tuple(sorted(transition.by)),
        needs=needs,
        takes=transition.takes,
        blockers=tuple(found),
    )


def _refusal(journal: Journal, trigger: str, found: Sequence[Blocker]) -> Answer:
    by = {role for transition in journal.rules.definition.transitions[trigger] for role in transition.by}
    return Answer(trigger, False, None, tuple(sorted(by)), (), (), tuple(found))


def viewed(session: Session, facts: Facts) -> PlacementView:
    """A placement as it is recorded, and what is due but not entered yet. Raises IntegrityBroken."""
    with _understood(facts):
        rules = session.rules_of(facts.definition)
        due = pending(rules, facts, session.now)
        return PlacementView(
            facts=facts,
            rules=rules,
            deadlines=deadline_views(rules, facts),
            wakes_at=deadlines.wakes_at(rules, facts),
            behind=bool(due),
            pending=due,
            personal=session.disclosed(facts),
            incident=session.open_incident(facts),
            requests=tuple(_requests(session, rules, facts)),
        )


def _requests(session: Session, rules: Rules, facts: Facts) -> Iterator[RequestView]:
    """What waits, told from the entries that asked; the history is read only where something does."""
    if not facts.requests:
        return
    past = session.past(facts)
    entries = {item.entry.seq: item.entry for item in past.entries}
    for waiting in facts.requests:
        entry = entries[waiting.seq]
        text = past.value(entry.seq, "reason")
        yield RequestView(
            waiting=waiting,
            options=options_in(entry),
            fields=fields_in(rules.definition, entry, past),
            reason=entry.reason,
            text=None if text is None else str(text),
        )


def looked_back(session: Session, facts: Facts, as_of: datetime | None, at: Moment) -> PlacementView:
    """A placement as it was believed at `as_of`, or as it was at `at` by what is known now. Raises NotFound."""
    moment = resolved(at, facts.territory, session.now, None)
    entries = session.past(facts).entries
    recorded = [item for item in entries if as_of is None or item.entry.recorded_at <= as_of]
    # Only what was known then can have reversed something.
    known = recorded if at is None else Past(lambda: recorded, dict).until(moment).entries
    if not known:
        raise NotFound(f"{facts.reference} was not placed yet at that moment")
    seen_at = min(session.now, moment, as_of or session.now)
    return viewed(session.at(seen_at), fold(session.rules_of, facts.reference, known))


@contextmanager
def _understood(facts: Facts) -> Iterator[None]:
    try:
        yield
    except (NotFound, ValueError, LookupError) as error:
        told = f"what is stored of {facts.reference} makes no sense ({error}): run `parcours doctor`"
        raise IntegrityBroken(told) from error


def faults(session: Session, facts: Facts) -> list[Said]:
    """One sentence for each thing that does not hold: the chain, and the fold of the history against the row."""
    entries = session.reading.history(facts.id)
    broken = broken_link(entries)
    if broken is not None:
        return [Said(f"la chaîne est rompue à l'écriture {broken}", f"the chain is broken at entry {broken}")]
    try:
        folded = fold(session.rules_of, facts.reference, entries)
    except (ParcoursError, ValueError, LookupError) as error:
        fr = f"son historique ne peut être rejoué : le moteur dit en anglais « {error} »"
        return [Said(fr, f"its history cannot be replayed: {error}")]
    differing = [name for name in Facts.__struct_fields__ if getattr(folded, name) != getattr(facts, name)]
    return [
        Said(f"{name} n'est pas ce que donne son historique", f"{name} is not what its history gives")
        for name in differing
    ]
