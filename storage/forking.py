"""A dictionary that forks at once and copies late: what MemoryStore's transactions are made of."""

from collections.abc import Iterator, MutableMapping
from typing import TypeVar

K = TypeVar("K")
V = TypeVar("V")


class ForkingDict(MutableMapping[K, V]):
    """A dictionary whose forks share its items until one writes; values must not be changed in place."""

    def __init__(self) -> None:
        self._items: dict[K, V] = {}
        self._shared = False

    def fork(self) -> "ForkingDict[K, V]":
        """A second one with the same items; what is written to either from now on stays there."""
        twin: ForkingDict[K, V] = ForkingDict()
        twin._items, twin._shared, self._shared = self._items, True, True
        return twin

    def _own(self) -> dict[K, V]:
        if self._shared:
            self._items, self._shared = dict(self._items), False
        return self._items

    def __getitem__(self, key: K) -> V:
        return self._items[key]

    def __setitem__(self, key: K, value: V) -> None:
        self._own()[key] = value

    def __delitem__(self, key: K) -> None:
        del self._own()[key]

    def __iter__(self) -> Iterator[K]:
        return iter(self._items)

    def __len__(self) -> int:
        return len(self._items)
