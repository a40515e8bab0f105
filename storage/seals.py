"""What sealing and its verification read and write: the queue, leaves, tiles, seals, keys. It proves nothing.

One transaction holds a whole seal. One sealer is let in at a time: on SQLite by `BEGIN IMMEDIATE`, elsewhere by the
lock on the row whose epoch each raises. A sealer that is not alone after all finds another epoch, and keeps nothing.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import cached_property
from itertools import chain, starmap
from typing import Any

from sqlalchemy import Connection, Row, Select, func, insert, literal, select, update

from storage import locks, seal_rows
from storage.cells import blob
from storage.compiling import bound
from storage.database import Database
from storage.executing import Executor, executor_of
from storage.inserting import insert_into
from storage.seal_rows import Columns, EntryCells, EntryRow, LeafRow, QueuedRow, Seal
from storage.statements import Reads, in_chunks, locked, statements_for
from storage.tables.definitions import definition
from storage.tables.installation import installation
from storage.tables.log import leaf, log_key, seal, sealer, unsealed
from storage.tables.log import system_entry as system
from storage.tables.placements import history, placement
from workflow.errors import IntegrityBroken
from workflow.system import NO_HEAD, SYSTEM, Head, SystemEntry

# Of few rows at a time, all are still near the processor when they are looked at.
_BATCH = 200


__all__ = ["EntryCells", "EntryRow", "LeafRow", "QueuedRow", "Seal", "SealReading", "SealWork", "Seals"]


class SealReading:
    """One consistent view of what is sealed and what is not; implements audit.tree.Tiles for reading."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    # Made once they are needed: a guard, which asks nothing as a rule, is given such a view for each transaction.

    @cached_property
    def _executor(self) -> Executor:
        return executor_of(self._connection)

    @cached_property
    def _reads(self) -> Reads:
        return statements_for(self._connection.dialect)[0]

    def _stream(self, asked: Select[*Columns]) -> Iterator[Row[*Columns]]:
        found = self._connection.execute(asked, execution_options={"yield_per": _BATCH})
        for rows in found.partitions():
            yield from rows

    def _pages(self, asked: Select[*Columns]) -> Iterator[Sequence[Any]]:
        """Rows whose columns are what the driver gives: texts, numbers, bytes."""
        return self._executor.pages(*bound(asked, self._connection.dialect), _BATCH)

    def _count(self, asked: Select[*Columns]) -> int:
        return int(self._connection.execute(asked).scalar_one())

    def log(self) -> str:
        """The random id of this installation."""
        return str(self._connection.execute(select(installation.c.log)).scalar_one())

    def is_sandbox(self) -> bool:
        """Whether this installation is one for trying out."""
        return bool(self._connection.execute(select(installation.c.sandbox)).scalar_one())

    def keys(self) -> tuple[str, ...]:
        """The public keys kept in the database, oldest first."""
        rows = self._connection.execute(select(log_key.c.vkey).order_by(log_key.c.added_at, log_key.c.vkey))
        return tuple(str(row[0]) for row in rows)

    def last_seal(self) -> Seal | None:
        """The seal made last; None before the first."""
        return next(iter(self.latest_seals(1)), None)

    def seal_at(self, size: int) -> Seal | None:
        """The seal of exactly this size."""
        row = self._connection.execute(select(seal).where(seal.c.size == size)).first()
        return None if row is None else Seal(*row)

    def sealed_acts(self, kind: str) -> list[tuple[int, bytes]]:
        """(position, exact bytes) of the sealed acts of this kind, in the order of the tree."""
        same = (leaf.c.placement == SYSTEM) & (leaf.c.seq == system.c.seq)
        asked = select(leaf.c.position, system.c.data).join_from(system, leaf, same).where(system.c.kind == kind)
        return [(int(row[0]), blob(row[1])) for row in self._connection.execute(asked.order_by(leaf.c.position))]

    def seals(self) -> Iterator[Seal]:
        """All seals, oldest first."""
        return (Seal(*row) for row in self._stream(select(seal).order_by(seal.c.number)))

    def latest_seals(self, limit: int) -> list[Seal]:
        """Up to so many seals, newest first."""
        rows = self._connection.execute(select(seal).order_by(seal.c.number.desc()).limit(limit))
        return [Seal(*row) for row in rows]

    def get(self, level: int, index: int) -> bytes:
        """A tile of the tree; empty where there is none."""
        rows = self._executor.rows(self._reads.tile, (level, index))
        return blob(rows[0][0]) if rows else b""

    def queue_length(self, at_most: int | None = None) -> int:
        """How many entries wait for a seal, counted up to `at_most`."""
        queued = select(unsealed.c.seq)
        limited = queued if at_most is None else queued.limit(at_most)
        return self._count(select(func.count()).select_from(limited.subquery()))

    def leaf_end(self) -> int:
        """The position after the last leaf."""
        return self._count(select(func.coalesce(func.max(leaf.c.position) + 1, 0)))

    def leaf_count(self) -> int:
        """How many leaves are stored, wherever."""
        return self._count(select(func.count()).select_from(leaf))

    def entry_count(self) -> int:
        """How many entries are stored, sealed or not."""
        return self._count(select(func.count()).select_from(history))

    def sealed_head(self, chain: str) -> Head:
        """The last sealed entry of a placement, or of the system's chain."""
        found = select(leaf.c.seq, leaf.c.hash).where(leaf.c.placement == chain).order_by(leaf.c.seq.desc())
        row = self._connection.execute(found.limit(1)).first()
        return NO_HEAD if row is None else Head(*row)

    def heads_of(self, chains: Sequence[str]) -> dict[str, Head]:
        """The last sealed entries of those of these chains that have one, in bulk."""
        found: dict[str, Head] = {}
        for some in in_chunks(chains):
            last = select(leaf.c.placement, func.max(leaf.c.seq).label("seq")).where(leaf.c.placement.in_(some))
            grouped = last.group_by(leaf.c.placement).subquery()
            both = (leaf.c.placement == grouped.c.placement) & (leaf.c.seq == grouped.c.seq)
            asked = select(leaf.c.placement, leaf.c.seq, leaf.c.hash).join_from(grouped, leaf, both)
            found.update((name, Head(seq, sealed)) for name, seq, sealed in self._connection.execute(asked).all())
        return found

    def sealed_heads(self, size: int) -> Iterator[tuple[str, int, str]]:
        """(placement, seq, hash) of the last entry of every chain among the first `size` leaves."""
        before = select(leaf.c.placement, func.max(leaf.c.seq).label("seq")).where(leaf.c.position < size)
        last = before.group_by(leaf.c.placement).subquery()
        both = (leaf.c.placement == last.c.placement) & (leaf.c.seq == last.c.seq)
        asked = select(leaf.c.placement, leaf.c.seq, leaf.c.hash).join_from(last, leaf, both)
        return ((str(row[0]), int(row[1]), str(row[2])) for row in self._stream(asked))

    def queued(self, limit: int, after: tuple[str, int] = ("", 0)) -> Sequence[QueuedRow]:
        """Up to `limit` entries that wait for a seal after this one: chain by chain, each by its seq."""
        pages = self._executor.pages(self._reads.queued, (*after, limit), _BATCH)
        return [QueuedRow(*row) for rows in pages for row in rows]

    def is_written_to(self) -> bool:
        """Whether somebody else may be writing entries now: recorded before this seal, they will appear after it."""
        return locks.is_decided_on(self._connection)

    def lost_from_queue(self) -> Iterator[tuple[str, int]]:
        """(placement, seq) of what waits for a seal and is not stored any more."""
        gone = seal_rows.queue().where(history.c.data.is_(None), system.c.data.is_(None))
        return ((str(row[0]), int(row[1])) for row in self._stream(gone))

    def entries(self, placement: str | None = None) -> Iterator[EntryRow]:
        """The stored entries of all placements, or of one: chain by chain, each by its seq."""
        return starmap(EntryRow, chain.from_iterable(self.entry_pages(placement)))

    def acts(self) -> Iterator[EntryRow]:
        """The stored entries of the system's chain, by their seq."""
        return starmap(EntryRow, chain.from_iterable(self.act_pages()))

    def entry_pages(self, placement: str | None = None, *, waiting: bool = True) -> Iterator[Sequence[EntryCells]]:
        """What `entries` gives, some rows at a time. Not `waiting`: nothing is in the queue, as was asked before."""
        asked = seal_rows.entries(history, history.c.placement, waiting=waiting)
        chosen = asked if placement is None else asked.where(history.c.placement == placement)
        return self._pages(chosen.order_by(history.c.placement, history.c.seq))

    def act_pages(self) -> Iterator[Sequence[EntryCells]]:
        """What `acts` gives, some rows at a time."""
        return self._pages(seal_rows.entries(system, literal(SYSTEM)).order_by(system.c.seq))

    def leaves(self, size: int | None = None, placements: Sequence[str] | None = None) -> Iterator[LeafRow]:
        """The leaves before position `size`, of all chains or of these, in the order of the tree."""
        where = [] if size is None else [leaf.c.position < size]
        where += [] if placements is None else [leaf.c.placement.in_(placements)]
        asked = seal_rows.leaves().where(*where).order_by(leaf.c.position)
        return map(LeafRow._make, self._stream(asked))

    def leaf_at(self, position: int) -> LeafRow | None:
        """One leaf."""
        row = self._connection.execute(seal_rows.leaves().where(leaf.c.position == position)).first()
        return None if row is None else LeafRow(*row)

    def reference(self, chain: str) -> str:
        """The reference of a placement; its id, or `system`, where there is none."""
        found = select(placement.c.reference).where(placement.c.id == chain)
        return str(self._connection.execute(found).scalar() or chain)

    def placement_id(self, reference: str) -> str | None:
        """The random id of the placement with this reference."""
        return self._connection.execute(select(placement.c.id).where(placement.c.reference == reference)).scalar()

    def placements(self, territory: str | None = None) -> Iterator[tuple[str, Head]]:
        """Every placement (of a territory), with what its row says of its last entry."""
        asked = select(placement.c.id, placement.c.seq, placement.c.head)
        chosen = asked if territory is None else asked.where(placement.c.territory == territory)
        return (
            (str(row[0]), Head(row[1], row[2])) for rows in self._pages(chosen.order_by(placement.c.id)) for row in rows
        )

    def heads(self) -> Iterator[tuple[str, Head, Head]]:
        """Every placement, what its row says of its last entry, and its last stored entry; NO_HEAD: there is none."""
        own = history.alias()
        last = select(func.max(own.c.seq)).where(own.c.placement == placement.c.id).scalar_subquery()
        stored = (history.c.placement == placement.c.id) & (history.c.seq == last)
        columns = (placement.c.id, placement.c.seq, placement.c.head, history.c.seq, history.c.hash)
        asked = select(*columns).select_from(placement.outerjoin(history, stored)).order_by(placement.c.id)
        for name, seq, head, stored_seq, stored_hash in self._stream(asked):
            yield str(name), Head(seq, head), NO_HEAD if stored_seq is None else Head(stored_seq, stored_hash)

    def definitions(self) -> Iterator[tuple[str, bytes, bytes]]:
        """(digest, exact source, compiled form) of every published definition."""
        asked = select(definition.c.digest, definition.c.source, definition.c.compiled).order_by(definition.c.digest)
        return ((str(row[0]), blob(row[1]), blob(row[2])) for row in self._stream(asked))


