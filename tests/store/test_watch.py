"""What every store remembers of the clock, and how it counts the deadlines that a sweep would fire."""

from collections.abc import Callable
from contextlib import suppress

import pytest

from tests.store.backends import Backend, Sqlite
from tests.store.builders import START, after, change, facts_of, row
from workflow.brake import Watch
from workflow.changes import Incident
from workflow.errors import IntegrityBroken
from workflow.store import Store

ALL = Watch(START, after(1), after(2), after(3), 4, 5)


@pytest.fixture
def three(store: Store, apply: Callable[..., None]) -> Store:
    """Two placements that wake on the first day, one that wakes on the tenth."""
    apply(
        change(facts_of("A"), wakes_at=after(1), deadlines=(row("one", 1), row("two", 2), row("told", 1, then=None))),
        change(facts_of("B"), wakes_at=after(1), deadlines=(row("one", 1), row("gone", 0, status="missed"))),
        change(facts_of("C"), wakes_at=after(10), deadlines=(row("one", 10), row("still", 1, status="paused"))),
    )
    return store


def test_nothing_is_remembered_at_first(store: Store) -> None:
    with store.reading() as reading:
        assert reading.watch() == Watch()


@pytest.mark.parametrize("kept", [ALL, Watch()])
def test_what_is_remembered_is_what_was_kept_last(store: Store, kept: Watch) -> None:
    for old, new in ((Watch(), ALL), (ALL, kept)):
        with store.writing() as work:
            assert work.keep_watch(old, new)
    with store.reading() as reading:
        assert reading.watch() == kept


def test_another_process_remembers_the_same(backend: Backend, store: Store) -> None:
    with store.writing() as work:
        work.keep_watch(Watch(), ALL)
    with backend.another().reading() as reading:
        assert reading.watch() == ALL


def test_what_was_not_committed_is_not_remembered(store: Store) -> None:
    with suppress(KeyboardInterrupt), store.writing() as work:
        work.keep_watch(Watch(), ALL)
        raise KeyboardInterrupt
    with store.reading() as reading:
        assert reading.watch() == Watch()


@pytest.mark.parametrize("believed", [Watch(), Watch(START, *[None] * 3, 4, 5), Watch(*[START] * 4, 4, 5)])
def test_who_was_second_changes_nothing(store: Store, believed: Watch) -> None:
    with store.writing() as work:
        work.keep_watch(Watch(), ALL)
        assert not work.keep_watch(believed, Watch(START))
        assert work.watch() == ALL


def test_row_that_is_gone_is_an_error_and_no_missing_brake(sqlite: Sqlite, tamper: Callable[..., None]) -> None:
    tamper("DELETE FROM brake")
    with pytest.raises(IntegrityBroken, match="brake"), sqlite.store.reading() as reading:
        reading.watch()


def test_firings_are_counted_that_run_have_an_effect_and_fall_due(three: Store) -> None:
    with three.reading() as reading:
        assert reading.firings_due(None, after(0.5)) == 0
        assert reading.firings_due(None, after(1)) == 2
        assert reading.firings_due(None, after(5)) == 3
        assert reading.firings_due(None, after(10)) == 4
        assert reading.firings_due(after(1), after(10)) == 2, "what was released counts no more"


def test_placement_that_is_put_aside_fires_nothing(three: Store) -> None:
    with three.writing() as work:
        work.report(Incident("id-of-A", "code", "why", START, 1, after(30)))
        assert work.firings_due(None, after(10)) == 2


def test_open_firings_are_counted_as_far_as_asked(three: Store) -> None:
    with three.reading() as reading:
        assert reading.firings_open(100) == 4
        assert reading.firings_open(3) == 3
