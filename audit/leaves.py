"""Whether the entries are the leaves of the tree, one to one: found while they are read for their chains.

It only ever says that all is well. What is wrong, and in which order, is told by who reads leaf after leaf.
"""

from array import array
from bisect import bisect_right
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from sys import maxsize
from typing import Final

from audit.links import COMMIT_BOUND
from audit.sealing import is_pending
from audit.tree import HASH_BYTES, TILE_WIDTH, leaf_hash
from storage.seals import Seal, SealReading
from workflow.errors import IntegrityBroken

_TILES_AT_HAND: Final = 1024
_EARLIEST: Final = datetime.min.replace(tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_UNREADABLE = (TypeError, ValueError, AttributeError, OverflowError, IntegrityBroken)


class Leaves:
    """What is told of every sealed entry, in any order; `hold` says whether these are all leaves of the signed tree.

    Counting is enough. An entry that fits its chain has bytes that no other has, hence a hash that lies at one position
    only: where as many were met as were signed, no position is left for a leaf without its entry; where as many leaves
    are stored, there is none beyond. What cannot be read does not hold; nothing is raised.
    """

    def __init__(self, reading: SealReading, size: int) -> None:
        self._reading, self._size = reading, size
        self._tile = lru_cache(_TILES_AT_HAND)(lambda number: reading.get(0, number))
        self._met, self._fits = 0, True
        try:
            # A sandbox's clock may be set back: there, recording times are not compared.
            self._bounds = Bounds([] if reading.is_sandbox() else reading.seals())
        except _UNREADABLE:
            self._bounds, self._fits = Bounds([]), False

    def meet(self, position: int, data: bytes, recorded_at: datetime) -> None:
        """A sealed entry that fits its chain: where its leaf is, its bytes, when they say it was recorded."""
        self._met += 1
        try:
            if self._kept(position) != leaf_hash(data) or recorded_at < self._bounds.at(position):
                self._fits = False
        except _UNREADABLE:
            self._fits = False

    def _kept(self, position: int) -> bytes:
        """What the tree keeps of a leaf; empty where nothing of it was signed."""
        if not 0 <= position < self._size:
            return b""
        at = position % TILE_WIDTH * HASH_BYTES
        return self._tile(position // TILE_WIDTH)[at : at + HASH_BYTES]

    def hold(self) -> bool:
        """Whether every leaf of the signed tree is the entry that it names, in time, and there are no others."""
        return self._fits and self._met == self._size == self._reading.leaf_count()


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
        self._first, self._end, self._bound = 0, 0, _EARLIEST

    def at(self, position: int) -> datetime:
        """The bound for this leaf: 60 s before the last seal that came before it and left nothing waiting."""
        # Neighbours in a chain are often neighbours in the tree.
        if not self._first <= position < self._end:
            after = bisect_right(self._sizes, position)
            self._first, self._end = self._sizes[after - 1], (*self._sizes[after : after + 1], maxsize)[0]
            self._bound = _EARLIEST + self._after_earliest[after - 1] * _MICROSECOND
        return self._bound
