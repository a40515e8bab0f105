"""From what people ask of lists to what the queries take; the command line and the console ask alike."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from functools import partial
from typing import Any, TypeVar

from app import App
from operators.moments import parse_age
from storage.queries import EVERYWHERE, DeadlineItem, Page, PlacementFilter, PlacementItem, Reach
from workflow.definition import VOIDED
from workflow.errors import UnknownName

T = TypeVar("T")

PAGE = 500


def placement_filter(
    app: App, given: Mapping[str, Any], within: tuple[Reach, ...] = EVERYWHERE, now: datetime | None = None
) -> PlacementFilter:
    """The filter that these options mean `now` (by the clock), for who may see the placements `within`.

    Raises UnknownName for a state or deadline that is none, WrongUsage for a duration that is none.
    """
    now = now or app.clock.now()
    _check_names(app, given)
    windows = {
        name: (now, parse_age(str(text), f"--{name.replace('_', '-')}"))
        for name in ("due_within", "stuck_since")
        if (text := given.get(name)) is not None
    }
    siret = given.get("host_siret")
    return PlacementFilter(
        state=given.get("state"),
        territory=given.get("territory"),
        host_siret=None if siret is None else "".join(str(siret).split()),
        deadline=given.get("deadline"),
        overdue=now if given.get("overdue") else None,
        due_within=windows.get("due_within"),
        stuck_since=windows.get("stuck_since"),
        text=given.get("text"),
        within=within,
    )


def all_placements(app: App, which: PlacementFilter) -> Iterator[PlacementItem]:
    """Every placement that the filter selects, page by page."""
    return every_item(partial(app.queries.placements, which, PAGE))


def all_deadlines(app: App, which: PlacementFilter) -> Iterator[DeadlineItem]:
    """Every deadline that the filter selects, the first to fall due first, page by page."""
    return every_item(partial(app.queries.deadlines, which, PAGE))


def every_item(ask: Callable[[str | None], Page[T]]) -> Iterator[T]:
    """All items of a list that is asked for page by page."""
    after = None
    while True:
        page = ask(after)
        yield from page.items
        if (after := page.next) is None:
            return


def _check_names(app: App, given: Mapping[str, Any]) -> None:
    """A state or deadline that no published definition has would select nothing, silently."""
    wanted = {kind: given[kind] for kind in ("state", "deadline") if given.get(kind) is not None}
    if not wanted:
        return
    with app.store.reading() as reading:
        digests = [version.digest for version in reading.versions()]
    definitions = [app.engine.rules(digest).definition for digest in digests]
    known = {
        "state": {VOIDED, *(name for definition in definitions for name in definition.states)},
        "deadline": {name for definition in definitions for name in definition.deadlines},
    }
    for kind, name in wanted.items():
        if name not in known[kind]:
            raise UnknownName(kind, str(name), sorted(known[kind]))
