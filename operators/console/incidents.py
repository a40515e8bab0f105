"""What could not be decided, tried again or set aside by hand; and the brake: why it holds, and its release."""

import logging
from typing import Annotated, Any

from fastapi import Depends
from starlette.datastructures import FormData

from operators.console.routing import Screen, current, posted
from operators.console.spreadsheets import as_csv
from operators.console.visit import Visit
from operators.incidents import retry_incident, set_aside, take_up
from operators.sentences import blocker_text, undecided_text
from operators.times import short_text
from settings import WrongUsage
from storage.queries import IncidentItem, Page
from workflow.brake import BrakeHolds
from workflow.commands import Release
from workflow.definition import SUPERVISOR
from workflow.errors import NotFound, TransitionRefused
from workflow.undecided import why_undecided

_COLUMNS = ("reference", "why", "code", "message", "since", "attempts", "retry_at", "zone", "aside_reason", "aside_by",
            "aside_at")  # fmt: skip

screen = Screen()
Here = Annotated[Visit, Depends(current)]
Form = Annotated[FormData, Depends(posted)]


@screen.get("/incidents", "incident.read")
def show_incidents(visit: Here) -> Any:
    """The open incidents, the oldest first, and how the brake stands."""
    return _page(visit)


@screen.get("/incidents.csv", "incident.read")
def export_incidents(visit: Here) -> Any:
    """All incidents of the page, those that were set aside among them, the oldest first."""
    items = visit.app.queries.incidents(visit.reach("incident.read"))
    return as_csv("incidents.csv", _COLUMNS, (_cells(visit, each) for each in items))


def _cells(visit: Visit, item: IncidentItem) -> tuple[str, ...]:
    zone, aside = visit.home, item.aside
    by_hand = ("", "", "") if aside is None else (aside.reason, aside.actor, short_text(aside.at, zone))
    return (item.reference, undecided_text(item.code, item.message, visit.lang), item.code, item.message,
            short_text(item.since_at, zone), str(item.attempts), short_text(item.retry_at, zone), zone.key,
            *by_hand)  # fmt: skip


@screen.post("/placements/{reference:reference}/retry", "incident.retry")
def retry(visit: Here, reference: str) -> Any:
    """Try a placement with an incident at once, and tell what came of it."""
    item = visit.find(reference, "incident.retry")
    try:
        done = retry_incident(visit.app, item.reference, visit.who.name, (SUPERVISOR,))
    except TransitionRefused as refused:
        return _page(visit, 422, wrong=refusal_text(visit, refused))
    if done.still is not None:
        why = why_undecided(done.still.code, str(done.still))
        fr, en = f"ne peut toujours pas être traité : {why.fr}.", f"still cannot be decided: {why.en}."
        return _page(visit, 409, wrong=f"{item.reference} {visit.say(fr, en)}")
    return _page(visit, resolved=item.reference)


@screen.post("/placements/{reference:reference}/set-aside", "incident.aside")
def put_aside(visit: Here, reference: str, form: Form) -> Any:
    """Set an incident aside, for a reason: it alarms nobody while it stays as it is."""
    item = visit.find(reference, "incident.aside")
    try:
        set_aside(visit.app, item.reference, str(form.get("reason", "")), visit.who.name, (SUPERVISOR,))
    except NotFound:
        return _page(visit, resolved=item.reference)
    except (TransitionRefused, WrongUsage, BrakeHolds) as refused:
        return _page(visit, 422, wrong=refusal_text(visit, refused))
    return visit.go("/incidents#aside")


@screen.post("/placements/{reference:reference}/take-up", "incident.aside")
def take_back(visit: Here, reference: str) -> Any:
    """Let an incident that was set aside be one to look at again."""
    item = visit.find(reference, "incident.aside")
    try:
        take_up(visit.app, item.reference, visit.who.name, (SUPERVISOR,))
    except BrakeHolds as refused:
        return _page(visit, 422, wrong=refusal_text(visit, refused))
    return visit.go("/incidents#open")


@screen.post("/incidents/release", "brake.release")
def release(visit: Here, form: Form) -> Any:
    """Take the clock's present moment for true. What opens the entry's commitment to the reason is told once."""
    reason = str(form.get("reason", "")).strip()
    try:
        done = visit.app.engine.release(Release(reason=reason, actor=visit.who.name, roles=(SUPERVISOR,)))
    except TransitionRefused as refused:
        return _page(visit, 422, wrong=refusal_text(visit, refused))
    if done is not None:
        logging.getLogger("parcours.brake").warning("brake.released", extra=done.held.details)
    return _page(visit, released=done)


def refusal_text(visit: Visit, refused: TransitionRefused | WrongUsage | BrakeHolds) -> str:
    """Why something was not done, for whoever asked."""
    if isinstance(refused, TransitionRefused):
        return " ".join(blocker_text(each, visit.labels, visit.lang) for each in refused.blockers)
    if isinstance(refused, WrongUsage):
        return visit.say(refused.message, refused.message_en)
    return refused.held.sentence(visit.lang)


def _page(visit: Visit, status: int = 200, **told: Any) -> Any:
    """The page, with what was just done or refused."""
    said = {"wrong": None, "released": None, "resolved": None, **told}
    items = visit.app.queries.incidents(visit.reach("incident.read"))
    listed = visit.app.store.deliveries.listed
    dead = listed("dead") if visit.may("notice.read") else Page((), None)
    open_to = {each.reference for each in items if _is_open(visit, each)}
    return visit.page(
        "incidents.html", status, incidents=[each for each in items if each.aside is None],
        aside=[each for each in items if each.aside is not None], open_to=open_to, dead=dead,
        standing=visit.app.engine.brake(), why=lambda each: undecided_text(each.code, each.message, visit.lang), **said,
    )  # fmt: skip


def _is_open(visit: Visit, item: IncidentItem) -> bool:
    """Whether who asks may try it again, or set it aside."""
    reach = visit.reach("incident.aside")
    return bool(reach) and visit.app.queries.placement(item.reference, reach) is not None
