"""Trying a placement with an incident at once, where a person asks for it: one settling, outside of the sweeps.

What is entered is what the scheduler would have entered; that somebody asked is an act of its own.
"""

from dataclasses import dataclass

from workflow.brake import held_blocker
from workflow.changes import Change
from workflow.commands import Retry
from workflow.definition import SUPERVISOR
from workflow.errors import StalePlacement, TransitionRefused
from workflow.facts import Facts
from workflow.incidents import report
from workflow.refusals import in_role
from workflow.session import Session
from workflow.settling import Undecidable
from workflow.store import ClaimRefused, UnitOfWork
from workflow.system import system_entry


@dataclass(frozen=True, slots=True)
class Retried:
    """What came of it: the change that ended the incident, or why it goes on; neither where there was none."""

    change: Change | None = None
    still: Undecidable | None = None


def retry(session: Session, unit: UnitOfWork, command: Retry) -> Retried:
    """Settle the placement, or report its incident anew, and enter that somebody asked; nothing where it has none.

    Raises NotFound, and TransitionRefused for another role and while the brake holds.
    """
    facts = session.find(command.reference)
    found = in_role("retry", command.roles, [SUPERVISOR])
    if session.held is not None:
        found.append(held_blocker(session.held))
    if found:
        raise TransitionRefused(command.reference, "retry", found)
    if unit.incident(facts.id) is None:
        return Retried()
    done = _settled(session, unit, facts)
    if done.still is not None:
        report(session, unit, facts.id, done.still)
    fields: dict[str, str | int] = {"placement_id": facts.id, "resolved": int(done.still is None)}
    actor = unit.actor_id(command.actor)
    unit.record(system_entry(session.log, unit.system_head(), "incident_retried", actor, session.now, fields))
    return done


def _settled(session: Session, unit: UnitOfWork, facts: Facts) -> Retried:
    try:
        change = session.settled(facts).change()
        unit.apply([change])
    except (StalePlacement, ClaimRefused) as refused:
        return Retried(still=Undecidable(refused.code, str(refused)))
    except Undecidable as error:
        return Retried(still=error)
    return Retried(change)
