"""Corrections that wait for a second person: the list, and that person's answer."""

from typing import Annotated, Any

from fastapi import Depends, Path

from operators.api.acting import Asking, ask
from operators.api.caller import Caller
from operators.api.lists import After, Limit
from operators.api.models.approvals import DecideBody, RequestItem, Waiting
from operators.api.models.changes import Outcome
from operators.api.models.common import Listed
from operators.api.placements import ONE, masked
from operators.api.routing import Resource, answer, current
from operators.cli.list_shapes import request_item
from operators.cli.shapes import placement_object
from operators.console.lists import paged
from workflow.commands import Decide
from workflow.errors import NotFound

resource = Resource("approvals")
Here = Annotated[Caller, Depends(current)]
Number = Annotated[int, Path(ge=1, le=10**9)]


@resource.get("/approvals", "placement.decide", Listed[RequestItem])
def approvals(caller: Here, limit: Limit = 50, after: After = None) -> Any:
    """What waits, the oldest first."""
    found = paged(lambda: caller.app.queries.requests(limit, after, caller.reach("placement.decide")))
    return answer({"items": [request_item(each, caller.now) for each in found.items], "next": found.next}, caller)


@resource.get(f"{ONE}/requests/{{number}}", "placement.decide", Waiting, errors=(404,))
def request(caller: Here, reference: str, number: Number) -> Any:
    """One correction that waits, with what it asks for; personal values are masked. 404 once it is decided."""
    view = masked(caller.app.engine.view(caller.find(reference, "placement.decide").reference))
    found = next((each for each in placement_object(view)["requests"] if each["request"] == number), None)
    if found is None:
        raise NotFound(caller.say(f"Aucune demande n° {number} n'attend.", f"No request no. {number} waits."))
    return answer(found, caller)


@resource.post(f"{ONE}/requests/{{number}}/decision", "placement.decide", Outcome)
def decide(caller: Here, reference: str, number: Number, terms: Asking, body: DecideBody) -> Any:
    """Approve it, so that it is carried out at once, or refuse it; who asked for it withdraws it by refusing."""
    item = caller.find(reference, "placement.decide")
    return ask(caller, terms, body.dry_run, lambda expect: Decide(
        reference=item.reference, verdict=body.verdict, actor=caller.who.name, request=number, reason=body.reason,
        roles=caller.roles_on(item), expect=expect, key=terms.key,
    ))  # fmt: skip
