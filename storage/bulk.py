"""Statements that write many rows at once, each compiled once from the declared tables.

SQLite is given row after row. PostgreSQL is given each column as one array (`unnest`): one statement, one answer and
one plan for thousands of rows.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Table, bindparam, delete, func, select, update
from sqlalchemy.engine import Dialect
from sqlalchemy.sql import ClauseElement
from sqlalchemy.types import TypeDecorator, TypeEngine

from storage.compiling import columns_of, text_of
from storage.executing import Executor
from storage.inserting import insert_into
from storage.rows import Values
from storage.stored import Names, moving
from storage.tables.definitions import calendar, definition
from storage.tables.log import leaf, system_entry, tile, unsealed
from storage.tables.persons import actor, person_key, personal
from storage.tables.placements import (
    acted,
    command_key,
    deadline,
    exclusive,
    history,
    incident,
    outbox,
    placement,
    quota,
    request,
    tally,
)

if TYPE_CHECKING:
    from sqlalchemy.dialects.sqlite import Insert

_AT = {"at_id": placement.c.id.type, "at_seq": placement.c.seq.type}

Types = Mapping[str, TypeEngine[Any]]
Given = Mapping[str, ColumnElement[Any]]
"""What stands for the values of one row, by name."""


@dataclass(frozen=True, slots=True)
class Bulk:
    """One statement for any number of rows."""

    text: str
    by_column: bool

    def run(self, executor: Executor, rows: Iterable[Values]) -> int:
        """Write these rows, none where there are none; gives how many the database took."""
        given = iter(rows)
        first = next(given, None)
        if first is None:
            return 0
        if self.by_column:
            return executor.write(self.text, tuple(map(list, zip(first, *given, strict=True))))
        # Each is forgotten once it is written: thousands that are kept would have the garbage collector look at all.
        return executor.write_each(self.text, chain((first,), given))


class BulkWrites:
    """What a unit of work writes by the thousand."""

    def __init__(self, dialect: Dialect) -> None:
        self._dialect, self._by_column = dialect, dialect.name == "postgresql"
        self._moved: dict[Names, Bulk] = {}

    def _given(self, types: Types) -> Given:
        if not self._by_column:
            return {name: bindparam(name) for name in types}
        from sqlalchemy.dialects.postgresql import ARRAY

        arrays = [bindparam(name, type_=ARRAY(_plain(type_))) for name, type_ in types.items()]
        return dict(func.unnest(*arrays).table_valued(*types, name="given").render_derived().c.items())

    def _bulk(self, statement: ClauseElement, names: Iterable[str]) -> Bulk:
        text = text_of(statement, self._dialect, *names)
        # In binary, twice as fast as text; the driver would choose text for strings.
        return Bulk(text.replace("%s", "%b") if self._by_column else text, self._by_column)

    def _insert(self, table: Table, types: Types) -> "Insert":
        given = self._given(types)
        row = insert_into(table, self._dialect)
        return row.from_select(list(given), select(*given.values())) if self._by_column else row.values(given)

    def _new(self, table: Table, *, once: bool = False) -> Bulk:
        """New rows; `once`: nothing is written where the row is there already."""
        types = _types(table)
        row = self._insert(table, types)
        return self._bulk(row.on_conflict_do_nothing() if once else row, types)

    def _put(self, table: Table, *replaced: str) -> Bulk:
        """New rows, or these columns of those that are there."""
        types = _types(table)
        row = self._insert(table, types)
        values = {name: row.excluded[name] for name in replaced}
        keys = [column.name for column in table.primary_key]
        return self._bulk(row.on_conflict_do_update(index_elements=keys, set_=values), types)

    def _drop(self, table: Table, *keys: str) -> Bulk:
        types = {name: table.c[name].type for name in keys}
        given = self._given(types)
        return self._bulk(delete(table).where(*(table.c[name] == given[name] for name in keys)), types)

    def copied(self, table: Table) -> Bulk:
        """Rows of another database."""
        return self._new(table)

    @cached_property
    def new_placements(self) -> Bulk:
        """Writes nothing where a reference exists."""
        return self._new(placement, once=True)

    def moved_placements(self, changed: Names) -> Bulk:
        """Compare-and-set: writes nothing where a placement is at another seq. Of SELDOM it sets what `changed`."""
        if changed not in self._moved:
            self._moved[changed] = self._moved_placements(moving(changed))
        return self._moved[changed]

    def _moved_placements(self, names: Names) -> Bulk:
        types = {name: placement.c[name].type for name in names} | _AT
        given = self._given(types)
        at_seq = (placement.c.id == given["at_id"], placement.c.seq == given["at_seq"])
        return self._bulk(update(placement).where(*at_seq).values({name: given[name] for name in names}), types)

    @cached_property
    def postponed(self) -> Bulk:
        """When placements wake next, and which."""
        types = {"until": placement.c.wakes_at.type, "at_id": placement.c.id.type}
        given = self._given(types)
        later = update(placement).where(placement.c.id == given["at_id"]).values(wakes_at=given["until"])
        return self._bulk(later, types)

    @cached_property
    def entries(self) -> Bulk:
        return self._new(history)

    @cached_property
    def acted(self) -> Bulk:
        return self._new(acted)

    @cached_property
    def unsealed(self) -> Bulk:
        return self._new(unsealed)

    @cached_property
    def leaves(self) -> Bulk:
        return self._new(leaf)

    @cached_property
    def sealed(self) -> Bulk:
        """What does not wait for a seal any more."""
        return self._drop(unsealed, "placement", "seq")

    @cached_property
    def tiles(self) -> Bulk:
        """Tiles of the log's tree, each in place of its narrower version."""
        return self._put(tile, "data")

    @cached_property
    def system_entries(self) -> Bulk:
        return self._new(system_entry)

    @cached_property
    def notices(self) -> Bulk:
        return self._new(outbox)

    @cached_property
    def dropped_deadlines(self) -> Bulk:
        return self._drop(deadline, "placement", "name")

    @cached_property
    def deadlines(self) -> Bulk:
        return self._put(deadline, *list(_types(deadline))[2:])

    @cached_property
    def command_keys(self) -> Bulk:
        return self._new(command_key)

    @cached_property
    def person_keys(self) -> Bulk:
        return self._new(person_key)

    @cached_property
    def personal(self) -> Bulk:
        return self._new(personal)

    @cached_property
    def released(self) -> Bulk:
        """Exclusive values given back: which field, and of which placement."""
        return self._drop(exclusive, "field", "placement")

    @cached_property
    def tallies(self) -> Bulk:
        """Counts to be added to those that are kept, or to be kept."""
        types = _types(tally)
        row = self._insert(tally, types)
        more = {"placements": tally.c.placements + row.excluded.placements}
        keys = [column.name for column in tally.primary_key]
        return self._bulk(row.on_conflict_do_update(index_elements=keys, set_=more), types)

    @cached_property
    def incidents(self) -> Bulk:
        return self._put(incident, *list(_types(incident))[1:])

    @cached_property
    def resolved_incidents(self) -> Bulk:
        return self._drop(incident, "placement")

    @cached_property
    def requests(self) -> Bulk:
        return self._new(request)

    @cached_property
    def decided_requests(self) -> Bulk:
        return self._drop(request, "placement", "seq")

    @cached_property
    def actors(self) -> Bulk:
        return self._new(actor, once=True)

    @cached_property
    def calendars(self) -> Bulk:
        return self._new(calendar, once=True)

    @cached_property
    def definitions(self) -> Bulk:
        return self._new(definition, once=True)

    @cached_property
    def ceilings(self) -> Bulk:
        """The ceilings of quotas; what is used of those that are there stays."""
        return self._put(quota, "ceiling")


def _types(table: Table) -> dict[str, TypeEngine[Any]]:
    return {name: table.c[name].type for name in columns_of(table)}


def _plain(type_: TypeEngine[Any]) -> TypeEngine[Any]:
    """The type whose values are given as they are stored."""
    return type_.impl_instance if isinstance(type_, TypeDecorator) else type_
