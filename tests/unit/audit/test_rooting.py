"""A root over leaves one after the other is that of the tree, however they come."""

from hashlib import sha256

import pytest

from audit.rooting import Root
from audit.tree import EMPTY_ROOT, TILE_WIDTH, MemoryTiles, append, root

LEAVES = [sha256(bytes([at % 256, at // 256])).digest() for at in range(3 * TILE_WIDTH + 7)]


def test_no_leaf_is_the_empty_root() -> None:
    assert Root().value() == EMPTY_ROOT


@pytest.mark.parametrize(
    "steps", [(1,), (TILE_WIDTH,), (TILE_WIDTH, 1), (5, TILE_WIDTH), (TILE_WIDTH, TILE_WIDTH, 100)]
)
def test_root_is_that_of_the_tree(steps: tuple[int, ...]) -> None:
    top, at, turn = Root(), 0, 0
    while at < len(LEAVES):
        some = LEAVES[at : at + steps[turn % len(steps)]]
        top.extend(b"".join(some))
        at, turn = at + len(some), turn + 1
        tiles = MemoryTiles()
        append(tiles, 0, LEAVES[:at])
        assert (top.size, top.value()) == (at, root(tiles, at))
