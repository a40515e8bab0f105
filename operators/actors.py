"""Those who act: found by their name; a name erased, with the register beside the database and the log line."""

import logging
from typing import Final

from app import App, register_path
from audit.register import actor_erasures_in, register
from workflow import actors
from workflow.actors import PERSON, ActorErased
from workflow.clock import SystemClock
from workflow.commands import EraseActor

_LOG = logging.getLogger("parcours.changes")


MOST: Final = 20
"""So many persons are meant by a part of a name, and no more."""


def found_by(app: App, said: str) -> tuple[str, ...]:
    """The ids of whoever is called so, in whatever case; else of those whose name has it; an id stands for itself."""
    if said.startswith(PERSON):
        return (said,)
    wanted = said.casefold()
    with app.store.reading() as reading:
        known = [(actor, name.casefold()) for actor, name in reading.actors()]
    exact = tuple(actor for actor, name in known if name == wanted)
    return exact or tuple(actor for actor, name in known if wanted in name)[:MOST]


def erase_actor(app: App, command: EraseActor) -> ActorErased:
    """Delete a name, enter that in the log's own chain, and add it to the register. Raises as workflow.actors does.

    An account of that name is closed for good, and called by its id from then on.
    """
    with app.store.writing() as unit:
        done = actors.erase_actor(unit, app.installation.log, app.clock.now(), command)
        unit.accounts.forget(done.actor, SystemClock().now())
    register(register_path(app.settings), actor_erasures_in([done.act.data]), done.actor)
    said = {"actor": done.actor, "ground": command.ground, "decision": command.decision, "seq": done.act.seq}
    _LOG.info("actor.erased", extra=said)
    return done
