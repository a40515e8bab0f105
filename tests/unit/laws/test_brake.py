"""Law 1 under a brake: whatever it holds back, once released the history is what it would have been."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.laws.braked import HABITS, releases_do_not_change_history
from tests.unit.laws.laws import Lived
from tests.unit.laws.lives import at_random, lives, starts, territories
from workflow import brake, session
from workflow.engine import Engine

lived = st.builds(Lived, territories, starts, lives)
habits = st.lists(st.sampled_from(HABITS), min_size=1, max_size=8)
SOME = [Lived(*drawn) for drawn in at_random(25)]


@given(lived=lived, habits=habits)
def test_what_was_held_and_released_is_the_history_that_would_have_been(lived: Lived, habits: list[str]) -> None:
    releases_do_not_change_history(lived, habits)


def test_these_lives_are_held_and_released_indeed() -> None:
    assert sum(releases_do_not_change_history(each, HABITS) for each in SOME) > 5 * len(SOME)


def is_found_out() -> bool:
    """Whether the law fails on some life."""
    for each in SOME:
        try:
            releases_do_not_change_history(each, HABITS)
        except AssertionError:
            return True
    return False


def test_brake_that_never_holds_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(brake, "judged", lambda *_: None)
    assert is_found_out()


def test_requests_that_slip_through_are_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session.Session, "_refuse_what_is_held", lambda *_: None)
    assert is_found_out()


def test_release_that_covers_nothing_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(brake, "released", lambda watch, held: watch)
    assert is_found_out()


def test_sweep_that_goes_on_under_the_brake_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    judged = Engine._deciding

    def deaf(self: Any, reading: Any) -> Any:
        found = judged(self, reading)
        found.held = None
        return found

    monkeypatch.setattr(Engine, "_deciding", deaf)
    assert is_found_out()
