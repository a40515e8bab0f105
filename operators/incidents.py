"""Incidents by hand, for the command line, the console and the API alike: tried at once, set aside, taken up again.

Set aside, an incident is tried as before, and ends as before; it only causes no alarm while it stays as it is.
"""

import logging
from collections.abc import Sequence

from app import App
from operators import reasons
from workflow.brake import BrakeHolds
from workflow.commands import Retry
from workflow.definition import SUPERVISOR
from workflow.errors import NotFound, TransitionRefused
from workflow.refusals import in_role
from workflow.retrying import Retried
from workflow.system import system_entry

_LOG = logging.getLogger("parcours.engine")


def retry_incident(app: App, reference: str, actor: str, roles: Sequence[str]) -> Retried:
    """Try a placement with an incident at once. Raises NotFound, TransitionRefused."""
    done = app.engine.retry(Retry(reference, actor, roles))
    if done.still is not None:
        _LOG.warning("incident.retried", extra={"reference": reference, "reason": done.still.code})
    elif done.change is not None:
        _LOG.info("incident.retried", extra={"reference": reference, "reason": None})
    return done


def set_aside(app: App, reference: str, reason: str, actor: str, roles: Sequence[str]) -> None:
    """Let the incident of a placement cause no alarm while it stays as it is, and enter that as an act.

    Raises NotFound where it has none, TransitionRefused, WrongUsage, BrakeHolds.
    """
    said = reasons.asked("set_aside", reference, roles, reason)
    _refuse_while_held(app)
    placement_id = _id_of(app, reference)
    with app.store.writing() as unit:
        told, now = unit.incident(placement_id), app.clock.now()
        if told is None:
            raise NotFound(f"{reference} has no incident")
        disclosure, commitments = reasons.committed(said)
        by, fields = unit.actor_id(actor), {"placement_id": placement_id, "code": told.code}
        unit.set_aside(told, by, now, disclosure)
        head = unit.system_head()
        unit.record(system_entry(app.installation.log, head, "incident_set_aside", by, now, fields, commitments))
    _LOG.warning("incident.set_aside", extra={"reference": reference, "reason": told.code, "actor": by})


def take_up(app: App, reference: str, actor: str, roles: Sequence[str]) -> bool:
    """Let an incident that was set aside be one to look at again, and enter that; whether it was set aside.

    Raises NotFound, TransitionRefused, BrakeHolds.
    """
    found = in_role("take_up", roles, [SUPERVISOR])
    if found:
        raise TransitionRefused(reference, "take_up", found)
    _refuse_while_held(app)
    placement_id = _id_of(app, reference)
    with app.store.writing() as unit:
        if not unit.take_up(placement_id):
            return False
        by, now = unit.actor_id(actor), app.clock.now()
        fields, head = {"placement_id": placement_id}, unit.system_head()
        unit.record(system_entry(app.installation.log, head, "incident_taken_up", by, now, fields))
    _LOG.info("incident.taken_up", extra={"reference": reference, "actor": by})
    return True


def _refuse_while_held(app: App) -> None:
    held = app.engine.brake().held
    if held is not None:
        raise BrakeHolds(held)


def _id_of(app: App, reference: str) -> str:
    item = app.queries.placement(reference)
    if item is None:
        raise NotFound(f"there is no placement {reference}")
    return item.id
