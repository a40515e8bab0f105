"""The same laws on PostgreSQL: a few lives each, since every one takes a database of its own."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from storage.sql import SqlStore
from tests.postgres import Server, fresh_name
from tests.unit.laws import laws
from tests.unit.laws.laws import Lived
from tests.unit.laws.lives import habits, lives, starts, territories, times_as_many
from tests.world import World, published
from workflow.clock import VirtualClock

Begin = Callable[[datetime, bytes], World]
few = settings(times_as_many(0.05), suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])


@pytest.fixture(scope="module")
def templates() -> dict[bytes, str]:
    """The databases that others are copied from, by the definition that is published in them."""
    return {}


@pytest.fixture
def begin(server: Server, templates: dict[bytes, str]) -> Iterator[Begin]:
    """Makes worlds on a server, whose store is closed and opened anew by every restart."""
    opened: list[SqlStore] = []
    made: list[str] = []

    def reopened(name: str) -> SqlStore:
        opened[-1].close()
        opened.append(SqlStore(server.url(name)))
        return opened[-1]

    def beginning(start: datetime, source: bytes) -> World:
        if source not in templates:
            templates[source] = _initialised(server, source)
        made.append(fresh_name())
        server.create(made[-1], templates[source])
        opened.append(SqlStore(server.url(made[-1])))
        name = made[-1]
        return World(opened[-1], VirtualClock(start), reopen=lambda: reopened(name))

    yield beginning
    for store in opened:
        store.close()
    for name in made:
        server.drop(name)


def _initialised(server: Server, source: bytes) -> str:
    name = fresh_name()
    store = SqlStore(server.create(name))
    store.initialise(sandbox=True, now=published(source).published_at)
    with store.writing() as unit:
        unit.publish(published(source))
    store.close()
    return name


@few
@given(territory=territories, start=starts, steps=lives)
def test_what_was_acknowledged_is_there_after_opening_anew(
    begin: Begin, territory: str, start: datetime, steps: Any
) -> None:
    laws.lived_through(Lived(territory, start, steps, begin), checked=True, restarting=True)


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
