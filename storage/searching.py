"""Searching the history over all placements: its newest entries page by page, and whole lives of a few placements."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, select

from storage.database import Database
from storage.filters import reached
from storage.listing import EVERYWHERE, Page, Reach, StoredEntry, cursor, key_of
from storage.tables import history, placement

_LIST = "search"
_COLUMNS = (
    history.c.id, placement.c.reference, placement.c.territory, history.c.placement, history.c.seq, history.c.prev,
    history.c.hash, history.c.data,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class EntryFilter:
    """Which entries; None does not select. `since` and `until` (excluded) are of the moment of recording."""

    reference: str | None = None
    territory: str | None = None
    kind: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    within: tuple[Reach, ...] = EVERYWHERE


class Search:
    """Finds entries. Raises StoreUnavailable."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def entries(self, which: EntryFilter, limit: int = 50, after: str | None = None) -> Page[StoredEntry]:
        """The newest first. Raises ValueError for a cursor of another list."""
        asked = select(*_COLUMNS).join_from(history, placement).where(*_conditions(which))
        if after is not None:
            asked = asked.where(history.c.id < _id(after))
        with self._database.reading() as connection:
            rows = connection.execute(asked.order_by(history.c.id.desc()).limit(limit + 1)).all()
        found = [StoredEntry(*row) for row in rows]
        more = len(found) > limit
        return Page(tuple(found[:limit]), cursor(_LIST, found[limit - 1].id) if more else None)

    def lives(self, kinds: Collection[str], limit: int, within: tuple[Reach, ...] = EVERYWHERE) -> list[StoredEntry]:
        """All entries of these kinds of the placements that moved last, so many at most: placement by placement, each
        in its order.
        """
        moved = select(placement.c.id).where(*reached(within)).order_by(placement.c.state_since.desc(), placement.c.id)
        sample = moved.limit(limit).subquery()
        asked = select(*_COLUMNS).join_from(history, placement).join(sample, sample.c.id == placement.c.id)
        with self._database.reading() as connection:
            ordered = asked.where(history.c.kind.in_(kinds)).order_by(history.c.placement, history.c.seq)
            return [StoredEntry(*row) for row in connection.execute(ordered)]


def _id(after: str) -> int:
    name, number = key_of(after, str, int)
    if name != _LIST:
        raise ValueError(f"{after!r} is no cursor of this list")
    return int(number)


def _conditions(which: EntryFilter) -> Iterator[ColumnElement[bool]]:
    yield from reached(which.within)
    if which.reference is not None:
        yield placement.c.reference == which.reference
    if which.territory is not None:
        yield placement.c.territory == which.territory
    if which.kind is not None:
        yield history.c.kind == which.kind
    if which.since is not None:
        yield history.c.recorded_at >= which.since
    if which.until is not None:
        yield history.c.recorded_at < which.until
