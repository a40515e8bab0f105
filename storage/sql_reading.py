"""Reading over SQL: rows back to values, on a connection and in a transaction that another opened."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, Select, select

from storage import persons, watch
from storage.cells import blob
from storage.executing import executor_of
from storage.instants import instant
from storage.statements import Reads, in_chunks
from storage.tables.definitions import calendar, definition
from storage.tables.persons import actor
from storage.tables.placements import placement
from workflow.brake import Watch
from workflow.changes import Incident, Published, Remembered
from workflow.errors import IntegrityBroken
from workflow.facts import Facts
from workflow.history import ChainedEntry, parse_entry
from workflow.store import Disclosed


class SqlReading:
    """One consistent view; implements workflow.store.Reading."""

    def __init__(self, connection: Connection, statements: Reads) -> None:
        self._reads, self._executor = statements, executor_of(connection)

    @property
    def _connection(self) -> Connection:
        return self._executor.connection

    def _rows(self, text: str, *parameters: object) -> Sequence[Sequence[Any]]:
        return self._executor.rows(text, parameters)

    def _first(self, text: str, *parameters: object) -> Sequence[Any] | None:
        return next(iter(self._executor.rows(text, parameters)), None)

    def find(self, reference: str) -> Facts | None:
        row = self._first(self._reads.find, reference)
        return None if row is None else facts_of(row[0])

    def known(self, references: Sequence[str]) -> Mapping[str, Facts]:
        found: dict[str, Facts] = {}
        for some in in_chunks(references):
            rows = select(placement.c.reference, placement.c.facts).where(placement.c.reference.in_(some))
            found.update((name, facts_of(data)) for name, data in self._connection.execute(self._decided_on(rows)))
        return found

    def _decided_on(self, rows: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
        """The same rows; whoever may write also locks them."""
        return rows

    def history(self, placement: str) -> Sequence[ChainedEntry]:
        rows = self._rows(self._reads.history, placement)
        try:
            return [parse_entry(data) for (data,) in rows]
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise IntegrityBroken(f"a stored entry cannot be read ({error}): run `parcours audit verify`") from error

    def personal(self, placement: str) -> Mapping[tuple[int, str], str]:
        return persons.disclosures(placement, persons.sealed_rows(self._executor, self._reads, placement))

    def disclosed(self) -> Iterator[Disclosed]:
        return persons.disclosed(self._connection)

    def remembered(self, placement: str, key: str) -> Remembered | None:
        row = self._first(self._reads.remembered, placement, key)
        return None if row is None else Remembered(key, *row)

    def incident(self, placement: str) -> Incident | None:
        row = self._first(self._reads.incident, placement)
        if row is None:
            return None
        _, code, message, since, attempts, retry = row
        return Incident(placement, code, message, instant(since), attempts, instant(retry))

    def actor(self, actor: str) -> str | None:
        row = self._first(self._reads.actor_name, actor)
        return None if row is None else str(row[0])

    def actors(self) -> Sequence[tuple[str, str]]:
        rows = self._connection.execute(select(actor.c.id, actor.c.name).order_by(actor.c.name))
        return [(str(row[0]), str(row[1])) for row in rows]

    def published(self, digest: str) -> Published | None:
        rows = self._connection.execute(_PUBLISHED.where(definition.c.digest == digest))
        return next(map(_published, rows), None)

    def versions(self, name: str | None = None) -> Sequence[Published]:
        ordered = _PUBLISHED.order_by(definition.c.name, definition.c.version)
        named = ordered if name is None else ordered.where(definition.c.name == name)
        return [_published(row) for row in self._connection.execute(named)]

    def next_wake(self) -> datetime | None:
        row = self._first(self._reads.next_wake)
        return None if row is None or row[0] is None else instant(row[0])

    def watch(self) -> Watch:
        return watch.read(self._executor, self._reads)

    def firings_due(self, after: datetime | None, until: datetime) -> int:
        return watch.firings_due(self._connection, after, until)

    def firings_open(self, at_most: int) -> int:
        return watch.firings_open(self._connection, at_most)


_PUBLISHED = select(definition, calendar.c.source.label("calendar_source")).join_from(definition, calendar)


def _published(row: Row[*tuple[Any, ...]]) -> Published:
    values = dict(row._mapping)
    values |= {name: blob(values[name]) for name in ("source", "compiled", "calendar_source")}
    try:
        return Published(**{**values, "quotas": msgspec.json.decode(values["quotas"])})
    except (msgspec.DecodeError, TypeError) as error:
        raise IntegrityBroken(f"quotas of a stored definition cannot be read ({error}): restore a backup") from error


def facts_of(data: bytes) -> Facts:
    """The facts in a placement's row. Raises IntegrityBroken where the bytes are none."""
    try:
        return Facts.from_bytes(data)
    except msgspec.DecodeError as error:
        raise IntegrityBroken(f"stored facts cannot be read ({error}): run `parcours doctor`") from error
