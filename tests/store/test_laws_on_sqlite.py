"""The same laws on SQLite, and law 5: what was acknowledged is there in a database opened anew."""

import shutil
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from storage.sql import SqlStore
from storage.sql_writing import SqlUnitOfWork
from tests.unit.laws import laws
from tests.unit.laws.laws import Lived
from tests.unit.laws.lives import at_random, habits, lives, starts, territories, times_as_many
from tests.world import World, published
from workflow.changes import Change
from workflow.clock import VirtualClock

Begin = Callable[[datetime, bytes], World]
Patch = pytest.MonkeyPatch
# Every example takes a file of its own: nothing is carried over.
few = settings(times_as_many(0.15), suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])


@pytest.fixture
def begin(tmp_path: Path) -> Iterator[Begin]:
    """Makes worlds on SQLite, whose store is closed and opened anew by every restart."""
    numbers = count()
    opened: list[SqlStore] = []

    def reopened(file: Path) -> SqlStore:
        opened[-1].close()
        opened.append(SqlStore(f"sqlite:///{file}"))
        return opened[-1]

    def beginning(start: datetime, source: bytes) -> World:
        file = tmp_path / f"{next(numbers)}.db"
        shutil.copyfile(_initialised(tmp_path, source), file)
        opened.append(SqlStore(f"sqlite:///{file}"))
        return World(opened[-1], VirtualClock(start), reopen=lambda: reopened(file))

    yield beginning
    for store in opened:
        store.close()


def _initialised(folder: Path, source: bytes) -> Path:
    """A database with one definition published, made once and then copied."""
    file = folder / f"{published(source).digest}.db"
    if not file.exists():
        store = SqlStore(f"sqlite:///{file}")
        store.initialise(sandbox=True, now=published(source).published_at)
        with store.writing() as unit:
            unit.publish(published(source))
        store.close()
    return file


def every_acknowledged_command_is_durable(lived: Lived) -> None:
    """Law 5: after each answer the database is closed, opened anew, and checked."""
    laws.lived_through(lived, checked=True, restarting=True)


@few
@given(territory=territories, start=starts, steps=lives)
def test_what_was_acknowledged_is_there_after_opening_anew(
    begin: Begin, territory: str, start: datetime, steps: Any
) -> None:
    every_acknowledged_command_is_durable(Lived(territory, start, steps, begin))


@few
@given(territory=territories, start=starts, steps=lives)
def test_the_engine_and_the_naive_model_live_the_same_lives(
    begin: Begin, territory: str, start: datetime, steps: Any
) -> None:
    laws.agrees_with_the_model(Lived(territory, start, steps, begin))


@few
@given(territory=territories, start=starts, steps=lives, habits=habits)
def test_downtime_does_not_change_history(
    begin: Begin, territory: str, start: datetime, steps: Any, habits: list[str]
) -> None:
    laws.downtime_does_not_change_history(Lived(territory, start, steps, begin), habits)


@few
@given(territory=territories, start=starts, steps=lives, days=st.integers(0, 200))
def test_commands_settle_first_write_once_and_questions_write_nothing(
    begin: Begin, territory: str, start: datetime, steps: Any, days: int
) -> None:
    lived = Lived(territory, start, steps, begin)
    laws.everything_due_is_settled_first(lived, days)
    laws.questions_write_nothing(lived, days)
    laws.the_same_command_twice_is_one_change(lived, days)
    laws.nothing_fires_early_or_twice(lived, days)


def test_acknowledging_what_was_not_written_is_found_out(begin: Begin, monkeypatch: Patch) -> None:
    apply = SqlUnitOfWork.apply

    def only_new(self: SqlUnitOfWork, changes: Sequence[Change]) -> None:
        apply(self, [change for change in changes if change.before_seq == 0])

    monkeypatch.setattr(SqlUnitOfWork, "apply", only_new)
    with pytest.raises(AssertionError, match="an acknowledged entry is gone"):
        every_acknowledged_command_is_durable(Lived(*next(at_random(1)), begin))
