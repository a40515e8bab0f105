"""Placements that could not be decided: trying them at once, setting them aside. Their list is among the lists."""

from typing import Annotated, Any

from fastapi import Depends

from operators.api.caller import Caller
from operators.api.models.incidents import AsideAnswer, AsideBody, Retried
from operators.api.placements import ONE
from operators.api.problems import Trouble
from operators.api.routing import Resource, answer, current
from operators.cli.incidents import retried_object
from operators.incidents import retry_incident, set_aside, take_up
from workflow.definition import SUPERVISOR
from workflow.errors import NotFound

resource = Resource("incidents")
Here = Annotated[Caller, Depends(current)]


@resource.post(f"{ONE}/retry", "incident.retry", Retried)
def retry(caller: Here, reference: str) -> Any:
    """Try a placement with an incident at once; where there is none, nothing happens."""
    item = caller.find(reference, "incident.retry")
    done = retry_incident(caller.app, item.reference, caller.who.name, (SUPERVISOR,))
    return answer(retried_object(item.reference, done), caller)


@resource.post(f"{ONE}/set-aside", "incident.aside", AsideAnswer, errors=(404, 409))
def set_incident_aside(caller: Here, reference: str, body: AsideBody) -> Any:
    """Set the incident of a placement aside, for a reason: it alarms nobody while it stays as it is."""
    item = caller.find(reference, "incident.aside")
    try:
        set_aside(caller.app, item.reference, body.reason, caller.who.name, (SUPERVISOR,))
    except NotFound:
        raise Trouble(409, "no_incident", "Ce dossier n'a pas d'incident.", "This placement has no incident.") from None
    return answer({"reference": item.reference, "set_aside": True}, caller)


@resource.post(f"{ONE}/take-up", "incident.aside", AsideAnswer, errors=(404,))
def take_incident_up(caller: Here, reference: str) -> Any:
    """Let an incident that was set aside be one to look at again; where none is, nothing happens."""
    item = caller.find(reference, "incident.aside")
    take_up(caller.app, item.reference, caller.who.name, (SUPERVISOR,))
    return answer({"reference": item.reference, "set_aside": False}, caller)
