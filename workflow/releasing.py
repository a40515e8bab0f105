"""Releasing the brake: an act of a person, entered in the chain of acts that concern no placement."""

from dataclasses import dataclass

from workflow import brake
from workflow.brake import Held
from workflow.commands import Release
from workflow.commitments import commitment_to, disclosure_of, fresh_salt
from workflow.errors import StoreBusy, TransitionRefused
from workflow.refusals import entitled
from workflow.session import Session
from workflow.store import UnitOfWork
from workflow.system import system_entry
from workflow.watching import Standing


@dataclass(frozen=True, slots=True)
class Released:
    """What held, and what opens the entry's commitment to the reason, which is kept nowhere."""

    held: Held
    disclosure: str


def release(session: Session, unit: UnitOfWork, standing: Standing, command: Release) -> Released | None:
    """Enter that a person takes the clock's present moment for true; None where nothing holds.

    Raises TransitionRefused.
    """
    held, watch = standing.held, standing.watch
    if held is None:
        return None
    found = entitled("release", command.roles, command.reason)
    if found:
        raise TransitionRefused("parcours run", "release", found)
    disclosure = disclosure_of(fresh_salt(), "reason", command.reason)
    commitments = {"reason": commitment_to(disclosure)}
    actor = unit.actor_id(command.actor)
    act = system_entry(session.log, unit.system_head(), "released", actor, session.now, held.details, commitments)
    unit.record(act)
    if not unit.keep_watch(watch, brake.released(watch, held)):
        raise StoreBusy("the brake was changed by another process meanwhile; nothing was released: try again")
    return Released(held, disclosure)
