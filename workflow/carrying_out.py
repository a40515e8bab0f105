"""Carrying out one command in a transaction: settle, compare, decide, apply; what was settled stays on a refusal.

On a placement that cannot be settled, what may repair it acts without; then settling is tried again at once.
"""

from collections.abc import Callable
from dataclasses import dataclass

from workflow.commands import Fire, Otherwise
from workflow.errors import ParcoursError, StalePlacement, TransitionRefused, UnknownName
from workflow.facts import Facts
from workflow.history import ChainedEntry
from workflow.incidents import incident_blocker, report
from workflow.journal import Journal, Mark
from workflow.keys import remember
from workflow.otherwise import otherwise_in
from workflow.refusals import Refused
from workflow.session import Session
from workflow.settling import Undecidable, decidable, settle
from workflow.store import ClaimRefused, UnitOfWork

Act = Callable[[Journal, str], None]
"""Decides in a settled journal, for an actor's pseudonymous id; raises Refused."""

Repairs = Callable[[Facts], bool]
"""Whether a command may act on a placement with an incident."""


def never(_: Facts) -> bool:
    """For what waits until an incident is over."""
    return False


@dataclass(frozen=True, slots=True)
class Done:
    """What a transaction wrote, and the refusal to answer once it is committed."""

    facts: Facts
    settled: tuple[ChainedEntry, ...] = ()
    entries: tuple[ChainedEntry, ...] = ()
    refusal: ParcoursError | None = None
    otherwise: tuple[Otherwise, ...] = ()


def carry_out(
    session: Session,
    unit: UnitOfWork,
    facts: Facts,
    command: Fire,
    act: Act,
    repairs: Repairs = never,
    cause: Undecidable | None = None,
) -> Done:
    """Settle a placement, then do what `act` decides. Raises ClaimRefused with nothing applied.

    `cause` is why what is due is known to be refused, where it is.
    """
    try:
        if cause is not None and repairs(facts):
            raise cause
        journal = session.settled(facts)
    except Refused as refused:
        return Done(facts, refusal=TransitionRefused(command.reference, command.trigger, refused.blockers))
    except Undecidable as error:
        if repairs(facts):
            return _repair(session, unit, facts, command, act, error)
        return _incident(session, unit, facts, command, error)
    settled, count = journal.facts, len(journal.entries)
    refusal = _refusal(unit, journal, command, act)
    if refusal is not None:
        return _settled_only(unit, journal, count, refusal)
    remember(session, journal, command.key, command.trigger, command.fields, settled.seq + 1)
    unit.apply([journal.change()])
    told = otherwise_in(journal, settled, count)
    return Done(journal.facts, tuple(journal.entries[:count]), tuple(journal.entries[count:]), otherwise=told)


def _refusal(unit: UnitOfWork, journal: Journal, command: Fire, act: Act) -> ParcoursError | None:
    """Decide, in the journal; the answer where nothing was entered."""
    mark = journal.mark()
    try:
        expect(journal, command)
        act(journal, unit.actor_id(command.actor))
    except Refused as refused:
        return TransitionRefused(command.reference, command.trigger, refused.blockers)
    except Undecidable as error:
        # What the command leads to cannot be decided; the placement itself can.
        journal.rewind(mark)
        return TransitionRefused(command.reference, command.trigger, [incident_blocker(error)])
    except (StalePlacement, UnknownName) as error:
        return error
    return None


def _incident(session: Session, unit: UnitOfWork, facts: Facts, command: Fire, error: Undecidable) -> Done:
    # A clock that is in doubt must not say when it is tried again.
    if session.held is None:
        report(session, unit, facts.id, error)
    refusal = TransitionRefused(command.reference, command.trigger, [incident_blocker(error)])
    return Done(facts, refusal=refusal)


def _repair(session: Session, unit: UnitOfWork, facts: Facts, command: Fire, act: Act, cause: Undecidable) -> Done:
    known = unit.incident(facts.id)
    try:
        journal, acted, still = repaired(session, facts, command, act, unit.actor_id(command.actor))
    except Refused as refused:
        if session.held is None:
            report(session, unit, facts.id, cause)
        return Done(facts, refusal=TransitionRefused(command.reference, command.trigger, refused.blockers))
    except (StalePlacement, UnknownName) as error:
        return Done(facts, refusal=error)
    except Undecidable as error:
        return _incident(session, unit, facts, command, error)
    still = _apply_repair(session, unit, journal, command, acted) or still
    if still is not None:
        # Applying a change resolves the incident; this one goes on.
        report(session, unit, facts.id, still, known)
    return Done(journal.facts, (), tuple(journal.entries), otherwise=otherwise_in(journal, facts, 0))


def _apply_repair(
    session: Session, unit: UnitOfWork, journal: Journal, command: Fire, acted: Mark
) -> Undecidable | None:
    """Write a correction with what it lets fall due; without that, and why, where a claim of it is refused."""
    first = journal.entries[0].entry.seq
    remember(session, journal, command.key, command.trigger, command.fields, first)
    try:
        unit.apply([journal.change()])
    except ClaimRefused as refused:
        if acted == journal.mark():
            raise
        journal.rewind(acted)
        remember(session, journal, command.key, command.trigger, command.fields, first)
        unit.apply([journal.change()])
        return Undecidable(refused.code, str(refused))
    return None


def repaired(
    session: Session, facts: Facts, command: Fire, act: Act, actor: str
) -> tuple[Journal, Mark, Undecidable | None]:
    """The journal of a placement after an act that did not wait for settling; and why that still fails.

    The mark is where the act ended and what it lets fall due began.

    Raises Refused, StalePlacement, UnknownName; Undecidable where not even the act can be decided.
    """
    with decidable(Refused, StalePlacement, UnknownName):
        journal = session.journal(facts)
        expect(journal, command)
        act(journal, actor)
    mark = journal.mark()
    if session.held is not None:
        return journal, mark, None
    try:
        with decidable(Refused):
            settle(journal, session.now)
    except Undecidable as error:
        journal.rewind(mark)
        return journal, mark, error
    return journal, mark, None


def expect(journal: Journal, command: Fire) -> None:
    """Raise StalePlacement where the placement is at another revision than the caller saw."""
    if command.expect is not None and journal.facts.revision != command.expect:
        raise StalePlacement(
            command.reference,
            f"{command.reference} is at revision {journal.facts.revision}, not at {command.expect}",
        )


def _settled_only(unit: UnitOfWork, journal: Journal, count: int, refusal: ParcoursError) -> Done:
    if count != len(journal.entries):
        raise AssertionError("a refused decision left entries behind")
    if count:
        unit.apply([journal.change()])
    return Done(journal.facts, tuple(journal.entries), refusal=refusal)
