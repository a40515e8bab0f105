"""The statements of the hot paths, each compiled once from the declared tables into text with positions.

They are run with tuples, no objects in between. Those that write many rows at once are in bulk.py; what lists and
exports ask is in queries.py.
"""

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, TypeVar

from sqlalchemy import (
    ColumnElement,
    Select,
    Table,
    bindparam,
    delete,
    func,
    literal_column,
    or_,
    select,
    tuple_,
    update,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.sql import ClauseElement

from storage.bulk import BulkWrites
from storage.compiling import columns_of, text_of
from storage.inserting import insert_into
from storage.seal_rows import queue
from storage.stored import STORED
from storage.tables.installation import brake, installation
from storage.tables.log import system_entry, tile, unsealed
from storage.tables.persons import actor, person_key, personal
from storage.tables.placements import command_key, exclusive, history, incident, placement, quota

if TYPE_CHECKING:
    from sqlalchemy.dialects.sqlite import Insert

T = TypeVar("T")
_ZERO: ColumnElement[int] = literal_column("0")
# Databases bound the number of parameters of one statement.
_AT_ONCE = 500
_COMPILED: "dict[str, tuple[Reads, Writes]]" = {}


def statements_for(dialect: Dialect) -> "tuple[Reads, Writes]":
    """The statements for this kind of database: compiled once in a process, however many stores it opens."""
    if dialect.name not in _COMPILED:
        _COMPILED[dialect.name] = Reads(dialect), Writes(dialect)
    return _COMPILED[dialect.name]


def in_chunks(items: Sequence[T]) -> Iterator[Sequence[T]]:
    """Slices short enough to be the parameters of one statement."""
    return (items[start : start + _AT_ONCE] for start in range(0, len(items), _AT_ONCE))


def _of(table: Table) -> ColumnElement[bool]:
    return table.c.placement == bindparam("placement")


def locked(rows: Select[Any], *, skip: bool = False) -> Select[Any]:
    """Rows that nobody else changes before the transaction ends; `skip`: without those that somebody else holds."""
    # The weaker lock of its kind: it lets others refer to these rows.
    return rows.with_for_update(key_share=True, skip_locked=skip)


class Reads:
    """What a Reading asks."""

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect

    def _text(self, statement: ClauseElement, *parameters: str) -> str:
        return text_of(statement, self._dialect, *parameters)

    def _insert(self, table: Table) -> "Insert":
        return insert_into(table, self._dialect).values({name: bindparam(name) for name in columns_of(table)})

    @cached_property
    def find(self) -> str:
        by_reference = placement.c.reference == bindparam("reference")
        return self._text(select(placement.c.facts).where(by_reference), "reference")

    @cached_property
    def history(self) -> str:
        return self._text(select(history.c.data).where(_of(history)).order_by(history.c.seq), "placement")

    @cached_property
    def personal(self) -> str:
        rows = select(person_key.c.category, person_key.c.key, personal.c.seq, personal.c.name, personal.c.ciphertext)
        same = (personal.c.placement == person_key.c.placement) & (personal.c.category == person_key.c.category)
        joined = rows.join_from(personal, person_key, same)
        return self._text(joined.where(_of(personal)), "placement")

    @cached_property
    def person_keys(self) -> str:
        return self._text(select(person_key).where(_of(person_key)), "placement")

    @cached_property
    def remembered(self) -> str:
        columns = (command_key.c.fingerprint, command_key.c.first_seq, command_key.c.last_seq)
        named = select(*columns).where(_of(command_key), command_key.c.key == bindparam("key"))
        return self._text(named, "placement", "key")

    @cached_property
    def incident(self) -> str:
        return self._text(select(incident).where(_of(incident)), "placement")

    @cached_property
    def actor_name(self) -> str:
        return self._text(select(actor.c.name).where(actor.c.id == bindparam("id")), "id")

    @cached_property
    def actor_id(self) -> str:
        return self._text(select(actor.c.id).where(actor.c.name == bindparam("name")), "name")

    @cached_property
    def next_wake(self) -> str:
        wakes = placement.c.wakes_at
        return self._text(select(func.min(wakes)).where(wakes.is_not(None)))

    @cached_property
    def system_head(self) -> str:
        last = select(system_entry.c.seq, system_entry.c.hash).order_by(system_entry.c.seq.desc())
        return self._text(last.limit(literal_column("1")).offset(_ZERO))

    @cached_property
    def tile(self) -> str:
        found = select(tile.c.data).where(tile.c.level == bindparam("level"), tile.c.number == bindparam("number"))
        return self._text(found, "level", "number")

    @cached_property
    def queued(self) -> str:
        after = tuple_(unsealed.c.placement, unsealed.c.seq) > tuple_(bindparam("placement"), bindparam("seq"))
        ordered = queue().where(after).order_by(unsealed.c.placement, unsealed.c.seq)
        return self._text(ordered.limit(bindparam("limit")).offset(_ZERO), "placement", "seq", "limit")

    @cached_property
    def installation(self) -> str:
        return self._text(select(*list(installation.c)[1:]))

    @cached_property
    def watch(self) -> str:
        return self._text(select(*list(brake.c)[1:]))


class Writes(Reads):
    """What a UnitOfWork asks and writes. What it decides on is locked; SQLite has one writer, and leaves that out."""

    before_claims: Final = "SAVEPOINT claims"
    without_claims: Final = "ROLLBACK TO SAVEPOINT claims"
    after_claims: Final = "RELEASE SAVEPOINT claims"

    @cached_property
    def bulk(self) -> BulkWrites:
        """What it writes by the thousand."""
        return BulkWrites(self._dialect)

    @cached_property
    def of_one_placement(self) -> frozenset[str]:
        """Those that read what concerns one placement alone, which their first value names."""
        return frozenset([self.find, self.history, self.personal, self.person_keys, self.remembered, self.incident])

    @cached_property
    def apart(self) -> frozenset[str]:
        """Those that neither read nor write what changes of placements write, but for their claims."""
        claims = [self.take_quota, self.hold, self.release, self.bulk.released.text]
        around = [self.before_claims, self.without_claims, self.after_claims]
        return frozenset([self.watch, self.actor_id, self.actor_name, self.bulk.actors.text, *claims, *around])

    @cached_property
    def find(self) -> str:
        by_reference = placement.c.reference == bindparam("reference")
        return self._text(locked(select(*STORED, placement.c.facts).where(by_reference)), "reference")

    @cached_property
    def due(self) -> str:
        """Passes over what another sweep has in hand."""
        rows = select(placement.c.reference, *STORED, placement.c.id, placement.c.facts)
        late = rows.where(placement.c.wakes_at <= bindparam("now"))
        ordered = late.order_by(placement.c.wakes_at, placement.c.reference)
        limited = ordered.limit(bindparam("limit")).offset(_ZERO)
        return self._text(locked(limited, skip=True), "now", "limit")

    @cached_property
    def installation(self) -> str:
        return self._text(locked(select(*list(installation.c)[1:])))

    @cached_property
    def take_quota(self) -> str:
        """Writes nothing where the ceiling is reached; giving back is never refused."""
        room = or_(
            quota.c.ceiling.is_(None),
            bindparam("wanted") <= _ZERO,
            quota.c.used + bindparam("more") <= quota.c.ceiling,
        )
        taken = update(quota).where(quota.c.name == bindparam("name"), room)
        return self._text(taken.values(used=quota.c.used + bindparam("delta")), "delta", "name", "wanted", "more")

    @cached_property
    def hold(self) -> str:
        """Writes nothing where another placement holds the value."""
        return self._text(self._insert(exclusive).on_conflict_do_nothing(), *columns_of(exclusive))

    @cached_property
    def release(self) -> str:
        held = delete(exclusive).where(exclusive.c.field == bindparam("field"), _of(exclusive))
        return self._text(held, "field", "placement")

    @cached_property
    def new_installation(self) -> str:
        return self._text(self._insert(installation).on_conflict_do_nothing(), *columns_of(installation))

    @cached_property
    def start_clock(self) -> str:
        started: dict[str, Any] = {"clock_setting": bindparam("setting"), "clock_started_at": bindparam("at")}
        return self._text(update(installation).values(started), "setting", "at")
