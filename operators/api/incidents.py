"""Placements that could not be decided: trying them at once. The list of them is among the lists."""

from typing import Annotated, Any

from fastapi import Depends

from operators.api.caller import Caller
from operators.api.models import Retried
from operators.api.placements import ONE
from operators.api.routing import Resource, answer, current
from operators.cli.incidents import retried_object
from operators.incidents import retry_incident
from workflow.definition import SUPERVISOR

resource = Resource("incidents")
Here = Annotated[Caller, Depends(current)]


@resource.post(f"{ONE}/retry", "incident.retry", Retried)
def retry(caller: Here, reference: str) -> Any:
    """Try a placement with an incident at once; where there is none, nothing happens."""
    item = caller.find(reference, "incident.retry")
    done = retry_incident(caller.app, item.reference, caller.who.name, (SUPERVISOR,))
    return answer(retried_object(item.reference, done), caller)
