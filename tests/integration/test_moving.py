"""Moving from a file to a server and back: everything, the same to the row, or nothing; and the work goes on there."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from app import initialise, move, open_app, seal, verify
from settings import Settings, read_settings
from storage.moving import tables
from storage.sql import SqlStore
from storage.tables.schema import METADATA
from tests.acceptance.driver import HOST
from tests.postgres import Server, fresh_name
from workflow.commands import Fire, Place
from workflow.commitments import opened
from workflow.errors import IntegrityBroken, StoreUnavailable

CLOCK = "2021-05-03T00:00:00Z"


def settings_of(url: str, folder: Path, clock: str = CLOCK) -> Settings:
    files = {"signing_key": folder / "key", "erasure_register": folder / "register"}
    return read_settings({"database_url": url, "clock": clock, **files}, environ={})


@pytest.fixture
def office(tmp_path: Path) -> Settings:
    """A file with a life begun, a personal value, sealed entries, and some that wait for a seal."""
    url = f"sqlite:///{tmp_path / 'office.db'}"
    initialise(settings_of(url, tmp_path), sandbox=True)
    with open_app(settings=settings_of(url, tmp_path, "2021-03-01T09:00:00Z")) as app:
        app.engine.place(Place(reference="A-1", fields={**HOST, "host_name": "Sète"}, actor="Ada"))
        fields = {"candidate_ref": "C-1", "candidate_name": "Zoé"}
        app.engine.fire(Fire(reference="A-1", trigger="grant_post", actor="Ada", roles=("anct",),
                             fields={"granted_on": "2021-03-01"}))  # fmt: skip
        app.engine.fire(Fire(reference="A-1", trigger="show_candidate", actor="Ada", roles=("platform",),
                             fields=fields))  # fmt: skip
        seal(app)
        app.engine.place(Place(reference="A-2", fields=HOST, actor="Ada"))
    return settings_of(url, tmp_path)


@pytest.fixture
def empty(server: Server) -> Iterator[str]:
    name = fresh_name()
    yield server.create(name)
    server.drop(name)


def test_there_and_back_gives_the_same_rows_and_root(office: Settings, empty: str, tmp_path: Path) -> None:
    there = move(office, empty)
    back_url = f"sqlite:///{tmp_path / 'back.db'}"
    back = move(settings_of(empty, tmp_path), back_url)
    assert (there.placements, there.entries, there.size) == (2, 4, 4)
    assert (back.digest, back.root) == (there.digest, there.root)
    assert there.root is not None
    for url in (empty, back_url):
        with open_app(settings=settings_of(url, tmp_path)) as app:
            assert app.engine.check("A-1") == []
            assert app.queries.integrity() == ()
            assert verify(app, None, None, lambda count: None).ok
            with app.store.reading() as view:
                (text,) = (text for (_, name), text in view.personal(app.engine.view("A-1").facts.id).items()
                           if name == "candidate_name")  # fmt: skip
            assert opened(text)[1] == "Zoé"


def test_work_goes_on_where_it_was_moved_to(office: Settings, empty: str, tmp_path: Path) -> None:
    move(office, empty)
    with open_app(settings=settings_of(empty, tmp_path)) as app:
        assert app.engine.sweep().entries > 0
        app.engine.place(Place(reference="A-3", fields=HOST, actor="Ada"))
        assert seal(app).sealed > 0
        positions = [entry.position for entry in app.queries.entries()]
        assert positions == sorted(set(positions) - {None})
        assert verify(app, None, None, lambda count: None).ok


def test_database_that_holds_something_is_not_moved_to(office: Settings, empty: str, tmp_path: Path) -> None:
    move(office, empty)
    with pytest.raises(StoreUnavailable, match="in use already"):
        move(office, empty)
    with pytest.raises(StoreUnavailable, match="in use already"):
        move(settings_of(empty, tmp_path), office.database_url)


def test_database_that_gives_back_something_else_gets_nothing(
    office: Settings, empty: str, server: Server, tmp_path: Path
) -> None:
    store = SqlStore(empty)
    store.database.make()
    with server.connect(empty.partition("@/")[2].partition("?")[0]) as connection:
        connection.execute("CREATE FUNCTION lie() RETURNS trigger LANGUAGE plpgsql AS "
                           "$$ BEGIN NEW.territory = '00'; RETURN NEW; END $$")  # fmt: skip
        connection.execute("CREATE TRIGGER lie BEFORE INSERT ON placement FOR EACH ROW EXECUTE FUNCTION lie()")
    with pytest.raises(IntegrityBroken, match="does not give back"):
        move(office, empty)
    with pytest.raises(StoreUnavailable, match="parcours init"):
        store.installation()
    store.close()


def test_files_that_have_to_come_along_are_named(office: Settings, empty: str, tmp_path: Path) -> None:
    shutil.copy(tmp_path / "key", tmp_path / "office.db.signing-key")
    beside = office.model_copy(update={"signing_key": None, "erasure_register": None})
    other = f"sqlite:///{tmp_path / 'other.db'}"
    assert move(beside, other).missing == (tmp_path / "other.db.signing-key",)
    assert move(office, empty).missing == ()


def test_every_table_is_moved_but_the_register_of_daemons() -> None:
    assert {*tables(), "runner"} == set(METADATA.tables)
