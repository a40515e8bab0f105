"""Whoever closes a store takes no connection from a thread that uses it: that would end the whole process."""

import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import timedelta
from threading import Event

import pytest

from storage.sql import SqlStore
from storage.sqlite_database import SqliteDatabase
from tests.store.backends import Sqlite
from tests.store.builders import placed
from tests.store.parts import there
from workflow.store import Store

Uses = Callable[[Store], object]


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(8) as made:
        yield made


def test_transaction_that_is_open_when_others_close_is_committed(sqlite: Sqlite, pool: ThreadPoolExecutor) -> None:
    with sqlite.store.writing() as unit:
        unit.apply([placed("P1")])
        closed = pool.submit(sqlite.store.close)
        for number in range(2, 9):
            time.sleep(0.01)
            unit.apply([placed(f"P{number}")])
    closed.result(60)
    with sqlite.another().reading() as view:
        assert len(view.known([f"P{number}" for number in range(1, 9)])) == 8


def test_whoever_closes_commits_what_others_were_to_go_on_with(sharing: SqlStore, pool: ThreadPoolExecutor) -> None:
    assert isinstance(sharing.database, SqliteDatabase)
    turns = sharing.database.turns
    with sharing.writing() as unit:
        unit.apply([placed("P1")])
        closed = pool.submit(sharing.close)
        while not turns.waiting:
            time.sleep(0.001)
        later = pool.submit(sharing.transact, lambda unit: unit.apply([placed("P2")]))
        while turns.waiting < 2:
            time.sleep(0.001)
    closed.result(60)
    later.result(60)
    assert there(sharing) == {"P1", "P2"}


def test_whoever_writes_for_longer_than_others_wait_keeps_the_connection(sqlite: Sqlite) -> None:
    store = SqlStore(sqlite.url, patience=timedelta(seconds=0.1))
    with store.writing() as unit:
        unit.apply([placed("P1")])
        store.close()
        unit.apply([placed("P2")])
    store.close()
    with sqlite.store.reading() as view:
        assert set(view.known(["P1", "P2"])) == {"P1", "P2"}


def writes(store: Store) -> None:
    with store.writing() as unit:
        for _ in range(5):
            unit.find("P1")


@pytest.mark.parametrize("use", [writes, lambda store: store.installation(), lambda store: store.change_token()])
def test_store_is_closed_over_and_over_under_those_who_use_it(
    sqlite: Sqlite, pool: ThreadPoolExecutor, use: Uses
) -> None:
    switches_every_s = sys.getswitchinterval()
    ended = Event()

    def used() -> int:
        times = 0
        while not ended.is_set():
            use(sqlite.store)
            times += 1
        return times

    sys.setswitchinterval(1e-6)
    try:
        users: list[Future[int]] = [pool.submit(used) for _ in range(3)]
        for _ in range(60):
            time.sleep(0.003)
            sqlite.store.close()
    finally:
        ended.set()
        sys.setswitchinterval(switches_every_s)
    assert min(each.result(60) for each in users) > 0
