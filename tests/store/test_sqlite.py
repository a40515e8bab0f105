"""What only a file can promise: durability, no lost update, the database's own refusals, indexes in use."""

import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from storage import sqlite as library
from storage.executing import executor_of
from storage.sql import SqlStore
from tests.store.backends import Sqlite
from tests.store.builders import after, change, notice, placed, row
from workflow.changes import QuotaClaim
from workflow.errors import IntegrityBroken, StalePlacement, StoreUnavailable
from workflow.store import ClaimRefused

ROOT = Path(__file__).parents[2]

TAKE_ONE_BY_ONE = """
import sys
from storage.sql import SqlStore
from storage.sql_writing import SqlUnitOfWork
from tests.store.builders import change

store = SqlStore(sys.argv[1])
for _ in range(int(sys.argv[2])):
    with store.writing() as work:
        found = work.find("P1")
        work.apply([change(found)])
print("done")
"""


def run(script: str, *arguments: object) -> "subprocess.Popen[str]":
    command = [sys.executable, "-c", script, *map(str, arguments)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_what_was_committed_is_in_the_file(sqlite: Sqlite) -> None:
    new = placed("P1", wakes_at=after(1), notices=(notice(1),), deadlines=(row("choice", 3),))
    with sqlite.store.writing() as work:
        work.apply([new])
    sqlite.store.close()
    reopened = sqlite.another()
    with reopened.reading() as view:
        assert view.find("P1") == new.after
        assert list(view.history(new.after.id)) == list(new.entries)
        assert view.next_wake() == after(1)
    assert reopened.queries.integrity() == ()


def test_read_then_write_of_threads_loses_no_update(sqlite: Sqlite) -> None:
    with sqlite.store.writing() as work:
        work.apply([placed("P1")])

    def advance(store: SqlStore) -> None:
        for _ in range(25):
            with store.writing() as work:
                found = work.find("P1")
                assert found is not None
                work.apply([change(found)])

    # Two threads share a store, two more have engines of their own, as other processes would.
    stores = [sqlite.store, sqlite.store, sqlite.another(), sqlite.another()]
    threads = [threading.Thread(target=advance, args=(store,)) for store in stores]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with sqlite.store.reading() as view:
        found = view.find("P1")
    assert found is not None
    assert found.seq == 101


def test_read_then_write_of_processes_loses_no_update(sqlite: Sqlite) -> None:
    with sqlite.store.writing() as work:
        work.apply([placed("P1")])
    started = [run(TAKE_ONE_BY_ONE, sqlite.url, 40) for _ in range(2)]
    told = [process.communicate(timeout=60) for process in started]
    assert [out for out, _ in told] == ["done\n", "done\n"], told
    with sqlite.store.reading() as view:
        found = view.find("P1")
        assert found is not None
        assert found.seq == 81
        assert len(view.history(found.id)) == 81


def test_change_decided_on_an_old_view_is_stale(sqlite: Sqlite) -> None:
    with sqlite.store.writing() as work:
        work.apply([placed("P1")])
    with sqlite.store.reading() as view:
        old = view.find("P1")
    assert old is not None
    with sqlite.another().writing() as work:
        work.apply([change(old)])
    with pytest.raises(StalePlacement), sqlite.store.writing() as work:
        work.apply([change(old)])


def test_last_post_goes_to_one_of_two_processes(sqlite: Sqlite) -> None:
    def take(store: SqlStore, reference: str) -> None:
        with store.writing() as work:
            work.apply([placed(reference, claims=(QuotaClaim("posts", 1),))])

    take(sqlite.store, "P1")
    take(sqlite.another(), "P2")
    with pytest.raises(ClaimRefused):
        take(sqlite.store, "P3")
    assert [(use.used, use.ceiling) for use in sqlite.store.queries.stats().quotas] == [(2, 2), (0, None)]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE history SET data = x'00' WHERE seq = 1",
        "UPDATE history SET id = id + 100",
        "DELETE FROM history",
        "INSERT OR REPLACE INTO history SELECT * FROM history WHERE seq = 1",
        "REPLACE INTO history SELECT id + 9, placement, 9, prev, hash, kind, 1, 1, data FROM history",
        "REPLACE INTO history SELECT id + 9, placement, seq, 'other', hash, kind, 1, 1, data FROM history",
        "REPLACE INTO history SELECT id, placement, 9, 'other', hash, kind, 1, 1, data FROM history",
        "UPDATE OR REPLACE history SET seq = 1",
        "DELETE FROM definition",
        "UPDATE definition SET source = x'00'",
        "DELETE FROM calendar",
        "UPDATE calendar SET source = x'00'",
    ],
)
def test_database_itself_refuses_to_change_what_was_written(
    sqlite: Sqlite, tamper: Callable[..., None], statement: str
) -> None:
    first = placed("P1")
    with sqlite.store.writing() as work:
        work.apply([first])
        work.apply([change(first.after)])
    with pytest.raises(library.library().IntegrityError, match="append-only"):
        tamper(statement)
    with sqlite.store.reading() as view:
        assert len(view.history(first.after.id)) == 2


