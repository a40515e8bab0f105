"""What is going to happen comes out in the order of its moments, whatever is added meanwhile."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from operators.simulation.agenda import Agenda

START = datetime(2022, 1, 3, 8, tzinfo=UTC)
HOURS = st.integers(0, 24 * 5)
LATER = st.lists(st.tuples(HOURS, st.integers(0, 2)), max_size=3)


@given(st.lists(st.tuples(HOURS, st.integers(0, 2)), max_size=20), st.lists(LATER, max_size=20))
def test_things_come_out_by_moment_then_rank_then_as_they_came(
    first: list[tuple[int, int]], follow: list[list[tuple[int, int]]]
) -> None:
    agenda, waiting, number = Agenda[int](), list[tuple[datetime, int, int]](), 0
    follows = iter(follow)

    def add(at: datetime, rank: int) -> None:
        nonlocal number
        number += 1
        waiting.append((at, rank, number))
        agenda.add(at, rank, number)

    for hours, rank in first:
        add(START + timedelta(hours=hours), rank)
    while waiting:
        expected = min(waiting)
        waiting.remove(expected)
        assert agenda.next(START + timedelta(days=400)) == (expected[0], expected[2])
        for hours, rank in next(follows, ()):
            add(expected[0] + timedelta(hours=hours), rank)
    assert agenda.next(START + timedelta(days=400)) is None


def test_nothing_comes_out_before_its_moment() -> None:
    agenda = Agenda[str]()
    agenda.add(START, 0, "due")
    assert agenda.next(START - timedelta(seconds=1)) is None
    assert agenda.next(START) == (START, "due")
