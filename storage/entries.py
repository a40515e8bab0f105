"""Which entries an export asks for, and in what order: that of the sealed log, the one order that all can agree on.

Neither the moment of recording nor the moment of a commit will do: whoever is slow appears between those who were
read already. A leaf's position is given by one sealer, to what it sees; what is committed late gets a later one.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

from sqlalchemy import Column, ColumnElement, Select, null, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.selectable import Join

from storage.listing import cursor, key_of
from storage.tables.log import leaf
from storage.tables.placements import history, placement

BATCH: Final = 100
"""How many rows are read at a time: so few that all are still near the processor when they are looked at."""

STORED: Final = (
    placement.c.reference,
    placement.c.territory,
    *(history.c[name] for name in ("placement", "seq", "prev", "hash", "data")),
)
"""What a StoredEntry is made of, but for its position."""

EXPORTED: Final = (placement.c.reference, placement.c.territory, history.c.data)
"""What an ExportedRow is made of, but for its position."""

ExportedRow = tuple[str, str, bytes, int | None]
"""An entry's reference and territory, its exact bytes, and its position in the sealed log."""

_LIST = "sealed"
_LEAF = (leaf.c.placement == history.c.placement) & (leaf.c.seq == history.c.seq)
_PLACEMENT = history.c.placement == placement.c.id
_POSITION = select(leaf.c.position).where(_LEAF).scalar_subquery()
_Asked = Select[*tuple[Any, ...]]
_Columns = tuple[Column[Any], ...]


@dataclass(frozen=True, slots=True)
class Entries:
    """From `since` on and before `until`, by the moment that `by` names, of one territory; None does not select.

    `first`: only what is sealed, from this position of the log on. Then nothing is given twice, or passed over, by
    whoever goes on from where the log ended.
    """

    since: datetime | None = None
    until: datetime | None = None
    territory: str | None = None
    by: Literal["recorded", "occurred"] = "recorded"
    first: int | None = None


ALL: Final = Entries()


def statements_of(which: Entries, grouped: bool, columns: _Columns = STORED) -> Iterator[_Asked]:
    """What to ask, one after the other, in one view: these columns, and the position."""
    if grouped:
        yield _grouped(which, columns).order_by(placement.c.reference, history.c.seq)
        return
    yield _sealed(which, columns).order_by(leaf.c.position)
    if which.first is None:
        ordered = (history.c.recorded_at, history.c.placement, history.c.seq)
        yield _unsealed(which, columns).order_by(*ordered)


def _sealed(which: Entries, columns: _Columns) -> _Asked:
    rows = Nested(Nested(leaf, history, _LEAF), placement, _PLACEMENT)
    asked = select(*columns, leaf.c.position).select_from(rows).where(*_conditions(which))
    return asked if not which.first else asked.where(leaf.c.position >= which.first)


def _unsealed(which: Entries, columns: _Columns) -> _Asked:
    # Not what the queue names: whatever became of that, no entry is left out.
    waits = ~select(leaf.c.position).where(_LEAF).exists()
    rows = Nested(history, placement, _PLACEMENT)
    return select(*columns, null()).select_from(rows).where(waits, *_conditions(which))


def _grouped(which: Entries, columns: _Columns) -> _Asked:
    rows = Nested(placement, history, _PLACEMENT)
    asked = select(*columns, _POSITION).select_from(rows).where(*_conditions(which))
    return asked if which.first is None else asked.where(which.first <= _POSITION)


def _conditions(which: Entries) -> Iterator[ColumnElement[bool]]:
    moment = history.c.recorded_at if which.by == "recorded" else history.c.occurred_at
    if which.since is not None:
        yield moment >= which.since
    if which.until is not None:
        yield moment < which.until
    if which.territory is not None:
        yield placement.c.territory == which.territory


class Nested(Join):
    """A join that SQLite makes in the order in which it is written, row by row: else it may have to sort all it found,
    which it does in memory."""

    inherit_cache = True


@compiles(Nested, "sqlite")
def _in_this_order(join: Join, compiler: SQLCompiler, **how: Any) -> str:
    left, right = (compiler.process(part, **how) for part in (join.left, join.right))
    how.pop("asfrom", None)
    condition = "true" if join.onclause is None else compiler.process(join.onclause, **how)
    return f"{left} CROSS JOIN {right} ON {condition}"


def cursor_of(position: int) -> str:
    """Asks for what is sealed from this position on."""
    return cursor(_LIST, position)


def position_in(text: str) -> int:
    """The position in such a cursor. Raises ValueError where it is one of another list."""
    name, position = key_of(text, str, int)
    if name != _LIST or position < 0:
        raise ValueError(f"{text!r} is no cursor of this list")
    return int(position)
