"""The root over leaves that come one after the other, from nothing that was kept but one hash a bit of their number."""

from audit.tree import EMPTY_ROOT, node_hash


class Root:
    """Grows to the right (RFC 9162, section 2.1)."""

    def __init__(self) -> None:
        self.size = 0
        self._subtrees: list[bytes] = []

    def append(self, leaf: bytes) -> None:
        """Add one leaf hash."""
        self.size += 1
        bits = self.size
        while not bits & 1:
            leaf, bits = node_hash(self._subtrees.pop(), leaf), bits >> 1
        self._subtrees.append(leaf)

    def value(self) -> bytes:
        """The root so far."""
        if not self._subtrees:
            return EMPTY_ROOT
        *others, current = self._subtrees
        for subtree in reversed(others):
            current = node_hash(subtree, current)
        return current
