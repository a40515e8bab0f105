"""Counts are exact where counting is cheap; what takes long is told for some seconds longer, and says so."""

import pytest

from operators.console.counted import BEHIND_S, LONG_S, Counted


class Desk:
    """A database that counts its commits, and clocks that stand still."""

    def __init__(self) -> None:
        self.commits, self.now_s, self.spent_s, self.cost_s = 0, 100.0, 0.0, 0.0
        self.counted = Counted(lambda: self.commits, lambda: self.spent_s, lambda: self.now_s)
        self.asked = 0

    def answer(self) -> int:
        self.asked += 1
        self.spent_s += self.cost_s
        return self.commits

    def get(self, of: object = None) -> tuple[int, float]:
        return self.counted.get("question", self.answer, of)


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_what_was_counted_is_kept_until_something_is_committed(desk: Desk) -> None:
    desk.cost_s = 2 * LONG_S
    assert [desk.get(), desk.get()] == [(0, 0.0)] * 2
    desk.now_s += 100 * BEHIND_S
    assert desk.get() == (0, 0.0)
    assert desk.asked == 1


def test_what_is_cheap_to_count_is_never_behind(desk: Desk) -> None:
    for commits in range(3):
        desk.commits = commits
        assert desk.get() == (commits, 0.0)


def test_what_takes_long_is_some_seconds_behind_and_says_so(desk: Desk) -> None:
    desk.cost_s = 2 * LONG_S
    desk.get()
    desk.commits, desk.now_s = 1, desk.now_s + 3
    assert desk.get() == (0, 3.0)
    desk.now_s += BEHIND_S - 3
    assert desk.get() == (1, 0.0)


def test_another_minute_is_another_state_of_things(desk: Desk) -> None:
    assert desk.get("10:00") == (0, 0.0)
    desk.get("10:01")
    assert desk.asked == 2


def test_who_asks_while_another_one_counts_is_told_what_was_known(desk: Desk) -> None:
    desk.cost_s = 2 * LONG_S
    desk.get()
    desk.commits, desk.now_s = 1, desk.now_s + 5 * BEHIND_S

    def slowly() -> int:
        assert desk.get() == (0, 5 * BEHIND_S)
        return desk.answer()

    assert desk.counted.get("question", slowly) == (1, 0.0)


def test_failed_count_is_asked_for_again(desk: Desk) -> None:
    with pytest.raises(ZeroDivisionError):
        desk.counted.get("question", lambda: 1 // 0)
    assert desk.get() == (0, 0.0)
