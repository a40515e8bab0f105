"""The laws on random lives, in memory."""

from hypothesis import given
from hypothesis import strategies as st

from tests.unit.laws import laws
from tests.unit.laws.laws import Lived
from tests.unit.laws.lives import habits, lives, starts, territories, times_as_many

lived = st.builds(Lived, territories, starts, lives)
days = st.integers(0, 200)


@times_as_many(3)
@given(lived=lived)
def test_the_engine_and_the_naive_model_live_the_same_lives(lived: Lived) -> None:
    laws.agrees_with_the_model(lived)


@given(lived=lived, habits=habits)
def test_downtime_does_not_change_history(lived: Lived, habits: list[str]) -> None:
    laws.downtime_does_not_change_history(lived, habits)


@times_as_many(0.5)
@given(lived=lived, days=days)
def test_everything_due_is_settled_before_anything_is_decided(lived: Lived, days: int) -> None:
    laws.everything_due_is_settled_first(lived, days)


@times_as_many(0.5)
@given(lived=lived, days=days)
def test_questions_write_nothing(lived: Lived, days: int) -> None:
    laws.questions_write_nothing(lived, days)


@times_as_many(0.5)
@given(lived=lived)
def test_state_is_the_fold_of_history(lived: Lived) -> None:
    laws.state_is_the_fold_of_history(lived)


@times_as_many(0.5)
@given(lived=lived, back=st.integers(1, 400))
def test_nothing_fires_early_or_twice_whatever_the_clock_does(lived: Lived, back: int) -> None:
    laws.nothing_fires_early_or_twice(lived, back)


@times_as_many(0.5)
@given(lived=lived, days=days)
def test_the_same_command_twice_is_one_change(lived: Lived, days: int) -> None:
    laws.the_same_command_twice_is_one_change(lived, days)


@times_as_many(0.5)
@given(lived=lived, days=days)
def test_who_was_second_is_told(lived: Lived, days: int) -> None:
    laws.who_was_second_is_told(lived, days)
