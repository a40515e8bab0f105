"""Having dead notices tried again: the change, its entry in the log of acts, the log line. No terminal."""

import logging
from collections.abc import Sequence

from app import App
from storage.queries import Delivery
from workflow.brake import BrakeHolds
from workflow.system import system_entry

_LOG = logging.getLogger("parcours.notices")


def retry(app: App, key: str | None, by: str | None = None) -> Sequence[Delivery]:
    """Let the dead deliveries of a notice, or (None) all, wait anew, and enter that as an act. Raises BrakeHolds.

    `by` is who asks, by default whom the settings name.
    """
    held = app.engine.brake().held
    if held is not None:
        raise BrakeHolds(held)
    with app.store.writing() as unit:
        now = app.clock.now()
        found = unit.ask_again(key, now)
        if not found:
            return found
        actor = unit.actor_id(by or app.settings.actor)
        fields: dict[str, str | int] = {"count": len(found)} | ({} if key is None else {"notice": key})
        act = system_entry(app.installation.log, unit.system_head(), "notices_retried", actor, now, fields)
        unit.record(act)
    _LOG.info("notices.retried", extra={"actor": actor, "count": len(found), "seq": act.seq})
    return found
