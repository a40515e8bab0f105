"""On PostgreSQL the migrations make exactly what the tables declare, whoever runs them, and text in one order."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Barrier

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, create_engine, inspect
from sqlalchemy.schema import CreateIndex

from storage.migrations import REVISIONS
from storage.migrations.running import upgrade
from storage.sql import SqlStore
from storage.tables.schema import METADATA
from tests.postgres import Server, fresh_name

NOW = datetime(2026, 1, 1, tzinfo=UTC)
_CHECKS = "SELECT conname FROM pg_constraint WHERE contype = 'c' AND connamespace = 'public'::regnamespace"


@pytest.fixture
def name(server: Server) -> Iterator[str]:
    made = fresh_name()
    server.create(made)
    yield made
    server.drop(made)


@pytest.fixture
def engine(server: Server, name: str) -> Iterator[Engine]:
    made = create_engine(server.url(name).replace("postgresql://", "postgresql+psycopg://"))
    yield made
    made.dispose()


def test_migrations_make_what_the_tables_declare(engine: Engine) -> None:
    upgrade(engine)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), METADATA) == []


def test_partial_indexes_and_checks_are_there(engine: Engine) -> None:
    upgrade(engine)
    with engine.connect() as connection:
        partial = "SELECT count(*) FROM pg_indexes WHERE schemaname = 'public' AND indexdef LIKE '%%WHERE%%'"
        declared = [index for table in METADATA.tables.values() for index in table.indexes]
        expected = sum(" WHERE " in str(CreateIndex(index).compile(engine)) for index in declared)
        assert connection.exec_driver_sql(partial).scalar() == expected > 0
        checks = {row[0] for row in connection.exec_driver_sql(_CHECKS)}
    named = {c.name for table in METADATA.tables.values() for c in table.constraints if str(c.name).startswith("ck_")}
    assert checks == named


def test_no_number_is_given_by_the_server(engine: Engine) -> None:
    upgrade(engine)
    with engine.connect() as connection:
        given = connection.exec_driver_sql(
            "SELECT table_name, column_name, column_default FROM information_schema.columns "
            "WHERE table_schema = 'public' AND (column_default IS NOT NULL OR is_identity = 'YES')"
        ).all()
        sequences = connection.exec_driver_sql("SELECT sequencename FROM pg_sequences").all()
    assert (given, sequences) == ([], [])


def test_keys_are_the_declared_ones(engine: Engine) -> None:
    upgrade(engine)
    found = inspect(engine)
    for table in METADATA.tables.values():
        kept = found.get_pk_constraint(table.name)
        assert (kept["name"], kept["constrained_columns"]) == (f"pk_{table.name}", table.primary_key.columns.keys())


def test_upgrade_writes_no_entry_anew_and_loses_no_notice(engine: Engine) -> None:
    kept = "SELECT pg_relation_filenode('history'), (SELECT array_agg(ctid || placement || seq) FROM history)"
    upgrade(engine, "0012")
    with engine.begin() as connection:
        for statement in (
            "INSERT INTO calendar VALUES ('c', '')",
            "INSERT INTO definition VALUES ('d', 'n', 1, 'c', 0, '{}', '', '')",
            "INSERT INTO placement VALUES ('p', 'P', 0, '75', NULL, NULL, 's', 0, 'd', 1, 2, '', NULL, '')",
            "INSERT INTO history VALUES (7, 'p', 1, '0', '1', 'placed', 0, 0, '')",
            "INSERT INTO history VALUES (9, 'p', 2, '1', '2', 'x', 0, 0, '')",
            "INSERT INTO outbox VALUES (3, 'p', 2, 'reminder', 'selection', NULL, 5, 'queued')",
            "INSERT INTO delivery VALUES ('p.2', 'email', 'host', 3, 'p', 2, 'waiting', 0, NULL, 5, 5, NULL)",
        ):
            connection.exec_driver_sql(statement)
        before = connection.exec_driver_sql(kept).one()
    upgrade(engine)
    with engine.connect() as connection:
        assert connection.exec_driver_sql(kept).one() == before
        (notice,) = connection.exec_driver_sql("SELECT placement, seq, status FROM outbox").all()
        (sent,) = connection.exec_driver_sql("SELECT key, placement, seq, status FROM delivery").all()
    assert (notice, sent) == (("p", 2, "queued"), ("p.2", "p", 2, "waiting"))


def test_text_sorts_by_its_bytes_in_every_column(engine: Engine) -> None:
    upgrade(engine)
    with engine.connect() as connection:
        others = connection.exec_driver_sql(
            "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public' "
            "AND data_type IN ('text', 'character varying') AND collation_name IS DISTINCT FROM 'C' "
            "AND table_name <> 'alembic_version'"
        ).all()
    assert others == []


def test_schema_is_reached_step_by_step(engine: Engine) -> None:
    for revision in REVISIONS:
        upgrade(engine, revision)
        with engine.connect() as connection:
            assert MigrationContext.configure(connection).get_current_revision() == revision


def test_two_that_initialise_at_once_make_one_installation(server: Server, name: str) -> None:
    met = Barrier(2)

    def make() -> str:
        store = SqlStore(server.url(name))
        met.wait(30)
        made = store.initialise(sandbox=True, now=NOW)
        store.close()
        return made.log

    with ThreadPoolExecutor(2) as pool:
        logs = {future.result(60) for future in [pool.submit(make) for _ in range(2)]}
    assert len(logs) == 1
