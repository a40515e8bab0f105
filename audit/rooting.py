"""The root over leaves that come one after the other, from nothing that was kept but one hash a bit of their number."""

from audit.tree import EMPTY_ROOT, HASH_BYTES, folded, node_hash


class Root:
    """Grows to the right (RFC 9162, section 2.1)."""

    def __init__(self) -> None:
        self.size = 0
        self._subtrees: list[bytes] = []

    def append(self, leaf: bytes) -> None:
        """Add one leaf hash."""
        self._add(leaf, 1)

    def extend(self, leaves: bytes) -> None:
        """Add adjacent leaf hashes: the largest whole subtree first that may come next, then the next one."""
        while leaves:
            width = 1 << (len(leaves) // HASH_BYTES).bit_length() - 1
            width = min(width, self.size & -self.size) if self.size else width
            self._add(folded(leaves[: width * HASH_BYTES]), width)
            leaves = leaves[width * HASH_BYTES :]

    def _add(self, subtree: bytes, width: int) -> None:
        """Add a whole subtree of so many leaves, of which the leaves so far are a multiple."""
        self.size += width
        bits = self.size // width
        while not bits & 1:
            subtree, bits = node_hash(self._subtrees.pop(), subtree), bits >> 1
        self._subtrees.append(subtree)

    def value(self) -> bytes:
        """The root so far."""
        if not self._subtrees:
            return EMPTY_ROOT
        *others, current = self._subtrees
        for subtree in reversed(others):
            current = node_hash(subtree, current)
        return current
