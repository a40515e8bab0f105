"""Changes that share a commit are written together: answers, histories and rows are those of a commit each."""

import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, func, select

from storage.failures import explained
from storage.gathering import AfterGathered, Gathering
from storage.parts import Part
from storage.shared import Shared
from storage.sql import SqlStore
from storage.sqlite_database import SqliteDatabase
from storage.tables.placements import quota
from storage.tables.schema import METADATA
from tests.checker import Checker
from tests.model import Life
from tests.unit.laws.laws import THREE, TWO_POSTS, answered, told
from tests.unit.laws.lives import Step, at_random, starts, steps, times_as_many, wish
from tests.world import CANARY, World, published
from workflow.clock import VirtualClock
from workflow.commands import Fire
from workflow.errors import ParcoursError

T = TypeVar("T")
ROWS = ("placement", "history", "deadline", "outbox", "command_key", "personal", "person_key", "acted", "unsealed",
        "exclusive", "incident", "request", "actor")  # fmt: skip
few = settings(times_as_many(0.3), suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])


class Sharing(SqliteDatabase):
    """Has one thread's transactions share commits, `size` of them each, as those of so many threads would."""

    def __init__(self, path: Path, size: int) -> None:
        super().__init__(path)
        self._size, self._is_writing = size, False
        self._shared: Shared | None = None

    def _open(self) -> Shared:
        if self._shared is not None and (self._shared.parts >= self._size or not self._shared.is_sound):
            self.end()
        self._shared = self._shared or self._begun()
        return self._shared

    def end(self) -> None:
        """Commit what is open."""
        shared, self._shared = self._shared, None
        if shared is not None:
            shared.end()
            shared.wait()

    def transact(self, work: Callable[[Connection], T]) -> T:
        part = Carried(work)
        with explained(self.name), self._busy():
            part.carry_out(self._open())
            return part.answer()

    @contextmanager
    def writing(self, *, silent: bool = False) -> Iterator[Connection]:
        with explained(self.name), self._busy(), self._open().part() as connection:
            yield connection

    @contextmanager
    def _busy(self) -> Iterator[None]:
        self._is_writing = True
        try:
            yield
        finally:
            self._is_writing = False

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        if not self._is_writing:
            self.end()
        with super().reading() as connection:
            yield connection

    def close(self) -> None:
        self.end()
        super().close()


class Carried(Part[T]):
    """A part whose answer is looked at before the commit."""

    def wake(self) -> None:
        """Nobody waits."""

    def answer(self) -> T:
        """What it gave. Raises what it raised."""
        if self._error is not None:
            raise self._error
        return self._result


@pytest.fixture
def open_with(tmp_path: Path) -> Iterator[Callable[[int], SqlStore]]:
    """Opens stores on fresh databases, with the shipped definition and two posts, of so many transactions a commit."""
    made, numbers = tmp_path / "made.db", count()
    store = SqlStore(f"sqlite:///{made}")
    store.initialise(sandbox=True, now=published(TWO_POSTS).published_at)
    with store.writing() as unit:
        unit.publish(published(TWO_POSTS))
    store.close()
    opened: list[SqlStore] = []

    def opening(size: int) -> SqlStore:
        file = Path(shutil.copyfile(made, tmp_path / f"{next(numbers)}.db"))
        store = SqlStore(f"sqlite:///{file}")
        store._database = Sharing(file, size)
        opened.append(store)
        return store

    yield opening
    for store in opened:
        store.close()


def asked(territory: str, start: datetime, drawn: Sequence[Step]) -> list[tuple[datetime, Fire]]:
    """What is asked of three placements, and when: as their models would have it."""
    lives = {reference: Life(territory, start) for reference in THREE}
    now, found = start, []
    for number, step in enumerate(drawn):
        reference = THREE[(number // 2 + step.dice[0]) % len(THREE)]
        # Those that share a commit come at about the same moment.
        now += timedelta(hours=step.hours if number % 6 == 0 else 0)
        wished = wish(lives[reference], now, step.dice)
        lives[reference].fire(wished.trigger, now, wished.fields, at=wished.at, role=wished.role, reason=wished.reason)
        key = "same" if step.dice[7] == 0 else f"{number}" if step.dice[7] < 6 else None
        found.append((now, wished.command(reference, key)))
    return found


def lived(store: SqlStore, territory: str, start: datetime, asked: Sequence[tuple[datetime, Fire]]) -> list[Any]:
    """The answers, then all that is kept and not drawn at random; faults are refused."""
    assert isinstance(store.database, Sharing)
    world = World(store, VirtualClock(start))
    for reference in THREE:
        world.place(reference, territory=territory)
    answers = []
    for now, command in asked:
        if now != world.now:
            store.database.end()
        world.clock.at = now
        answers.append(answered(partial(world.engine.fire, command)))
    kept = [told(world, reference) for reference in THREE]
    world.engine.sweep(until=world.now)
    assert not (faults := Checker(world.engine, store, THREE, canaries=[CANARY]).faults()), faults
    assert store.counts.misplaced() == ()
    with store.database.reading() as connection:
        return [*answers, *kept, _counted(connection)]


def _counted(connection: Connection) -> dict[str, object]:
    """How many rows each table has; and what is used of the quotas."""
    rows = {name: connection.execute(select(func.count()).select_from(METADATA.tables[name])).scalar() for name in ROWS}
    return rows | {"quota": connection.execute(select(quota.c.name, quota.c.used).order_by(quota.c.name)).all()}


Opening = Callable[[int], SqlStore]


def gathered_or_alone(open_with: Opening, territory: str, start: datetime, drawn: Sequence[Step], size: int) -> None:
    """Whatever is asked of three placements, sharing commits makes no difference."""
    requests = asked(territory, start, drawn)
    alone, shared = (lived(open_with(each), territory, start, requests) for each in (1, size))
    assert shared == alone


@few
@given(
    territory=st.sampled_from(["75", "971"]),
    start=starts,
    drawn=st.lists(steps, min_size=8, max_size=40),
    size=st.integers(2, 50),
)
def test_sharing_commits_makes_no_difference(
    open_with: Opening, territory: str, start: datetime, drawn: list[Step], size: int
) -> None:
    gathered_or_alone(open_with, territory, start, drawn, size)


def test_many_changes_are_gathered(open_with: Opening, monkeypatch: pytest.MonkeyPatch) -> None:
    gathered: list[int] = []
    write = Gathering.write

    def noted(self: Gathering) -> None:
        gathered.append(len(self))
        write(self)

    monkeypatch.setattr(Gathering, "write", noted)
    for life in at_random(6):
        gathered_or_alone(open_with, *life, 20)
    assert max(gathered) >= len(THREE)


def test_reading_what_is_not_written_yet_is_found_out(open_with: Opening, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(AfterGathered, "_make_way", lambda self, text, values: None)
    assert any(_differs(open_with, *life) for life in at_random(10))


def _differs(open_with: Opening, territory: str, start: datetime, drawn: Sequence[Step]) -> bool:
    try:
        gathered_or_alone(open_with, territory, start, drawn, 20)
    except (AssertionError, ParcoursError):
        return True
    return False
