"""The names of those who act: erased for ever, while the random id stays in every entry that it stands in.

The act is an entry of the system's chain, which names the id, the ground and the decision.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from workflow.commands import EraseActor
from workflow.erasing import unfounded
from workflow.errors import NotFound, TransitionRefused
from workflow.store import UnitOfWork
from workflow.system import SystemEntry, system_entry

PERSON = "operator:"
"""How the ids of those who act begin; what the program does by itself has other names."""

ERASED_ACTOR = "erased_actor"
"""The field of the act that names the id."""


@dataclass(frozen=True, slots=True)
class ActorErased:
    """The id that has no name any more, and the act that says so."""

    actor: str
    act: SystemEntry


def erase_actor(unit: UnitOfWork, log: str, now: datetime, command: EraseActor) -> ActorErased:
    """Delete a name, and enter that. Raises NotFound, TransitionRefused without having written anything."""
    found = [actor for actor, name in unit.actors() if command.who in (actor, name)]
    if not found:
        raise NotFound("nobody of this name or id has acted here, or the name is erased already")
    if refusals := unfounded("actor_erase", command):
        raise TransitionRefused(found[0], "actor_erase", refusals)
    by = unit.actor_id(command.actor)
    fields: Mapping[str, str | int] = {
        ERASED_ACTOR: found[0], "ground": command.ground, "decision": command.decision,
    }  # fmt: skip
    act = system_entry(log, unit.system_head(), "actor_erased", by, now, fields)
    unit.record(act)
    unit.forget_actor(found[0])
    return ActorErased(found[0], act)
