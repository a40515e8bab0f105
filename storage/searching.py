"""Searching the history over all placements: its newest entries page by page, and whole lives of a few placements."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

import msgspec
from sqlalchemy import ColumnElement, and_, select, tuple_

from storage.database import Database
from storage.filters import reached
from storage.instants import micros
from storage.listing import EVERYWHERE, Page, Reach, StoredEntry, cursor, key_of, moment_of
from storage.tables.log import ACTS, system_entry
from storage.tables.placements import acted, history, placement
from workflow.errors import IntegrityBroken

_LIST, _ACTS = "search", "acts"
_COLUMNS = (
    history.c.recorded_at, placement.c.reference, placement.c.territory, history.c.placement, history.c.seq,
    history.c.prev, history.c.hash, history.c.data,
)  # fmt: skip
# Those of one moment by their key. A clock that was set back, or a late commit, puts an entry among others.
_KEY = (history.c.recorded_at, history.c.placement, history.c.seq)
_ACTED = acted.join(history, and_(history.c.placement == acted.c.placement, history.c.seq == acted.c.seq))
_ACTED_KEY = (acted.c.recorded_at, acted.c.placement, acted.c.seq)


@dataclass(frozen=True, slots=True)
class EntryFilter:
    """Which entries; None does not select. `actors` are ids of persons, of whom any may have acted; `since` and `until`
    (excluded) are of the moment of recording.
    """

    reference: str | None = None
    territory: str | None = None
    kind: str | None = None
    actors: tuple[str, ...] | None = None
    since: datetime | None = None
    until: datetime | None = None
    within: tuple[Reach, ...] = EVERYWHERE


@dataclass(frozen=True, slots=True)
class Act:
    """An act that concerns no placement, as its entry says it; what was committed to is not in it."""

    seq: int
    kind: str
    recorded_at: datetime
    actor: str
    fields: Mapping[str, str | int]


class Search:
    """Finds entries. Raises StoreUnavailable."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def entries(self, which: EntryFilter, limit: int = 50, after: str | None = None) -> Page[StoredEntry]:
        """The newest first, by when they were recorded. Raises ValueError for a cursor of another list."""
        table, key = (history, _KEY) if which.actors is None else (_ACTED, _ACTED_KEY)
        asked = select(*_COLUMNS).select_from(table.join(placement, placement.c.id == history.c.placement))
        asked = asked.where(*_conditions(which))
        if after is not None:
            asked = asked.where(tuple_(*key) < _key(after))
        with self._database.reading() as connection:
            rows = connection.execute(asked.order_by(*(part.desc() for part in key)).limit(limit + 1)).all()
        found = [StoredEntry(*row[1:]) for row in rows]
        return Page(tuple(found[:limit]), _cursor(rows[limit - 1][0], found[limit - 1]) if len(rows) > limit else None)

    def acts(self, limit: int = 50, after: str | None = None) -> Page[Act]:
        """Acts that concern no placement, the newest first, without the maps of heads. Raises as `entries` does."""
        asked = select(system_entry.c.seq, system_entry.c.recorded_at, system_entry.c.data).where(ACTS)
        if after is not None:
            name, seq = key_of(after, str, int)
            if name != _ACTS:
                raise ValueError(f"{after!r} is no cursor of this list")
            asked = asked.where(system_entry.c.seq < seq)
        with self._database.reading() as connection:
            rows = connection.execute(asked.order_by(system_entry.c.seq.desc()).limit(limit + 1)).all()
        shown = [_act(*row) for row in rows[:limit]]
        return Page(tuple(shown), cursor(_ACTS, shown[-1].seq) if len(rows) > limit else None)

    def references(self, placements: Collection[str]) -> Mapping[str, str]:
        """What placements are called, by their ids."""
        asked = select(placement.c.id, placement.c.reference).where(placement.c.id.in_(placements))
        with self._database.reading() as connection:
            return {row[0]: row[1] for row in connection.execute(asked)}

    def lives(self, kinds: Collection[str], limit: int, within: tuple[Reach, ...] = EVERYWHERE) -> list[StoredEntry]:
        """All entries of these kinds of the placements that moved last, so many at most: placement by placement, each
        in its order.
        """
        moved = select(placement.c.id).where(*reached(within)).order_by(placement.c.state_since.desc(), placement.c.id)
        sample = moved.limit(limit).subquery()
        asked = select(*_COLUMNS).join_from(history, placement).join(sample, sample.c.id == placement.c.id)
        with self._database.reading() as connection:
            ordered = asked.where(history.c.kind.in_(kinds)).order_by(history.c.placement, history.c.seq)
            return [StoredEntry(*row[1:]) for row in connection.execute(ordered)]


def _act(seq: int, recorded_at: datetime, data: bytes) -> Act:
    try:
        said = msgspec.json.decode(data)
        return Act(seq, said["kind"], recorded_at, said["actor"], said["fields"])
    except (msgspec.DecodeError, KeyError, TypeError) as error:
        raise IntegrityBroken(f"act {seq} cannot be read ({error}): run `parcours audit verify`") from error


def _cursor(recorded_at: datetime, last: StoredEntry) -> str:
    return cursor(_LIST, micros(recorded_at), last.placement, last.seq)


def _key(after: str) -> tuple[datetime, str, int]:
    name, at, placement_id, seq = key_of(after, str, int, str, int)
    if name != _LIST:
        raise ValueError(f"{after!r} is no cursor of this list")
    return moment_of(at), placement_id, seq


def _conditions(which: EntryFilter) -> Iterator[ColumnElement[bool]]:
    yield from reached(which.within)
    if which.reference is not None:
        yield placement.c.reference == which.reference
    if which.territory is not None:
        yield placement.c.territory == which.territory
    if which.kind is not None:
        yield history.c.kind == which.kind
    if which.actors is not None:
        yield acted.c.actor.in_(which.actors)
    recorded_at = history.c.recorded_at if which.actors is None else acted.c.recorded_at
    if which.since is not None:
        yield recorded_at >= which.since
    if which.until is not None:
        yield recorded_at < which.until
