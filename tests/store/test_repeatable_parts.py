"""Parts that can be done again: where one fails that has written something, all before it are done once more."""

import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, cast
from unittest.mock import Mock

import pytest

from storage import persons
from storage.shared import Writer
from storage.sql import SqlStore
from storage.sql_writing import SqlUnitOfWork
from storage.sqlite_database import SqliteDatabase
from storage.turns import TOGETHER
from tests.store.backends import Sqlite
from tests.store.builders import change, disclosure, placed
from tests.store.parts import Part, broken, broken_now, placing, refused, swallowing, there
from workflow.changes import QuotaClaim
from workflow.errors import IntegrityBroken, StoreBusy, StoreUnavailable
from workflow.store import ClaimRefused, UnitOfWork


class Repeatable:
    """A store whose first part waits for the others to come; all of them can be done again, and are counted."""

    def __init__(self, store: SqlStore) -> None:
        assert isinstance(store.database, SqliteDatabase)
        self.store, self._turns = store, store.database.turns
        self.done: list[int] = []
        self.all_came = threading.Event()

    def written(self, parts: Sequence[Part]) -> list[BaseException | None]:
        """What each part ended with, the first of them carrying out all."""

        def first(unit: SqlUnitOfWork) -> Any:
            self.all_came.wait(60)
            return parts[0](unit)

        with ThreadPoolExecutor(len(parts)) as pool:
            answers = [pool.submit(self._transact, 0, first)]
            while not self._turns._taken:
                time.sleep(0.001)
            for number, part in enumerate(parts[1:], 1):
                answers.append(pool.submit(self._transact, number, part))
                while self._turns.waiting < number:
                    time.sleep(0.001)
            self.all_came.set()
            return [answer.exception(60) for answer in answers]

    def _transact(self, number: int, part: Part) -> Any:
        def counted(unit: UnitOfWork) -> Any:
            self.done.append(number)
            return part(cast("SqlUnitOfWork", unit))

        return self.store.transact(counted)


@pytest.fixture
def repeatable(sharing: SqlStore) -> Repeatable:
    return Repeatable(sharing)


def test_guard_is_asked_once_for_all_who_share_a_transaction_until_it_lets_them(
    sqlite: Sqlite,
) -> None:
    asked: list[str] = []

    def guard(reading: object, name: str) -> None:
        repeatable.all_came.wait(60)
        asked.append(name)
        if len(asked) == 1:
            raise StoreUnavailable("no")

    store = SqlStore(sqlite.url, together=TOGETHER, guard=guard)
    repeatable = Repeatable(store)
    ended = repeatable.written([placing(0), placing(1), placing(2)])
    assert ([type(each) for each in ended], len(asked)) == ([StoreUnavailable, type(None), type(None)], 2)
    store.transact(lambda unit: None)
    assert len(asked) == 3
    store.close()


def test_parts_that_all_succeed_are_done_once(repeatable: Repeatable) -> None:
    assert repeatable.written([placing(number) for number in range(4)]) == [None] * 4
    assert (repeatable.done, len(there(repeatable.store))) == ([0, 1, 2, 3], 4)


@pytest.mark.parametrize(
    ("failing", "told"), [(refused, ClaimRefused), (broken_now, IntegrityBroken), (swallowing, StoreUnavailable)]
)
def test_part_that_failed_is_undone_by_doing_those_before_it_again(
    repeatable: Repeatable, failing: Part, told: type[Exception]
) -> None:
    ended = repeatable.written([placing(0), placing(1), failing, placing(2), failing, placing(3)])
    assert [type(each) for each in ended] == [type(None), type(None), told, type(None), told, type(None)]
    assert (repeatable.done, there(repeatable.store)) == ([0, 1, 2, 0, 1, 2, 3, 4, 5], {"P0", "P1", "P2", "P3"})
    assert repeatable.store.queries.integrity() == ()


def test_what_only_the_writing_of_all_refuses_is_told_to_whose_it_is(repeatable: Repeatable) -> None:
    ended = repeatable.written([placing(0), broken, placing(2), broken])
    assert [type(each) for each in ended] == [type(None), IntegrityBroken, type(None), IntegrityBroken]
    assert (repeatable.done, there(repeatable.store)) == ([0, 1, 2, 3, 0, 1, 2, 3], {"P0", "P2"})
    assert repeatable.store.queries.integrity() == ()


