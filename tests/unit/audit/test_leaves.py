"""What an entry's place among the leaves says about when it was recorded, from the seals alone."""

from datetime import UTC, datetime, timedelta

import pytest

from audit.leaves import Bounds
from audit.links import COMMIT_BOUND
from storage.seals import Seal

START = datetime(2021, 3, 1, 8, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def seal(number: int, size: int, *, pending: bool = False) -> Seal:
    return Seal(number, size, b"", START + number * MINUTE, b"origin\npending\n\n" if pending else b"origin\n\n")


def test_a_leaf_is_bound_by_the_last_seal_before_it() -> None:
    bounds = Bounds([seal(1, 3), seal(2, 5)])
    told = [(START + number * MINUTE - COMMIT_BOUND) for number in (1, 2)]
    assert [bounds.at(position) for position in (3, 4, 5, 900)] == [told[0], told[0], told[1], told[1]]
    assert bounds.at(2) < datetime(1900, 1, 1, tzinfo=UTC)


def test_the_order_in_which_leaves_are_asked_for_changes_nothing() -> None:
    seals = [seal(number, 2 * number) for number in range(1, 9)]
    once = [Bounds(seals).at(position) for position in range(20)]
    asked = Bounds(seals)
    assert [asked.at(position) for position in reversed(range(20))] == once[::-1]


def test_a_seal_that_left_something_waiting_binds_nobody() -> None:
    bounds = Bounds([seal(1, 3), seal(2, 5, pending=True), seal(3, 8)])
    assert bounds.at(6) == bounds.at(4) == START
    assert bounds.at(8) == START + 2 * MINUTE


def test_seals_that_do_not_grow_bind_nobody_in_an_order() -> None:
    with pytest.raises(ValueError, match="n° 2"):
        Bounds([seal(1, 3), seal(2, 3)])
