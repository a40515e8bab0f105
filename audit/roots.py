"""Every signed root, made anew from the hashes that are kept of the leaves; and what is wrong with single leaves.

Where it is known that each leaf is its entry, its bytes are not read again.
"""

from collections.abc import Iterator
from datetime import datetime
from sys import maxsize

from audit.findings import Findings
from audit.leaves import Leaves
from audit.links import COMMIT_BOUND, is_recorded_before
from audit.rooting import Root
from audit.sealing import is_pending
from audit.signed import Signed
from audit.tree import HASH_BYTES, TILE_WIDTH, leaf_hash
from storage.seals import LeafRow, Seal, SealReading


class Roots:
    """Lets the tree grow from its first leaf, and looks at each seal when it has grown to its size."""

    def __init__(self, reading: SealReading, findings: Findings, signed: Signed) -> None:
        self._reading, self._findings, self._signed = reading, findings, signed
        self._kept = _Kept(reading)

    def all(self, size: int, leaves: Leaves) -> None:
        """The leaves give every signed root, in order."""
        times = not self._reading.is_sandbox()
        top, seals = Root(), _Seals(self._reading.seals(), self._signed, times)
        # Whatever was found so far may be seen in single leaves, too.
        if self._findings.report.ok and leaves.hold():
            self._grow(top, size, seals)
        else:
            self._leaf_by_leaf(top, size, seals)
        seals.pass_by(top)
        seals.end()
        self._findings.report.leaves, self._findings.report.seals = top.size, seals.count

    def _grow(self, top: Root, size: int, seals: "_Seals") -> None:
        """Every leaf is known to be its entry: the kept hashes are enough."""
        while top.size < size:
            number, first = divmod(top.size, TILE_WIDTH)
            end = min(first + size - top.size, TILE_WIDTH, first + seals.upcoming(top.size))
            kept = self._kept.tile(number)[first * HASH_BYTES : end * HASH_BYTES]
            self._findings.seen(len(kept) // HASH_BYTES)
            top.extend(kept)
            seals.pass_by(top)

    def _leaf_by_leaf(self, top: Root, size: int, seals: "_Seals") -> None:
        """The entries, hashed anew in the order of the leaves."""
        position = 0
        for row in self._reading.leaves():
            self._findings.seen(1)
            if row.position != position:
                self._missing(top, position, min(row.position, size))
            position = row.position + 1
            if row.position >= size:
                self._findings.fault("leaf_added", row.placement, row.seq)
                continue
            top.append(self._leaf(row, seals.bound))
            seals.pass_by(top)
        self._missing(top, position, size)

    def _missing(self, top: Root, first: int, end: int) -> None:
        """Leaves that are not there, however many a changed row claims; the kept hashes go on for them."""
        if first < end:
            self._findings.fault("leaf_missing", detail=str(first) if end == first + 1 else f"{first} … {end - 1}")
        for position in range(first, end):
            kept = self._kept.hash(position)
            if not kept:
                return
            top.append(kept)

    def _leaf(self, row: LeafRow, bound: datetime | None) -> bytes:
        """The leaf's hash; where its entry is gone or another, that is told and the kept hash goes on."""
        kept = self._kept.hash(row.position)
        if not isinstance(row.data, bytes):
            self._findings.fault("entry_missing", row.placement, row.seq)
            return kept
        if leaf_hash(row.data) != kept:
            self._findings.fault("other_than_sealed", row.placement, row.seq)
        if bound is not None and is_recorded_before(row.data, bound):
            self._findings.fault("recorded_late", row.placement, row.seq)
        return kept


class _Kept:
    """The hashes of the leaves, as the tree keeps them; the tile that was read last is at hand."""

    def __init__(self, reading: SealReading) -> None:
        self._reading = reading
        self._number, self._tile = -1, b""

    def tile(self, number: int) -> bytes:
        """The hashes of one tile; empty where there is none."""
        if self._number != number:
            self._number, self._tile = number, self._reading.get(0, number)
        return self._tile

    def hash(self, position: int) -> bytes:
        """The hash of one leaf; empty where there is none."""
        number, offset = divmod(position, TILE_WIDTH)
        return self.tile(number)[offset * HASH_BYTES : (offset + 1) * HASH_BYTES]


class _Seals:
    """The seals in order, each looked at when the tree has grown to its size."""

    def __init__(self, seals: Iterator[Seal], signed: Signed, times: bool) -> None:
        self._seals, self._signed = seals, signed
        self._before: Seal | None = None
        self._next = next(seals, None)
        # A sandbox's clock may be set back: there, recording times are not compared.
        self._times = times
        self.bound: datetime | None = None
        self.count = 0

    def upcoming(self, size: int) -> int:
        """After how many more leaves than these the next seal has to be looked at."""
        return maxsize if self._next is None else max(1, self._next.size - size)

    def pass_by(self, top: Root) -> None:
        """Look at the seals of this size."""
        while self._next is not None and self._next.size <= top.size:
            self._look(self._next, top.value() if self._next.size == top.size else b"")

    def end(self) -> None:
        """Look at the seals over more than there is."""
        while self._next is not None:
            self._look(self._next, b"")

    def _look(self, seal: Seal, found: bytes) -> None:
        self._signed.seal(seal, self._before, found)
        if self._times and not is_pending(seal):
            self.bound = seal.sealed_at - COMMIT_BOUND
        self._before, self._next, self.count = seal, next(self._seals, None), self.count + 1
