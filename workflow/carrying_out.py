"""Carrying out one command in a transaction: settle, compare, decide, apply; what was settled stays on a refusal.

On a placement that cannot be settled, what may repair it acts without; then settling is tried again at once.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from workflow.commands import Fire, Otherwise
from workflow.errors import ParcoursError, StalePlacement, TransitionRefused, UnknownName
from workflow.facts import Facts
from workflow.history import ChainedEntry
from workflow.incidents import incident_blocker, report
from workflow.journal import Journal
from workflow.keys import remember
from workflow.otherwise import otherwise_in
from workflow.refusals import Refused
from workflow.session import Session
from workflow.settling import Undecidable, settle
from workflow.store import UnitOfWork

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
    session: Session, unit: UnitOfWork, facts: Facts, command: Fire, act: Act, repairs: Repairs = never
) -> Done:
    """Settle a placement, then do what `act` decides. Raises ClaimRefused with nothing applied."""
    try:
        journal = session.settled(facts)
    except Undecidable as error:
        if repairs(facts):
            return _repair(session, unit, facts, command, act, error)
        return _incident(session, unit, facts, command, error)
    settled, mark = journal.change(), journal.mark()
    try:
        expect(journal, command)
        act(journal, unit.actor_id(command.actor))
    except Refused as refused:
        refusal = TransitionRefused(command.reference, command.trigger, refused.blockers)
        return _settled_only(unit, journal, len(settled.entries), refusal)
    except Undecidable as error:
        # What the command leads to cannot be decided; the placement itself can.
        journal.rewind(mark)
        refusal = TransitionRefused(command.reference, command.trigger, [incident_blocker(error)])
        return _settled_only(unit, journal, len(settled.entries), refusal)
    except (StalePlacement, UnknownName) as error:
        return _settled_only(unit, journal, len(settled.entries), error)
    first = settled.after.seq + 1
    remember(session, journal, command.key, command.trigger, command.fields, first)
    unit.apply([journal.change()])
    count = len(settled.entries)
    told = otherwise_in(journal, settled.after, count)
    return Done(journal.facts, settled.entries, tuple(journal.entries[count:]), otherwise=told)


def _incident(session: Session, unit: UnitOfWork, facts: Facts, command: Fire, error: Undecidable) -> Done:
    report(session, unit, facts.id, error)
    refusal = TransitionRefused(command.reference, command.trigger, [incident_blocker(error)])
    return Done(facts, refusal=refusal)


def _repair(session: Session, unit: UnitOfWork, facts: Facts, command: Fire, act: Act, cause: Undecidable) -> Done:
    known = unit.incident(facts.id)
    try:
        journal, still = repaired(session, facts, command, act, unit.actor_id(command.actor))
    except Refused as refused:
        report(session, unit, facts.id, cause)
        return Done(facts, refusal=TransitionRefused(command.reference, command.trigger, refused.blockers))
    except (StalePlacement, UnknownName) as error:
        return Done(facts, refusal=error)
    except Undecidable as error:
        return _incident(session, unit, facts, command, error)
    remember(session, journal, command.key, command.trigger, command.fields, facts.seq + 1)
    unit.apply([journal.change()])
    if still is not None:
        # Applying a change resolves the incident; this one goes on.
        report(session, unit, facts.id, still, known)
    return Done(journal.facts, (), tuple(journal.entries), otherwise=otherwise_in(journal, facts, 0))


def repaired(session: Session, facts: Facts, command: Fire, act: Act, actor: str) -> tuple[Journal, Undecidable | None]:
    """The journal of a placement after an act that did not wait for settling, and why it still cannot be settled.

    Raises Refused, StalePlacement, UnknownName; Undecidable where not even the act can be decided.
    """
    with _decidable():
        journal = session.journal(facts)
        expect(journal, command)
        act(journal, actor)
    mark = journal.mark()
    try:
        with _decidable():
            settle(journal, session.now)
    except Undecidable as error:
        journal.rewind(mark)
        return journal, error
    return journal, None


@contextmanager
def _decidable() -> Iterator[None]:
    """Whatever goes wrong in deciding, but for a refusal, makes the placement undecidable."""
    try:
        yield
    except (Undecidable, Refused, StalePlacement, UnknownName):
        raise
    except (ParcoursError, ValueError, LookupError, TypeError) as error:
        raise Undecidable(getattr(error, "code", type(error).__name__), str(error)) from error


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
