"""What only a file can promise: durability, no lost update, refusals of the database itself, and indexes in use."""

import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
import structlog

from storage import sqlite as library
from storage.database import Database
from storage.sql import SqlStore
from storage.statements import Writes
from tests.store.backends import Sqlite
from tests.store.builders import after, change, disclosure, notice, placed, row
from workflow.changes import QuotaClaim
from workflow.errors import IntegrityBroken, StalePlacement, StoreUnavailable
from workflow.store import ClaimRefused

ROOT = Path(__file__).parents[2]

TAKE_ONE_BY_ONE = """
import sys
from storage.sql import SqlStore
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
        "REPLACE INTO history SELECT id + 9, placement, 9, prev, hash, kind, 1, 1, x'00' FROM history WHERE seq = 1",
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
    with pytest.raises(library.library().IntegrityError, match="history.placement, history.prev"):
        tamper(
            "INSERT INTO history (placement, seq, prev, hash, kind, occurred_at, recorded_at, data)"
            " SELECT placement, 2, prev, 'other', kind, 1, 1, data FROM history"
        )


def test_rows_that_contradict_the_history_stop_the_writer(
    sqlite: Sqlite, tamper: Callable[..., None]
) -> None:
    first = placed("P1")
    with sqlite.store.writing() as work:
        work.apply([first])
        work.apply([change(first.after)])
    tamper("UPDATE placement SET seq = 1")
    with pytest.raises(StoreUnavailable), sqlite.store.writing() as work:
        with pytest.raises(IntegrityBroken):
            work.apply([change(first.after)])
        work.actor_id("whoever goes on in spite of it")


def plans(path: Path, statement: str) -> list[str]:
    with closing(library.library().connect(path)) as connection:
        values = (1,) * statement.count("?")
        return [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {statement}", values)]


def test_hot_statements_search_by_index(sqlite: Sqlite) -> None:
    statements = Writes(Database(sqlite.url).dialect)
    for name in (
        "find",
        "history",
        "personal",
        "remembered",
        "incident",
        "due",
        "move_placement",
        "actor_id",
    ):
        steps = plans(sqlite.path, getattr(statements, name))
        assert steps, name
        assert all(step.startswith("SEARCH") for step in steps), (name, steps)


def test_waking_looks_at_nothing_but_its_index(sqlite: Sqlite) -> None:
    statements = Writes(Database(sqlite.url).dialect)
    assert plans(sqlite.path, statements.due) == [
        "SEARCH placement USING INDEX ix_placement_wakes_at (wakes_at<?)"
    ]
    assert plans(sqlite.path, statements.next_wake) == [
        "SEARCH placement USING COVERING INDEX ix_placement_wakes_at (wakes_at>?)"
    ]


def test_connections_are_opened_with_care(sqlite: Sqlite) -> None:
    wanted = {
        "journal_mode": library.journal_mode(library.library()),
        "synchronous": 2,
        "foreign_keys": 1,
        "recursive_triggers": 1,
        "trusted_schema": 0,
        "cell_size_check": 1,
        "wal_autocheckpoint": 10000,
        "temp_store": 2,
        "busy_timeout": 10000,
    }
    database = Database(sqlite.url)
    with database.writing() as connection:
        assert {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in wanted} == wanted
    with database.reading() as connection:
        assert connection.exec_driver_sql("PRAGMA query_only").scalar() == 1
    database.close()


@pytest.mark.parametrize(
    ("version", "safe"),
    [
        ((3, 40, 1), False),
        ((3, 44, 5), False),
        ((3, 44, 6), True),
        ((3, 45, 0), False),
        ((3, 50, 6), False),
        ((3, 50, 7), True),
        ((3, 51, 2), False),
        ((3, 51, 3), True),
        ((3, 53, 4), True),
    ],
)
def test_wal_is_used_only_where_it_cannot_corrupt(version: tuple[int, ...], safe: bool) -> None:
    assert library.wal_is_safe(version) is safe
    mode = library.journal_mode(SimpleNamespace(sqlite_version_info=version))
    assert mode == ("wal" if safe else "truncate")


def test_old_library_falls_back_to_a_rollback_journal_and_says_so(
    sqlite: Sqlite, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(library, "library", lambda: sqlite3)
    monkeypatch.setattr(library, "wal_is_safe", lambda version: False)
    with structlog.testing.capture_logs() as logs:
        store = SqlStore(sqlite.url)
    assert [(line["event"], line["journal_mode"]) for line in logs] == [
        ("storage.journal_downgraded", "truncate")
    ]
    with store.writing() as work:
        work.apply([placed("P1", personal=(disclosure("name", "Alix"),))])
    assert sqlite.path.read_bytes()[18:20] == b"\x01\x01", "the file says that it has no write-ahead log"
    assert sorted(file.name for file in sqlite.path.parent.iterdir()) == [
        "parcours.db",
        "parcours.db-journal",
    ]
    with store.reading() as view:
        assert view.find("P1") is not None
    store.close()


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
from tests.store.builders import placed
from workflow.errors import StoreUnavailable

store = SqlStore(sys.argv[1])
with store.writing() as work:
    work.apply([placed("P1")])
resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, 1_000_000))
written = 1
try:
    for round in range(2, 99):
        with store.writing() as work:
            work.apply([placed(f"P{round}-{number}", fields={"territory": "974", "x": "x" * 900}) for number in range(100)])
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


@pytest.mark.parametrize("data", ["7b", "7b7d", "5b5d", "7b2276223a317d"])
def test_stored_entry_that_cannot_be_read_is_reported(
    sqlite: Sqlite, tamper: Callable[..., None], data: str
) -> None:
    with sqlite.store.writing() as work:
        work.apply([placed("P1")])
    tamper("DROP TRIGGER history_no_update", f"UPDATE history SET data = x'{data}'")
    with pytest.raises(IntegrityBroken, match="verify"), sqlite.store.reading() as view:
        view.history("id-of-P1")
