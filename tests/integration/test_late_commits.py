"""Somebody decides now and commits much later: sealed once it is there, not called late, passed over by no export."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

import pytest

from audit.sealing import is_pending
from storage.entries import Entries
from storage.sql import SqlStore
from tests.postgres import Server, fresh_name
from tests.sealed import SealedOffice, made
from tests.world import World
from workflow.store import UnitOfWork

T = TypeVar("T")


class SlowStore(SqlStore):
    """Waits with all that is written, just before the commit."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.has_written, self.may_commit = threading.Event(), threading.Event()

    def transact(self, work: Callable[[UnitOfWork], T]) -> T:
        def slowly(unit: UnitOfWork) -> T:
            given = work(unit)
            self.has_written.set()
            assert self.may_commit.wait(60)
            return given

        return super().transact(slowly)


@pytest.fixture
def office(server: Server, tmp_path: Path) -> Iterator[SealedOffice]:
    name = fresh_name()
    made_there = made(tmp_path, server.create(name))
    # The first time that a name is met, its row is waited for.
    made_there.world.place("FIRST")
    yield made_there
    made_there.store.close()
    server.drop(name)


def exported(office: SealedOffice, first: int | None = None) -> list[tuple[str, int | None]]:
    return [(each.reference, each.position) for each in office.store.queries.entries(Entries(first=first))]


@contextmanager
def a_slow_one(office: SealedOffice) -> Iterator[tuple[SlowStore, Future[Any]]]:
    """Somebody who places SLOW, and has not committed it."""
    store = SlowStore(office.url)
    with closing(store), ThreadPoolExecutor(1) as pool:
        placing = pool.submit(World(store, office.clock).place, "SLOW")
        try:
            assert store.has_written.wait(60)
            yield store, placing
        finally:
            store.may_commit.set()


def test_late_commit_is_sealed_once_and_is_not_called_late(office: SealedOffice) -> None:
    with a_slow_one(office) as (slow, placing):
        office.clock.advance(timedelta(minutes=5))
        office.world.place("QUICK")
        first = office.seal()
        assert first.last is not None
        assert is_pending(first.last), "the seal says that more was waiting"
        begun = first.last.size
        assert sorted(name for name, _ in exported(office)) == ["FIRST", "QUICK"]
        slow.may_commit.set()
        placing.result(60)
    office.clock.advance(timedelta(minutes=5))
    second = office.seal()
    assert (second.sealed, second.late) == (1, [])
    assert second.last is not None
    assert not is_pending(second.last)
    assert exported(office, begun) == [("SLOW", begun)]
    assert sorted(name for name, _ in exported(office, 0)) == ["FIRST", "QUICK", "SLOW"]
    assert office.verify().faults == []


def test_entry_that_nobody_was_writing_when_it_should_have_been_is_called_late(office: SealedOffice) -> None:
    """What the question who is writing is for: without an answer, this and the one above would look the same."""
    office.clock.advance(timedelta(minutes=5))
    office.world.place("QUICK")
    office.seal()
    office.clock.at -= timedelta(minutes=5)
    office.world.place("BACKDATED")
    office.clock.advance(timedelta(minutes=10))
    assert [fault.reference for fault in office.seal().late] == ["BACKDATED"]
    assert {fault.code for fault in office.verify().faults} == {"recorded_late"}
