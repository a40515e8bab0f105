"""A server that is to wait for a standby: what it commits without one is acknowledged neither at first nor later."""

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest

from storage.sql import SqlStore
from tests.integration.test_postgres_cuts import PLACE, direct, engine, made
from tests.postgres import Server
from workflow.commands import Outcome
from workflow.errors import OutcomeUnknown

# A fixture, asked for by its name.
__all__ = ["direct", "made"]


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(1) as threads:
        yield threads


@pytest.fixture
def alone(server: Server, direct: SqlStore, pool: ThreadPoolExecutor) -> Iterator[Server]:
    """The server of the database, which from now on waits for a standby that is not there."""
    with server.connect() as connection:
        connection.execute("ALTER SYSTEM SET synchronous_standby_names = 'nobody'")
        connection.execute("SELECT pg_reload_conf()")
    try:
        # One of its processes hears of it later than the others.
        while (pid := waiting(server, asked := pool.submit(commit, server))) is None:
            pass
        end(server, pid)
        asked.result(30)
        yield server
    finally:
        find_standby(server)


def commit(server: Server) -> None:
    with server.connect() as connection:
        connection.execute("SELECT pg_logical_emit_message(true, 'tests', '')")


def find_standby(server: Server) -> None:
    """Whoever waits need wait no longer, as when a standby comes."""
    with server.connect() as connection:
        connection.execute("ALTER SYSTEM RESET synchronous_standby_names")
        connection.execute("SELECT pg_reload_conf()")
    commit(server)


def waiting(server: Server, asked: "Future[Any]") -> int | None:
    """The server's process that waits for the standby; None where what was asked is done without."""
    with server.connect() as connection:
        while True:
            done = asked.done()
            for (pid,) in connection.execute("SELECT pid FROM pg_stat_activity WHERE wait_event = 'SyncRep'"):
                return int(pid)
            if done:
                return None


def end(server: Server, pid: int | None, how: str = "pg_cancel_backend") -> None:
    assert pid is not None, "nobody waited for the standby"
    with server.connect() as connection:
        connection.execute(f"SELECT {how}({pid})".encode())


def place(store: SqlStore) -> Outcome:
    return engine(store).place(PLACE)


@pytest.mark.parametrize("how", ["pg_cancel_backend", "pg_terminate_backend"])
@pytest.mark.parametrize("level", ["warning", "error"])
def test_commit_that_no_standby_has_is_not_acknowledged(
    alone: Server, direct: SqlStore, pool: ThreadPoolExecutor, how: str, level: str
) -> None:
    name = direct.database.name.rpartition("/")[2]
    with alone.connect() as connection:
        connection.execute("SET synchronous_commit = local")
        connection.execute(f"ALTER DATABASE {name} SET client_min_messages = {level}".encode())
    direct.close()
    asked = pool.submit(place, direct)
    end(alone, waiting(alone, asked), how)
    with pytest.raises(OutcomeUnknown, match="--key"):
        asked.result(30)


def test_who_asks_again_waits_for_the_standby_as_well(
    alone: Server, direct: SqlStore, pool: ThreadPoolExecutor
) -> None:
    asked = pool.submit(place, direct)
    end(alone, waiting(alone, asked))
    with pytest.raises(OutcomeUnknown, match="standby"):
        asked.result(30)
    again = pool.submit(place, direct)
    assert waiting(alone, again) is not None, "what only one server has was acknowledged"
    find_standby(alone)
    assert again.result(30).repeated
    assert len(direct.queries.history(PLACE.reference)) == 1
