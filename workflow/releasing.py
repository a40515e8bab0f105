"""Releasing the brake: an act of a person, entered in the chain of acts that concern no placement."""

from dataclasses import dataclass

from workflow import brake
from workflow.brake import Held
from workflow.commands import Release
from workflow.commitments import commitment_to, disclosure_of
from workflow.errors import TransitionRefused
from workflow.refusals import entitled
from workflow.session import Session
from workflow.store import UnitOfWork
from workflow.system import system_entry


@dataclass(frozen=True, slots=True)
class Released:
    """What held, and what opens the entry's commitment to the reason, which is kept nowhere."""

    held: Held
    disclosure: str


def release(session: Session, unit: UnitOfWork, held: Held, command: Release) -> Released:
    """Enter that a person takes the clock's present moment for true. Raises TransitionRefused."""
    found = entitled("release", command.roles, command.reason)
    if found:
        raise TransitionRefused("parcours run", "release", found)
    disclosure = disclosure_of(session.salt(), "reason", command.reason)
    commitments = {"reason": commitment_to(disclosure)}
    actor = unit.actor_id(command.actor)
    act = system_entry(session.log, unit.system_head(), "released", actor, session.now, held.details, commitments)
    unit.record(act)
    unit.keep_watch(brake.released(unit.watch(), held))
    return Released(held, disclosure)
