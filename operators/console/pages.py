"""Renders pages: templates that escape whatever they are given, with the words, moments and addresses they need."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from markupsafe import Markup

from app import App
from operators import times
from operators.addresses import path_of
from operators.console.addresses import query_of
from operators.labels import Labels
from operators.roles import roles_text
from workflow.calendar import zone_of
from workflow.definition import Label

if TYPE_CHECKING:
    from operators.console.visit import Visit

TEMPLATES: Final = Path(__file__).with_name("templates")
STATICS: Final = Path(__file__).with_name("static")


class Pages:
    """The templates, compiled once, and the labels, read anew when another definition was published."""

    def __init__(self) -> None:
        self._templates = Environment(
            loader=FileSystemLoader(TEMPLATES),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        self._templates.globals.update(query=query_of, path=path_of)
        self._templates.filters.update(
            moment=_moment, ago=_ago, day=_day, on_day=_on_day, weekday=_weekday, month=_month
        )
        self._templates.filters.update(label=_label, roles=_roles, about=_about)
        self._lock = Lock()
        self._known: tuple[object, Labels] | None = None

    def render(self, template: str, *, visit: "Visit", **values: Any) -> str:
        """The text of a page."""
        return self._templates.get_template(template).render(
            visit=visit, t=visit.say, n=visit.form, lang=visit.lang, **values
        )

    def labels(self, app: App) -> Labels:
        """The labels of all that is published."""
        last = app.store.counts.last_published()
        with self._lock:
            if self._known is None or self._known[0] != last:
                self._known = (last, Labels.of(app))
            return self._known[1]


@pass_context
def _moment(context: Context, moment: datetime, territory: str) -> Markup:
    """An instant, exact, with its zone; how far away it is, for whoever points at it."""
    lang, now = context["lang"], context["visit"].now
    exact = times.exact_text(moment, zone_of(territory), lang)
    return _time(moment, exact, times.distance_text(moment, now, lang))


@pass_context
def _ago(context: Context, moment: datetime, territory: str, now: datetime | None = None) -> Markup:
    """How far away an instant is; exact, with its zone, for whoever points at it or asks a reader of pages."""
    lang, present = context["lang"], now or context["visit"].now
    exact = times.exact_text(moment, zone_of(territory), lang)
    return _time(moment, times.distance_text(moment, present, lang), exact)


def _time(moment: datetime, shown: str, title: str) -> Markup:
    iso = moment.isoformat().replace("+00:00", "Z")
    return Markup('<time datetime="{}" title="{}">{}</time>').format(iso, title, shown)


@pass_context
def _on_day(context: Context, moment: datetime, territory: str) -> Markup:
    """The local day of an instant; exact, with its zone, for whoever points at it."""
    lang, zone = context["lang"], zone_of(territory)
    return _time(moment, times.day_text(moment.astimezone(zone).date(), lang), times.exact_text(moment, zone, lang))


@pass_context
def _day(context: Context, day: date) -> Markup:
    """A day, with its name for whoever points at it."""
    lang = context["lang"]
    iso, named = day.isoformat(), times.weekday_text(day, lang)
    return Markup('<time datetime="{}" title="{}">{}</time>').format(iso, named, times.day_text(day, lang))


@pass_context
def _weekday(context: Context, day: date) -> str:
    """A day with its name."""
    return times.weekday_text(day, context["lang"])


@pass_context
def _month(context: Context, day: date) -> str:
    """The month of a day."""
    return times.month_text(day, context["lang"])


@pass_context
def _roles(context: Context, roles: Iterable[str]) -> str:
    """What roles are called, with commas between them."""
    return roles_text(roles, context["lang"])


@pass_context
def _about(context: Context, names: str) -> str:
    """What a correction is about: fields, a deadline or a trigger, each by what it is called."""
    known = context["visit"].labels
    kinds: tuple[Mapping[str, Label], ...] = (known.fields, known.deadlines, known.triggers)
    return ", ".join(
        next((kind[name][context["lang"]] for kind in kinds if name in kind), name) for name in names.split()
    )


@pass_context
def _label(context: Context, name: str | None, kind: str) -> str:
    """What a name of a definition is called; the name itself where no published definition knows it."""
    if not name:
        return ""
    known: Mapping[str, Label] = getattr(context["visit"].labels, kind)
    return known[name][context["lang"]] if name in known else name
