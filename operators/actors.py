"""Erasing the name of somebody who acts: the change, the register beside the database, the log line. No terminal."""

import logging

from app import App, register_path
from audit.register import actor_erasures_in, register
from workflow import actors
from workflow.actors import ActorErased
from workflow.clock import SystemClock
from workflow.commands import EraseActor

_LOG = logging.getLogger("parcours.changes")


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
