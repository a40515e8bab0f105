"""What could not be decided or delivered, tried again by hand; and the brake: why it holds, and its release."""

import logging
from typing import Annotated, Any

from fastapi import Depends
from starlette.datastructures import FormData

from operators.console.routing import Screen, current, posted
from operators.console.visit import Visit
from operators.incidents import retry_incident
from operators.notices.retrying import retry as retry_dead
from operators.sentences import blocker_text
from storage.queries import EVERYWHERE, Page
from workflow.brake import BrakeHolds
from workflow.commands import Release
from workflow.definition import SUPERVISOR
from workflow.errors import TransitionRefused

screen = Screen()
Here = Annotated[Visit, Depends(current)]
Form = Annotated[FormData, Depends(posted)]


@screen.get("/incidents", "incident.read")
def show_incidents(visit: Here) -> Any:
    """The open incidents, the oldest first, and how the brake stands."""
    return _page(visit)


@screen.post("/placements/{reference:reference}/retry", "incident.retry")
def retry(visit: Here, reference: str) -> Any:
    """Try a placement with an incident at once, and tell what came of it."""
    item = visit.find(reference, "incident.retry")
    try:
        done = retry_incident(visit.app, item.reference, visit.who.name, (SUPERVISOR,))
    except TransitionRefused as refused:
        return _page(visit, 422, wrong=_sentence(visit, refused))
    if done.still is not None:
        still = visit.say("ne peut toujours pas être traité :", "still cannot be decided:")
        return _page(visit, 409, wrong=f"{item.reference} {still} {done.still}")
    return _page(visit, resolved=item.reference)


@screen.post("/incidents/notices", "notice.retry")
def retry_notices(visit: Here, form: Form) -> Any:
    """Have the notices tried again that were given up: those under a key, or all."""
    try:
        found = retry_dead(visit.app, str(form.get("key", "")) or None, visit.who.name)
    except BrakeHolds as holds:
        return _page(visit, 409, wrong=holds.held.sentence(visit.lang))
    return _page(visit, waiting_again=len(found))


@screen.post("/incidents/release", "brake.release")
def release(visit: Here, form: Form) -> Any:
    """Take the clock's present moment for true. What opens the entry's commitment to the reason is told once."""
    reason = str(form.get("reason", "")).strip()
    try:
        done = visit.app.engine.release(Release(reason=reason, actor=visit.who.name, roles=(SUPERVISOR,)))
    except TransitionRefused as refused:
        return _page(visit, 422, wrong=_sentence(visit, refused))
    if done is not None:
        logging.getLogger("parcours.brake").warning("brake.released", extra=done.held.details)
    return _page(visit, released=done)


def _sentence(visit: Visit, refused: TransitionRefused) -> str:
    return " ".join(blocker_text(each, visit.labels, visit.lang) for each in refused.blockers)


def _page(visit: Visit, status: int = 200, **told: Any) -> Any:
    """The page, with what was just done or refused."""
    said = {"wrong": None, "released": None, "resolved": None, "waiting_again": None, **told}
    reach = visit.reach("incident.read")
    items = visit.app.queries.incidents(reach)
    dead = visit.app.store.deliveries.listed("dead") if reach == EVERYWHERE else Page((), None)
    open_to = visit.reach("incident.retry")
    with_row = ((each, visit.app.queries.placement(each.reference, open_to)) for each in items)
    return visit.page(
        "incidents.html", status, incidents=[(each, row is not None) for each, row in with_row], dead=dead,
        standing=visit.app.engine.brake(), **said,
    )  # fmt: skip
