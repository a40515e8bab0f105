"""Threads that write at once on a file: whoever waits shares a commit, and a failure takes back its own part alone."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from datetime import timedelta
from typing import Any, cast

import pytest

from storage.parts import Part as Wanted
from storage.shared import Shared, Writer
from storage.sql import SqlStore
from storage.sql_writing import SqlUnitOfWork
from storage.sqlite_database import SqliteDatabase
from storage.turns import TOGETHER
from tests.store.backends import Sqlite
from tests.store.builders import placed
from tests.store.parts import Part, broken, placing, refused, swallowing, there
from workflow.errors import IntegrityBroken, StoreBusy, StoreUnavailable
from workflow.store import ClaimRefused, UnitOfWork


class Console:
    """A store whose threads share commits, and how often it began a transaction."""

    def __init__(
        self, url: str, monkeypatch: pytest.MonkeyPatch, carried: bool, together: int, patience_s: float = 10.0
    ) -> None:
        self._carried = carried
        self.store = SqlStore(url, patience=timedelta(seconds=patience_s), together=together)
        assert isinstance(self.store.database, SqliteDatabase)
        self.turns, self.begun = self.store.database.turns, 0
        begin = self.turns._begin

        def counted() -> Shared:
            self.begun += 1
            return begin()

        monkeypatch.setattr(self.turns, "_begin", counted)

    @contextmanager
    def all_waiting(self, parts: Sequence[Part], first: Part = lambda unit: None) -> Iterator[list[Future[Any]]]:
        """Parts that wait in this order while the first one writes, which goes on when the context is left."""
        with ThreadPoolExecutor(len(parts)) as pool:
            with self.store.writing() as unit:
                answers = [self._waiting(pool, part, number) for number, part in enumerate(parts, 1)]
                yield answers
                first(unit)
            for answer in answers:
                with suppress(Exception):
                    answer.result(60)

    def _waiting(self, pool: ThreadPoolExecutor, part: Part, number: int) -> "Future[Any]":
        answer = pool.submit(self.write, part)
        while self.turns.waiting < number:
            time.sleep(0.001)
        return answer

    def write(self, part: Part) -> Any:
        """Carried out by whoever writes already, or by this thread as soon as it has its turn."""
        if self._carried:
            return self.store.transact(cast("Callable[[UnitOfWork], Any]", part))
        with self.store.writing() as unit:
            answer = part(unit)
        return answer


@pytest.fixture(params=[False, True], ids=["each in its thread", "carried out by another"])
def console(
    request: pytest.FixtureRequest, sqlite: Sqlite, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., Console]]:
    made: list[Console] = []

    def making(together: int = TOGETHER, patience_s: float = 10.0) -> Console:
        made.append(Console(sqlite.url, monkeypatch, request.param, together, patience_s))
        return made[-1]

    yield making
    for each in made:
        each.store.close()


def test_whoever_writes_alone_has_a_commit_alone(console: Callable[..., Console]) -> None:
    one = console()
    for number in range(3):
        one.write(placing(number))
    assert (one.begun, there(one.store)) == (3, {"P0", "P1", "P2"})


def test_all_who_wait_share_one_commit(console: Callable[..., Console]) -> None:
    one = console()
    with one.all_waiting([placing(number) for number in range(1, 9)], placing(0)) as answers:
        pass
    assert [answer.exception() for answer in answers] == [None] * 8
    assert (one.begun, len(there(one.store))) == (1, 9)


def test_no_more_share_a_commit_than_are_to(console: Callable[..., Console]) -> None:
    one = console(together=4)
    with one.all_waiting([placing(number) for number in range(1, 10)], placing(0)):
        pass
    assert (one.begun, len(there(one.store))) == (3, 10)


def test_without_more_each_has_a_commit(console: Callable[..., Console]) -> None:
    one = console(together=1)
    with one.all_waiting([placing(number) for number in range(1, 5)]):
        pass
    assert (one.begun, len(there(one.store))) == (5, 4)


def test_they_write_in_the_order_in_which_they_came(console: Callable[..., Console]) -> None:
    order: list[int] = []
    with console(together=3).all_waiting([lambda unit, n=n: order.append(n) for n in range(12)]):  # type: ignore[misc]
        pass
    assert order == list(range(12))


def test_nobody_is_answered_before_the_commit(console: Callable[..., Console]) -> None:
    one = console()
    seen: list[tuple[bool, set[str]]] = []
    with one.all_waiting([placing(1), lambda unit: seen.append((answers[0].done(), there(one.store)))]) as answers:
        pass
    assert seen == [(False, set())]
    assert there(one.store) == {"P1"}


def test_whoever_comes_later_reads_what_was_written_before(console: Callable[..., Console]) -> None:
    with console().all_waiting([placing(1), lambda unit: unit.find("P1")]) as answers:
        pass
    assert answers[1].result().reference == "P1"


@pytest.mark.parametrize(
    ("failing", "told"), [(refused, ClaimRefused), (broken, IntegrityBroken), (swallowing, StoreUnavailable)]
)
def test_failure_takes_back_its_own_part_alone(
    console: Callable[..., Console], failing: Part, told: type[Exception]
) -> None:
    one = console()
    with one.all_waiting([placing(1), failing, placing(2), failing, placing(3)], placing(0)) as answers:
        pass
    assert [type(answer.exception()) for answer in answers] == [type(None), told, type(None), told, type(None)]
    assert (one.begun, there(one.store)) == (1, {"P0", "P1", "P2", "P3"})
    assert one.store.queries.integrity() == ()


def test_whoever_fails_first_takes_nobody_along(console: Callable[..., Console]) -> None:
    one = console()
    with pytest.raises(IntegrityBroken), one.all_waiting([placing(1), placing(2)], broken) as answers:
        pass
    assert [answer.exception() for answer in answers] == [None, None]
    assert (one.begun, there(one.store)) == (2, {"P1", "P2"})


def unpaid(unit: SqlUnitOfWork) -> None:
    """Leaves what only the commit refuses: a claim of a placement that is not there."""
    unit._connection.exec_driver_sql("INSERT INTO exclusive VALUES ('field', 'value', 'nobody')")


def test_commit_that_fails_is_told_to_all_and_nothing_is_there(console: Callable[..., Console]) -> None:
    one = console(together=5)
    with (
        pytest.raises(IntegrityBroken),
        one.all_waiting([placing(1), refused, unpaid, placing(2), placing(3)], placing(0)) as answers,
    ):
        pass
    assert [type(answer.exception()) for answer in answers] == [IntegrityBroken] * 4 + [type(None)]
    assert there(one.store) == {"P3"}


def lost(unit: SqlUnitOfWork) -> None:
    """Ends the whole transaction, as SQLite does where a disk is full."""
    unit._connection.exec_driver_sql("ROLLBACK")
    unit.apply([placed("Q4")])


def test_transaction_that_is_lost_is_told_to_all_and_the_next_goes_on(console: Callable[..., Console]) -> None:
    one = console(together=3)
    with pytest.raises(StoreUnavailable), one.all_waiting([placing(1), lost, placing(2)], placing(0)) as answers:
        pass
    assert isinstance(answers[0].exception(), StoreUnavailable)
    assert answers[1].exception() is not None
    assert (answers[2].exception(), there(one.store) - {"Q4"}) == (None, {"P2"})


def test_whoever_waits_for_too_long_leaves_the_queue_to_others(console: Callable[..., Console]) -> None:
    one = console(patience_s=0.3)
    with one.all_waiting([placing(1), placing(2)]) as answers:
        assert all(isinstance(answer.exception(10), StoreBusy) for answer in answers)
    one.write(placing(3))
    assert there(one.store) == {"P3"}


def test_nobody_is_forgotten_where_many_come_and_go(console: Callable[..., Console]) -> None:
    one = console(together=5)
    done: list[int] = []

    def work(thread: int) -> None:
        for number in range(thread, 96, 16):
            with suppress(ClaimRefused):
                one.write(refused if number % 7 == 0 else placing(number))
            done.append(number)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(done) == list(range(96))
    assert there(one.store) == {f"P{number}" for number in range(96) if number % 7}
    assert (one.turns.waiting, one.store.queries.integrity()) == (0, ())


def test_both_ways_of_writing_share_a_commit_in_the_order_in_which_they_came(sqlite: Sqlite) -> None:
    store = SqlStore(sqlite.url, together=TOGETHER)
    assert isinstance(store.database, SqliteDatabase)
    turns, order = store.database.turns, list[int]()

    def noted(number: int) -> Callable[[UnitOfWork], Any]:
        def work(unit: UnitOfWork) -> None:
            unit.apply([placed(f"P{number}")])
            order.append(len(unit.known([f"P{each}" for each in range(12)])))

        return work

    def write(number: int) -> None:
        if number % 3:
            store.transact(noted(number))
        else:
            with store.writing() as unit:
                noted(number)(unit)

    with ThreadPoolExecutor(12) as pool:
        with store.writing():
            answers = []
            for number in range(12):
                answers.append(pool.submit(write, number))
                while turns.waiting <= number:
                    time.sleep(0.001)
        for answer in answers:
            answer.result(60)
    assert order == list(range(1, 13))
    store.close()


class Others:
    """A store in which somebody writes, and a part that waits, in a thread of its own, to be carried out by them."""

    def __init__(self, store: SqlStore, work: Callable[[UnitOfWork], Any]) -> None:
        assert isinstance(store.database, SqliteDatabase)
        self.store, self._turns, self._work = store, store.database.turns, work
        self.answer: Future[Any] = Future()

    def _ask(self) -> None:
        try:
            self.answer.set_result(self.store.transact(self._work))
        except BaseException as error:
            self.answer.set_exception(error)

    @contextmanager
    def waiting(self) -> Iterator[SqlUnitOfWork]:
        thread = threading.Thread(target=self._ask)
        try:
            with self.store.writing() as unit:
                thread.start()
                while not self._turns.waiting:
                    time.sleep(0.001)
                yield unit
        finally:
            thread.join(60)


NAME: ContextVar[str] = ContextVar("name")


def test_part_is_carried_out_as_if_in_the_thread_that_wants_it(sharing: SqlStore) -> None:
    NAME.set("who writes")
    threads = []

    def work(unit: UnitOfWork) -> str:
        threads.append(threading.current_thread())
        return NAME.get("nobody")

    others = Others(sharing, work)
    with others.waiting():
        pass
    assert (others.answer.result(), threads) == ("nobody", [threading.main_thread()])


def test_part_in_hand_is_waited_for_however_long_it_takes(sharing: SqlStore) -> None:
    others = Others(sharing, lambda unit: time.sleep(0.5) or "done")
    with others.waiting():
        pass
    assert others.answer.result() == "done"


def test_interrupt_of_who_writes_takes_back_the_part_in_hand_and_is_their_own(sharing: SqlStore) -> None:
    def interrupted(unit: UnitOfWork) -> None:
        unit.apply([placed("P1")])
        raise KeyboardInterrupt

    others = Others(sharing, interrupted)
    with pytest.raises(KeyboardInterrupt), others.waiting() as unit:
        unit.apply([placed("P0")])
    assert isinstance(others.answer.exception(), StoreUnavailable)
    with sharing.writing() as unit:
        assert set(unit.known(["P0", "P1"])) == {"P0"}


def test_transaction_that_a_woken_thread_begins_is_not_taken_from_it(sharing: SqlStore) -> None:
    assert isinstance(sharing.database, SqliteDatabase)
    begun = sharing.database._begun()

    class AtOnce(Wanted[None]):
        """Its thread goes on the moment that it is woken."""

        def wake(self) -> None:
            self.shared = self.shared or begun

    part = AtOnce(lambda connection: None)
    part.call(None)
    assert part.shared is begun
    begun.end()


def test_nobody_waits_for_ever_where_the_connection_is_not_to_be_had_back(
    sharing: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = Writer.done

    def failing(self: Writer, transaction: Any) -> None:
        done(self, transaction)
        raise MemoryError

    others = Others(sharing, lambda unit: "written")
    monkeypatch.setattr(Writer, "done", failing)
    with pytest.raises(MemoryError), others.waiting():
        pass
    monkeypatch.undo()
    assert others.answer.result(10) == "written"
    with sharing.writing() as unit:
        assert unit.find("P1") is None
