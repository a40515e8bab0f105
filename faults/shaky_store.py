"""A store in memory whose every transaction boundary is a point of the stage, and which fails as databases do.

It has one writer at a time, like SQLite, or many, of whom the second to commit is interrupted, like PostgreSQL. Its log
of what was committed is for the check alone.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Literal, TypeVar

from faults.stage import Actor, Stage
from storage.memory import MemoryStore
from storage.memory_rows import MemoryReading, MemoryUnitOfWork, State
from storage.repeating import repeated
from workflow.changes import Change
from workflow.clock import VirtualClock
from workflow.commands import Correction, Decide, Fire, HoldData, Note, Place
from workflow.errors import OutcomeUnknown, StoreBusy, StoreInterrupted, StoreUnavailable
from workflow.facts import Facts

T = TypeVar("T")
Asked = Fire | Correction | Note | HoldData | Decide | Place
"""What has a key."""

_TABLES = tuple(table.name for table in fields(State))
_PATIENCE = tuple(timedelta(seconds=s) for s in (0.05, 0.2, 0.75, 3, 6))
"""A writer waits ten seconds for another."""

_NOTICED_WITHIN = timedelta(seconds=0.5)


@dataclass(frozen=True)
class Troubles:
    """How often the database cannot be had, gives a transaction up, or is lost while it commits; and who may write."""

    many_writers: bool = False
    away: float = 0.0
    interrupted: float = 0.0
    lost: float = 0.0


@dataclass(frozen=True)
class Commit:
    """What a transaction did: it granted `asked`, settled the placement of `asked` only, or swept a batch."""

    kind: Literal["granted", "settled", "swept"]
    now: datetime
    asked: Asked | None


class Clock(VirtualClock):
    """An actor's own clock, a little wrong; it knows what it said last."""

    def __init__(self, stage: Stage, wrong_by: timedelta = timedelta()) -> None:
        super().__init__(stage.now)
        self._stage, self._wrong_by = stage, wrong_by

    def now(self) -> datetime:
        """The stage's moment, as this clock has it."""
        self.at = self._stage.now + self._wrong_by
        return self.at


@dataclass
class Desk:
    """What the store is told of an actor: their clock, what they are asking for, and whether they hear of commits."""

    clock: Clock
    asking: Asked | None = None
    listens: bool = False


class Unit(MemoryUnitOfWork):
    """A transaction that is a point of the stage once more before it writes."""

    def __init__(self, state: State, reach: Callable[[str], None]) -> None:
        super().__init__(state)
        self._reach, self.swept = reach, False

    def due(self, now: datetime, limit: int) -> Sequence[Facts]:
        """As every store; a sweep alone asks this."""
        self.swept = True
        return super().due(now, limit)

    def apply(self, changes: Sequence[Change]) -> None:
        """As every store."""
        self._reach("write")
        super().apply(changes)


class ShakyStore(MemoryStore):
    """MemoryStore for actors on a stage; each is at a desk."""

    def __init__(self, stage: Stage, troubles: Troubles) -> None:
        super().__init__()
        self._stage, self._troubles = stage, troubles
        self.desks: dict[Actor, Desk] = {}
        self.log: list[Commit] = []
        self._writer: Actor | None = None

    @contextmanager
    def reading(self) -> Iterator[MemoryReading]:
        """A view, where the database can be had."""
        self._stage.reach("read")
        self._may_be_away()
        yield MemoryReading(self._committed)

    @contextmanager
    def writing(self) -> Iterator[Unit]:
        """A transaction: before it begins, before it writes, before and after it commits others may go on."""
        self._stage.reach("begin")
        self._may_be_away()
        self._take_the_lock()
        before = self._committed
        try:
            unit = Unit(before.fork(), self._stage.reach)
            yield unit
            self._stage.reach("commit")
            self._commit(before, unit)
        finally:
            self._leave_the_lock()
        self._stage.reach("committed")

    def repeating(self, operation: Callable[[], T]) -> T:
        """As every database does it."""
        return repeated(operation, self._pause)

    def _pause(self, seconds: float) -> None:
        self._stage.sleep(timedelta(seconds=seconds))

    def _may_be_away(self) -> None:
        if self._stage.befalls("away", self._troubles.away):
            raise StoreUnavailable("the database cannot be reached")

    def _take_the_lock(self) -> None:
        if self._troubles.many_writers:
            return
        for pause in _PATIENCE:
            if self._writer is None:
                break
            self._stage.sleep(pause)
        if self._writer is not None:
            self._stage.befallen["busy"] += 1
            raise StoreBusy("another transaction has kept the store locked for too long")
        self._writer = self._stage.running

    def _leave_the_lock(self) -> None:
        if self._writer is self._stage.running:
            self._writer = None

    def _commit(self, before: State, unit: Unit) -> None:
        if self._stage.befalls("interrupted", self._troubles.interrupted):
            raise StoreInterrupted("the database gave a transaction up")
        if not self.is_first(before):
            self._stage.befallen["second"] += 1
            raise StoreInterrupted("another transaction was first")
        lost = self._stage.befalls("lost", self._troubles.lost)
        if not lost or self._stage.befalls("lost, and committed", 0.5):
            self._keep(before, unit)
        if lost:
            raise OutcomeUnknown("the database was lost while it committed")

    def is_first(self, before: State) -> bool:
        """Whether nobody has committed since a transaction began with `before`: compare, then set."""
        return self._committed is before

    def _keep(self, before: State, unit: Unit) -> None:
        # What changed nothing is nothing to be told, and gets in nobody's way.
        if all(getattr(before, name)._items is getattr(unit.state, name)._items for name in _TABLES):
            return
        self._committed, self._commits = unit.state, self._commits + 1
        actor = self._stage.running
        if actor is None:
            return
        desk = self.desks[actor]
        kind = self._kind(before, unit, desk.asking)
        if kind is not None:
            self.log.append(Commit(kind, desk.clock.at, desk.asking))
        for other, theirs in self.desks.items():
            if theirs.listens and other is not actor:
                self._stage.rouse(other, _NOTICED_WITHIN)

    def _kind(self, before: State, unit: Unit, asked: Asked | None) -> Literal["granted", "settled", "swept"] | None:
        if unit.swept:
            return "swept"
        if asked is None:
            return None
        id_ = unit.state.ids.get(asked.reference, "")
        if self._remembers(unit.state, id_, asked) and not self._remembers(before, id_, asked):
            return "granted"
        return "settled" if unit.state.entries.get(id_) != before.entries.get(id_) else None

    def _remembers(self, state: State, id_: str, asked: Asked) -> bool:
        return (id_, asked.key or "") in state.remembered
