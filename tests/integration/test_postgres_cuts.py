"""The way to the server is cut, also amid a commit: whoever asks again with the same key gets the truth, once."""

import threading
from collections.abc import Iterator
from contextlib import closing, suppress
from datetime import UTC, datetime, timedelta
from typing import Literal

import pytest

from storage import postgres
from storage.sql import SqlStore
from tests.checker import Checker
from tests.postgres import Server, fresh_name
from tests.postgres_proxy import Cut, Proxy, never, opened
from tests.world import HOST, SHIPPED, published
from workflow.clock import VirtualClock
from workflow.commands import Note, Outcome, Place
from workflow.engine import Engine
from workflow.errors import NotFound, OutcomeUnknown, StoreUnavailable

NOW = datetime(2021, 3, 1, 9, tzinfo=UTC)
Where = Literal["before", "after"]
LATER = datetime(2022, 6, 1, tzinfo=UTC)
PLACE = Place(reference="A-1", fields={"territory": "75", **HOST}, actor="Ada", key="k-1")


@pytest.fixture
def proxy(server: Server) -> Iterator[Proxy]:
    with opened(server.folder) as proxy:
        yield proxy


@pytest.fixture(scope="module")
def made(server: Server) -> str:
    """A database that others are copied from."""
    name = fresh_name()
    with closing(SqlStore(server.create(name))) as store:
        store.initialise(sandbox=True, now=NOW)
        with store.writing() as unit:
            unit.publish(published(SHIPPED))
    return name


@pytest.fixture
def direct(server: Server, made: str) -> Iterator[SqlStore]:
    name = fresh_name()
    store = SqlStore(server.create(name, made))
    yield store
    store.close()
    server.drop(name)


@pytest.fixture
def through(proxy: Proxy, direct: SqlStore) -> Iterator[SqlStore]:
    """The same database, by the way that is cut."""
    store = SqlStore(proxy.url(direct.database.name.rpartition("/")[2]))
    store.installation()
    yield store
    store.close()


class Seldom:
    """Cuts after four messages, then after seven, after ten …, so that a sweep gets through in the end."""

    def __init__(self, sent: int) -> None:
        self._gap, self._at = 4, sent + 4

    def __call__(self, count: int, data: bytes) -> Cut | None:
        if count < self._at:
            return None
        self._gap += 3
        self._at = count + self._gap
        return Cut("after" if self._gap % 2 else "before")


def engine(store: SqlStore, now: datetime = NOW) -> Engine:
    return Engine(store, VirtualClock(now))


@pytest.mark.parametrize(("where", "there"), [("before", False), ("after", True)])
def test_cut_in_the_commit_leaves_the_outcome_unknown_until_it_is_asked_again(
    proxy: Proxy, direct: SqlStore, through: SqlStore, where: Where, there: bool
) -> None:
    asking = engine(through)
    # The views that the engine reads first end by a commit too: they are not what is cut.
    with pytest.raises(NotFound):
        asking.view("nobody")
    proxy.cut = lambda count, data: Cut(where) if b"COMMIT\0" in data else None
    with pytest.raises(OutcomeUnknown, match="--key"):
        asking.place(PLACE)
    assert proxy.cuts == 1
    proxy.cut = never
    again = asking.place(PLACE)
    assert again.repeated is there
    assert len(direct.queries.history("A-1")) == 1


@pytest.mark.parametrize("where", ["before", "after"])
def test_wherever_the_way_is_cut_nothing_is_lost_and_nothing_is_done_twice(
    proxy: Proxy, direct: SqlStore, through: SqlStore, where: Where
) -> None:
    answered: list[str] = []
    for number in range(1, 31):
        begun = proxy.sent

        def cut(count: int, data: bytes, at: int = begun + number) -> Cut | None:
            return Cut(where) if count == at else None

        proxy.cut = cut
        reference = f"A-{number}"
        place = Place(reference=reference, fields=PLACE.fields, actor="Ada", key=f"k-{number}")
        try:
            outcome = engine(through).place(place)
            answered.append("done")
        except StoreUnavailable as error:
            answered.append(error.code)
            outcome = engine(direct).place(place)
        assert isinstance(outcome, Outcome)
        assert engine(direct).place(place).repeated
        assert len(direct.queries.history(reference)) == 1
    assert proxy.cuts > 10
    assert "done" in answered
    assert {"done"} < set(answered) <= {"done", "outcome_unknown", "store_interrupted", "store_unavailable"}
    references = [f"A-{number}" for number in range(1, 31)]
    assert Checker(engine(direct), direct, references).faults() == []


@pytest.mark.parametrize("what", [b"READ COMMITTED", b"FOR NO KEY UPDATE", b"INSERT INTO history", b"COMMIT\0"])
def test_server_that_falls_silent_is_given_up(
    proxy: Proxy, direct: SqlStore, through: SqlStore, what: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Nobody waits for a minute here, neither this client nor the server for one that is gone.
    for limits in ("WRITING", "READING"):
        monkeypatch.setattr(postgres, limits, postgres.Limits(*[timedelta(seconds=1)] * 3))
    monkeypatch.setattr(postgres, "GRACE", timedelta(seconds=0.5))
    through.close()
    asking = engine(through)
    with pytest.raises(NotFound):
        asking.view("nobody")
    engine(direct).place(PLACE)
    note = Note(reference="A-1", text="rings twice", actor="Ada", key="k-2")
    proxy.cut = lambda count, data: Cut("after", "silence") if what in data and not proxy.cuts else None
    # Where the product would wait for ever, it is the test that ends it, and fails.
    watch = threading.Timer(60, proxy.close)
    watch.start()
    asked: list[Outcome] = []
    while not asked:
        with suppress(StoreUnavailable):
            asked.append(asking.ask(note))
    assert watch.is_alive()
    watch.cancel()
    assert proxy.cuts == 1
    assert asked[0].repeated is (what == b"COMMIT\0")
    assert [entry.chained().entry.kind for entry in direct.queries.history("A-1")] == ["placed", "note"]


def test_sweep_that_is_cut_again_and_again_fires_everything_once(
    proxy: Proxy, direct: SqlStore, through: SqlStore
) -> None:
    references = [f"B-{number}" for number in range(20)]
    for reference in references:
        engine(direct).place(Place(reference=reference, fields=PLACE.fields, actor="Ada"))
    proxy.cut = Seldom(proxy.sent)
    sweeping = engine(through, LATER)
    for _ in range(40):
        try:
            sweeping.sweep()
        except StoreUnavailable:
            continue
        if (wake := engine(direct).next_wake()) is None or wake > LATER:
            break
    assert proxy.cuts > 2
    (length,) = {len(direct.queries.history(reference)) for reference in references}
    assert length > 1
    assert Checker(engine(direct, LATER), direct, references).faults() == []
