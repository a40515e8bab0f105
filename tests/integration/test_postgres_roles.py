"""The roles of a server: each can do its work, and nothing that is another's."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from app import App, initialise, open_app, seal
from settings import Settings, read_settings
from storage.postgres_roles import ROLES, privileges, quoted, statements
from storage.tables.schema import METADATA
from tests.acceptance.driver import HOST
from tests.postgres import Server, fresh_name
from workflow.commands import Place
from workflow.errors import StoreUnavailable

MEMBERS = {"clerk": "app", "daemon": "app, {0}_sealer", "notary": "sealer", "reader": "read"}


@pytest.fixture(scope="module")
def made(server: Server, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    """A database that others are copied from, and the folder of its files."""
    name, folder = fresh_name(), tmp_path_factory.mktemp("made")
    initialise(_settings(server.create(name), folder), sandbox=True)
    return name, folder


@pytest.fixture
def prefix(server: Server, made: tuple[str, Path], tmp_path: Path) -> Iterator[str]:
    """A database with its roles, and somebody who can log in as each."""
    name = fresh_name()
    server.create(name, made[0])
    shutil.copytree(made[1], tmp_path, dirs_exist_ok=True)
    with server.connect(name) as connection:
        for statement in [*statements(name), *statements(name)]:
            connection.execute(statement)  # type: ignore[arg-type] # made of our own names
        for login, roles in MEMBERS.items():
            member = f"{name}_{roles.format(name)}"
            connection.execute(f"CREATE ROLE {name}_{login} LOGIN IN ROLE {member}")  # type: ignore[arg-type]
    yield name
    with server.connect(name) as connection:
        connection.execute(f"REASSIGN OWNED BY {name}_migrate TO postgres")  # type: ignore[arg-type]
        for role in (*(f"{name}_{login}" for login in MEMBERS), *(f"{name}_{role}" for role in ROLES)):
            connection.execute(f"DROP OWNED BY {role}")  # type: ignore[arg-type]
            connection.execute(f"DROP ROLE {role}")  # type: ignore[arg-type]
    server.drop(name)


def _settings(url: str, folder: Path) -> Settings:
    files = {"signing_key": folder / "key", "erasure_register": folder / "register"}
    return read_settings({"database_url": url, "clock": "2021-03-01T09:00:00Z", **files}, environ={})


@pytest.fixture
def opened(server: Server, prefix: str, tmp_path: Path) -> Iterator[Callable[[str], App]]:
    made: list[App] = []

    def open_as(login: str) -> App:
        url = server.url(prefix).replace("postgres@", f"{prefix}_{login}@")
        made.append(open_app(settings=_settings(url, tmp_path)))
        return made[-1]

    yield open_as
    for app in made:
        app.close()


def place(app: App, reference: str) -> None:
    app.engine.place(Place(reference=reference, fields=HOST, actor="Ada"))


def test_clerk_decides_and_cannot_seal(opened: Callable[[str], App]) -> None:
    clerk = opened("clerk")
    place(clerk, "A-1")
    clerk.engine.sweep()
    assert clerk.engine.view("A-1").facts.state
    clerk.store.runners.listed()
    assert list(clerk.queries.entries())
    with pytest.raises(StoreUnavailable, match="may not do this"):
        seal(clerk)


def test_daemon_decides_and_seals(opened: Callable[[str], App]) -> None:
    daemon = opened("daemon")
    place(daemon, "A-1")
    assert seal(daemon).sealed > 0


def test_notary_seals_and_decides_nothing(opened: Callable[[str], App]) -> None:
    place(opened("clerk"), "A-1")
    notary = opened("notary")
    assert seal(notary).sealed > 0
    with pytest.raises(StoreUnavailable, match="may not do this"):
        place(notary, "A-2")


def test_reader_lists_and_sees_no_person(opened: Callable[[str], App]) -> None:
    place(opened("clerk"), "A-1")
    reader = opened("reader")
    assert [item.reference for item in reader.queries.placements().items] == ["A-1"]
    assert reader.queries.stats().entries == 1
    with pytest.raises(StoreUnavailable, match="may not do this"):
        reader.engine.persons("A-1")
    with pytest.raises(StoreUnavailable, match="may not do this"):
        place(reader, "A-2")


@pytest.mark.parametrize("login", MEMBERS)
def test_everybody_can_have_pages_and_indexes_checked(opened: Callable[[str], App], login: str) -> None:
    app = opened(login)
    assert app.store.database.checks_pages()
    assert app.queries.integrity() == ()


@pytest.mark.parametrize("login", list(MEMBERS))
@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM history",
        "UPDATE history SET data = data",
        "TRUNCATE history",
        "ALTER TABLE history DISABLE TRIGGER ALL",
        "DROP TABLE deadline CASCADE",
        "CREATE TABLE mine (x int)",
        "DELETE FROM seal",
    ],
)
def test_nobody_who_works_can_rewrite_the_record(server: Server, prefix: str, login: str, statement: str) -> None:
    url = server.url(prefix).replace("postgres@", f"{prefix}_{login}@")
    with psycopg.connect(url) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute(statement)  # type: ignore[arg-type]


def test_every_table_has_its_privileges() -> None:
    for table in METADATA.tables:
        assert "SELECT" in privileges("app", table)
    for table in ("history", "definition", "calendar", "system_entry", "leaf", "seal"):
        for role in ("app", "sealer", "read"):
            assert set(privileges(role, table)) <= {"SELECT", "INSERT"}


@pytest.mark.parametrize("name", ['a"b', "a'b", "$$", "", "a\nb", "a\\b"])
def test_names_that_could_be_more_than_names_are_refused(name: str) -> None:
    with pytest.raises(ValueError, match="will not do"):
        quoted(name)
