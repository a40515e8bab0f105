"""The front page: what is overdue, due today, in seven days, in thirty, and who is awaited."""

from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from typing import Annotated, Any

from fastapi import Depends

from operators.console.lists import Asked, asked_of, paged
from operators.console.routing import Screen, current
from operators.console.spreadsheets import as_csv
from operators.console.views import LISTS
from operators.console.visit import Visit
from operators.filters import all_deadlines
from operators.roles import roles_text
from operators.times import short_text
from storage.queries import DeadlineItem, Page, PlacementFilter
from workflow.calendar import zone_of

screen = Screen()
Here = Annotated[Visit, Depends(current)]

SHOWN = 8
PAGE = 50
_FILTERS = ("territory", "deadline", "text")
_COLUMNS = ("last_day", "due_at", "zone", "reference", "territory", "host_name", "deadline", "deadline_label", "status",
            "awaited", "state", "state_label")  # fmt: skip


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
    counts = visit.count(("due", asked.question), lambda: visit.app.store.counts.deadlines(everything), timed=True)
    seen = {name: asked.said.get(name, band if name == "band" else "") for name in LISTS["due"]}
    return visit.page("due.html", asked=asked, bands=[chosen] if chosen else bands, all_bands=bands, band=band,
                      counts=counts, waiting=_waiting(visit), dead=_dead(visit), seen=seen,
                      saved=visit.app.store.views.of(visit.who.id, "due"))  # fmt: skip


@screen.get("/due.csv", "placement.export")
def export_due(visit: Here, band: str = "") -> Any:
    """All deadlines of one stretch of time, or of all that the page has, the first to fall due first."""
    asked, midnight = asked_of(visit, _FILTERS), _midnight(visit)
    spans = {name: span for name, _, span in _stretches(visit, visit.minute, midnight)}
    span = spans.get(band, PlacementFilter(overdue=midnight + timedelta(days=30)))
    which = replace(asked.filter, overdue=span.overdue, due_between=span.due_between)
    return as_csv("due.csv", _COLUMNS, (_cells(visit, each) for each in all_deadlines(visit.app, which)))


def _cells(visit: Visit, item: DeadlineItem) -> tuple[str, ...]:
    zone, labels, lang = zone_of(item.territory), visit.labels, visit.lang
    deadline, state = labels.deadlines.get(item.name), labels.states.get(item.state)
    awaited = roles_text(labels.awaits.get(item.name, ()), lang)
    return (item.last_day.isoformat(), short_text(item.due_at, zone), zone.key, item.reference, item.territory,
            item.host_name or "", item.name, deadline[lang] if deadline else item.name, item.status, awaited,
            item.state, state[lang] if state else item.state)  # fmt: skip


def _midnight(visit: Visit) -> datetime:
    """When this day ends, where the definition is at home: what falls due then is due today."""
    zone = visit.home
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
    count = visit.count(("band", name, asked.question), lambda: visit.app.store.counts.number(narrowed), timed=True)
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
