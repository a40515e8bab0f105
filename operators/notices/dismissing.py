"""Dismissing dead notices, for a reason: the change, its entry in the log of acts, the log line. No terminal."""

import logging
from collections.abc import Sequence

from app import App
from operators import reasons
from storage.queries import Delivery
from workflow.brake import BrakeHolds
from workflow.system import system_entry

_LOG = logging.getLogger("parcours.notices")


def dismiss(app: App, key: str, reason: str, actor: str, roles: Sequence[str]) -> Sequence[Delivery]:
    """Let the dead deliveries of a notice be over, and enter that as an act; gives them, none where none was dead.

    Raises TransitionRefused, WrongUsage, BrakeHolds.
    """
    said = reasons.asked("dismiss", key, roles, reason)
    held = app.engine.brake().held
    if held is not None:
        raise BrakeHolds(held)
    with app.store.writing() as unit:
        now, (disclosure, commitments) = app.clock.now(), reasons.committed(said)
        by = unit.actor_id(actor)
        found = unit.dismiss(key, by, now, disclosure)
        if not found:
            return found
        fields: dict[str, str | int] = {"count": len(found), "notice": key}
        head = unit.system_head()
        act = system_entry(app.installation.log, head, "notices_dismissed", by, now, fields, commitments)
        unit.record(act)
    _LOG.info("notices.dismissed", extra={"actor": by, "count": len(found), "seq": act.seq})
    return found
