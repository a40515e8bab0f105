"""Threads that write at once on a file: whoever waits shares a commit, and a failure takes back its own part alone."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from storage.shared import Shared
from storage.sql import SqlStore
from storage.sql_writing import SqlUnitOfWork
from storage.sqlite_database import SqliteDatabase
from storage.turns import TOGETHER
from tests.store.backends import Sqlite
from tests.store.builders import placed
from workflow.changes import QuotaClaim
from workflow.errors import IntegrityBroken, StoreBusy, StoreUnavailable
from workflow.store import ClaimRefused

Part = Callable[[SqlUnitOfWork], Any]


class Console:
    """A store whose threads share commits, and how often it began a transaction."""

    def __init__(self, url: str, monkeypatch: pytest.MonkeyPatch, together: int, patience_s: float = 10.0) -> None:
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
        answer = pool.submit(self._write, part)
        while self.turns.waiting < number:
            time.sleep(0.001)
        return answer

    def _write(self, part: Part) -> Any:
        with self.store.writing() as unit:
            answer = part(unit)
        return answer

    def there(self) -> set[str]:
        with SqlStore(f"sqlite:///{self.store.database.name}").reading() as view:
            return set(view.known([*(f"P{number}" for number in range(100)), *(f"Q{number}" for number in range(9))]))


@pytest.fixture
def console(sqlite: Sqlite, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Console]]:
    made: list[Console] = []

    def making(together: int = TOGETHER, patience_s: float = 10.0) -> Console:
        made.append(Console(sqlite.url, monkeypatch, together, patience_s))
        return made[-1]

    yield making
    for each in made:
        each.store.close()


def placing(number: int) -> Part:
    return lambda unit: unit.apply([placed(f"P{number}")])


def test_whoever_writes_alone_has_a_commit_alone(console: Callable[..., Console]) -> None:
    one = console()
    for number in range(3):
        one._write(placing(number))
    assert (one.begun, one.there()) == (3, {"P0", "P1", "P2"})


def test_all_who_wait_share_one_commit(console: Callable[..., Console]) -> None:
    one = console()
    with one.all_waiting([placing(number) for number in range(1, 9)], placing(0)) as answers:
        pass
    assert [answer.exception() for answer in answers] == [None] * 8
    assert (one.begun, len(one.there())) == (1, 9)


def test_no_more_share_a_commit_than_are_to(console: Callable[..., Console]) -> None:
    one = console(together=4)
    with one.all_waiting([placing(number) for number in range(1, 10)], placing(0)):
        pass
    assert (one.begun, len(one.there())) == (3, 10)


def test_without_more_each_has_a_commit(console: Callable[..., Console]) -> None:
    one = console(together=1)
    with one.all_waiting([placing(number) for number in range(1, 5)]):
        pass
    assert (one.begun, len(one.there())) == (5, 4)


def test_they_write_in_the_order_in_which_they_came(console: Callable[..., Console]) -> None:
    order: list[int] = []
    with console(together=3).all_waiting([lambda unit, n=n: order.append(n) for n in range(12)]):  # type: ignore[misc]
        pass
    assert order == list(range(12))


def test_nobody_is_answered_before_the_commit(console: Callable[..., Console]) -> None:
    one = console()
    seen: list[tuple[bool, set[str]]] = []
    with one.all_waiting([placing(1), lambda unit: seen.append((answers[0].done(), one.there()))]) as answers:
        pass
    assert seen == [(False, set())]
    assert one.there() == {"P1"}


def test_whoever_comes_later_reads_what_was_written_before(console: Callable[..., Console]) -> None:
    with console().all_waiting([placing(1), lambda unit: unit.find("P1")]) as answers:
        pass
    assert answers[1].result().reference == "P1"


def refused(unit: SqlUnitOfWork) -> None:
    unit.apply([placed("Q1")])
    unit.apply([placed("Q2", claims=(QuotaClaim("posts", 3),))])


def broken(unit: SqlUnitOfWork) -> None:
    """Breaks a named constraint in the middle of a change, once the placement's row is written."""
    whole = placed("Q3")
    unit.apply([replace(whole, entries=whole.entries * 2)])


def swallowing(unit: SqlUnitOfWork) -> None:
    with suppress(IntegrityBroken):
        broken(unit)


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
    assert (one.begun, one.there()) == (1, {"P0", "P1", "P2", "P3"})
    assert one.store.queries.integrity() == ()


def test_whoever_fails_first_takes_nobody_along(console: Callable[..., Console]) -> None:
    one = console()
    with pytest.raises(IntegrityBroken), one.all_waiting([placing(1), placing(2)], broken) as answers:
        pass
    assert [answer.exception() for answer in answers] == [None, None]
    assert (one.begun, one.there()) == (2, {"P1", "P2"})


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
    assert one.there() == {"P3"}


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
    assert (answers[2].exception(), one.there() - {"Q4"}) == (None, {"P2"})


def test_whoever_waits_for_too_long_leaves_the_queue_to_others(console: Callable[..., Console]) -> None:
    one = console(patience_s=0.3)
    with one.all_waiting([placing(1), placing(2)]) as answers:
        assert all(isinstance(answer.exception(10), StoreBusy) for answer in answers)
    one._write(placing(3))
    assert one.there() == {"P3"}


def test_nobody_is_forgotten_where_many_come_and_go(console: Callable[..., Console]) -> None:
    one = console(together=5)
    done: list[int] = []

    def work(thread: int) -> None:
        for number in range(thread, 96, 16):
            with suppress(ClaimRefused):
                one._write(refused if number % 7 == 0 else placing(number))
            done.append(number)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(done) == list(range(96))
    assert one.there() == {f"P{number}" for number in range(96) if number % 7}
    assert (one.turns.waiting, one.store.queries.integrity()) == (0, ())