def test_fork_breaks_a_named_constraint(sqlite: Sqlite, tamper: Callable[..., None]) -> None:
    with sqlite.store.writing() as work:
        work.apply([placed("P1")])
    tamper("DROP TRIGGER history_no_replace")
    with pytest.raises(library.library().IntegrityError, match=r"history\.placement, history\.prev"):
        tamper(
            "INSERT INTO history (placement, seq, prev, hash, kind, occurred_at, recorded_at, data)"
            " SELECT placement, 2, prev, 'other', kind, 1, 1, data FROM history"
        )


def test_rows_that_contradict_the_history_stop_the_writer(sqlite: Sqlite, tamper: Callable[..., None]) -> None:
    first = placed("P1")
    with sqlite.store.writing() as work:
        work.apply([first])
        work.apply([change(first.after)])
    tamper("UPDATE placement SET seq = 1")
    with ExitStack() as giving_up:
        giving_up.enter_context(pytest.raises(StoreUnavailable))
        work = giving_up.enter_context(sqlite.store.writing())
        with pytest.raises(IntegrityBroken):
            work.apply([placed("P2"), change(first.after)])
    with sqlite.store.reading() as view:
        assert view.find("P2") is None


def test_writer_that_waits_too_long_is_told_who_holds_it(sqlite: Sqlite) -> None:
    impatient = SqlStore(sqlite.url, patience=timedelta(milliseconds=20))
    with sqlite.store.writing(), pytest.raises(StoreUnavailable, match="locked"), impatient.writing():
        pass
    with impatient.writing(), pytest.raises(StoreUnavailable, match="locked"), impatient.writing():
        pass
    impatient.close()


GROW_UNTIL_THE_DISK_FAILS = """
import resource, sys
from storage.sql import SqlStore
from storage.sql_writing import SqlUnitOfWork
from tests.store.builders import placed
from workflow.errors import StoreUnavailable

store = SqlStore(sys.argv[1])
with store.writing() as work:
    work.apply([placed("P1")])
resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, 1_000_000))
written = 1
try:
    for turn in range(99):
        fields = {"territory": "974", "x": "x" * 900}
        many = [placed(f"P{turn}-{number}", fields=fields) for number in range(100)]
        with store.writing() as work:
            work.apply(many)
        written += 100
except StoreUnavailable as error:
    print(written, error)
"""


def test_failing_disk_loses_nothing_that_was_acknowledged(sqlite: Sqlite) -> None:
    out, err = run(GROW_UNTIL_THE_DISK_FAILS, sqlite.url).communicate(timeout=60)
    acknowledged, _, sentence = out.partition(" ")
    assert sentence.startswith("the disk"), (out, err)
    assert sqlite.store.queries.stats().placements == int(acknowledged)
    assert sqlite.store.queries.integrity() == ()


def test_stored_facts_that_cannot_be_read_are_reported(sqlite: Sqlite, tamper: Callable[..., None]) -> None:
    with sqlite.store.writing() as work:
        work.apply([placed("P1")])
    tamper("UPDATE placement SET facts = x'7b7d'")
    with pytest.raises(IntegrityBroken, match="doctor"), sqlite.store.reading() as view:
        view.find("P1")


