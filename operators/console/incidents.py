"""What could not be decided, and the brake: why it holds, and its release by a person, with a reason."""

import logging
from typing import Annotated, Any

from fastapi import Depends
from starlette.datastructures import FormData

from operators.console.routing import Screen, current, posted
from operators.console.visit import Visit
from operators.sentences import blocker_text
from workflow.commands import Release
from workflow.definition import SUPERVISOR
from workflow.errors import TransitionRefused
from workflow.releasing import Released

screen = Screen()
Here = Annotated[Visit, Depends(current)]
Form = Annotated[FormData, Depends(posted)]


@screen.get("/incidents", "incident.read")
def show_incidents(visit: Here) -> Any:
    """The open incidents, the oldest first, and how the brake stands."""
    return _page(visit)


@screen.post("/incidents/release", "brake.release")
def release(visit: Here, form: Form) -> Any:
    """Take the clock's present moment for true. What opens the entry's commitment to the reason is told once."""
    reason = str(form.get("reason", "")).strip()
    try:
        done = visit.app.engine.release(Release(reason=reason, actor=visit.who.name, roles=(SUPERVISOR,)))
    except TransitionRefused as refused:
        wrong = " ".join(blocker_text(each, visit.labels, visit.lang) for each in refused.blockers)
        return _page(visit, 422, wrong=wrong)
    if done is not None:
        logging.getLogger("parcours.brake").warning("brake.released", extra=done.held.details)
    return _page(visit, released=done)


def _page(visit: Visit, status: int = 200, *, wrong: str | None = None, released: Released | None = None) -> Any:
    return visit.page(
        "incidents.html", status, incidents=visit.app.queries.incidents(visit.reach("incident.read")),
        standing=visit.app.engine.brake(), wrong=wrong, released=released,
    )  # fmt: skip
