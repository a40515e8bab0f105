"""Who waits to write, of the threads of one process: for their turn, or for their part to be carried out by another."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from contextvars import copy_context
from threading import Lock
from typing import Generic, TypeVar

from sqlalchemy import Connection

from storage.failures import given_up
from storage.shared import Shared

T = TypeVar("T")


class Waiter:
    """One who waits until it `has_turn`: then with the transaction to go on with, or None: to begin one."""

    def __init__(self) -> None:
        self.has_turn = False
        self.shared: Shared | None = None
        # Held until there is something to go on for: an Event is three objects more, for each who waits.
        self._gate = Lock()
        self._gate.acquire()

    @property
    def is_called(self) -> bool:
        """Whether the wait is over, or about to be."""
        return self.has_turn

    def call(self, shared: Shared | None) -> None:
        """Give it the turn."""
        self.shared, self.has_turn = shared, True
        self.wake()

    def wake(self) -> None:
        """Let its thread go on."""
        self._gate.release()

    def wait(self, longest_s: float = -1) -> bool:
        """Return once woken; false after so long without."""
        return self._gate.acquire(timeout=longest_s)


class Part(Waiter, Generic[T]):
    """Work for a transaction, which whoever writes carries out, as if in the thread that wants it.

    It can be done again: nothing but what it wrote and gave last counts.
    """

    def __init__(self, work: Callable[[Connection], T]) -> None:
        super().__init__()
        self._work, self._context = work, copy_context()
        self._error: BaseException | None = None
        self._result: T

    @property
    def is_called(self) -> bool:
        """As of any who waits; true also once another thread is about to carry it out."""
        return self.has_turn or self.shared is not None

    def call(self, shared: Shared | None) -> None:
        """Give it the turn to begin a transaction; in one that has begun it is carried out by who calls."""
        # Once woken, its thread has a transaction of its own there: nothing may be set any more.
        if shared is None:
            super().call(None)
        else:
            self.shared = shared

    def carry_out(self, shared: Shared) -> None:
        """Do it, in this transaction; what it raises is for `result`. Raises only what is not meant for it."""
        self.shared = shared
        try:
            shared.carry_out(self._attempt)
        except BaseException:
            self._error = given_up(shared.name)
            raise
        finally:
            shared.when_over(self.wake)

    def _attempt(self, within: AbstractContextManager[Connection]) -> None:
        self._error = None
        try:
            with within as connection:
                self._result = self._context.run(self._work, connection)
        except Exception as error:
            self._error = error

    def result(self) -> T:
        """What the work gave, once it is durable. Raises what the transaction ended with, or the work."""
        if self.shared is not None:
            self.shared.wait()
        error, self._error = self._error, None
        if error is not None:
            raise error
        return self._result
