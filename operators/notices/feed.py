"""Deadlines as a calendar (RFC 5545): whole days, the last one of each deadline. No personal value is in it.

A file, or the body of an address that calendars subscribe to; it knows neither.
"""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any, Final

from app import App
from operators.notices.telling import page_of, state_label
from settings import WrongUsage
from storage.queries import DeadlineItem, PlacementFilter
from workflow.definition import Deadline

REFRESH: Final = timedelta(hours=6)
CONTENT_TYPE: Final = "text/calendar; charset=utf-8"

_PAGE: Final = 500


def calendar_feed(app: App, lang: str, *, territory: str | None = None, roles: frozenset[str] = frozenset()) -> bytes:
    """All deadlines that run or were missed, of a territory, awaited of one of these roles; empty: of all.

    An event keeps its UID while the deadline has its name, whatever becomes of the date. Raises WrongUsage where the
    library that writes calendars is not installed.
    """
    calendar = _new("Calendar")
    calendar.add("prodid", "-//Parcours//FR")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", "Parcours" if territory is None else f"Parcours {territory}")
    # RFC 7986; the library leaves the type out, without which readers take the value for a text.
    calendar.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", REFRESH)
    for item, spec in _wanted(app, territory, roles):
        calendar.add_component(_event(app, item, spec, lang))
    return bytes(calendar.to_ical())


def _new(kind: str) -> Any:
    try:
        import icalendar
    except ImportError:
        raise WrongUsage(
            "Un calendrier demande icalendar : pip install 'parcours[notices]'.",
            "A calendar needs icalendar: pip install 'parcours[notices]'.",
        ) from None
    return getattr(icalendar, kind)()


def _event(app: App, item: DeadlineItem, spec: Deadline, lang: str) -> Any:
    event = _new("Event")
    missed = {"fr": "dépassé : ", "en": "overdue: "}[lang] if item.status == "missed" else ""
    event.add("uid", f"{item.placement}.{item.name}@{app.installation.log}")
    event.add("dtstamp", app.clock.now())
    event.add("dtstart", item.last_day)
    event.add("dtend", item.last_day + timedelta(days=1))
    event.add("summary", f"{item.reference} : {missed}{spec.label[lang]}")
    event.add("description", _description(app, item, lang))
    event.add("transp", "TRANSPARENT")
    url = page_of(app.settings.notices_url, item.reference)
    if url is not None:
        event.add("url", url)
    return event


def _description(app: App, item: DeadlineItem, lang: str) -> str:
    state = state_label(app.engine.current_rules().definition, item.state, lang)
    return f"{state}\nparcours explain {item.reference} {item.name}"


def _wanted(app: App, territory: str | None, roles: frozenset[str]) -> Iterator[tuple[DeadlineItem, Deadline]]:
    after: str | None = None
    while True:
        page = app.queries.deadlines(PlacementFilter(territory=territory), _PAGE, after)
        with app.store.reading() as reading:
            facts = reading.known(list({item.reference for item in page.items}))
        for item in page.items:
            placed = facts.get(item.reference)
            rules = None if placed is None else app.engine.rules(placed.definition)
            spec = None if rules is None else rules.definition.deadlines.get(item.name)
            if spec is not None and item.status != "paused" and (not roles or roles & {*spec.awaits}):
                yield item, spec
        if page.next is None:
            return
        after = page.next
