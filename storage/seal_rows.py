"""The rows that sealing and its verification look at, and the statements that find them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import ColumnElement, Select, func, literal_column, select

from storage.tables.log import leaf, unsealed
from storage.tables.log import system_entry as system
from storage.tables.placements import history
from workflow.system import SYSTEM

Columns = tuple[Any, ...]
_SYSTEM: ColumnElement[str] = literal_column(f"'{SYSTEM}'")


class QueuedRow(msgspec.Struct, frozen=True, gc=False):
    """An entry of the queue, and what is stored of it; all None where the entry itself is gone."""

    placement: str
    seq: int
    prev: str | None
    hash: str | None
    data: bytes | None


class EntryRow(msgspec.Struct, frozen=True, gc=False):
    """A stored entry, and how it is sealed: its leaf's position and hash, or that it is in the queue."""

    placement: str
    seq: int
    prev: str
    hash: str
    data: bytes
    position: int | None
    leaf_hash: str | None
    queued: bool
    """As the database says it: SQLite has 0 and 1."""


EntryCells = tuple[str, int, str, str, bytes, int | None, str | None, bool]
"""The same, in this order."""


class LeafRow(NamedTuple):
    """A leaf, and the bytes of its entry; None where that is gone."""

    position: int
    placement: str
    seq: int
    hash: str
    data: bytes | None


@dataclass(frozen=True, slots=True)
class Seal:
    """What was signed: the tree's first `size` leaves, their root, and the checkpoint as a signed note."""

    number: int
    size: int
    root: bytes
    sealed_at: datetime
    note: bytes


def _joined(named: Any) -> Any:
    """What a table of (placement, seq) names, with the entries wherever they are stored."""
    of_placement = (history.c.placement == named.c.placement) & (history.c.seq == named.c.seq)
    of_system = (named.c.placement == _SYSTEM) & (system.c.seq == named.c.seq)
    return named.outerjoin(history, of_placement).outerjoin(system, of_system)


def _either(name: str) -> Any:
    return func.coalesce(history.c[name], system.c[name])


def queue() -> Select[*Columns]:
    """What a QueuedRow is made of."""
    columns = (unsealed.c.placement, unsealed.c.seq, _either("prev"), _either("hash"), _either("data"))
    return select(*columns).select_from(_joined(unsealed))


def leaves() -> Select[*Columns]:
    """What a LeafRow is made of."""
    return select(*leaf.c, _either("data")).select_from(_joined(leaf))


def entries(table: Any, chain: Any, *, waiting: bool = True) -> Select[*Columns]:
    """What an EntryRow is made of: the entries in a table, whose chain is this column or value.

    Not `waiting`: nothing is in the queue, which then need not be looked into for each.
    """
    own = [table.c[name] for name in ("prev", "hash", "data")]
    sealed = (leaf.c.placement == chain) & (leaf.c.seq == table.c.seq)
    queued = (unsealed.c.placement == chain) & (unsealed.c.seq == table.c.seq)
    joined = table.outerjoin(leaf, sealed)
    columns = (chain, table.c.seq, *own, leaf.c.position, leaf.c.hash)
    if not waiting:
        return select(*columns, literal_column("0")).select_from(joined)
    return select(*columns, unsealed.c.seq.is_not(None)).select_from(joined.outerjoin(unsealed, queued))
