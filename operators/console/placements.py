"""The list of placements: filters with counts that agree with it, pages by key, and a CSV of all that it shows."""

from collections.abc import Iterator
from typing import Annotated, Any

from fastapi import Depends

from operators.addresses import path_of
from operators.commands import shell_words
from operators.console.lists import Asked, asked_of, paged
from operators.console.routing import Screen, current
from operators.console.spreadsheets import as_csv
from operators.console.views import LISTS
from operators.console.visit import Visit
from operators.filters import all_placements
from operators.times import short_text
from storage.queries import PlacementItem
from workflow.calendar import zone_of

screen = Screen()
Here = Annotated[Visit, Depends(current)]

PAGE = 50
FILTERS = LISTS["placements"]
_COLUMNS = ("reference", "territory", "state", "state_label", "state_since", "zone", "host_name", "host_siret",
            "revision")  # fmt: skip


@screen.get("/placements", "placement.read")
def show_placements(visit: Here, after: str | None = None) -> Any:
    """A page of placements by reference."""
    asked = asked_of(visit, FILTERS)
    found = paged(lambda: visit.app.queries.placements(asked.filter, PAGE, after))
    only = _only(visit, asked)
    if only is not None:
        return visit.go(only)
    counts = visit.count(
        asked.question, lambda: visit.app.store.counts.placements(asked.filter), timed="overdue" in asked.said
    )
    return visit.page("placements.html", asked=asked, page=found, counts=counts, after=after,
                      seen={name: asked.get(name) for name in LISTS["placements"]},
                      saved=visit.app.store.views.of(visit.who.id, "placements"),
                      list_command=shell_words("list", *_options(asked)))  # fmt: skip


def _options(asked: Asked) -> Iterator[str]:
    """The filters as options of the command line, but for the text, which it does not take."""
    for name, value in asked.said.items():
        if name != "text":
            yield from [f"--{name.replace('_', '-')}", *([] if name == "overdue" else [value])]


def _only(visit: Visit, asked: Asked) -> str | None:
    """Where the text is one placement's whole reference: its own page."""
    text = asked.get("text")
    if text and set(asked.said) == {"text"} and visit.app.queries.placement(text, visit.reach()) is not None:
        return path_of(text)
    return None


@screen.get("/placements.csv", "placement.export")
def export_placements(visit: Here) -> Any:
    """All that the list would show, page after page."""
    asked = asked_of(visit, FILTERS)
    return as_csv("placements.csv", _COLUMNS, (_cells(visit, each) for each in all_placements(visit.app, asked.filter)))


def _cells(visit: Visit, item: PlacementItem) -> tuple[str, ...]:
    zone, state = zone_of(item.territory), visit.labels.states.get(item.state)
    return (item.reference, item.territory, item.state, state[visit.lang] if state else item.state,
            short_text(item.state_since, zone), zone.key, item.host_name or "", item.host_siret or "",
            str(item.revision))  # fmt: skip
