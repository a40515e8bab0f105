"""One placement, read: where it is, its history, its dates and how they came out, what may be done.

Personal values are masked, but for `reveal`, which enters in the log of accesses that they were shown.
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import Annotated, Any

from fastapi import Depends, Query
from starlette.responses import Response

from audit.records import history_records
from operators.api.caller import Caller
from operators.api.models.common import Listed
from operators.api.models.deadlines import Deadline, Explanation
from operators.api.models.history import Entry
from operators.api.models.placements import Placement, Possible
from operators.api.routing import Resource, answer, current
from operators.cli.shapes import answer_object, deadline_object, explanation_object, placement_object
from operators.moments import optional_moment
from storage.queries import PlacementItem
from workflow.views import PlacementView

resource = Resource("placements")
Here = Annotated[Caller, Depends(current)]
ONE = "/placements/{reference:reference}"


@resource.get(ONE, "placement.read", Placement, errors=(404,))
def placement(caller: Here, reference: str) -> Any:
    """One placement; the ETag is its revision, for the If-Match of an act. Personal values are masked."""
    item = caller.find(reference)
    return _shown(caller, caller.app.engine.view(item.reference), revealed=False)


@resource.post(f"{ONE}/reveal", "personal.reveal", Placement, errors=(404,))
def reveal(caller: Here, reference: str) -> Any:
    """The same with personal values; that they were shown is entered in the log of accesses first."""
    item = caller.find(reference, "personal.reveal")
    view = caller.app.engine.view(item.reference)
    _enter_access(caller, item, view)
    return _shown(caller, view, revealed=True)


def _enter_access(caller: Caller, item: PlacementItem, view: PlacementView) -> None:
    asked = (name for request in view.requests for name in personal_names(view, request.fields))
    texts = {"reason" for request in view.requests if request.text is not None}
    shown = {*(name for name, value in view.personal.items() if value is not None), *asked, *texts}
    caller.app.store.accounts.record_access(caller.who.id, item.id, shown, caller.console.real.now())


def personal_names(view: PlacementView, names: Iterable[str]) -> list[str]:
    """Those of these fields that are personal; one that the definition lost may be."""
    fields = view.rules.definition.fields
    return [name for name in names if name not in fields or fields[name].personal]


def masked(view: PlacementView) -> PlacementView:
    """The same without personal values."""
    requests = tuple(_masked_request(view, each) for each in view.requests)
    return replace(view, personal={}, requests=requests)


def _masked_request(view: PlacementView, request: Any) -> Any:
    hidden = personal_names(view, request.fields)
    shown = {name: value for name, value in request.fields.items() if name not in hidden}
    return replace(request, fields=shown, text=None)


def _shown(caller: Caller, view: PlacementView, *, revealed: bool) -> Response:
    set_ones = [] if revealed else [name for name in view.rules.definition.fields if name in view.facts.personal]
    body = {**placement_object(view if revealed else masked(view)), "masked": set_ones}
    return answer(body, caller, ETag=etag(view.facts.revision))


def etag(revision: int) -> str:
    """A revision as an entity tag."""
    return f'"{revision}"'


@resource.get(f"{ONE}/history", "placement.read", list[Entry], errors=(404,))
def history(caller: Here, reference: str) -> Any:
    """The whole history, oldest first, without personal values."""
    item = caller.find(reference)
    with caller.app.store.reading() as reading:
        entries = reading.history(item.id)
    return answer(history_records(entries, lambda digest: caller.app.engine.rules(digest).definition), caller)


@resource.get(f"{ONE}/deadlines", "placement.read", Listed[Deadline], errors=(404,))
def placement_deadlines(caller: Here, reference: str) -> Any:
    """The deadlines that run, are paused, were missed, or wait for their beginning."""
    view = caller.app.engine.view(caller.find(reference).reference)
    return answer({"items": [deadline_object(each) for each in view.deadlines], "next": None}, caller)


@resource.get(f"{ONE}/deadlines/{{name}}", "placement.read", Explanation, errors=(404,))
def explain(caller: Here, reference: str, name: str) -> Any:
    """How the date of a deadline was computed, step by step."""
    item = caller.find(reference)
    with caller.absent("Cette échéance n'a pas commencé pour ce dossier.",
                       "This deadline has not started for this placement."):  # fmt: skip
        found = caller.app.engine.explain(item.reference, name)
    return answer(explanation_object(found, caller.lang), caller)


@resource.get(f"{ONE}/can", "placement.read", list[Possible], errors=(404, 409))
def can(
    caller: Here,
    reference: str,
    trigger: str | None = None,
    at: Annotated[str | None, Query(description="At this moment; by default now.")] = None,
) -> Any:
    """What may fire now for who asks, and every blocker of what may not."""
    item = caller.find(reference)
    moment = optional_moment(at, "at")
    answers = caller.app.engine.can(item.reference, trigger, at=moment, roles=caller.roles_on(item))
    return answer([answer_object(each, caller.lang) for each in answers], caller)
