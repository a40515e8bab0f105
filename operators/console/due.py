"""The front page: what is overdue, due today, in seven days, in thirty, and who is awaited."""

from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from typing import Annotated, Any

from fastapi import Depends

from operators.console.lists import Asked, asked_of, paged
from operators.console.routing import Screen, current
from operators.console.views import LISTS
from operators.console.visit import Visit
from storage.queries import DeadlineItem, Page, PlacementFilter
from workflow.calendar import load_zone

screen = Screen()
Here = Annotated[Visit, Depends(current)]

SHOWN = 8
PAGE = 50
_FILTERS = ("territory", "deadline", "text")


@dataclass(frozen=True, slots=True)
class Band:
    """One stretch of time: its name in addresses, its heading, the deadlines in it, how many they are."""

    name: str
    heading: str
    which: PlacementFilter
    count: int
    page: Page[DeadlineItem]


@screen.get("/", "console.enter")
def front(visit: Here) -> Any:
    """What is due, for whoever may see placements; else the first page that is open to them."""
    if visit.may("placement.read"):
        return show_due(visit)
    if visit.may("definition.read"):
        return visit.go("/definition")
    return visit.go("/accounts")


@screen.get("/due", "placement.read")
def show_due(visit: Here, band: str = "") -> Any:
    """The deadlines, soonest first: a few of each stretch of time, or all of one."""
    asked = asked_of(visit, _FILTERS)
    which = asked.filter
    midnight = _midnight(visit)
    bands = [_band(visit, asked, *each, band) for each in _stretches(visit, visit.minute, midnight)]
    chosen = next((each for each in bands if each.name == band), None)
    everything = replace(which, overdue=midnight + timedelta(days=30))
    counts = visit.count(("due", asked.question), lambda: visit.app.store.counts.deadlines(everything))
    seen = {name: asked.said.get(name, band if name == "band" else "") for name in LISTS["due"]}
    return visit.page("due.html", asked=asked, bands=[chosen] if chosen else bands, all_bands=bands, band=band,
                      counts=counts, waiting=_waiting(visit), dead=_dead(visit), seen=seen,
                      saved=visit.app.store.views.of(visit.who.id, "due"))  # fmt: skip


def _midnight(visit: Visit) -> datetime:
    """When this day ends, where the definition is at home: what falls due then is due today."""
    zone = load_zone(visit.app.engine.current_rules().definition.timezone)
    tomorrow = visit.now.astimezone(zone).date() + timedelta(days=1)
    return datetime.combine(tomorrow, time(), zone)


def _stretches(visit: Visit, now: datetime, midnight: datetime) -> list[tuple[str, str, PlacementFilter]]:
    """What each stretch is called, and what it asks."""
    week, month = midnight + timedelta(days=7), midnight + timedelta(days=30)
    spans = (
        ("today", visit.say("Aujourd’hui", "Today"), (now, midnight)),
        ("week", visit.say("Dans les 7 jours", "Within 7 days"), (midnight, week)),
        ("month", visit.say("Dans les 30 jours", "Within 30 days"), (week, month)),
    )
    overdue = ("overdue", visit.say("En retard", "Overdue"), PlacementFilter(overdue=now))
    return [overdue, *((name, heading, PlacementFilter(due_between=span)) for name, heading, span in spans)]


def _band(visit: Visit, asked: Asked, name: str, heading: str, span: PlacementFilter, only: str) -> Band:
    narrowed = replace(asked.filter, overdue=span.overdue, due_between=span.due_between)
    count = visit.count(("band", name, asked.question), lambda: visit.app.store.counts.number(narrowed))
    wanted = only == name or (count and not only)
    after = visit.request.query_params.get("after") if only == name else None
    found = paged(lambda: visit.app.queries.deadlines(narrowed, PAGE if only else SHOWN, after)) if wanted else None
    return Band(name, heading, narrowed, count, found or Page((), None))


def _dead(visit: Visit) -> int:
    """How many notices did not arrive and are not tried any more, for whoever may look at them."""
    return visit.app.store.deliveries.number_dead() if visit.may("notice.read") else 0


def _waiting(visit: Visit) -> Any:
    reach = visit.reach()
    return visit.count(("waiting", reach), lambda: visit.app.store.counts.waiting(reach))
