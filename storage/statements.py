"""The statements of the hot paths, each compiled once from the declared tables into text with positions.

They are run by the thousand with tuples, no objects in between. What lists and exports ask is in queries.py.
"""

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import ColumnElement, Select, Table, bindparam, delete, func, literal_column, or_, select, update
from sqlalchemy.engine import Dialect
from sqlalchemy.sql import ClauseElement
from sqlalchemy.sql.compiler import SQLCompiler

from storage.inserting import insert_into
from storage.tables import (
    actor,
    calendar,
    command_key,
    deadline,
    definition,
    exclusive,
    history,
    incident,
    installation,
    outbox,
    person_key,
    personal,
    placement,
    quota,
    request,
    system_entry,
    unsealed,
)

if TYPE_CHECKING:
    from sqlalchemy.dialects.sqlite import Insert

T = TypeVar("T")
# What a change replaces in the placement's row; `id`, `reference` and `created_at` stay.
_MOVING = tuple(column.name for column in placement.c)[3:]
_INCIDENT = tuple(column.name for column in incident.c)[1:]
_ZERO: ColumnElement[int] = literal_column("0")
# Databases bound the number of parameters of one statement.
_AT_ONCE = 500
_NUMBERED = frozenset({"history", "outbox"})


def text_of(statement: ClauseElement, dialect: Dialect, *parameters: str) -> str:
    """The text of a statement that takes its parameters in this order. Raises ValueError where it doesn't."""
    compiled = statement.compile(dialect=dialect)
    order = compiled.positiontup if isinstance(compiled, SQLCompiler) else None
    if tuple(order or ()) != parameters:
        raise ValueError(f"the parameters are {order}, not {parameters}: {compiled}")
    return str(compiled)


def in_chunks(items: Sequence[T]) -> Iterator[Sequence[T]]:
    """Slices short enough to be the parameters of one statement."""
    return (items[start : start + _AT_ONCE] for start in range(0, len(items), _AT_ONCE))


def columns_of(table: Table) -> tuple[str, ...]:
    """The columns of a row as it is inserted: all in order, but for the number that the database gives."""
    names = tuple(column.name for column in table.c)
    return names[1:] if table.name in _NUMBERED else names


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
        rows = select(person_key.c.key, personal.c.seq, personal.c.name, personal.c.ciphertext)
        same = (personal.c.placement == person_key.c.placement) & (personal.c.category == person_key.c.category)
        joined = rows.join_from(personal, person_key, same)
        return self._text(joined.where(_of(personal)), "placement")

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
    def installation(self) -> str:
        return self._text(select(*list(installation.c)[1:]))


class Writes(Reads):
    """What a UnitOfWork asks and writes. What it decides on is locked; SQLite has one writer, and leaves that out."""

    @cached_property
    def find(self) -> str:
        by_reference = placement.c.reference == bindparam("reference")
        return self._text(locked(select(placement.c.facts).where(by_reference)), "reference")

    @cached_property
    def due(self) -> str:
        """Passes over what another sweep has in hand."""
        late = select(placement.c.id, placement.c.facts).where(placement.c.wakes_at <= bindparam("now"))
        ordered = late.order_by(placement.c.wakes_at, placement.c.reference)
        limited = ordered.limit(bindparam("limit")).offset(_ZERO)
        return self._text(locked(limited, skip=True), "now", "limit")

    @cached_property
    def installation(self) -> str:
        return self._text(locked(select(*list(installation.c)[1:])))

    @cached_property
    def new_placement(self) -> str:
        """Writes nothing where the reference exists."""
        return self._text(self._insert(placement).on_conflict_do_nothing(), *columns_of(placement))

    @cached_property
    def move_placement(self) -> str:
        """Compare-and-set: writes nothing where the placement is at another seq."""
        at_seq = (placement.c.id == bindparam("at_id"), placement.c.seq == bindparam("at_seq"))
        moved = update(placement).where(*at_seq).values({name: bindparam(name) for name in _MOVING})
        return self._text(moved, *_MOVING, "at_id", "at_seq")

    @cached_property
    def new_entry(self) -> str:
        return self._text(self._insert(history), *columns_of(history))

    @cached_property
    def new_unsealed(self) -> str:
        return self._text(self._insert(unsealed), *columns_of(unsealed))

    @cached_property
    def new_system_entry(self) -> str:
        return self._text(self._insert(system_entry), *columns_of(system_entry))

    @cached_property
    def new_notice(self) -> str:
        return self._text(self._insert(outbox), *columns_of(outbox))

    @cached_property
    def drop_deadline(self) -> str:
        named = delete(deadline).where(_of(deadline), deadline.c.name == bindparam("name"))
        return self._text(named, "placement", "name")

    @cached_property
    def put_deadline(self) -> str:
        row = self._insert(deadline)
        values = {name: row.excluded[name] for name in columns_of(deadline)[2:]}
        upsert = row.on_conflict_do_update(index_elements=["placement", "name"], set_=values)
        return self._text(upsert, *columns_of(deadline))

    @cached_property
    def new_command_key(self) -> str:
        return self._text(self._insert(command_key), *columns_of(command_key))

    @cached_property
    def new_person_key(self) -> str:
        return self._text(self._insert(person_key), *columns_of(person_key))

    @cached_property
    def new_personal(self) -> str:
        return self._text(self._insert(personal), *columns_of(personal))

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
    def put_incident(self) -> str:
        row = self._insert(incident)
        values = {name: row.excluded[name] for name in _INCIDENT}
        upsert = row.on_conflict_do_update(index_elements=["placement"], set_=values)
        return self._text(upsert, *columns_of(incident))

    @cached_property
    def resolve_incident(self) -> str:
        return self._text(delete(incident).where(_of(incident)), "placement")

    @cached_property
    def postpone(self) -> str:
        later = update(placement).where(placement.c.id == bindparam("at_id"))
        return self._text(later.values(wakes_at=bindparam("until")), "until", "at_id")

    @cached_property
    def new_request(self) -> str:
        return self._text(self._insert(request), *columns_of(request))

    @cached_property
    def drop_request(self) -> str:
        named = delete(request).where(_of(request), request.c.seq == bindparam("seq"))
        return self._text(named, "placement", "seq")

    @cached_property
    def new_actor(self) -> str:
        return self._text(self._insert(actor).on_conflict_do_nothing(), *columns_of(actor))

    @cached_property
    def new_calendar(self) -> str:
        return self._text(self._insert(calendar).on_conflict_do_nothing(), *columns_of(calendar))

    @cached_property
    def new_definition(self) -> str:
        return self._text(self._insert(definition).on_conflict_do_nothing(), *columns_of(definition))

    @cached_property
    def put_ceiling(self) -> str:
        row = self._insert(quota)
        upsert = row.on_conflict_do_update(index_elements=["name"], set_={"ceiling": row.excluded.ceiling})
        return self._text(upsert, *columns_of(quota))

    @cached_property
    def new_installation(self) -> str:
        return self._text(self._insert(installation).on_conflict_do_nothing(), *columns_of(installation))

    @cached_property
    def start_clock(self) -> str:
        started: dict[str, Any] = {"clock_setting": bindparam("setting"), "clock_started_at": bindparam("at")}
        return self._text(update(installation).values(started), "setting", "at")
