"""A URL with several hosts: one that is dead, silent or lost is passed over for the next."""

import socket
from collections.abc import Iterator

import pytest

from storage.sql import SqlStore
from tests.postgres_proxy import Cut, Proxy, opened
from tests.store.backends import Postgres
from tests.store.builders import placed


@pytest.fixture
def ways(postgres: Postgres) -> Iterator[tuple[Proxy, Proxy]]:
    """Two ways to the server."""
    with opened(postgres.server.folder) as one, opened(postgres.server.folder) as other:
        yield one, other


@pytest.fixture
def by_both(postgres: Postgres, ways: tuple[Proxy, Proxy]) -> Iterator[SqlStore]:
    hosts = ",".join(f"127.0.0.1:{way.port}" for way in ways)
    store = SqlStore(f"postgresql://postgres@{hosts}/{postgres.database}")
    yield store
    store.close()


def place(store: SqlStore, reference: str) -> None:
    def write() -> None:
        with store.writing() as work:
            work.apply([placed(reference)])

    store.repeating(write)


def test_host_that_is_lost_is_passed_over_for_the_next(
    postgres: Postgres, ways: tuple[Proxy, Proxy], by_both: SqlStore
) -> None:
    place(by_both, "P1")
    lost, other = ways
    assert (lost.sent > 0, other.sent) == (True, 0)
    lost.cut = lambda count, data: Cut("before")
    place(by_both, "P2")
    assert by_both.change_token()
    assert other.sent > 0
    assert postgres.store.queries.stats().placements == 2


def test_host_that_says_nothing_is_passed_over_for_the_next(postgres: Postgres) -> None:
    # Its system takes connections, and nobody answers them: a server that stands still.
    with socket.create_server(("127.0.0.1", 0)) as silent:
        hosts = f"host=127.0.0.1,{postgres.server.folder}&port={silent.getsockname()[1]},5432&connect_timeout=2"
        store = SqlStore(f"postgresql://postgres@/{postgres.database}?{hosts}")
        assert store.installation().sandbox
        store.close()
