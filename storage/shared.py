"""One transaction that is written in for several threads, one after the other, and committed once for all of them.

A failure undoes its own part alone. Parts that can be done again need nothing for that while all goes well: where one
of them fails and has written something, the transaction is begun anew and all are done once more, each with a savepoint
to go back to, as every other part has. Nobody has an answer before the commit, not even who has failed: each may have
read what another one wrote.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from copy import copy
from threading import Lock
from typing import Any

from sqlalchemy import Connection, Engine, RootTransaction
from sqlalchemy.exc import DBAPIError

from storage.failures import explained, given_up
from storage.gathering import Gathering
from storage.savepoint import Savepoint
from workflow.errors import IntegrityBroken, OutcomeUnknown, ParcoursError, StoreUnavailable

_UNKNOWN = (
    "the commit of a change of {name} was broken off: it is there whole or not at all; look, or ask again with the "
    "same --key"
)


Attempt = Callable[[AbstractContextManager[Connection]], None]
"""Does its work on the connection that the context gives; an Exception ends the context, but is kept for who asks."""


class Writer:
    """The one connection that writes: opened when it is needed first, and anew once it was given up.

    One thread at a time uses it.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._connection: Connection | None = None

    def begin(self) -> tuple[Connection, RootTransaction]:
        """A transaction that has begun, and its connection. Raises what opening or beginning raises."""
        if self._connection is None:
            self._connection = self._engine.connect()
        try:
            return self._connection, self._connection.begin()
        except BaseException:
            self._let_go()
            raise

    def done(self, transaction: RootTransaction) -> None:
        """Undo what was not committed, and keep the connection where it is sound."""
        connection = transaction.connection
        try:
            if transaction.is_active:
                transaction.close()
        except BaseException as error:
            connection.invalidate()
            if not isinstance(error, DBAPIError):
                raise
        finally:
            if connection.invalidated:
                self._let_go()

    def close(self) -> None:
        """Close the connection, where one is open; a later use opens another."""
        self._let_go()
        self._engine.dispose()

    def _let_go(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()


class Shared:
    """A transaction that has begun; `name` is the database's. One thread at a time writes in it, and one ends it."""

    def __init__(self, writer: Writer, name: str) -> None:
        self.name, self.parts, self.is_sound = name, 0, True
        # Held until it is over.
        self._going_on = Lock()
        self._going_on.acquire()
        self._failure: Exception | None = None
        self._when_over: list[Callable[[], None]] = []
        # As long as all that was written can be done again; it is gathered as long.
        self._attempts: list[Attempt] | None = []
        self._gathering = Gathering()
        self._writer = writer
        self._connection, self._transaction = writer.begin()

    @contextmanager
    def part(self) -> Iterator[Connection]:
        """What is written for one, nothing of which is kept where an exception ends it.

        Afterwards others can go on if the transaction `is_sound`.
        """
        self._write_gathered()
        if not self.is_sound:
            raise given_up(self.name)
        self.parts += 1
        with self._undoing(is_alone=self.parts == 1) as connection:
            yield connection

    @contextmanager
    def _undoing(self, is_alone: bool) -> Iterator[Connection]:
        """What an exception undoes alone; whoever is alone takes the transaction along."""
        failed: BaseException | None = None
        try:
            with nullcontext() if is_alone else Savepoint(self._connection) as savepoint:
                try:
                    yield self._connection
                    self._refuse_given_up(savepoint)
                except BaseException as error:
                    failed = error
                    raise
        except BaseException as error:
            # A savepoint that fails itself is there no more.
            self.is_sound = not is_alone and error is failed and not self._connection.invalidated
            if not is_alone and not self.is_sound:
                self._fail(error)
                self._connection.invalidate()
            raise

    def _refuse_given_up(self, savepoint: Savepoint | None) -> None:
        if self._connection.invalidated or self._gathering.is_broken or not (savepoint is None or savepoint.is_open):
            raise given_up(self.name)

    def carry_out(self, attempt: Attempt) -> None:
        """Have a part attempted that can be done again; it may be attempted once more, with all those before it.

        Nothing is kept of an attempt that failed. Raises only what an attempt does.
        """
        self.parts += 1
        if self._attempts is None:
            attempt(self._undoing(is_alone=False))
            return
        self._attempts.append(attempt)
        attempt(self._noticing())
        if not self.is_sound and self._failure is None and self.parts > 1:
            self._attempt_again(self._attempts)

    @contextmanager
    def _noticing(self) -> Iterator[Connection]:
        """What cannot be undone alone; where there is nothing to undo, others can go on."""
        gathering, before = self._gathering, self._driver.total_changes
        gathered = len(gathering)
        gathering.hand_out(self._connection)
        try:
            yield self._connection
            self._refuse_given_up(None)
        except Exception:
            is_lost = self._connection.invalidated or gathering.is_broken
            self.is_sound = not is_lost and self._driver.total_changes == before
            gathering.forget(gathered)
            raise
        except BaseException as error:
            self.is_sound = False
            self._fail(error)
            raise
        finally:
            gathering.take_back(self._connection)

    @property
    def _driver(self) -> Any:
        return self._connection.connection.dbapi_connection

    def _write_gathered(self) -> None:
        """Write what was gathered; from now on each part is written at once, and has a savepoint."""
        attempts, self._attempts = self._attempts, None
        if attempts is None or not self.is_sound:
            return
        try:
            self._gathering.write()
        except Exception:
            self._attempt_again(attempts)
        except BaseException as error:
            self.is_sound = False
            self._fail(error)
            raise

    def _attempt_again(self, attempts: Sequence[Attempt]) -> None:
        self._attempts, self._gathering = None, Gathering()
        try:
            self._writer.done(self._transaction)
            self._connection, self._transaction = self._writer.begin()
            self.is_sound = True
            for attempt in attempts:
                attempt(self._undoing(is_alone=False))
                if not self.is_sound:
                    return
        except BaseException as error:
            # Some of them are not done again: what the others were told of is no longer there.
            self.is_sound = False
            self._fail(error)
            if not isinstance(error, Exception):
                raise

    def _fail(self, error: BaseException) -> None:
        self._failure = _told(error, self.name)

    def when_over(self, tell: Callable[[], None]) -> None:
        """Have this called once it has ended, whatever became of it."""
        self._when_over.append(tell)

    def end(self) -> None:
        """Commit, where it is sound; everybody is told what became of it."""
        try:
            self._write_gathered()
            if self.is_sound:
                self._commit()
        finally:
            self._let_go_on()

    def _let_go_on(self) -> None:
        """Whatever becomes of the connection, nobody waits any longer."""
        try:
            self._writer.done(self._transaction)
        finally:
            self._going_on.release()
            # Emptied: those in them hold this transaction, and would be garbage that only a collector finds.
            self._attempts = None
            while self._when_over:
                self._when_over.pop(0)()

    def _commit(self) -> None:
        try:
            with explained(self.name):
                self._transaction.commit()
        except BaseException as error:
            # What could not be committed is still open: its connection goes, and takes it along.
            self._connection.invalidate()
            if not isinstance(error, Exception):
                self._failure = OutcomeUnknown(_UNKNOWN.format(name=self.name))
                raise
            self._failure = error

    def wait(self) -> None:
        """Return once what was written is durable. Raises what the commit raised, or ended the transaction before."""
        with self._going_on:
            pass
        if self._failure is not None:
            raise copy(self._failure) from self._failure


def _told(error: BaseException, name: str) -> ParcoursError:
    """What others in the transaction are told of the failure that ended it."""
    try:
        with explained(name):
            raise error
    except (StoreUnavailable, IntegrityBroken) as told:
        return told
    except BaseException:
        return given_up(name)
