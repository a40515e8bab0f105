"""Whether the entries are the leaves of the tree, one to one: found while they are read for their chains.

It only ever says that all is well. What is wrong, and in which order, is told by who reads leaf after leaf.
"""

from array import array
from bisect import bisect_right
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from secrets import randbelow
from struct import Struct
from sys import maxsize
from typing import Final

from audit.links import COMMIT_BOUND
from audit.sealing import is_pending
from audit.tree import HASH_BYTES, TILE_WIDTH, leaf_hash
from storage.seals import Seal, SealReading
from workflow.errors import IntegrityBroken

Sealed = tuple[int, bytes, datetime]
"""Of a sealed entry, where its leaf is, its bytes, and when they say it was recorded."""

_PRIME: Final = 2**255 - 19
_HASHES: Final = Struct(f"{HASH_BYTES}s")
_EARLIEST: Final = datetime.min.replace(tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
UNREADABLE: Final = (TypeError, ValueError, AttributeError, OverflowError, IntegrityBroken)
"""What rows lead to that no program of ours wrote."""


class Leaves:
    """Is told of every sealed entry, in any order; `hold` says whether these are all leaves of the signed tree.

    The pairs of position and hash that were met, and those that the tree keeps, are compared as polynomials with these
    roots, at a secret point drawn for this: but for a chance of less than one in 2^200, their values differ unless the
    pairs are the same. Memory stays flat, and nothing has to be looked up. What cannot be read does not hold.
    """

    def __init__(self, reading: SealReading, size: int) -> None:
        self._reading, self._size = reading, size
        self._point, self._step = randbelow(_PRIME), randbelow(_PRIME)
        self._met, self._fits = 1, True
        try:
            # A sandbox's clock may be set back: there, recording times are not compared.
            self._bounds = Bounds([] if reading.is_sandbox() else reading.seals())
        except UNREADABLE:
            self._bounds, self._fits = Bounds([]), False

    def meet(self, sealed: Iterable[Sealed]) -> None:
        """Sealed entries that fit their chains."""
        met, point, step, prime, bounds = self._met, self._point, self._step, _PRIME, self._bounds
        for position, data, recorded_at in sealed:
            try:
                # Neighbours in a chain are often neighbours in the tree.
                if recorded_at < (bounds.bound if bounds.first <= position < bounds.end else bounds.at(position)):
                    self._fits = False
                met = met * (point + int.from_bytes(leaf_hash(data)) + position * step) % prime
            except UNREADABLE:
                self._fits = False
        self._met = met

    def hold(self) -> bool:
        """Whether every leaf of the signed tree is the entry that it names, in time, and there are no others."""
        return self._fits and self._reading.leaf_count() == self._size and self._met == self._kept()

    def _kept(self) -> int | None:
        """The same of what the tree keeps; None where that is cut short."""
        kept, term, step, prime = 1, self._point, self._step, _PRIME
        for first in range(0, self._size, TILE_WIDTH):
            width = min(TILE_WIDTH, self._size - first) * HASH_BYTES
            tile = self._reading.get(0, first // TILE_WIDTH)[:width]
            if len(tile) < width:
                return None
            for (leaf,) in _HASHES.iter_unpack(tile):
                kept = kept * (term + int.from_bytes(leaf)) % prime
                term += step
        return kept


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
        """The bound for this leaf: 60 s before the last seal that came before it and left nothing waiting."""
        after = bisect_right(self._sizes, position)
        self.first, self.end = self._sizes[after - 1], (*self._sizes[after : after + 1], maxsize)[0]
        self.bound = _EARLIEST + self._after_earliest[after - 1] * _MICROSECOND
        return self.bound
