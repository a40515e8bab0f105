"""The deadlines that people are shown, with the rules that each lives under: what digests and calendars are made of."""

from collections.abc import Iterator
from datetime import datetime
from typing import Final, NamedTuple

from app import App
from storage.queries import EVERYWHERE, DeadlineItem, PlacementFilter, Reach
from workflow.definition import Deadline, Definition
from workflow.errors import NotFound

_PAGE: Final = 500


class Awaited(NamedTuple):
    """One deadline of a placement, as its own definition has it."""

    item: DeadlineItem
    spec: Deadline
    definition: Definition
    host_siret: str | None


def awaited(
    app: App,
    territory: str | None = None,
    until: datetime | None = None,
    within: tuple[Reach, ...] = EVERYWHERE,
) -> Iterator[Awaited]:
    """All deadlines that run or were missed, of a territory, among these, up to a moment, the first to fall due first.

    Those whose definition is lost are left out: `doctor` tells of them.
    """
    for items in _pages(app, PlacementFilter(territory=territory, within=within), until):
        with app.store.reading() as reading:
            facts = reading.known(list({item.reference for item in items}))
        definitions = {digest: _definition(app, digest) for digest in {placed.definition for placed in facts.values()}}
        for item in items:
            placed = facts.get(item.reference)
            definition = None if placed is None else definitions[placed.definition]
            if definition is not None and item.name in definition.deadlines and item.status != "paused":
                siret = None if placed is None else placed.fields.get("host_siret")
                yield Awaited(item, definition.deadlines[item.name], definition, None if siret is None else str(siret))


def _definition(app: App, digest: str) -> Definition | None:
    try:
        return app.engine.rules(digest).definition
    except NotFound:
        return None


def _pages(app: App, which: PlacementFilter, until: datetime | None) -> Iterator[list[DeadlineItem]]:
    after: str | None = None
    while True:
        page = app.queries.deadlines(which, _PAGE, after)
        yield [item for item in page.items if until is None or item.due_at <= until]
        if page.next is None or (until is not None and page.items[-1].due_at > until):
            return
        after = page.next
