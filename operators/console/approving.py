"""Corrections that wait for a second person: the list, one request with all that it asks, the answer to it."""

from dataclasses import dataclass
from typing import Annotated, Any
from uuid import uuid4

from fastapi import Depends
from starlette.datastructures import FormData

from operators.addresses import path_of
from operators.console.lists import paged
from operators.console.routing import Screen, current, posted
from operators.console.visit import Visit
from operators.sentences import blocker_text
from operators.timeline import ACTS
from storage.queries import PlacementItem
from workflow.brake import ClockBehind
from workflow.commands import Decide, Outcome
from workflow.errors import NotFound, StalePlacement, TransitionRefused
from workflow.views import RequestView

screen = Screen()
Here = Annotated[Visit, Depends(current)]
Form = Annotated[FormData, Depends(posted)]

PAGE = 50


@dataclass(frozen=True, slots=True)
class Verdict:
    """What approving a request would do, or why it cannot be approved by who looks."""

    outcome: Outcome | None
    refusals: tuple[str, ...]


@screen.get("/approvals", "placement.decide")
def show_requests(visit: Here, after: str | None = None) -> Any:
    """What waits, the oldest first."""
    reach = visit.reach("placement.decide")
    found = paged(lambda: visit.app.queries.requests(PAGE, after, reach))
    with visit.app.store.reading() as reading:
        names = {item.actor: reading.actor(item.actor) or item.actor for item in found.items}
    return visit.page("approvals.html", page=found, names=names, acts=ACTS)


@screen.get("/placements/{reference:reference}/requests/{number}", "placement.decide")
def show_request(visit: Here, reference: str, number: int) -> Any:
    """One request, and what approving it would do now."""
    item = visit.find(reference, "placement.decide")
    return _page(visit, item, number, ())


@screen.post("/placements/{reference:reference}/requests/{number}", "placement.decide")
def decide(visit: Here, reference: str, number: int, form: Form) -> Any:
    """Approve a request, or refuse it."""
    item = visit.find(reference, "placement.decide")
    expect, key = str(form.get("expect", "")), str(form.get("key", ""))[:100]
    command = Decide(
        reference=item.reference, verdict="approve" if form.get("verdict") == "approve" else "refuse",
        actor=visit.who.name, request=number, reason=str(form.get("reason", "")).strip() or None,
        roles=visit.roles_on(item), expect=int(expect) if expect.isdecimal() else None, key=key or uuid4().hex,
    )  # fmt: skip
    try:
        outcome = visit.app.engine.ask(command)
    except TransitionRefused as refused:
        return _page(visit, item, number, _told(visit, refused), 422)
    except StalePlacement:
        return _page(visit, visit.find(reference), number, (_overtaken(visit),), 409)
    return visit.go(f"{path_of(reference)}?done={outcome.entries[-1].entry.seq}")


def _page(visit: Visit, item: PlacementItem, number: int, wrong: tuple[str, ...], status: int = 200) -> Any:
    view = visit.app.engine.view(item.reference)
    request = next((each for each in view.requests if each.waiting.seq == number), None)
    if request is None:
        raise NotFound(str(number))
    with visit.app.store.reading() as reading:
        asker = reading.actor(request.waiting.actor) or request.waiting.actor
    return visit.page(
        "request.html", status, item=item, view=view, request=request, asker=asker, wrong=wrong, key=uuid4().hex,
        hidden=_hidden(view.rules.definition.fields, request), verdict=_verdict(visit, item, number), acts=ACTS,
    )  # fmt: skip


def _hidden(fields: Any, request: RequestView) -> frozenset[str]:
    """The fields of a request whose values are personal: they are told, not shown."""
    return frozenset(name for name in request.fields if name in fields and fields[name].personal)


def _verdict(visit: Visit, item: PlacementItem, number: int) -> Verdict:
    command = Decide(reference=item.reference, verdict="approve", actor=visit.who.name, request=number,
                     roles=visit.roles_on(item))  # fmt: skip
    try:
        return Verdict(visit.app.engine.preview(command), ())
    except TransitionRefused as refused:
        return Verdict(None, _told(visit, refused))
    except ClockBehind as behind:
        return Verdict(None, (behind.held.sentence(visit.lang),))


def _told(visit: Visit, refused: TransitionRefused) -> tuple[str, ...]:
    return tuple(blocker_text(each, visit.labels, visit.lang) for each in refused.blockers)


def _overtaken(visit: Visit) -> str:
    return visit.say("Quelqu’un a agi sur ce dossier entre-temps : relisez-le.",
                     "Somebody acted on this placement meanwhile: read it again.")  # fmt: skip
