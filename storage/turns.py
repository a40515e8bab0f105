"""Who writes next, of the threads of one process: in the order in which they came, and together where several wait.

Who finds nobody writing begins at once, and commits alone where nobody came meanwhile: nobody ever waits for others to
come. Whoever did come goes on in the same transaction (shared.py).
"""

from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Final

from sqlalchemy import Connection

from storage.failures import LOCKED
from storage.shared import Shared
from workflow.errors import StoreBusy

TOGETHER: Final = 64
"""So many at most share a commit, where that is wanted: the first of them has to wait for all."""


class Turns:
    """Writing transactions on one database, one at a time; up to `together` of them share a commit.

    Whoever waits for longer than `patience_s` is told StoreBusy.
    """

    def __init__(self, begin: Callable[[], Shared], name: str, patience_s: float, together: int) -> None:
        self._begin, self._name, self._patience_s, self._together = begin, name, patience_s, together
        self._lock, self._taken = Lock(), False
        self._waiting: deque[_Waiter] = deque()

    @property
    def waiting(self) -> int:
        """How many threads wait for their turn at this moment."""
        return len(self._waiting)

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """One transaction, or a part of one: it is committed once this is left, or undone where an exception ends it.

        Raises StoreBusy, and what the commit raises.
        """
        shared = self._turn() or self._begun()
        try:
            with shared.part() as connection:
                yield connection
        finally:
            self._leave(shared)
            shared.wait()

    def _turn(self) -> Shared | None:
        """Wait for one's turn; gives the transaction to go on with. Raises StoreBusy."""
        with self._lock:
            if not self._taken:
                self._taken = True
                return None
            waiter = _Waiter()
            self._waiting.append(waiter)
        return self._called(waiter)

    def _called(self, waiter: "_Waiter") -> Shared | None:
        try:
            waiter.wait(self._patience_s)
        except BaseException:
            if not self._is_gone(waiter):
                self._leave(waiter.shared)
            raise
        if self._is_gone(waiter):
            raise StoreBusy(LOCKED.format(name=self._name))
        return waiter.shared

    def _is_gone(self, waiter: "_Waiter") -> bool:
        """Take who waits out of the queue; false where he has been called: it is his turn, and nobody else takes it."""
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
        """End one's turn: whoever waits has the next one, in the same transaction as long as that takes more parts."""
        if shared is not None and shared.parts < self._together and shared.is_sound and self._call(shared):
            return
        try:
            if shared is not None:
                shared.end()
        finally:
            self._call(None)

    def _call(self, shared: Shared | None) -> bool:
        """Call who has waited for longest; false where nobody waits."""
        with self._lock:
            if self._waiting:
                self._waiting.popleft().call(shared)
                return True
            self._taken = shared is not None
            return False


class _Waiter:
    """One who waits to be called, and the transaction to go on with then; None: to begin one."""

    def __init__(self) -> None:
        self.is_called = False
        self.shared: Shared | None = None
        # Held until he is called: an Event is three objects more, for each who waits.
        self._gate = Lock()
        self._gate.acquire()

    def call(self, shared: Shared | None) -> None:
        self.shared, self.is_called = shared, True
        self._gate.release()

    def wait(self, longest_s: float) -> None:
        """Return once called, or after so long."""
        self._gate.acquire(timeout=longest_s)
