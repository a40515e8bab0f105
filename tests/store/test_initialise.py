"""Making a database, opening what is none, and the clock of a sandbox."""

from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from storage.sql import SqlStore
from storage.sqlite import library
from tests.store.backends import Sql, Sqlite
from tests.store.builders import START
from workflow.errors import StoreUnavailable


def at(path: Path) -> SqlStore:
    return SqlStore(f"sqlite:///{path}")


def test_database_is_made_once(tmp_path: Path) -> None:
    store = at(tmp_path / "new.db")
    made = store.initialise(sandbox=False, now=START)
    assert (made.sandbox, made.created_at, made.clock_setting) == (False, START, None)
    assert len(bytes.fromhex(made.log)) == 16
    assert len(made.secret) == 32
    assert store.initialise(sandbox=False, now=START + timedelta(days=1)) == made == store.installation()
    store.close()


def test_two_installations_share_no_secret(tmp_path: Path) -> None:
    stores = [at(tmp_path / name) for name in ("a.db", "b.db")]
    one, two = [store.initialise(sandbox=True, now=START) for store in stores]
    assert one.log != two.log
    assert one.secret != two.secret
    for store in stores:
        store.close()


def test_production_database_never_becomes_a_sandbox(tmp_path: Path) -> None:
    store = at(tmp_path / "new.db")
    store.initialise(sandbox=False, now=START)
    with pytest.raises(StoreUnavailable, match="production"):
        store.initialise(sandbox=True, now=START)
    with pytest.raises(StoreUnavailable, match="production"):
        store.start_sandbox_clock("2021-03-01T00:00:00Z*60", START)
    assert not store.installation().sandbox
    store.close()


def test_sandbox_stays_one(database: Sql) -> None:
    assert database.store.initialise(sandbox=False, now=START).sandbox


def test_running_clock_starts_when_it_is_first_seen(database: Sql) -> None:
    later, latest = START + timedelta(hours=1), START + timedelta(hours=2)
    assert database.store.start_sandbox_clock("a", START) == START
    assert database.another().start_sandbox_clock("a", later) == START
    assert database.store.start_sandbox_clock("b", later) == later
    assert database.store.start_sandbox_clock("b", latest) == later
    made = database.store.installation()
    assert (made.clock_setting, made.clock_started_at) == ("b", later)


@pytest.mark.parametrize("used", ["installation", "change_token"])
def test_missing_database_says_what_to_do_and_is_not_made(tmp_path: Path, used: str) -> None:
    with pytest.raises(StoreUnavailable, match="parcours init"):
        getattr(at(tmp_path / "none.db"), used)()
    assert list(tmp_path.iterdir()) == []


def test_empty_file_is_no_database_until_it_is_initialised(tmp_path: Path) -> None:
    path = tmp_path / "empty.db"
    path.touch()
    store = at(path)
    with pytest.raises(StoreUnavailable, match="parcours init"), store.writing():
        pass
    store.initialise(sandbox=True, now=START)
    assert store.installation().sandbox
    store.close()


def test_file_that_is_no_database_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "letter.db"
    path.write_bytes(b"Madame, Monsieur, " * 500)
    for use in (at(path).installation, lambda: at(path).initialise(sandbox=False, now=START)):
        with pytest.raises(StoreUnavailable, match="is not an SQLite database"):
            use()
    assert path.read_bytes() == b"Madame, Monsieur, " * 500


def test_tables_of_another_program_are_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    with closing(library().connect(path)) as connection:
        connection.execute("CREATE TABLE recipes (name)")
    before = path.read_bytes()
    store = at(path)
    with pytest.raises(StoreUnavailable, match="another program"):
        store.initialise(sandbox=False, now=START)
    store.close()
    assert path.read_bytes() == before


@pytest.mark.parametrize(("revision", "sentence"), [("9999", "newer"), ("", "newer")], ids=["newer", "unknown"])
def test_schema_of_a_newer_program_is_refused(sqlite: Sqlite, revision: str, sentence: str) -> None:
    with closing(library().connect(sqlite.path, isolation_level=None)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = ?", (revision,))
    for use in (sqlite.another().installation, lambda: sqlite.another().initialise(sandbox=True, now=START)):
        with pytest.raises(StoreUnavailable, match=sentence):
            use()


@pytest.mark.parametrize(
    "url",
    [
        "parcours.db",
        "sqlite://",
        "sqlite:///:memory:",
        "mysql+nothing://u:secret@host/db",
        "sqlite:///x.db?mode=ro",
    ],
)
def test_url_that_names_no_file_is_refused(url: str) -> None:
    with pytest.raises(StoreUnavailable, match=r"sqlite:///parcours\.db") as refused:
        SqlStore(url)
    assert "secret" not in str(refused.value)


def test_directory_that_is_not_there_is_told(tmp_path: Path) -> None:
    store = at(tmp_path / "nowhere" / "parcours.db")
    with pytest.raises(StoreUnavailable, match="cannot be opened"):
        store.initialise(sandbox=False, now=START)


def test_names_that_are_strange_in_a_url_are_names(tmp_path: Path) -> None:
    store = at(tmp_path / "été 100%.db")
    store.initialise(sandbox=True, now=START)
    store.close()
    assert [file.name for file in tmp_path.iterdir()] == ["été 100%.db"]