class SealWork(SealReading):
    """The one transaction of a seal; tiles are written once, when it ends."""

    def __init__(self, connection: Connection, name: str) -> None:
        super().__init__(connection)
        self._name, self._tiles = name, dict[tuple[int, int], bytes]()
        self._bulk = statements_for(connection.dialect)[1].bulk
        # Where several may write, a second sealer waits here until the first has committed.
        self._epoch = self._count(locked(select(sealer.c.epoch)))

    def get(self, level: int, index: int) -> bytes:
        """A tile, as this transaction sees it."""
        return self._tiles.get((level, index)) or super().get(level, index)

    def put(self, level: int, index: int, tile: bytes) -> None:
        """Keep a tile in place of its narrower version."""
        self._tiles[level, index] = tile

    def append_leaves(self, first: int, leaves: Sequence[QueuedRow]) -> None:
        """Name the leaves from position `first` on, and take them off the queue."""
        named = ((position, row.placement, row.seq, row.hash) for position, row in enumerate(leaves, first))
        self._bulk.leaves.run(self._executor, named)
        self._bulk.sealed.run(self._executor, ((row.placement, row.seq) for row in leaves))

    def record(self, act: SystemEntry) -> None:
        """Append an act to the system's chain that is sealed in this very transaction."""
        self._connection.execute(insert(system).values(
            seq=act.seq, prev=act.prev, hash=act.hash, kind=act.kind, recorded_at=act.recorded_at, data=act.data,
        ))  # fmt: skip

    def system_head(self) -> Head:
        """The last act of the system's chain, sealed or not; nobody else appends to it before this transaction ends."""
        locks.hold_chain(self._connection)
        row = self._connection.execute(
            select(system.c.seq, system.c.hash).order_by(system.c.seq.desc()).limit(1)
        ).first()
        return NO_HEAD if row is None else Head(*row)

    def keep(self, made: Seal) -> None:
        """Write the seal and the tiles. Raises IntegrityBroken where another sealer was faster."""
        mine = update(sealer).where(sealer.c.epoch == self._epoch).values(epoch=self._epoch + 1)
        if self._connection.execute(mine).rowcount != 1:
            raise IntegrityBroken(f"another sealer was at work on {self._name}: nothing was sealed by this one")
        self._bulk.tiles.run(self._executor, ((*where, data) for where, data in self._tiles.items()))
        self._connection.execute(insert(seal).values(
            number=made.number, size=made.size, root=made.root, sealed_at=made.sealed_at, note=made.note,
        ))  # fmt: skip

    def add_key(self, vkey: str, now: datetime) -> bool:
        """Keep a public key; tells whether it is new here."""
        row = insert_into(log_key, self._connection.dialect).values(vkey=vkey, added_at=now).on_conflict_do_nothing()
        return self._connection.execute(row).rowcount == 1


class Seals:
    """The door to all this. Raises StoreUnavailable, and IntegrityBroken where the file is damaged."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @property
    def name(self) -> str:
        """The database, as it is named in sentences."""
        return self._database.name

    @contextmanager
    def reading(self) -> Iterator[SealReading]:
        """One consistent view, which memory need not hold at once."""
        with self._database.reading() as connection:
            yield SealReading(connection)

    @contextmanager
    def writing(self) -> Iterator[SealWork]:
        """One transaction, committed on leaving."""
        with self._database.writing() as connection:
            yield SealWork(connection, self._database.name)
