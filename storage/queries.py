"""Named read-only queries for operators and exports: each says what it promises, none changes anything.

Lists are paged by key: what is added or removed meanwhile neither repeats nor hides another item.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import starmap
from typing import Any, TypeVar

from sqlalchemy import Column, ColumnElement, Connection, Row, Select, Table, func, select, tuple_

from storage import asides, tally
from storage.compiling import bound
from storage.database import Database
from storage.entries import ALL, BATCH, EXPORTED, STORED, Entries, ExportedRow, statements_of
from storage.executing import executor_of
from storage.filters import (
    asks_of_deadlines,
    begins,
    conditions_near,
    deadline_conditions,
    placement_conditions,
    reached,
)
from storage.instants import micros
from storage.listing import (
    EVERYWHERE,
    DeadlineItem,
    Delivery,
    DueCounts,
    Ended,
    IncidentItem,
    NoticeItem,
    NoticePlan,
    Page,
    PlacementFilter,
    PlacementItem,
    QuotaUse,
    Reach,
    RequestItem,
    RunnerItem,
    SetAside,
    Stats,
    StoredEntry,
    Touched,
    cursor,
    key_of,
    moment_of,
)
from storage.tables.persons import actor
from storage.tables.placements import deadline, history, incident, incident_aside, outbox, placement, quota, request
from workflow.errors import IntegrityBroken

__all__ = [
    "EVERYWHERE",
    "DeadlineItem",
    "Delivery",
    "DueCounts",
    "Ended",
    "IncidentItem",
    "NoticeItem",
    "NoticePlan",
    "Page",
    "PlacementFilter",
    "PlacementItem",
    "Queries",
    "QuotaUse",
    "Reach",
    "RequestItem",
    "RunnerItem",
    "SetAside",
    "Stats",
    "StoredEntry",
    "Touched",
]
T = TypeVar("T")
_Columns = tuple[Any, ...]
_ANY = PlacementFilter()

_PLACEMENTS = select(*[column for column in placement.c if column.name != "facts"])
_DEADLINES = select(
    placement.c.reference, placement.c.territory, placement.c.state, placement.c.host_name, deadline
).join_from(deadline, placement)
_NOTICES = select(placement.c.reference, placement.c.territory, outbox).join_from(outbox, placement)
_INCIDENTS = select(
    placement.c.reference, *list(incident.c)[1:], *asides.columns_of(incident_aside)
).select_from(
    incident.join(placement).outerjoin(incident_aside, asides.SAME)
    .outerjoin(actor, actor.c.id == incident_aside.c.actor)
)  # fmt: skip
_REQUESTS = select(placement.c.reference, placement.c.territory, request).join_from(request, placement)
_HISTORY = select(*STORED).join_from(history, placement)


class Queries:
    """What operators may ask of a database. Each call sees one consistent view. Raises StoreUnavailable."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def placements(
        self, which: PlacementFilter = _ANY, limit: int = 50, after: str | None = None
    ) -> Page[PlacementItem]:
        """Placements by reference. Raises ValueError for a cursor of another list, or a limit below 1."""
        beyond = "" if after is None else key_of(after, str)[0]
        asked = _PLACEMENTS.where(placement.c.reference > beyond).order_by(placement.c.reference)
        found = self._rows(asked.where(*conditions_near(which, beyond)), limit) if asks_of_deadlines(which) else ()
        if len(found) <= limit:
            found = self._rows(asked.where(*placement_conditions(which)), limit)
        return _page([PlacementItem(*row) for row in found], limit, lambda last: cursor(last.reference))

    def deadlines(self, which: PlacementFilter = _ANY, limit: int = 50, after: str | None = None) -> Page[DeadlineItem]:
        """Deadlines, the first to fall due first. Raises ValueError as `placements` does."""
        key = (deadline.c.due_at, deadline.c.placement, deadline.c.name)
        asked = _DEADLINES.where(*deadline_conditions(which)).order_by(*key)
        if after is not None:
            at, *rest = key_of(after, int, str, str)
            asked = asked.where(tuple_(*key) > (moment_of(at), *rest))
        found = [DeadlineItem(*row) for row in self._rows(asked, limit)]
        return _page(found, limit, lambda last: cursor(micros(last.due_at), last.placement, last.name))

    def placement(self, reference: str, within: Sequence[Reach] = EVERYWHERE) -> PlacementItem | None:
        """The row of one placement, where it is among these."""
        found = self._rows(_PLACEMENTS.where(placement.c.reference == reference, *reached(within)))
        return next((PlacementItem(*row) for row in found), None)

    def deadlines_of(self, reference: str) -> tuple[DeadlineItem, ...]:
        """The deadlines listed for one placement, the first to fall due first."""
        asked = _DEADLINES.where(placement.c.reference == reference)
        return tuple(DeadlineItem(*row) for row in self._rows(asked.order_by(deadline.c.due_at, deadline.c.name)))

    def history(self, reference: str) -> tuple[StoredEntry, ...]:
        """The entries of one placement, oldest first."""
        asked = _HISTORY.where(placement.c.reference == reference).order_by(history.c.seq)
        return tuple(StoredEntry(*row) for row in self._rows(asked))

    def entries(self, which: Entries = ALL, *, grouped: bool = False) -> Iterator[StoredEntry]:
        """The entries in the order of the sealed log, then those that no seal covers, by when they were recorded.

        `grouped`: placement by placement, by reference. One consistent view, read as it is consumed: memory stays
        flat; a view left open for long keeps the write-ahead log from being shortened.
        """
        for rows in self._pages(which, grouped, STORED):
            yield from starmap(StoredEntry, rows)

    def exported(self, which: Entries = ALL, *, grouped: bool = False) -> Iterator[Sequence[ExportedRow]]:
        """What exports read of the same entries in the same order, some rows at a time."""
        return self._pages(which, grouped, EXPORTED)

    def _pages(self, which: Entries, grouped: bool, columns: tuple[Column[Any], ...]) -> Iterator[Sequence[Any]]:
        with self._database.reading() as connection:
            executor = executor_of(connection)
            for asked in statements_of(which, grouped, columns):
                yield from executor.pages(*bound(asked, connection.dialect), BATCH)

    def entries_of(self, kind: str, territory: str | None = None) -> Iterator[StoredEntry]:
        """The entries of this kind, in no order."""
        asked = _HISTORY.where(history.c.kind == kind)
        if territory is not None:
            asked = asked.where(placement.c.territory == territory)
        with self._database.reading() as connection:
            for row in connection.execute(asked, execution_options={"yield_per": BATCH}):
                yield StoredEntry(*row)

    def notices(self, limit: int = 50, after: str | None = None) -> Page[NoticeItem]:
        """What was put into the outbox, oldest first. Raises ValueError as `placements` does."""
        return self._notices(_NOTICES, limit, after)

    def pending_outbox(self, limit: int = 50, after: str | None = None) -> Page[NoticeItem]:
        """The notices that still have to be sent, oldest first. Raises ValueError as `placements` does."""
        return self._notices(_NOTICES.where(outbox.c.status == "pending"), limit, after)

    def _notices(self, asked: Select[*_Columns], limit: int, after: str | None) -> Page[NoticeItem]:
        key = (outbox.c.at, outbox.c.placement, outbox.c.seq)
        if after is not None:
            at, *rest = key_of(after, int, str, int)
            asked = asked.where(tuple_(*key) > (moment_of(at), *rest))
        found = [NoticeItem(*row) for row in self._rows(asked.order_by(*key), limit)]
        return _page(found, limit, lambda last: cursor(micros(last.at), last.placement, last.seq))

    def requests(
        self, limit: int = 50, after: str | None = None, within: Sequence[Reach] = EVERYWHERE
    ) -> Page[RequestItem]:
        """The corrections that wait for a second person, oldest first. Raises ValueError as `placements` does."""
        key = (request.c.asked_at, request.c.placement, request.c.seq)
        asked = _REQUESTS.where(*reached(within)).order_by(*key)
        if after is not None:
            at, *rest = key_of(after, int, str, int)
            asked = asked.where(tuple_(*key) > (moment_of(at), *rest))
        found = [_request(row) for row in self._rows(asked, limit)]
        return _page(found, limit, lambda last: cursor(micros(last.asked_at), last.placement, last.seq))

    def requests_of(self, reference: str) -> tuple[RequestItem, ...]:
        """The requests that wait on one placement, oldest first."""
        asked = _REQUESTS.where(placement.c.reference == reference).order_by(request.c.seq)
        return tuple(_request(row) for row in self._rows(asked))

    def incidents(self, within: Sequence[Reach] = EVERYWHERE) -> tuple[IncidentItem, ...]:
        """The open incidents, oldest first, with what a person set aside."""
        asked = _INCIDENTS.where(*reached(within)).order_by(incident.c.since_at, placement.c.reference)
        found = ((IncidentItem(*row[:-4]), asides.of_row(*row[-4:])) for row in self._rows(asked))
        return tuple(replace(item, aside=aside) for item, aside in found)

    def references(self, prefix: str, limit: int = 50) -> tuple[str, ...]:
        """References that begin with `prefix`, in order: for completion."""
        asked = select(placement.c.reference).where(begins(prefix)).order_by(placement.c.reference).limit(limit)
        return tuple(row[0] for row in self._rows(asked))

    def count_by_state_and_territory(self) -> Mapping[tuple[str, str], int]:
        """How many placements there are for each (state, territory) that has some."""
        return {(state, territory): int(count) for state, territory, count in self._rows(tally.counted())}

    def stats(self) -> Stats:
        """How much there is."""
        with self._database.reading() as connection:
            quotas = connection.execute(select(quota).order_by(quota.c.name))
            return Stats(
                placements=_count(connection, placement),
                entries=_count(connection, history),
                deadlines=_by(connection, deadline.c.status),
                notices=_by(connection, outbox.c.status),
                incidents=_count(connection, incident),
                quotas=tuple(QuotaUse(*row) for row in quotas),
            )

    def due_counts(self, now: datetime) -> DueCounts:
        """What waits at `now`."""
        overdue = deadline_conditions(PlacementFilter(overdue=now))
        with self._database.reading() as connection:
            waking, oldest = connection.execute(_waking(now)).one()
            return DueCounts(waking, oldest, _by(connection, deadline.c.name, *overdue))

    def waking(self, now: datetime) -> tuple[int, datetime | None]:
        """At how many placements something is due and not yet fired, and since when at the first of them."""
        with self._database.reading() as connection:
            count, oldest = connection.execute(_waking(now)).one()
            return int(count), oldest

    def integrity(self) -> tuple[str, ...]:
        """What the database itself finds wrong with its file and its references; empty where all is well."""
        return self._database.integrity()

    def _rows(self, asked: Select[*_Columns], limit: int | None = None) -> Sequence[Row[*_Columns]]:
        if limit is not None and limit < 1:
            raise ValueError(f"a page has at least one item, not {limit}")
        with self._database.reading() as connection:
            try:
                return connection.execute(asked if limit is None else asked.limit(limit + 1)).all()
            except (ValueError, TypeError, OverflowError) as error:
                name = self._database.name
                raise IntegrityBroken(f"{name} holds a row of which a value cannot be read: {error}") from error


def _waking(now: datetime) -> Select[*_Columns]:
    return select(func.count(), func.min(placement.c.wakes_at)).where(placement.c.wakes_at <= now)


def _request(row: Row[*_Columns]) -> RequestItem:
    values = dict(row._mapping)
    by = tuple(values.pop("roles").split())
    return RequestItem(**values, by=by)


def _page(found: list[T], limit: int, cursor_of: Callable[[T], str]) -> Page[T]:
    shown = found[:limit]
    return Page(tuple(shown), cursor_of(shown[-1]) if len(found) > limit else None)


def _count(connection: Connection, table: Table) -> int:
    return connection.execute(select(func.count()).select_from(table)).scalar_one()


def _by(connection: Connection, column: Column[str], *conditions: ColumnElement[bool]) -> Mapping[str, int]:
    counted = select(column, func.count()).where(*conditions).group_by(column).order_by(column)
    return dict(connection.execute(counted).all())
