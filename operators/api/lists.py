"""Lists over the placements that who asks may see: a page at a time, or all as a stream of lines."""

from collections.abc import Iterator
from typing import Annotated, Any, Final

from fastapi import Depends, Query
from starlette.responses import StreamingResponse

from operators.api.caller import Caller
from operators.api.models.common import Listed
from operators.api.models.deadlines import DeadlineItem
from operators.api.models.incidents import IncidentItem
from operators.api.models.placements import PlacementItem
from operators.api.problems import as_json
from operators.api.routing import NDJSON, Resource, answer, current
from operators.cli.incidents import incident_object
from operators.cli.list_shapes import deadline_item, placement_item
from operators.console.lists import LONGEST_TEXT, paged
from operators.filters import all_placements, placement_filter
from storage.queries import PlacementFilter

resource = Resource("lists")
Here = Annotated[Caller, Depends(current)]
Limit = Annotated[int, Query(ge=1, le=500, description="So many at most.")]
After = Annotated[str | None, Query(max_length=1000, description="Those after this cursor, `next` of the page before.")]
_AGE: Final = "^[0-9]{1,6} ?[smhdwj]$"
Text = Annotated[str | None, Query(min_length=1, max_length=LONGEST_TEXT)]


def filter_said(
    caller: Here,
    text: Annotated[
        str | None,
        Query(
            min_length=1,
            max_length=LONGEST_TEXT,
            description="A reference that begins so, or a host with this in its name.",
        ),
    ] = None,
    state: Text = None,
    territory: Text = None,
    host_siret: Text = None,
    deadline: Annotated[
        str | None, Query(min_length=1, max_length=LONGEST_TEXT, description="With this deadline.")
    ] = None,
    overdue: Annotated[bool, Query(description="With a deadline that has passed.")] = False,
    due_within: Annotated[str | None, Query(pattern=_AGE, description="With a deadline due in that time: 7d.")] = None,
    stuck_since: Annotated[str | None, Query(pattern=_AGE, description="In the same state for so long: 30d.")] = None,
) -> PlacementFilter:
    """The filter that the address says, over what who asks may see. Raises UnknownName."""
    said = {"text": text, "state": state, "territory": territory, "host_siret": host_siret, "deadline": deadline,
            "overdue": overdue, "due_within": due_within, "stuck_since": stuck_since}  # fmt: skip
    return placement_filter(caller.app, said, caller.reach())


Which = Annotated[PlacementFilter, Depends(filter_said)]


@resource.get("/placements", "placement.read", Listed[PlacementItem])
def placements(caller: Here, which: Which, limit: Limit = 50, after: After = None) -> Any:
    """Placements by reference."""
    found = paged(lambda: caller.app.queries.placements(which, limit, after))
    return answer({"items": [placement_item(each, caller.now) for each in found.items], "next": found.next}, caller)


@resource.get("/exports/placements", "placement.export", media=NDJSON)
def export_placements(caller: Here, which: Which) -> Any:
    """All that the list would show, one JSON object a line."""
    return StreamingResponse(_lines(caller, which), media_type=NDJSON, headers={"Cache-Control": "no-store"})


def _lines(caller: Caller, which: PlacementFilter) -> Iterator[bytes]:
    for item in all_placements(caller.app, which):
        yield as_json(placement_item(item, caller.now)) + b"\n"


@resource.get("/deadlines", "placement.read", Listed[DeadlineItem])
def deadlines(caller: Here, which: Which, limit: Limit = 50, after: After = None) -> Any:
    """Deadlines that run, are paused or were missed, soonest first."""
    found = paged(lambda: caller.app.queries.deadlines(which, limit, after))
    return answer({"items": [deadline_item(each, caller.now) for each in found.items], "next": found.next}, caller)


@resource.get("/incidents", "incident.read", Listed[IncidentItem])
def incidents(caller: Here) -> Any:
    """The placements that could not be decided, the oldest first."""
    items = [incident_object(each) for each in caller.app.queries.incidents(caller.reach("incident.read"))]
    return answer({"items": items, "next": None}, caller)
