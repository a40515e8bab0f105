"""The queue of what waits for a seal, and the chain of acts that concern no placement: all of it or nothing."""

from collections.abc import Callable

import pytest
from sqlalchemy import update

from storage.seals import QueuedRow, Seal
from storage.tables.log import sealer
from tests.store.backends import Sql, Sqlite
from tests.store.builders import START, definition, placed, seal_waiting
from workflow.errors import IntegrityBroken
from workflow.store import Store
from workflow.system import NO_HEAD, SYSTEM, system_entry


def act(store: Store) -> None:
    with store.writing() as work:
        work.record(system_entry("log", work.system_head(), "published", SYSTEM, START, {"name": "x"}))


def test_acts_form_one_chain(store: Store) -> None:
    with store.writing() as work:
        assert work.system_head() == NO_HEAD
    act(store)
    act(store)
    with store.writing() as work:
        assert work.system_head().seq == 2


def test_an_act_that_follows_another_one_is_refused(store: Store) -> None:
    act(store)
    with pytest.raises(IntegrityBroken), store.writing() as work:
        work.record(system_entry("log", NO_HEAD, "published", SYSTEM, START, {}))


def give_up(store: Store) -> None:
    with store.writing() as work:
        work.record(system_entry("log", work.system_head(), "published", SYSTEM, START, {}))
        raise ZeroDivisionError


def test_an_act_given_up_leaves_nothing(store: Store) -> None:
    with pytest.raises(ZeroDivisionError):
        give_up(store)
    with store.writing() as work:
        assert work.system_head() == NO_HEAD


def test_every_act_waits_for_a_seal(database: Sql) -> None:
    act(database.store)
    with database.store.seals.reading() as reading:
        assert [(row.placement, row.seq) for row in reading.queued(10)] == [(SYSTEM, 1)]


def test_publishing_alone_enters_no_act(store: Store) -> None:
    with store.writing() as work:
        work.publish(definition())
        assert work.system_head() == NO_HEAD


@pytest.mark.parametrize("table", ["leaf", "seal", "system_entry"])
def test_what_is_sealed_is_append_only(sqlite: Sqlite, tamper: Callable[..., None], table: str) -> None:
    values = {
        "leaf": "(0, 'a', 1, 'h')",
        "seal": "(1, 1, x'00', 0, x'00')",
        "system_entry": "(1, 'p', 'h', 'heads', 0, x'00')",
    }
    tamper(f"INSERT INTO {table} VALUES {values[table]}")  # noqa: S608 - written above
    for statement in (f"DELETE FROM {table}", f"INSERT OR REPLACE INTO {table} VALUES {values[table]}"):  # noqa: S608
        with pytest.raises(Exception, match="append-only"):
            tamper(statement)
    with pytest.raises(Exception, match="append-only"):
        tamper(f"UPDATE {table} SET rowid = rowid")  # noqa: S608


def test_sealer_whose_epoch_is_over_keeps_nothing(database: Sql) -> None:
    def seal_with_a_stale_epoch() -> None:
        with database.store.seals.writing() as work:
            work.append_leaves(0, [QueuedRow(SYSTEM, 1, None, "f" * 64, None)])
            work._connection.execute(update(sealer).values(epoch=sealer.c.epoch + 1))
            work.keep(Seal(1, 1, b"r" * 32, START, b"note"))

    act(database.store)
    with pytest.raises(IntegrityBroken, match="another sealer"):
        seal_with_a_stale_epoch()
    with database.store.seals.reading() as reading:
        assert reading.last_seal() is None
        assert reading.leaf_at(0) is None
        assert len(reading.queued(10)) == 1


def test_without_a_queue_entries_are_read_the_same(database: Sql) -> None:
    with database.store.writing() as work:
        work.apply([placed("P1"), placed("P2")])
    seal_waiting(database.store)
    with database.store.seals.reading() as reading:
        pages = [[tuple(row) for page in reading.entry_pages(waiting=w) for row in page] for w in (True, False)]
    assert pages[0] == pages[1]
    assert [(row[1], row[5]) for row in pages[0]] == [(1, 0), (1, 1)]
