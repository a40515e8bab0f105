"""Backups: a whole, checked copy under its name, or nothing."""

from collections.abc import Callable
from pathlib import Path

import pytest

from storage.backup import backup
from storage.sql import SqlStore
from tests.store.backends import Sqlite
from tests.store.builders import disclosure, placed
from workflow.errors import IntegrityBroken, StoreUnavailable


def opened(path: Path) -> SqlStore:
    return SqlStore(f"sqlite:///{path}")


@pytest.fixture
def target(sqlite: Sqlite, tmp_path: Path) -> Path:
    with sqlite.store.writing() as work:
        work.apply([placed("P1", personal=(disclosure("name", "Alix"),)), placed("P2")])
    (tmp_path / "backups").mkdir()
    return tmp_path / "backups" / "copy.db"


def test_copy_of_a_database_in_use_is_whole(sqlite: Sqlite, target: Path) -> None:
    with sqlite.store.writing() as work:
        work.apply([placed("P3")])
        backup(sqlite.url, target)
    copy = opened(target)
    with copy.reading() as view:
        assert view.known(["P1", "P2", "P3"]).keys() == {"P1", "P2"}
        assert view.personal("id-of-P1") == {}
    assert copy.installation() == sqlite.store.installation()
    assert copy.queries.integrity() == ()
    copy.close()


def test_keys_are_in_the_copy_only_where_asked_for(sqlite: Sqlite, target: Path) -> None:
    backup(sqlite.url, target, with_keys=True)
    copy = opened(target)
    with copy.reading() as view:
        assert list(view.personal("id-of-P1")) == [(1, "name")]
    copy.close()


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
