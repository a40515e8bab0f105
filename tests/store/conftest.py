"""One suite over every store: `backend` is each of them in turn, empty but for one published definition.

Another database joins as a class in backends.py, a fixture that makes one, and its name in `backend`.
"""

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from datetime import timedelta
from pathlib import Path

import pytest

from storage.sql import SqlStore
from storage.sqlite import library
from storage.turns import TOGETHER
from tests.postgres import Server, fresh_name
from tests.store.backends import Backend, Memory, Postgres, Sqlite
from tests.store.builders import START, definition
from workflow.changes import Change
from workflow.store import Store


@pytest.fixture(scope="session")
def made_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with its schema and a published definition, made once and copied for each test."""
    path = tmp_path_factory.mktemp("made") / "parcours.db"
    store = SqlStore(f"sqlite:///{path}")
    store.initialise(sandbox=True, now=START)
    with store.writing() as work:
        work.publish(definition())
    store.close()
    return path


@pytest.fixture
def sqlite(made_database: Path, tmp_path: Path) -> Iterator[Sqlite]:
    with ExitStack() as closing:
        yield Sqlite(Path(shutil.copy(made_database, tmp_path / "parcours.db")), closing)


@pytest.fixture
def memory() -> Memory:
    backend = Memory()
    with backend.store.writing() as work:
        work.publish(definition())
    return backend


@pytest.fixture(scope="session")
def made_on_server(server: Server) -> str:
    """The same on a server: a database that others are copied from."""
    name = fresh_name()
    store = SqlStore(server.create(name))
    store.initialise(sandbox=True, now=START)
    with store.writing() as work:
        work.publish(definition())
    store.close()
    return name


@pytest.fixture
def postgres(server: Server, made_on_server: str) -> Iterator[Postgres]:
    name = fresh_name()
    server.create(name, made_on_server)
    with ExitStack() as closing:
        closing.callback(server.drop, name)
        yield Postgres(server, name, closing)


@pytest.fixture(params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest) -> Sqlite | Postgres:
    """What is asked of a database only."""
    found: Sqlite | Postgres = request.getfixturevalue(request.param)
    return found


@pytest.fixture(params=["memory", "sqlite", "postgres"])
def backend(request: pytest.FixtureRequest) -> Backend:
    found: Backend = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def store(backend: Backend) -> Store:
    return backend.store


@pytest.fixture
def apply(store: Store) -> Callable[..., None]:
    """Write changes in a transaction of their own."""

    def write(*changes: Change) -> None:
        with store.writing() as work:
            work.apply(changes)

    return write


@pytest.fixture
def tamper(sqlite: Sqlite) -> Callable[..., None]:
    """Write to the file behind the store's back, as any program may."""

    def run(statement: str, *values: object) -> None:
        with closing(library().connect(sqlite.path, isolation_level=None)) as connection:
            connection.execute(statement, values)

    return run


@pytest.fixture
def sharing(sqlite: Sqlite) -> Iterator[SqlStore]:
    """A store on a file whose threads share commits."""
    made = SqlStore(sqlite.url, patience=timedelta(seconds=0.3), together=TOGETHER)
    yield made
    made.close()
