"""Who writes next, of the threads of one process: in the order in which they came, and together where several wait.

Who finds nobody writing begins at once, and commits alone where nobody came meanwhile: nobody ever waits for others to
come. What those who did come want to write goes into the same transaction (shared.py), carried out by whoever writes
already: waking one thread after the other takes longer than most of them write.
"""

from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Final, TypeVar

from sqlalchemy import Connection

from storage.failures import LOCKED
from storage.parts import Part, Waiter
from storage.shared import Shared
from workflow.errors import StoreBusy

T = TypeVar("T")
TOGETHER: Final = 64
"""So many at most share a commit, where that is wanted: the first of them has to wait for all."""


class Turns:
    """Writing transactions on one database, one at a time; up to `together` of them share a commit.

    Whoever waits for longer than `patience_s` is told StoreBusy.
    """

    def __init__(self, begin: Callable[[], Shared], name: str, patience_s: float, together: int) -> None:
        self._begin, self._name, self._patience_s, self._together = begin, name, patience_s, together
        self._lock, self._taken = Lock(), False
        self._waiting: deque[Waiter] = deque()

    @property
    def waiting(self) -> int:
        """How many threads wait for their turn at this moment."""
        return len(self._waiting)

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """One transaction, or a part of one: it is committed once this is left, or undone where an exception ends it.

        Raises StoreBusy, and what the commit raises.
        """
        waiter = Waiter()
        self._await_turn(waiter)
        shared = waiter.shared or self._begun()
        try:
            with shared.part() as connection:
                yield connection
        finally:
            self._leave(shared)
            shared.wait()

    def transact(self, work: Callable[[Connection], T]) -> T:
        """What `work` gives, once what it wrote is durable; the thread that writes already may carry it out.

        It may be carried out more than once: only what it wrote and gave last is kept.

        Raises StoreBusy, what `work` raises, after which nothing of it is kept, and what the commit raises.
        """
        part = Part(work)
        self._await_turn(part)
        if part.shared is None:
            shared = self._begun()
            try:
                part.carry_out(shared)
            finally:
                self._leave(shared)
        return part.result()

    @contextmanager
    def nobody_writing(self) -> Iterator[None]:
        """A turn in which no transaction is open. Raises StoreBusy."""
        waiter = Waiter()
        self._await_turn(waiter)
        try:
            if waiter.shared is not None:
                waiter.shared.end()
            yield
        finally:
            self._call(None)

    def _await_turn(self, waiter: Waiter) -> None:
        """Return once nobody writes, or once called. Raises StoreBusy."""
        with self._lock:
            if not self._taken:
                self._taken = True
                return
            self._waiting.append(waiter)
        try:
            is_called = waiter.wait(self._patience_s)
        except BaseException:
            if not self._is_gone(waiter) and waiter.has_turn:
                self._leave(waiter.shared)
            raise
        if is_called:
            return
        if self._is_gone(waiter):
            raise StoreBusy(LOCKED.format(name=self._name))
        waiter.wait()

    def _is_gone(self, waiter: Waiter) -> bool:
        """Take who waits out of the queue; false where it has been called."""
        with self._lock:
            if waiter.is_called:
                return False
            self._waiting.remove(waiter)
            return True

    def _begun(self) -> Shared:
        try:
            return self._begin()
        except BaseException:
            self._leave(None)
            raise

    def _leave(self, shared: Shared | None) -> None:
        """End one's turn, and the transaction where nobody goes on with it: then the next one begins another."""
        is_passed_on = False
        try:
            is_passed_on = shared is not None and self._is_passed_on(shared)
        finally:
            if not is_passed_on:
                self._end(shared)

    def _is_passed_on(self, shared: Shared) -> bool:
        """Carry out the parts that wait, as long as the transaction takes more; true once another has the turn."""
        while shared.parts < self._together and shared.is_sound:
            waiter = self._call(shared)
            if waiter is None:
                return False
            if not isinstance(waiter, Part):
                return True
            waiter.carry_out(shared)
        return False

    def _end(self, shared: Shared | None) -> None:
        try:
            if shared is not None:
                shared.end()
        finally:
            self._call(None)

    def _call(self, shared: Shared | None) -> Waiter | None:
        """Call who has waited for longest; None where nobody waits."""
        with self._lock:
            if self._waiting:
                waiter = self._waiting.popleft()
                waiter.call(shared)
                return waiter
            self._taken = shared is not None
            return None
