"""A URL with several hosts: one that is dead, silent or lost is passed over for the next."""

import socket
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from storage.sql import SqlStore
from tests.postgres_proxy import Proxy, opened
from tests.store.backends import Postgres
from tests.store.builders import placed


@pytest.fixture
def ways(postgres: Postgres) -> Iterator[tuple[Proxy, Proxy]]:
    """Two ways to the server."""
    with ExitStack() as stack:
        # Names of sockets are short by nature, and a test's own folder is not.
        folders = [Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="way-"))) for _ in range(2)]
        one, other = (stack.enter_context(opened(postgres.server.folder, folder)) for folder in folders)
        yield one, other


@pytest.fixture
def by_both(postgres: Postgres, ways: tuple[Proxy, Proxy]) -> Iterator[SqlStore]:
    hosts = ",".join(str(Path(way._listener.getsockname()).parent) for way in ways)
    store = SqlStore(f"postgresql://postgres@/{postgres.database}?host={hosts}")
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
    lost.cut = lambda count, data: "before"
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
