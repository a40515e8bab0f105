"""MemoryStore: placements in dictionaries, for tests and simulation; it passes the same suite as a database.

A transaction works on a fork of what is committed, so that whoever reads meanwhile keeps the view it opened,
and giving up is forgetting the fork. Personal values are kept as they are: nothing outlives the process.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import TypeVar

from storage.memory_rows import MemoryReading, MemoryUnitOfWork, State
from workflow.changes import DeadlineRow, Installation, Notice
from workflow.errors import StoreUnavailable
from workflow.store import UnitOfWork

T = TypeVar("T")
_SOME_INSTALLATION = Installation("0" * 32, bytes(32), True, datetime(2020, 1, 1, tzinfo=UTC))


class MemoryStore:
    """Implements workflow.store.Store. Threads may share it; a writer waits `patience` for another."""

    def __init__(
        self,
        installation: Installation = _SOME_INSTALLATION,
        *,
        patience: timedelta = timedelta(seconds=10),
    ) -> None:
        self._installation, self._patience_s = installation, patience.total_seconds()
        self._committed, self._commits, self._writing = State(), 0, Lock()

    @contextmanager
    def reading(self) -> Iterator[MemoryReading]:
        yield MemoryReading(self._committed)

    @contextmanager
    def writing(self) -> Iterator[MemoryUnitOfWork]:
        if not self._writing.acquire(timeout=self._patience_s):
            raise StoreUnavailable("another transaction has kept the store locked for too long; try again")
        try:
            work = MemoryUnitOfWork(self._committed.fork())
            yield work
            self._committed, self._commits = work.state, self._commits + 1
        finally:
            self._writing.release()

    def installation(self) -> Installation:
        return self._installation

    def transact(self, work: Callable[[UnitOfWork], T]) -> T:
        with self.writing() as unit:
            given = work(unit)
        return given

    def repeating(self, operation: Callable[[], T]) -> T:
        return operation()

    def change_token(self) -> object:
        return self._commits

    def fork(self) -> "MemoryStore":
        """A second store with the same content; what is written to either from now on stays there."""
        twin = MemoryStore(self._installation, patience=timedelta(seconds=self._patience_s))
        twin._committed = self._committed.fork()
        return twin

    def take(self, quota: str, count: int) -> None:
        """Have so many places of a quota taken, as if other placements held them; for rehearsals."""
        with self.writing() as unit:
            unit.state.used[quota] = count

    def shares(self, reference: str) -> set[str]:
        """The quotas of which places are taken, with how many, and the fields that a placement holds alone."""
        state = self._committed
        held = {name for name, placement in state.tokens if placement == state.ids.get(reference)}
        return held | {f"{name}:{used}" for name, used in state.used.items() if used}

    def deadlines(self, reference: str) -> tuple[DeadlineRow, ...]:
        """The deadlines listed for a placement, the first to fall due first; for tests."""
        state = self._committed
        rows = state.deadlines.get(state.ids.get(reference, ""), {}).values()
        return tuple(sorted(rows, key=lambda row: (row.due_at, row.name)))

    def notices(self) -> tuple[tuple[str, Notice], ...]:
        """What was put into the outbox, with its placement's reference, oldest first; for tests."""
        state = self._committed
        kept = sorted(state.outbox.items(), key=lambda item: (item[1].at, *item[0]))
        return tuple((state.facts[placement].reference, notice) for (placement, _), notice in kept)
