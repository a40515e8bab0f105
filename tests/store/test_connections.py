"""How connections are opened, which SQLite library and journal are used, and who uses which index."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from storage import sqlite as library
from storage.database import open_database
from storage.sql import SqlStore
from storage.statements import Writes
from storage.stored import SELDOM
from storage.tables.placements import placement
from tests.store.backends import Sqlite
from tests.store.builders import disclosure, placed


def plans(path: Path, statement: str) -> list[str]:
    with closing(library.library().connect(path)) as connection:
        values = (1,) * statement.count("?")
        return [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {statement}", values)]


def test_hot_statements_search_by_index(sqlite: Sqlite) -> None:
    statements = Writes(open_database(sqlite.url).dialect)
    named = ("find", "history", "personal", "remembered", "incident", "due", "actor_id")
    asked = {name: getattr(statements, name) for name in named}
    asked["moved_placements"] = statements.bulk.moved_placements(SELDOM).text
    for name, text in asked.items():
        steps = plans(sqlite.path, text)
        assert steps, name
        assert all(step.startswith("SEARCH") for step in steps), (name, steps)


def test_what_indexes_hold_is_set_only_where_it_changes(sqlite: Sqlite) -> None:
    indexed = {column.name for index in placement.indexes for column in index.columns}
    assert indexed == {*SELDOM, "reference", "wakes_at"}
    text = Writes(open_database(sqlite.url).dialect).bulk.moved_placements(("state",)).text
    assert "state=?" in text
    assert not [name for name in SELDOM if name != "state" and f"{name}=?" in text]


def test_waking_looks_at_nothing_but_its_index(sqlite: Sqlite) -> None:
    statements = Writes(open_database(sqlite.url).dialect)
    assert plans(sqlite.path, statements.due) == ["SEARCH placement USING INDEX ix_placement_wakes_at (wakes_at<?)"]
    assert plans(sqlite.path, statements.next_wake) == [
        "SEARCH placement USING COVERING INDEX ix_placement_wakes_at (wakes_at>?)"
    ]


def test_connections_are_opened_with_care(sqlite: Sqlite) -> None:
    wanted = {
        "journal_mode": library.journal_mode(library.library().sqlite_version_info),
        "synchronous": 2,
        "foreign_keys": 1,
        "recursive_triggers": 1,
        "trusted_schema": 0,
        "cell_size_check": 1,
        "wal_autocheckpoint": 10000,
        "temp_store": 2,
        "busy_timeout": 10000,
    }
    database = open_database(sqlite.url)
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
    assert library.journal_mode(version) == ("wal" if safe else "truncate")


def test_old_library_falls_back_to_a_rollback_journal_and_says_so(
    sqlite: Sqlite, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(library, "library", lambda: sqlite3)
    monkeypatch.setattr(library, "wal_is_safe", lambda version: False)
    store = SqlStore(sqlite.url)
    assert [(line.message, vars(line)["journal_mode"]) for line in caplog.records] == [
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
