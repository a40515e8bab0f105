"""The heads map: a second tree over the last entry of every chain, the proof that a part is whole.

An export of some placements shows by inclusion that its entries are in the log; only a head shows that none
after them was left out, and two neighbours in the sorted list that nothing stands between them. Root and
count become an entry of the log, signed with it. It refuses to know how heads are read and maps scheduled.
"""

import base64
from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from audit.tree import EMPTY_ROOT, MemoryTiles, append, includes, inclusion_proof, leaf_hash, root

_DOMAIN = b"parcours head v1\n"


@dataclass(frozen=True, slots=True, order=True)
class Head:
    """The last entry of a chain: whose, which seq, which chain hash (hexadecimal)."""

    placement: str
    seq: int
    hash: str


@dataclass(frozen=True, slots=True)
class Membership:
    """The proof that a head is leaf `index` of a heads map."""

    head: Head
    index: int
    path: tuple[bytes, ...]

    def record(self) -> Mapping[str, Any]:
        """The proof as plain JSON, as it lies in an evidence bundle."""
        head = self.head
        path = [base64.b64encode(item).decode() for item in self.path]
        return {
            "placement": head.placement,
            "seq": head.seq,
            "hash": head.hash,
            "index": self.index,
            "path": path,
        }


@dataclass(frozen=True, slots=True)
class Absence:
    """The proof that a placement has no head: its neighbours, None where it would come first or last."""

    placement: str
    left: Membership | None
    right: Membership | None

    def record(self) -> Mapping[str, Any]:
        """The proof as plain JSON, as it lies in an evidence bundle."""
        sides = {"left": self.left, "right": self.right}
        return {"placement": self.placement} | {k: side and side.record() for k, side in sides.items()}


class HeadsMap:
    """The tree over all heads, sorted by placement. Raises ValueError where a placement has two."""

    def __init__(self, heads: Iterable[Head]) -> None:
        self._heads = sorted(heads)
        self._names = [head.placement for head in self._heads]
        if len(set(self._names)) != len(self._names):
            raise ValueError("a placement has one head only")
        self._tiles = MemoryTiles()
        append(self._tiles, 0, [leaf_hash(head_bytes(head)) for head in self._heads])

    @property
    def count(self) -> int:
        """How many chains there are."""
        return len(self._heads)

    @property
    def root(self) -> bytes:
        """The root over all heads."""
        return root(self._tiles, self.count)

    def fields(self, size: int) -> Mapping[str, str | int]:
        """What the entry says that seals this map, of heads as they were after `size` leaves of the log."""
        return {"heads_root": self.root.hex(), "heads_count": self.count, "heads_size": size}

    def membership(self, placement: str) -> Membership | None:
        """The proof of a placement's head; None where it has none."""
        at = bisect_left(self._names, placement)
        return self._proof(at) if self._names[at : at + 1] == [placement] else None

    def absence(self, placement: str) -> Absence:
        """The proof that a placement has no head. Raises ValueError where it has one."""
        at = bisect_left(self._names, placement)
        if self._names[at : at + 1] == [placement]:
            raise ValueError(f"the placement {placement} has a head")
        left = self._proof(at - 1) if at > 0 else None
        right = self._proof(at) if at < self.count else None
        return Absence(placement, left, right)

    def _proof(self, index: int) -> Membership:
        path = inclusion_proof(self._tiles, index, self.count)
        return Membership(self._heads[index], index, tuple(path))


def head_bytes(head: Head) -> bytes:
    """The leaf of a head: canonical, and unlike the bytes of any entry: neither passes for the other."""
    return _DOMAIN + msgspec.json.encode([head.placement, head.seq, head.hash])


def shows_head(proof: Membership, root: bytes, count: int) -> bool:
    """Whether a proof shows its head to be in the map with this root and count."""
    return includes(leaf_hash(head_bytes(proof.head)), proof.index, count, proof.path, root)


def shows_absence(proof: Absence, root: bytes, count: int) -> bool:
    """Whether a proof shows that the map with this root and count has no head of its placement."""
    left, right = proof.left, proof.right
    if left is None and right is None:
        return count == 0 and root == EMPTY_ROOT
    sides = [side for side in (left, right) if side is not None]
    if not all(shows_head(side, root, count) for side in sides):
        return False
    after_left = left is None or left.head.placement < proof.placement
    before_right = right is None or proof.placement < right.head.placement
    return after_left and before_right and _adjacent(left, right, count)


def _adjacent(left: Membership | None, right: Membership | None, count: int) -> bool:
    """Whether nothing stands between two leaves, or before or after the one."""
    before = -1 if left is None else left.index
    after = count if right is None else right.index
    return before + 1 == after
