"""Whether the entries are the leaves of the tree, one to one: found while they are read for their chains.

It only ever says that all is well. What is wrong, and in which order, is told by who reads leaf after leaf.
"""

from array import array
from bisect import bisect_right
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from operator import mul
from secrets import randbits
from struct import unpack
from sys import maxsize
from typing import Final

from audit.links import COMMIT_BOUND
from audit.sealing import is_pending
from audit.tree import HASH_BYTES, TILE_WIDTH, leaf_hash
from storage.seals import Seal, SealReading
from workflow.errors import IntegrityBroken

Sealed = tuple[int, bytes, datetime]
"""Of a sealed entry, where its leaf is, its bytes, and when they say it was recorded."""

_WEIGHT_BITS: Final = 128
_ONE: Final = 1 << 8 * HASH_BYTES
"""Before a hash: so that none at all, or two, can never stand for one."""
_EARLIEST: Final = datetime.min.replace(tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
UNREADABLE: Final = (TypeError, ValueError, IndexError, AttributeError, OverflowError, IntegrityBroken)
"""What rows lead to that no program of ours wrote."""


class Leaves:
    """Is told of every sealed entry, in any order; `hold` says whether these are all leaves of the signed tree.

    Of the leaves of each tile a sum is kept, of every hash times the weight of its place in the tile; weights are drawn
    for this, and secret. Unless each place has been met once, with the hash that the tree keeps there, the sum over
    the kept hashes is another, but for a chance of one in 2^128 (Carter and Wegman, Universal Classes of Hash
    Functions, 1979). Nothing has to be looked up, and a leaf takes a third of a byte of memory. What cannot be read
    does not hold.
    """

    def __init__(self, reading: SealReading, size: int) -> None:
        self._reading, self._size = reading, size
        self._weights = [randbits(_WEIGHT_BITS) for _ in range(TILE_WIDTH)]
        # A changed row may claim any size: there is room for what is there.
        self._fits = reading.leaf_count() == size
        self._met = [0] * (-(-size // TILE_WIDTH) if self._fits else 0)
        try:
            # A sandbox's clock may be set back: there, recording times are not compared.
            self._bounds = Bounds([] if reading.is_sandbox() else reading.seals())
        except UNREADABLE:
            self._bounds, self._fits = Bounds([]), False

    def meet(self, sealed: Iterable[Sealed]) -> None:
        """Sealed entries that fit their chains."""
        met, weights, bounds = self._met, self._weights, self._bounds
        for position, data, recorded_at in sealed:
            try:
                # Neighbours in a chain are often neighbours in the tree.
                if recorded_at < (bounds.bound if bounds.first <= position < bounds.end else bounds.at(position)):
                    self._fits = False
                weight = weights[position % TILE_WIDTH]
                met[position // TILE_WIDTH] += (_ONE + int.from_bytes(leaf_hash(data))) * weight
            except UNREADABLE:
                self._fits = False

    def hold(self) -> bool:
        """Whether every leaf of the signed tree is the entry that it names, in time, and there are no others."""
        return self._fits and self._are_kept()

    def _are_kept(self) -> bool:
        """Whether the sums are those of the hashes that the tree keeps."""
        for number, met in enumerate(self._met):
            width = min(TILE_WIDTH, self._size - number * TILE_WIDTH)
            tile = self._reading.get(0, number)[: width * HASH_BYTES]
            if len(tile) < width * HASH_BYTES or met != self._sum(tile):
                return False
        return True

    def _sum(self, tile: bytes) -> int:
        weights = self._weights[: len(tile) // HASH_BYTES]
        hashes: tuple[bytes, ...] = unpack(f"{HASH_BYTES}s" * len(weights), tile)
        weighed: int = sum(map(mul, map(int.from_bytes, hashes), weights))
        return _ONE * sum(weights) + weighed


class Bounds:
    """Before which moment an entry was recorded too early for its place among the leaves; 16 bytes for each seal.

    Raises ValueError where the sizes of seals do not grow.
    """

    def __init__(self, seals: Iterable[Seal]) -> None:
        self._sizes, self._after_earliest = array("q", [0]), array("q", [0])
        for seal in seals:
            if seal.size <= self._sizes[-1]:
                raise ValueError(f"seal n° {seal.number} does not grow")
            if not is_pending(seal):
                self._sizes.append(seal.size)
                self._after_earliest.append((seal.sealed_at - COMMIT_BOUND - _EARLIEST) // _MICROSECOND)
        self.first, self.end, self.bound = 0, 0, _EARLIEST
        """The positions that were asked for last, the second one excluded, and their bound."""

    def at(self, position: int) -> datetime:
        """The bound for this leaf: 60 s before the last seal that came before it and left nothing waiting.

        Raises ValueError where there can be no such leaf.
        """
        if position < 0:
            raise ValueError(f"there is no leaf {position}")
        after = bisect_right(self._sizes, position)
        self.first, self.end = self._sizes[after - 1], (*self._sizes[after : after + 1], maxsize)[0]
        self.bound = _EARLIEST + self._after_earliest[after - 1] * _MICROSECOND
        return self.bound
