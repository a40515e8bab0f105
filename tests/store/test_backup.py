"""Backups: a whole, checked copy under its name, or nothing."""

from collections.abc import Callable
from pathlib import Path

import pytest

from storage.backup import backup, restore
from storage.sql import SqlStore
from tests.postgres import Server, fresh_name
from tests.store.backends import Postgres, Sqlite
from tests.store.builders import disclosure, placed
from workflow.errors import IntegrityBroken, StoreUnavailable


def opened(path: Path) -> SqlStore:
    return SqlStore(f"sqlite:///{path}")


@pytest.fixture
def full(database: Sqlite | Postgres, tmp_path: Path) -> Sqlite | Postgres:
    """Each kind of database in turn, with a personal value, and an empty folder for its copies."""
    with database.store.writing() as work:
        work.apply([placed("P1", personal=(disclosure("name", "Alix"),)), placed("P2")])
    (tmp_path / "backups").mkdir()
    return database


@pytest.fixture
def target(sqlite: Sqlite, tmp_path: Path) -> Path:
    with sqlite.store.writing() as work:
        work.apply([placed("P1", personal=(disclosure("name", "Alix"),)), placed("P2")])
    (tmp_path / "backups").mkdir()
    return tmp_path / "backups" / "copy.db"


def test_copy_of_a_database_in_use_is_whole(full: Sqlite | Postgres, tmp_path: Path) -> None:
    target = tmp_path / "backups" / "copy.db"
    with full.store.writing() as work:
        work.apply([placed("P3")])
        backup(full.url, target)
    copy = opened(target)
    with copy.reading() as view:
        assert view.known(["P1", "P2", "P3"]).keys() == {"P1", "P2"}
        assert view.personal("id-of-P1") == {}
    assert copy.installation() == full.store.installation()
    assert copy.queries.integrity() == ()
    copy.close()
    assert [file.name for file in target.parent.iterdir()] == ["copy.db"]


def test_keys_are_in_the_copy_only_where_asked_for(full: Sqlite | Postgres, tmp_path: Path) -> None:
    target = tmp_path / "backups" / "copy.db"
    backup(full.url, target, with_keys=True)
    copy = opened(target)
    with copy.reading() as view:
        assert list(view.personal("id-of-P1")) == [(1, "name")]
    copy.close()


def test_copy_is_restored_to_a_file_and_to_a_server(full: Sqlite | Postgres, server: Server, tmp_path: Path) -> None:
    copy = tmp_path / "backups" / "copy.db"
    backup(full.url, copy, with_keys=True)
    kept = copy.read_bytes()
    name = fresh_name()
    for url in (f"sqlite:///{tmp_path / 'again.db'}", server.create(name)):
        restore(copy, url)
        store = SqlStore(url)
        assert store.installation() == full.store.installation()
        assert store.queries.history("P1") == full.store.queries.history("P1")
        with store.writing() as work:
            work.apply([placed("P9")])
        store.close()
        with pytest.raises(StoreUnavailable, match=r"exists|in use already"):
            restore(copy, url)
    assert copy.read_bytes() == kept
    server.drop(name)


def test_copy_is_not_restored_over_what_is_left_of_another(sqlite: Sqlite, target: Path, tmp_path: Path) -> None:
    backup(sqlite.url, target)
    (tmp_path / "again.db-wal").write_text("left")
    with pytest.raises(StoreUnavailable, match=r"again\.db-wal exists"):
        restore(target, f"sqlite:///{tmp_path / 'again.db'}")


@pytest.mark.parametrize(("content", "told"), [(b"", "no Parcours database"), (b"no database" * 99, "not an SQLite")])
def test_what_is_no_copy_is_not_restored(tmp_path: Path, content: bytes, told: str) -> None:
    copy = tmp_path / "copy.db"
    copy.write_bytes(content)
    with pytest.raises(StoreUnavailable, match=told):
        restore(copy, f"sqlite:///{tmp_path / 'again.db'}")
    assert not list(tmp_path.glob("again.db*"))


def test_damaged_copy_is_not_restored(sqlite: Sqlite, target: Path, tmp_path: Path) -> None:
    backup(sqlite.url, target)
    with target.open("r+b") as file:
        size = file.seek(0, 2)
        file.seek(size // 2)
        file.write(b"\xff" * (size - size // 2))
    with pytest.raises(IntegrityBroken):
        restore(target, f"sqlite:///{tmp_path / 'again.db'}")
    assert not list(tmp_path.glob("again.db*"))


def test_copy_that_is_in_use_is_not_restored(sqlite: Sqlite, target: Path, tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable, match="in use"):
        restore(sqlite.path, f"sqlite:///{tmp_path / 'again.db'}")


def test_copy_without_keys_holds_no_trace_of_them(sqlite: Sqlite, target: Path) -> None:
    with sqlite.store.reading() as view:
        key = view._connection.exec_driver_sql("SELECT key FROM person_key").scalar_one()
    backup(sqlite.url, target)
    assert key not in target.read_bytes()


@pytest.mark.parametrize("name", ["copy.db", "copy.db.partial"])
def test_backup_replaces_nothing(sqlite: Sqlite, target: Path, name: str) -> None:
    other = target.with_name(name)
    other.write_text("mine")
    with pytest.raises(StoreUnavailable, match="exists"):
        backup(sqlite.url, target)
    assert [(file.name, file.read_text()) for file in target.parent.iterdir()] == [(name, "mine")]


def test_copy_that_fails_its_check_leaves_nothing(sqlite: Sqlite, target: Path, tamper: Callable[..., None]) -> None:
    tamper("DELETE FROM placement WHERE id = 'id-of-P2'")
    with pytest.raises(IntegrityBroken, match="check"):
        backup(sqlite.url, target)
    assert list(target.parent.iterdir()) == []


def test_place_that_cannot_be_written_is_told(sqlite: Sqlite, target: Path) -> None:
    with pytest.raises(StoreUnavailable):
        backup(sqlite.url, target.parent / "nowhere" / "copy.db")
    with pytest.raises(StoreUnavailable, match="parcours init"):
        backup(f"sqlite:///{target}", target.with_name("other.db"))
