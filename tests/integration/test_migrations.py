"""Migrations make exactly what the tables declare, all of it or nothing."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import IntegrityError

from storage import watch
from storage.database import open_database
from storage.executing import executor_of
from storage.instants import instant
from storage.migrations import REVISIONS
from storage.migrations.running import configuration, upgrade
from storage.persons import disclosures, seal, sealed_rows
from storage.statements import Reads, statements_for
from storage.tables.schema import METADATA
from workflow.brake import Watch


@pytest.fixture
def engine() -> Iterator[Engine]:
    made = create_engine("sqlite://")
    yield made
    made.dispose()


def schema(engine: Engine) -> dict[str, str]:
    """The text of every table and index, in whatever order its lines were written."""
    with engine.connect() as connection:
        rows = connection.exec_driver_sql(
            "SELECT name, sql FROM sqlite_master WHERE type IN ('table', 'index') AND sql IS NOT NULL"
        ).all()
    return {name: normal(sql) for name, sql in rows if name != "alembic_version"}


def normal(sql: str) -> str:
    lines = (re.sub(r"\s+", " ", line).strip(" ,") for line in sql.splitlines())
    return "\n".join(sorted(line for line in lines if line))


# The one thing that a file has otherwise than it is declared, since its history is never rebuilt: it was made with `id`
# for its key, which is SQLite's own number of a row. That has no index and takes no room; nothing reads or writes it.
# The declared key is unique beside it.
OTHERWISE = {("remove_column", "history", "id"), ("remove_constraint", "history", "uq_history_placement_seq")}
HISTORY_HAS = {"id INTEGER NOT NULL", "CONSTRAINT pk_history PRIMARY KEY (id)",
               "CONSTRAINT uq_history_placement_seq UNIQUE (placement, seq)"}  # fmt: skip
HISTORY_LACKS = {"CONSTRAINT pk_history PRIMARY KEY (placement, seq)"}


def told(difference: tuple[Any, ...]) -> tuple[str, str, str]:
    what, thing = difference[0], difference[-1]
    return what, thing.table.name, thing.name


def test_migrations_make_what_the_tables_declare(engine: Engine) -> None:
    upgrade(engine)
    with engine.connect() as connection:
        found = compare_metadata(MigrationContext.configure(connection), METADATA)
    assert set(map(told, found)) == OTHERWISE


def test_checks_partial_indexes_and_keys_are_the_declared_ones(engine: Engine) -> None:
    upgrade(engine)
    declared = create_engine("sqlite://")
    METADATA.create_all(declared)
    made, wanted = schema(engine), schema(declared)
    declared.dispose()
    of_file, of_tables = (set(each.pop("history").splitlines()) for each in (made, wanted))
    assert made == wanted
    assert (of_file - of_tables, of_tables - of_file) == (HISTORY_HAS, HISTORY_LACKS)


def test_every_constraint_and_index_has_a_name() -> None:
    for table in METADATA.tables.values():
        assert all(constraint.name for constraint in table.constraints), table.name
        assert all(index.name for index in table.indexes), table.name


def test_upgrading_twice_changes_nothing(engine: Engine) -> None:
    upgrade(engine)
    before = schema(engine)
    upgrade(engine)
    assert schema(engine) == before


def test_revisions_listed_are_those_of_the_scripts() -> None:
    scripts = ScriptDirectory.from_config(configuration())
    assert tuple(reversed([script.revision for script in scripts.walk_revisions()])) == REVISIONS
    assert scripts.get_heads() == [REVISIONS[-1]]


def test_killed_upgrade_leaves_the_old_schema(tmp_path: Path) -> None:
    database = open_database(f"sqlite:///{tmp_path / 'parcours.db'}")
    engine = database._engine("BEGIN IMMEDIATE", size=1, mode="rwc")

    def fail(connection: Connection, cursor: object, statement: str, *_: object) -> None:
        if "outbox" in statement:
            raise KeyboardInterrupt

    event.listen(engine, "before_cursor_execute", fail)
    with pytest.raises(KeyboardInterrupt):
        upgrade(engine)
    event.remove(engine, "before_cursor_execute", fail)
    assert schema(engine) == {}
    upgrade(engine)
    assert database.revision() == REVISIONS[-1]
    engine.dispose()
    database.close()


def test_clock_of_an_older_database_is_the_largest_moment_written(tmp_path: Path) -> None:
    engine = create_engine(f"sqlite:///{tmp_path / 'parcours.db'}")
    upgrade(engine, "0003")
    with engine.begin() as connection:
        connection.exec_driver_sql("INSERT INTO calendar VALUES ('c', x'')")
        connection.exec_driver_sql("INSERT INTO definition VALUES ('d', 'n', 1, 'c', 0, '{}', x'', x'')")
        connection.exec_driver_sql(
            "INSERT INTO placement VALUES ('p', 'P', 0, '75', NULL, NULL, 's', 0, 'd', 1, 2, '', NULL, x'')"
        )
        rows = [(1, "p", 1, "0", "1", "placed", 0, 7_000_000, b""), (2, "p", 2, "1", "2", "note", 0, 5_000_000, b"")]
        connection.exec_driver_sql("INSERT INTO history VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)
    upgrade(engine)
    with engine.begin() as connection:
        assert watch.read(executor_of(connection), statements_for(connection.dialect)[0]) == Watch(
            written_at=instant(7_000_000)
        )
    engine.dispose()


def test_values_kept_before_there_were_categories_still_open(tmp_path: Path) -> None:
    database = open_database(f"sqlite:///{tmp_path / 'parcours.db'}")
    engine = database._engine("BEGIN IMMEDIATE", size=1, mode="rwc")
    upgrade(engine, "0002")
    key = bytes(range(32))
    with engine.begin() as connection:
        connection.exec_driver_sql("INSERT INTO calendar VALUES ('c', x'')")
        connection.exec_driver_sql("INSERT INTO definition VALUES ('d', 'n', 1, 'c', 0, '{}', x'', x'')")
        connection.exec_driver_sql(
            "INSERT INTO placement VALUES ('p', 'P', 0, '75', NULL, NULL, 's', 0, 'd', 1, 1, '', NULL, x'')"
        )
        connection.exec_driver_sql("INSERT INTO person_key VALUES ('p', ?)", (key,))
        sealed = seal(key, b"p\n1\nname", "Alix")
        connection.exec_driver_sql("INSERT INTO personal VALUES ('p', 1, 'name', ?)", (sealed,))
    upgrade(engine)
    with engine.begin() as connection:
        rows = sealed_rows(executor_of(connection), Reads(engine.dialect), "p")
        assert disclosures("p", rows) == {(1, "name"): "Alix"}
    engine.dispose()
    database.close()


def test_history_is_the_same_table_after_an_upgrade(engine: Engine) -> None:
    upgrade(engine, REVISIONS[0])
    kept = "SELECT sql, rootpage FROM sqlite_master WHERE type = 'table' AND name = 'history'"
    with engine.connect() as connection:
        before = connection.exec_driver_sql(kept).one()
    upgrade(engine)
    with engine.connect() as connection:
        assert connection.exec_driver_sql(kept).one() == before


def test_deliveries_of_an_older_database_stay(engine: Engine) -> None:
    upgrade(engine, "0012")
    with engine.begin() as connection:
        connection.exec_driver_sql("INSERT INTO outbox VALUES (3, 'p', 2, 'reminder', 'x', NULL, 5, 'queued')")
        connection.exec_driver_sql(
            "INSERT INTO delivery VALUES ('p.2', 'email', 'host', 3, 'p', 2, 'waiting', 1, NULL, 5, 6, NULL), "
            "('digest:2021-03-01:x', 'email', 'x', NULL, NULL, NULL, 'sent', 1, NULL, 5, 6, 7)"
        )
    upgrade(engine)
    with engine.begin() as connection:
        found = connection.exec_driver_sql("SELECT * FROM delivery ORDER BY key").all()
        names = set(connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE name LIKE '%delivery%'").scalars())
    assert found == [
        ("digest:2021-03-01:x", "email", "x", None, None, "sent", 1, None, 5, 6, 7),
        ("p.2", "email", "host", "p", 2, "waiting", 1, None, 5, 6, None),
    ]
    assert names == {"delivery", "ix_delivery_waiting", "ix_delivery_dead"}


def test_notices_of_an_older_database_stay(engine: Engine) -> None:
    upgrade(engine, "0007")
    rows = [
        (3, "p", 1, "reminder", "selection", None, 5, "pending"),
        (9, "p", 2, "timeout", "selection", "x", 6, "stale"),
    ]
    with engine.begin() as connection:
        connection.exec_driver_sql("INSERT INTO outbox VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows)
    upgrade(engine)
    with engine.begin() as connection:
        assert connection.exec_driver_sql("SELECT * FROM outbox ORDER BY at").all() == [row[1:] for row in rows]
        connection.exec_driver_sql("UPDATE outbox SET status = 'dead' WHERE seq = 1")
        found = connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE name LIKE '%outbox%'").scalars()
        assert set(found) == {"outbox", "ix_outbox_pending"}


def test_outbox_and_deliveries_stay_where_they_may_be_dismissed(engine: Engine) -> None:
    upgrade(engine, "0018")
    with engine.begin() as connection:
        connection.exec_driver_sql("INSERT INTO outbox VALUES ('p', 2, 'reminder', 'x', NULL, 5, 'dead')")
        connection.exec_driver_sql(
            "INSERT INTO delivery VALUES ('p.2', 'email', 'host', 'p', 2, 'dead', 9, 'refused', 5, 6, 7)"
        )
        before = connection.exec_driver_sql("SELECT * FROM outbox, delivery").all()
    upgrade(engine)
    with engine.begin() as connection:
        assert connection.exec_driver_sql("SELECT * FROM outbox, delivery").all() == before
        connection.exec_driver_sql("UPDATE delivery SET status = 'dismissed'")
        names = connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE name LIKE '%_before'").all()
    assert names == []


@pytest.mark.parametrize(
    ("insert", "found", "spoil"),
    [
        (
            "INSERT INTO deadline VALUES ('p', 'selection', 1, '2021-03-16', 2, 'paused', 'lapse')",
            "SELECT * FROM deadline",
            "UPDATE deadline SET status = 'other'",
        ),
        (
            "INSERT INTO outbox VALUES ('p', 2, 'reminder', 'selection', NULL, 5, 'dismissed')",
            "SELECT * FROM outbox",
            "UPDATE outbox SET status = 'other'",
        ),
    ],
    ids=["deadline", "outbox"],
)
def test_rows_stay_where_their_check_is_said_otherwise(engine: Engine, insert: str, found: str, spoil: str) -> None:
    upgrade(engine, "0022")
    with engine.begin() as connection:
        connection.exec_driver_sql(insert)
        before = connection.exec_driver_sql(found).all()
    upgrade(engine)
    with engine.connect() as connection:
        assert connection.exec_driver_sql(found).all() == before != []
        with pytest.raises(IntegrityError, match="_status"):
            connection.exec_driver_sql(spoil)