@pytest.mark.parametrize("data", ["{", "{}", "[]", '{"v":1}'])
def test_stored_entry_that_cannot_be_read_is_reported(sqlite: Sqlite, tamper: Callable[..., None], data: str) -> None:
    with sqlite.store.writing() as work:
        work.apply([placed("P1")])
    tamper("DROP TRIGGER history_no_update")
    tamper("UPDATE history SET data = CAST(? AS BLOB)", data)
    with pytest.raises(IntegrityBroken, match="verify"), sqlite.store.reading() as view:
        view.history("id-of-P1")


def test_text_that_is_none_is_damage_however_it_is_read(sqlite: Sqlite, tamper: Callable[..., None]) -> None:
    with sqlite.store.writing() as work:
        work.apply([placed("P1")])
    tamper("UPDATE placement SET territory = CAST(x'37ff' AS TEXT)")
    for read in (
        lambda: list(sqlite.store.queries.exported()),
        lambda: sqlite.store.queries.placement("P1"),
        lambda: find_to_write(sqlite.store, "P1"),
    ):
        with pytest.raises(IntegrityBroken, match="damaged"):
            read()


def find_to_write(store: SqlStore, reference: str) -> None:
    with store.writing() as work:
        work.find(reference)


def test_rows_that_nobody_wants_any_more_may_outlive_their_connection(sqlite: Sqlite) -> None:
    with sqlite.store.writing() as work:
        work.apply([placed(f"P{number}") for number in range(300)])
    with sqlite.store.database.reading() as connection:
        pages = executor_of(connection).pages("SELECT reference FROM placement", (), 100)
        assert len(next(pages)) == 100
    sqlite.store.close()
    pages.close()  # type: ignore[attr-defined] # a generator


def given_up(store: SqlStore) -> None:
    with store.writing() as work:
        work.apply([placed("P1")])
        work._connection.invalidate()
        work.find("P1")


def test_transaction_that_was_given_up_says_so_to_whoever_goes_on(sqlite: Sqlite) -> None:
    with pytest.raises(StoreUnavailable, match="an earlier failure ended the transaction"):
        given_up(sqlite.store)
    with sqlite.store.reading() as view:
        assert view.find("P1") is None


class Interrupted(Sequence[Any]):
    """Rows amid which somebody presses Ctrl+C."""

    def __len__(self) -> int:
        return 1

    def __getitem__(self, number: Any) -> Any:
        raise KeyboardInterrupt


def interrupted(store: SqlStore) -> None:
    with store.writing() as work:
        work.apply([placed("P1")])
        with pytest.raises(KeyboardInterrupt):
            work._executor.write_each("INSERT INTO actor VALUES (?, ?)", Interrupted())


def test_interrupted_statement_gives_its_transaction_up(sqlite: Sqlite) -> None:
    with pytest.raises(StoreUnavailable, match="an earlier failure ended the transaction"):
        interrupted(sqlite.store)
    with sqlite.store.writing() as work:
        assert work.find("P1") is None
        work.apply([placed("P1")])


def test_pages_that_nobody_reads_to_the_end_leave_the_view_as_it_is(sqlite: Sqlite) -> None:
    with sqlite.store.reading() as view:
        pages = view._executor.pages("SELECT 1 UNION SELECT 2 UNION SELECT 3", (), 2)
        assert list(next(pages)) == [(1,), (2,)]
        pages.close()
        assert view.find("P1") is None


def interrupted_amid_pages(store: SqlStore) -> None:
    with store.reading() as view:
        pages = view._executor.pages("SELECT 1 UNION SELECT 2", (), 1)
        next(pages)
        with pytest.raises(KeyboardInterrupt):
            pages.throw(KeyboardInterrupt())
        view.find("P1")


def test_interrupted_pages_give_their_view_up(sqlite: Sqlite) -> None:
    with pytest.raises(StoreUnavailable, match="an earlier failure ended the transaction"):
        interrupted_amid_pages(sqlite.store)
