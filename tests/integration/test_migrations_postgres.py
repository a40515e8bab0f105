"""On PostgreSQL the migrations make exactly what the tables declare, whoever runs them, and text in one order."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Barrier

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, create_engine

from storage.migrations import REVISIONS
from storage.migrations.running import upgrade
from storage.sql import SqlStore
from storage.tables import METADATA
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
        expected = sum(index.dialect_options["postgresql"]["where"] is not None for index in declared)
        assert connection.exec_driver_sql(partial).scalar() == expected > 0
        checks = {row[0] for row in connection.exec_driver_sql(_CHECKS)}
    named = {c.name for table in METADATA.tables.values() for c in table.constraints if str(c.name).startswith("ck_")}
    assert checks == named


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
