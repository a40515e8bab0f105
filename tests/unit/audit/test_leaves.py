"""Entries that are met in any order, compared with the leaves of a tree; and what a leaf's place says of its time."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import count
from random import Random
from typing import cast

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from audit.leaves import Bounds, Leaves, Sealed
from audit.links import COMMIT_BOUND
from audit.tree import HASH_BYTES, TILE_WIDTH, MemoryTiles, append, leaf_hash
from storage.seals import Seal, SealReading

START = datetime(2021, 3, 1, 8, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


# Which entries are the leaves


class Log(MemoryTiles):
    """What is kept of these leaves."""

    def __init__(self, hashes: Sequence[bytes]) -> None:
        super().__init__()
        append(self, 0, hashes)
        self.rows = len(hashes)

    def leaf_count(self) -> int:
        return self.rows

    def is_sandbox(self) -> bool:
        return True

    def holds(self, size: int, sealed: Sequence[Sealed]) -> bool:
        leaves = Leaves(cast("SealReading", self), size)
        leaves.meet(sealed)
        return leaves.hold()


def entry(number: int) -> bytes:
    return str(number).encode()


def log(size: int) -> Log:
    return Log([leaf_hash(entry(number)) for number in range(size)])


def met(size: int) -> list[Sealed]:
    return [(number, entry(number), START) for number in range(size)]


SIZES = st.integers(1, 3 * TILE_WIDTH)


@given(SIZES, st.randoms(use_true_random=False))
def test_all_leaves_hold_in_any_order(size: int, dice: Random) -> None:
    sealed = met(size)
    dice.shuffle(sealed)
    assert log(size).holds(size, sealed)


def moved(by: int) -> Callable[[list[Sealed], int], None]:
    def move(sealed: list[Sealed], at: int) -> None:
        position, *rest = sealed[at]
        sealed[at] = (position + by, *rest)  # type: ignore[assignment] # as it was but for its place

    return move


def twice(sealed: list[Sealed], at: int) -> None:
    sealed.append(sealed[at])


def instead_of_another(sealed: list[Sealed], at: int) -> None:
    sealed[at - 1] = sealed[at]


def another(sealed: list[Sealed], at: int) -> None:
    position, _, moment = sealed[at]
    sealed[at] = position, b"another", moment


def exchanged(sealed: list[Sealed], at: int) -> None:
    (here, mine, moment), (there, yours, _) = sealed[at - 1], sealed[at]
    sealed[at - 1], sealed[at] = (there, mine, moment), (here, yours, moment)


WRONG = {
    "missing": list.pop,
    "twice": twice,
    "instead of another": instead_of_another,
    "another": another,
    "exchanged": exchanged,
    **{f"moved by {by}": moved(by) for by in (1, -1, TILE_WIDTH, -TILE_WIDTH, 1 << 70)},
}


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG.keys())
@example(2 * TILE_WIDTH, 1)
@example(2 * TILE_WIDTH, 2 * TILE_WIDTH - 1)
@given(SIZES.filter(lambda size: size > 1), st.integers(0))
def test_no_other_leaves_hold(wrong: Callable[[list[Sealed], int], None], size: int, at: int) -> None:
    sealed = met(size)
    wrong(sealed, at % size)
    assert not log(size).holds(size, sealed)


@given(SIZES, st.integers(0), st.integers(0, HASH_BYTES - 1))
def test_no_other_tree_holds(size: int, at: int, byte: int) -> None:
    hashes = [leaf_hash(entry(number)) for number in range(size)]
    changed = bytearray(hashes[at % size])
    changed[byte] ^= 1
    hashes[at % size] = bytes(changed)
    assert not Log(hashes).holds(size, met(size))


def test_two_leaves_at_one_place_are_never_the_one_that_is_kept_there() -> None:
    """Whoever signs the tree may choose what is kept: nothing at one place, the sum of two hashes at another."""
    number = next(each for each in count() if added(leaf_hash(entry(each)), leaf_hash(entry(each + 1))) is not None)
    first, second = entry(number), entry(number + 1)
    both = added(leaf_hash(first), leaf_hash(second))
    assert both is not None
    kept = Log([bytes(HASH_BYTES), both])
    assert not kept.holds(2, [(1, first, START), (1, second, START)])
    assert not kept.holds(2, [(1, first, START)])


def added(one: bytes, other: bytes) -> bytes | None:
    """The sum as a hash; None where it is too large for one."""
    total = int.from_bytes(one) + int.from_bytes(other)
    return None if total >> 8 * HASH_BYTES else total.to_bytes(HASH_BYTES)


@pytest.mark.parametrize("size", [0, 2, 4, -1, 1 << 62], ids=str)
def test_a_row_that_claims_another_size_holds_nothing_and_takes_no_room(size: int) -> None:
    assert not log(3).holds(size, met(3))


@pytest.mark.parametrize("position", [-1, -TILE_WIDTH, 1.0, "1", None], ids=repr)
def test_what_is_no_place_holds_nothing(position: object) -> None:
    sealed = met(2 * TILE_WIDTH)
    sealed[-1] = (position, *sealed[-1][1:])  # type: ignore[assignment] # as SQLite would give it
    assert not log(2 * TILE_WIDTH).holds(2 * TILE_WIDTH, sealed)


def test_an_empty_log_holds_nothing_but_no_leaves() -> None:
    assert log(0).holds(0, [])
    assert not log(0).holds(0, met(1))


# When they were recorded


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
