"""Carrying out one command in a transaction: settle, compare, decide, apply; what was settled stays on a refusal."""

from collections.abc import Callable
from dataclasses import dataclass

from workflow.commands import Fire
from workflow.errors import ParcoursError, StalePlacement, TransitionRefused, UnknownName
from workflow.facts import Facts
from workflow.history import ChainedEntry
from workflow.incidents import incident_blocker, report
from workflow.journal import Journal
from workflow.keys import remember
from workflow.refusals import Refused
from workflow.session import Session
from workflow.settling import Undecidable
from workflow.store import UnitOfWork

Act = Callable[[Journal, str], None]
"""Decides in a settled journal, for an actor's pseudonymous id; raises Refused."""


@dataclass(frozen=True, slots=True)
class Done:
    """What a transaction wrote, and the refusal to answer once it is committed."""

    facts: Facts
    settled: tuple[ChainedEntry, ...] = ()
    entries: tuple[ChainedEntry, ...] = ()
    refusal: ParcoursError | None = None


def carry_out(session: Session, unit: UnitOfWork, facts: Facts, command: Fire, act: Act) -> Done:
    """Settle a placement, then do what `act` decides. Raises ClaimRefused with nothing applied."""
    try:
        journal = session.settled(facts)
    except Undecidable as error:
        # A clock that is in doubt must not say when it is tried again.
        if session.held is None:
            report(session, unit, facts.id, error)
        refusal = TransitionRefused(command.reference, command.trigger, [incident_blocker(error)])
        return Done(facts, refusal=refusal)
    except Refused as refused:
        return Done(facts, refusal=TransitionRefused(command.reference, command.trigger, refused.blockers))
    settled = journal.change()
    try:
        _expect(journal, command)
        act(journal, unit.actor_id(command.actor))
    except Refused as refused:
        refusal = TransitionRefused(command.reference, command.trigger, refused.blockers)
        return _settled_only(unit, journal, len(settled.entries), refusal)
    except (StalePlacement, UnknownName) as error:
        return _settled_only(unit, journal, len(settled.entries), error)
    first = settled.after.seq + 1
    remember(session, journal, command.key, command.trigger, command.fields, first)
    unit.apply([journal.change()])
    count = len(settled.entries)
    return Done(journal.facts, settled.entries, tuple(journal.entries[count:]))


def _expect(journal: Journal, command: Fire) -> None:
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