def test_keys_that_parts_have_read_are_not_asked_for_again_where_all_is_written(
    repeatable: Repeatable, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = [placed(f"P{number}", personal=(disclosure("name", "Alix"),)) for number in range(4)]
    with repeatable.store.writing() as unit:
        unit.apply(made)

    def renaming(number: int) -> Part:
        def part(unit: SqlUnitOfWork) -> None:
            one = made[number]
            assert unit.find(one.after.reference) is not None
            assert unit.personal(one.after.id)[1, "name"] == disclosure("name", "Alix").disclosure
            unit.apply([change(one.after, personal=(disclosure("name", f"Noa {number}", seq=2),))])
            if number == 2:
                raise StoreBusy("not now")

        return part

    asked = Mock(side_effect=persons._kept_keys)
    monkeypatch.setattr(persons, "_kept_keys", asked)
    ended = repeatable.written([renaming(number) for number in range(4)])
    assert ([type(each) for each in ended], asked.call_count) == ([type(None), type(None), StoreBusy, type(None)], 0)
    with repeatable.store.reading() as view:
        names = [view.personal(one.after.id).get((2, "name")) for one in made]
    assert names == [n if n is None else disclosure("name", n).disclosure for n in ("Noa 0", "Noa 1", None, "Noa 3")]


def refused_at_once(unit: SqlUnitOfWork) -> None:
    assert unit.find("Q1") is None
    unit.apply([placed("Q1", claims=(QuotaClaim("posts", 3),))])


def test_part_that_failed_before_it_wrote_has_nothing_done_again(repeatable: Repeatable) -> None:
    ended = repeatable.written([refused_at_once, placing(1), refused_at_once, placing(2)])
    assert [type(each) for each in ended] == [ClaimRefused, type(None), ClaimRefused, type(None)]
    assert (repeatable.done, there(repeatable.store)) == ([0, 1, 2, 3], {"P1", "P2"})


def test_first_part_that_failed_leaves_others_a_transaction_of_their_own(repeatable: Repeatable) -> None:
    ended = repeatable.written([broken_now, placing(1), placing(2)])
    assert [type(each) for each in ended] == [IntegrityBroken, type(None), type(None)]
    assert (repeatable.done, there(repeatable.store)) == ([0, 1, 2], {"P1", "P2"})


def test_all_are_told_where_no_transaction_is_to_be_had_for_doing_it_again(
    repeatable: Repeatable, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin, begun = Writer.begin, list[int]()

    def twice(self: Writer) -> Any:
        begun.append(1)
        if len(begun) == 2:
            raise StoreBusy("another program writes")
        return begin(self)

    monkeypatch.setattr(Writer, "begin", twice)
    ended = repeatable.written([placing(0), broken_now, placing(2)])
    assert [type(each) for each in ended[:2]] == [StoreBusy, StoreBusy]
    assert (ended[2], there(repeatable.store)) == (None, {"P2"})


@pytest.mark.parametrize("attempt", [1, 2])
def test_nobody_is_told_of_what_an_interrupt_has_undone(repeatable: Repeatable, attempt: int) -> None:
    attempts: list[int] = []

    def interrupted(unit: SqlUnitOfWork) -> None:
        unit.apply([placed("Q5")])
        attempts.append(1)
        if len(attempts) == attempt:
            raise KeyboardInterrupt

    ended = repeatable.written([placing(0), interrupted, broken_now, placing(3)])
    assert [type(each) for each in ended[:2]] == [KeyboardInterrupt, StoreUnavailable]
    assert (ended[3], there(repeatable.store)) == (None, {"P3"})


def test_transaction_lost_by_one_that_can_be_done_again_costs_the_others_nothing(repeatable: Repeatable) -> None:
    ended = repeatable.written([placing(0), lost_once(), placing(2)])
    assert ended == [None, None, None]
    assert there(repeatable.store) == {"P0", "P2", "Q6"}


def lost_once() -> Part:
    """Its connection fails, but not again."""
    attempts: list[int] = []

    def work(unit: SqlUnitOfWork) -> None:
        unit.apply([placed("Q6")])
        attempts.append(1)
        if len(attempts) == 1:
            unit._connection.invalidate()

    return work
