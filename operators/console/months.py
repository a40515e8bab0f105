"""A month of deadlines, day by day: a table for those who see it, a list on a narrow window, no script anywhere."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Annotated, Any, Final

from fastapi import Depends

from operators.console.lists import asked_of, paged
from operators.console.routing import Screen, current
from operators.console.visit import Visit
from settings import WrongUsage
from storage.queries import DeadlineItem, Page
from workflow.civil.wording import WEEKDAYS_EN, WEEKDAYS_FR

screen = Screen()
Here = Annotated[Visit, Depends(current)]

PAGE: Final = 50
_FILTERS: Final = ("territory", "deadline", "text")
_YEARS: Final = range(1950, 2200)


@dataclass(frozen=True, slots=True)
class Day:
    """One day of the table: whether it is of the month that is shown, and its deadlines by name."""

    day: date
    inside: bool
    counts: Mapping[str, int]

    @property
    def number(self) -> int:
        """How many deadlines it has."""
        return sum(self.counts.values())


@dataclass(frozen=True, slots=True)
class Week:
    """Seven days; a quiet one has nothing to show where only what has something is shown."""

    days: tuple[Day, ...]
    is_quiet: bool


@screen.get("/due/calendar", "placement.read")
def show_month(visit: Here, month: str = "", day: str = "") -> Any:
    """A month of last days, each with how many deadlines of which name; and those of one of them."""
    asked, today = asked_of(visit, _FILTERS), _today(visit)
    first = _first(month) if month else (_day(day) if day else today).replace(day=1)
    chosen = _day(day) if day else None
    start = first - timedelta(days=first.weekday())
    last = _next(first) - timedelta(days=1)
    which = replace(asked.filter, last_days=(first, last))
    counts = visit.count(("month", first, asked.question), lambda: visit.app.store.counts.by_day(which))
    weeks = [_week(start + timedelta(days=7 * week), first, counts, today) for week in range(6)]
    facets = visit.count(("of month", first, asked.question), lambda: visit.app.store.counts.deadlines(which))
    inside = [week for week in weeks if any(each.inside for each in week.days)]
    return visit.page(
        "month.html", asked=asked, first=first, weeks=inside,
        total=sum(sum(each.values()) for each in counts.values()), today=today, before=_name(first - timedelta(days=1)),
        after=_name(_next(first)), weekdays=WEEKDAYS_EN if visit.lang == "en" else WEEKDAYS_FR, facets=facets,
        chosen=chosen, found=_found(visit, which, chosen), name=_name(first),
    )  # fmt: skip


def _found(visit: Visit, which: Any, chosen: date | None) -> Page[DeadlineItem]:
    """The deadlines of one day, the first to fall due first; none where no day was chosen."""
    if chosen is None:
        return Page((), None)
    narrowed, after = replace(which, last_days=(chosen, chosen)), visit.request.query_params.get("after")
    return paged(lambda: visit.app.queries.deadlines(narrowed, PAGE, after))


def _week(monday: date, first: date, counts: Mapping[date, Mapping[str, int]], today: date) -> Week:
    days = tuple(_cell(monday + timedelta(days=each), first, counts) for each in range(7))
    return Week(days, not any(each.inside and (each.number or each.day == today) for each in days))


def _cell(day: date, first: date, counts: Mapping[date, Mapping[str, int]]) -> Day:
    return Day(day, (day.year, day.month) == (first.year, first.month), counts.get(day, {}))


def _today(visit: Visit) -> date:
    """This day where the definition is at home."""
    return visit.now.astimezone(visit.home).date()


def _next(first: date) -> date:
    """The first day of the month after."""
    return (first + timedelta(days=31)).replace(day=1)


def _name(day: date) -> str:
    """A month as addresses have it."""
    return f"{day:%Y-%m}"


def _first(said: str) -> date:
    return _day(f"{said}-01")


def _day(said: str) -> date:
    try:
        found = date.fromisoformat(said)
    except ValueError:
        found = None
    if found is None or found.year not in _YEARS:
        raise WrongUsage("Un mois s'écrit 2021-06, et un jour 2021-06-16.",
                         "A month is written 2021-06, and a day 2021-06-16.")  # fmt: skip
    return found
