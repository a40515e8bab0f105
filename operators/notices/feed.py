"""Deadlines as a calendar (RFC 5545): whole days, the last one of each deadline. No personal value is in it.

A file, or the body of an address that calendars subscribe to; it knows neither.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from typing import Any, Final

from app import App
from operators.addresses import page_of
from operators.notices.awaited import Awaited, awaited
from operators.notices.telling import state_label
from settings import WrongUsage
from storage.queries import EVERYWHERE, Reach

REFRESH: Final = timedelta(hours=6)
CONTENT_TYPE: Final = "text/calendar; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which deadlines: of a territory, awaited of one of these roles (empty: of all), of placements within a reach.

    `most`: so many, the first to fall due. `page` gives the address of a placement, by default in `notices_url`.
    """

    territory: str | None = None
    roles: frozenset[str] = frozenset()
    within: tuple[Reach, ...] = EVERYWHERE
    most: int | None = None
    page: Callable[[str], str | None] | None = None


def calendar_feed(app: App, lang: str, wanted: Wanted = Wanted()) -> bytes:
    """The deadlines that run or were missed, of those wanted.

    An event keeps its UID while the deadline has its name, whatever becomes of the date. Raises WrongUsage where the
    library that writes calendars is not installed.
    """
    territory, roles = wanted.territory, wanted.roles
    calendar = _new("Calendar")
    calendar.add("prodid", "-//Parcours//FR")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", "Parcours" if territory is None else f"Parcours {territory}")
    # RFC 7986; the library leaves the type out, without which readers take the value for a text.
    calendar.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
    # The same for readers that know the older name only, whose values are texts.
    calendar.add("x-published-ttl", _new("vDuration", REFRESH).to_ical().decode())
    awaited_of = (
        found for found in awaited(app, territory, None, wanted.within) if not roles or roles & {*found.spec.awaits}
    )
    for found in islice(awaited_of, wanted.most):
        calendar.add_component(_event(app, found, lang, wanted.page))
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


def _event(app: App, found: Awaited, lang: str, page: Callable[[str], str | None] | None) -> Any:
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
    url = page(item.reference) if page else page_of(app.settings.notices_url, item.reference)
    if url is not None:
        event.add("url", url)
    return event
