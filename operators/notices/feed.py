"""Deadlines as a calendar (RFC 5545): whole days, the last one of each deadline. No personal value is in it.

A file, or the body of an address that calendars subscribe to; it knows neither.
"""

from datetime import timedelta
from typing import Any, Final

from app import App
from operators.notices.awaited import Awaited, awaited
from operators.notices.telling import page_of, state_label
from settings import WrongUsage

REFRESH: Final = timedelta(hours=6)
CONTENT_TYPE: Final = "text/calendar; charset=utf-8"


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
    # The same for readers that know the older name only, whose values are texts.
    calendar.add("x-published-ttl", _new("vDuration", REFRESH).to_ical().decode())
    for found in awaited(app, territory):
        if not roles or roles & {*found.spec.awaits}:
            calendar.add_component(_event(app, found, lang))
    return bytes(calendar.to_ical())


def _new(kind: str, *said: Any) -> Any:
    try:
        import icalendar
    except ImportError:
        raise WrongUsage(
            "Un calendrier demande icalendar : pip install 'parcours[notices]'.",
            "A calendar needs icalendar: pip install 'parcours[notices]'.",
        ) from None
    return getattr(icalendar, kind)(*said)


def _event(app: App, found: Awaited, lang: str) -> Any:
    event, item = _new("Event"), found.item
    missed = {"fr": "dépassé : ", "en": "overdue: "}[lang] if item.status == "missed" else ""
    event.add("uid", f"{item.placement}.{item.name}@{app.installation.log}")
    event.add("dtstamp", app.clock.now())
    event.add("dtstart", item.last_day)
    event.add("dtend", item.last_day + timedelta(days=1))
    event.add("summary", f"{item.reference} : {missed}{found.spec.label[lang]}")
    state = state_label(found.definition, item.state, lang)
    event.add("description", f"{state}\nparcours explain {item.reference} {item.name}")
    event.add("transp", "TRANSPARENT")
    url = page_of(app.settings.notices_url, item.reference)
    if url is not None:
        event.add("url", url)
    return event
